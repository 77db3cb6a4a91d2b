"""Two implementations, or one and a saved baseline, against the rule and against each other."""
