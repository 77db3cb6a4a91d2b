"""How fast adamref is, beside the peers a reader might use instead: ``python -m benchmarks``."""
