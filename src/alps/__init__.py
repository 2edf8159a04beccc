"""Active learning for text classification that starts with no labels."""
