"""What adapters share: names, arrays, states, and the interface that each fills in."""
