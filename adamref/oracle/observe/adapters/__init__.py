"""Ways to reach an implementation: one adapter for each form that it may have."""
