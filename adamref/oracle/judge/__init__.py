"""Whether the rule accounts for what was observed, in some dialect and order of operations."""
