"""Programs in documents: read, never run, and held against the lines of rules."""
