"""How much is worked out at most, counted in operations and in bits, never in seconds.

What comes from a stranger is worked out ``within`` an effort. All that works out expressions
spends here, before it works: on the same document always the same, however busy the machine is and
whatever is remembered from other documents. Outside of such a block there is no limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import final

from adamref.errors import Unworkable


@final
class Effort:
    """What is left to be spent."""

    def __init__(self, left: int) -> None:
        self.left = left

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0


_EFFORT: ContextVar[Effort | None] = ContextVar("effort", default=None)


@contextmanager
def within(effort: Effort) -> Iterator[None]:
    """For a while, let what is worked out be spent of an effort, and of nothing outside."""
    before = _EFFORT.set(effort)
    try:
        yield
    finally:
        _EFFORT.reset(before)


@contextmanager
def at_most(operations: int) -> Iterator[None]:
    """For a while, let so many operations be spent, and no more than are left outside.

    An operation is one on numbers of up to 1024 bits; a larger one counts as several.
    """
    outside = _EFFORT.get()
    most = operations if outside is None else min(operations, outside.left)
    inside = Effort(most)
    try:
        with within(inside):
            yield
    finally:
        if outside is not None:
            outside.left -= most - max(inside.left, 0)


def left() -> int:
    """Return how many operations are left to be spent; 0 where there is no limit."""
    effort = _EFFORT.get()
    return 0 if effort is None else max(effort.left, 0)


def spend(operations: int) -> None:
    """Spend some operations.

    Raises
    ------
    Unworkable
        If no more are left, now and whenever something is spent until the block is left.
    """
    effort = _EFFORT.get()
    if effort is not None:
        effort.left -= operations
        if effort.left < 0:
            raise Unworkable


@contextmanager
def left_out() -> Iterator[None]:
    """Leave out what is too large by itself; where nothing is left to be spent, raise all the same.

    Raises
    ------
    Unworkable
        If nothing is left.
    """
    try:
        yield
    except Unworkable:
        spend(0)


def size(value: object) -> int:
    """Return how many operations one on a value counts as."""
    if isinstance(value, Fraction):
        return 1 + (value.numerator.bit_length() + value.denominator.bit_length() >> 10)
    return 1
