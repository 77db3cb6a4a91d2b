"""Running an implementation on inputs, and laying out what it answered."""
