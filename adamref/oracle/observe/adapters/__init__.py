"""Ways to reach an implementation: each module is one, and declares itself."""
