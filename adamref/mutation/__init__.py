"""Faults planted under somebody's tests: which of them the tests would have noticed."""
