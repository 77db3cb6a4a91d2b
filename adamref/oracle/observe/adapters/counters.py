"""Step counters that all tensors share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.oracle.observe.sessions.session import Held


def one_for_all(tensors: Sequence[Held], largest: int = 2**63 - 1) -> int | None:
    """Return the number of steps that all tensors took.

    Raises
    ------
    Failed
        If they differ, or it is too large for the counter: a refusal.
    """
    counts = {held.t for held in tensors if held.t is not None}
    if len(counts) > 1:
        says = f"it has one counter for all tensors, and cannot hold t = {sorted(counts)}"
        raise Failed("refusal", says)
    t = counts.pop() if counts else None
    if t is not None and t > largest:
        raise Failed("refusal", f"its counter holds at most {largest}, and cannot hold t = {t}")
    return t
