"""Embedding as a pure function over shards: a plan, a content-addressed store, and a runner."""
