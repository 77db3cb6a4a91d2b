"""How a printed number comes from a value, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents.spans import places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.spans import Printed, Span

_HOW = {
    "exact": "exactly right",
    "rounded": "right, rounded at {places}",
    "truncated": "right, truncated at {places}",
}


def reason(number: Printed, how: str, value: Span, right: Sequence[Span]) -> str:
    """Say how a number comes from a value: the right one, or one that is carried."""
    if value in right:
        return _HOW[how].format(places=places(number))
    return f"right by the numbers printed before it, which give {value.text()}"
