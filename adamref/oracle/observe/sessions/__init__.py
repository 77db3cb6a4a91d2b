"""How an implementation is reached: in its own process or here, from a name or an object."""
