"""How steps of what others make and run are followed, a kind of interface a file."""
