"""Documents without a format, and what writes them in each: one tree, a writer a format."""
