"""Theorems about the rules: their records, checkers and verdicts."""
