"""Lines that a document writes in symbols, or in code, held against the lines of rules."""
