"""A second checker of finished proofs, which shares nothing with the first one but the data."""
