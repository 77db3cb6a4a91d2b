"""What a document claims in its sentences."""
