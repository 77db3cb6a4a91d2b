"""Who works on the elements of tensors: this process, or others (`adamref.replay.cluster`).

Elements are counted out in pieces, always the same ones: what is found does not depend on who
works on them, or how many do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, final

if TYPE_CHECKING:
    from adamref.replay.pairing import TensorPair

Task = TypeVar("Task")
Made = TypeVar("Made")

PIECE = 2**20
"""Elements that are given away together: about a second of work."""


@final
@dataclass(frozen=True)
class Lost:
    """Stands for what could not be made, as the workers that had it died."""


class Workers(ABC):
    """Carry out tasks."""

    @abstractmethod
    def each(
        self, work: Callable[[Task], Made], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Made | Lost]]:
        """Yield what becomes of each task, in the order of the tasks."""


@final
class Here(Workers):
    """Carries tasks out in this process."""

    def each(
        self, work: Callable[[Task], Made], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Made | Lost]]:
        """Yield what becomes of each task, when it is asked for."""
        for task in tasks:
            yield task, work(task)


@final
@dataclass(frozen=True)
class TensorSpan:
    """Elements of a tensor.

    Attributes
    ----------
    number : int
        Which tensor it is.
    pair : TensorPair
    start, stop : int
    """

    number: int
    pair: TensorPair
    start: int
    stop: int


@final
@dataclass(frozen=True)
class EachSpan(Generic[Made]):
    """Does something to each span of a piece."""

    do: Callable[[TensorPair, int, int], Made]

    def __call__(self, piece: Sequence[TensorSpan]) -> list[Made]:
        """Do it."""
        return [self.do(x.pair, x.start, x.stop) for x in piece]


def pieces(pairs: Sequence[TensorPair]) -> Iterator[tuple[TensorSpan, ...]]:
    """Part tensors; small ones are taken together."""
    held: list[TensorSpan] = []
    count = 0
    for number, pair in enumerate(pairs):
        for start in range(0, pair.size, PIECE):
            stop = min(start + PIECE, pair.size)
            held.append(TensorSpan(number, pair, start, stop))
            count += stop - start
            if count >= PIECE:
                yield tuple(held)
                held, count = [], 0
    if held:
        yield tuple(held)


def each_span(
    do: Callable[[TensorPair, int, int], Made], pairs: Sequence[TensorPair], workers: Workers
) -> Iterator[tuple[TensorSpan, Made | Lost]]:
    """Do something to all elements of tensors: to a tensor, between two places."""
    for piece, made in workers.each(EachSpan(do), pieces(pairs)):
        if isinstance(made, Lost):
            yield from ((span, made) for span in piece)
        else:
            yield from zip(piece, made, strict=True)
