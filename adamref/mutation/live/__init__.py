"""How steps of implementations that others make and run are followed, a kind of interface a file."""
