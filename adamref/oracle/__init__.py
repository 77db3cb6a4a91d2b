"""What `adamref.check` does: somebody's implementation, to a verdict, an accuracy and a cause."""
