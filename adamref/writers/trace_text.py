"""A trace as text: a row a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.trace import Trace


def write(trace: Trace) -> str:
    """Write a trace as its columns."""
    return trace.in_columns()
