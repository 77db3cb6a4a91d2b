"""Which tolerance a test may use: bounds after many steps, and faults that it misses."""
