"""Every theorem about Adam that adamref knows, one a file, in the order of the book."""

CHAPTERS = (
    "closed_forms",
    "powers",
    "weights",
)
