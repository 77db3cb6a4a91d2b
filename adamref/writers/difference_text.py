"""The first difference of two traces as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.trace import Difference


def write(difference: Difference) -> str:
    """Write a difference as a sentence."""
    return difference.says
