"""A trace as a page: a row a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.trace import Trace


def write(trace: Trace) -> str:
    """Write a trace as one self-contained HTML page."""
    title = ", ".join(f"{key}={value}" for key, value in trace.about.items())
    header = ["t", *trace.fields]
    return rendered("trace.html", title=title or "A trace", header=header, rows=trace.rows())
