"""Reading documents: what they give, what they claim, and where they first go wrong."""
