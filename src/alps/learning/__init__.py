"""Active learning: the loop of Algorithm 1, and a learner for going through it step by step."""
