"""What was seen of a step: some elements of every tensor, before it and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.replay.checkpoint import ParameterGroup, StoredArray
from adamref.replay.pairing import TensorPair

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices
    from adamref.replay.result import ReplayFinding


@final
@dataclass(frozen=True, eq=False)
class SampledElements(StoredArray):
    """Elements of an array: each a number of the dtype it was stored in.

    Attributes
    ----------
    flat : float64 array
    """

    flat: Array = field(repr=False)

    def _elements(self, start: int, stop: int) -> Array:
        return self.flat[start:stop]


@final
@dataclass(frozen=True, eq=False)
class SeenTensor:
    """Some elements of a tensor, around a step.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Of the tensor; of the local shard, where it is sharded.
    group : int
    places : array of int
        Where the elements stand.
    before, after : mapping of str to float64 array
        theta and the states, by adamref's names.
    dtypes : mapping of str to str
        In what these are stored.
    t_before, t : int or None
    gradient : float64 array or None
        None where it was not seen, or missing.
    has_gradient : bool
        Whether there was one.
    is_finite : bool
        Whether all of the gradient is, as far as that was looked at.
    """

    name: str
    shape: tuple[int, ...]
    group: int
    places: Indices
    before: Mapping[str, Array]
    after: Mapping[str, Array]
    dtypes: Mapping[str, str]
    t_before: int | None
    t: int | None
    gradient: Array | None
    has_gradient: bool = True
    is_finite: bool = True

    @property
    def alike(self) -> tuple[object, ...]:
        """What tensors have in common that are judged together."""
        return self.group, tuple(self.dtypes.items()), self.gradient is None

    @property
    def stood_still(self) -> bool:
        """Whether nothing of it moved, in the elements that were seen."""
        return all(np.array_equal(x, self.after[n], equal_nan=True) for n, x in self.before.items())

    def pair(self) -> TensorPair:
        """Return it as a replay has it."""
        count = (len(self.places),)

        def stored(side: Mapping[str, Array]) -> dict[str, StoredArray]:
            return {n: SampledElements(count, self.dtypes[n], x) for n, x in side.items()}

        gradient = None
        if self.gradient is not None:
            gradient = SampledElements(count, self.dtypes["theta"], self.gradient)
        return TensorPair(
            self.name,
            self.shape,
            stored(self.before),
            stored(self.after),
            self.t,
            self.group,
            self.t_before,
            gradient=gradient,
            places=self.places,
        )


@final
@dataclass(frozen=True)
class SeenStep:
    """A step.

    Attributes
    ----------
    number : int
        How many calls there were, this one included.
    groups : tuple of ParameterGroup
        As the optimizer has them, at this step.
    tensors : tuple of SeenTensor
    skipped : str
        Why the optimizer was to take no step; empty where it was to take one.
    findings : tuple of ReplayFinding
        What was found when it was looked at, beside its numbers.
    unread : tuple of (str, str)
        What is not judged, and why.
    """

    number: int
    groups: tuple[ParameterGroup, ...]
    tensors: tuple[SeenTensor, ...]
    skipped: str = ""
    findings: tuple[ReplayFinding, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True)
class Sampling:
    """Which elements of tensors are looked at: others at each step, the same for the same seed.

    Attributes
    ----------
    elements : int
        How many at a step, of all tensors together; at least `_LEAST` of each.
    seed : int
    """

    elements: int
    seed: int

    def places(self, sizes: Sequence[int], number: int) -> list[Indices]:
        """Return places in tensors of some sizes, in order, at a step."""
        draw = np.random.default_rng((self.seed, number))
        return [
            self._drawn(draw, size, n) for size, n in zip(sizes, self.counts(sizes), strict=True)
        ]

    def counts(self, sizes: Sequence[int]) -> list[int]:
        """Return how many elements of each tensor: a small one leaves its share to the others."""
        left, found = self.elements, [0] * len(sizes)
        order = sorted(range(len(sizes)), key=lambda i: sizes[i])
        for done, i in enumerate(order):
            share = max(left // (len(sizes) - done), _LEAST)
            found[i] = min(sizes[i], share)
            left -= found[i]
        return found

    @staticmethod
    def _drawn(draw: np.random.Generator, size: int, count: int) -> Indices:
        starts, widths = starts_of(size, count)
        return starts + (draw.random(count) * widths).astype(np.int64)


def starts_of(size: int, count: int) -> tuple[Indices, Indices]:
    """Part a tensor in stretches of nearly one length: where they start, and their widths.

    One element is drawn of each: none twice, and no list of all is made.
    """
    ends = np.arange(count + 1, dtype=np.int64) * size // max(count, 1)
    return ends[:-1], np.diff(ends)


_LEAST = 8
