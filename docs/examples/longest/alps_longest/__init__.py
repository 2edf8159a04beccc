"""A strategy for alps in a package of its own."""
