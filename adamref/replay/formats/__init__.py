"""Formats of checkpoints, each found by its content."""
