"""Every element of tensors held against what it should be, and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, final

import numpy as np

from adamref.replay.workers import Lost, each_span

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices
    from adamref.replay.pairing import TensorPair
    from adamref.replay.result import Verdict
    from adamref.replay.workers import Workers

SEED = 2015
CHUNK = 2**15
"""Elements that are judged at once: some hundred bytes each, whatever the size of a tensor."""

EDGES = np.concatenate([[-1.0], np.arange(1, 11) / 10, [np.inf]])

_KEPT = 160
"""How many places of elements are kept for the diagnosis: of those that are off, and of others."""


class Holding(Protocol):
    """Holds elements of a tensor, from one place to another, against what they should be."""

    def __call__(self, pair: TensorPair, start: int, stop: int) -> Array:
        """Return the greatest error of each as a share of its bound."""
        ...


@final
@dataclass
class JudgedTensor:
    """What was found in a tensor.

    Attributes
    ----------
    off : int
        Elements outside their bounds.
    over : float
        The greatest error as a share of its bound.
    histogram : array of int
        Elements by their error: ten tenths of the bound, and what is beyond.
    first : int or None
        The place of the first element that is off.
    wrong, right : list of int
        Places of some elements that are off, and of some that are not.
    lost : list of (int, int)
        Between which places nothing was judged, as the workers died.
    """

    off: int = 0
    over: float = 0.0
    histogram: Indices = field(default_factory=lambda: np.zeros(len(EDGES) - 1, dtype=np.int64))
    first: int | None = None
    wrong: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Deviates if anything is off."""
        if self.off:
            return "deviates"
        return "not-judged" if self.lost else "holds"

    @property
    def because(self) -> str:
        """Why it is not judged where nothing is off."""
        if not self.lost:
            return ""
        first, last = self.lost[0][0], self.lost[-1][1]
        count = sum(stop - start for start, stop in self.lost)
        return f"{count} elements from {first} to {last} were not judged: the workers on them died"

    def take(self, over: Array, start: int, draw: np.random.Generator) -> None:
        """Count elements from a place on."""
        off = over > 1
        self.off += int(np.count_nonzero(off))
        self.over = max(self.over, float(over.max()))
        self.histogram += np.histogram(np.minimum(over, 2.0), EDGES)[0]
        at = np.flatnonzero(off)
        if at.size and self.first is None:
            self.first = start + int(at[0])
        for kept, some in ((self.wrong, at), (self.right, np.flatnonzero(~off))):
            count = min(max(_KEPT - len(kept), 0), some.size)
            kept.extend((start + np.sort(draw.choice(some, count, replace=False))).tolist())

    def add(self, other: JudgedTensor) -> None:
        """Count what was found further on in the tensor."""
        self.off += other.off
        self.over = max(self.over, other.over)
        self.histogram += other.histogram
        self.first = other.first if self.first is None else self.first
        self.wrong = (self.wrong + other.wrong)[:_KEPT]
        self.right = (self.right + other.right)[:_KEPT]


@final
@dataclass(frozen=True)
class Tallied:
    """Counts a span of a tensor, a chunk at a time."""

    hold: Holding

    def __call__(self, pair: TensorPair, start: int, stop: int) -> JudgedTensor:
        """Count elements."""
        draw, found = np.random.default_rng(SEED + start), JudgedTensor()
        for here in range(start, stop, CHUNK):
            found.take(self.hold(pair, here, min(here + CHUNK, stop)), here, draw)
        return found


def tallied(hold: Holding, pairs: Sequence[TensorPair], workers: Workers) -> list[JudgedTensor]:
    """Hold every element of some tensors against what it should be.

    Parameters
    ----------
    hold : Holding
        Can be sent to another process.
    pairs : sequence of TensorPair
    workers : Workers
    """
    found = [JudgedTensor() for _ in pairs]
    for span, made in each_span(Tallied(hold), pairs, workers):
        if isinstance(made, Lost):
            found[span.number].lost.append((span.start, span.stop))
        else:
            found[span.number].add(made)
    return found


def over_spans(
    do: Callable[[TensorPair, int, int], bool], pairs: Sequence[TensorPair], workers: Workers
) -> list[bool | None]:
    """Ask something of all elements of tensors: whether all say yes; None if workers died."""
    found: list[bool | None] = [True] * len(pairs)
    for span, made in each_span(do, pairs, workers):
        if made is False or (isinstance(made, Lost) and found[span.number]):
            found[span.number] = None if isinstance(made, Lost) else False
    return found
