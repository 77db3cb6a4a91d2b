"""Numbers: exact inputs, float formats, and the carriers in which a rule can be run."""
