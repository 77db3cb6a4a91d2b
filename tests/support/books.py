"""The whole book of derivations, made once for all tests of a process."""

from __future__ import annotations

from functools import cache

from adamref.derive.document import Book, book
from adamref.theorems.library import theorems


@cache
def whole() -> Book:
    """Return the derivations of all theorems, which nobody checked."""
    return book(list(theorems().values()), {})
