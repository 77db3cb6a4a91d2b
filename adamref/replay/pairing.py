"""Which tensor of one checkpoint is which of the other, and what of them can be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers import formats

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices
    from adamref.numbers.formats import Format
    from adamref.replay.checkpoint import Checkpoint, StoredArray, TensorState

KNOWN = tuple(fmt.dtype for fmt in formats.FORMATS)


@final
@dataclass(frozen=True)
class TensorPair:
    """A tensor before and after a step.

    Attributes
    ----------
    name : str
    shape : tuple of int
    before, after : mapping of str to StoredArray
        theta (the master copy, where there is one) and the states, by adamref's names.
    t : int or None
        What the counter is after the step.
    group : int
        Of the checkpoint after the step.
    t_before : int or None
        What the counter is before it.
    copy : StoredArray or None
        What the model has after the step, where theta is the master copy of it.
    gradient : StoredArray or None
        What the optimizer was given, where that was seen.
    places : array of int or None
        Where the elements stand in the tensor, where they are a sample of it.
    """

    name: str
    shape: tuple[int, ...]
    before: Mapping[str, StoredArray]
    after: Mapping[str, StoredArray]
    t: int | None
    group: int
    t_before: int | None = None
    copy: StoredArray | None = None
    gradient: StoredArray | None = None
    places: Indices | None = None

    @property
    def size(self) -> int:
        """How many elements there are."""
        return self.after["theta"].size

    @property
    def kept_in(self) -> tuple[tuple[str, Format], ...]:
        """In what theta and the states are stored."""
        return tuple((name, formats.get(x.dtype)) for name, x in self.after.items())

    def index(self, element: int) -> tuple[int, ...]:
        """Return where an element stands in the tensor."""
        place = element if self.places is None else int(self.places[element])
        return tuple(int(i) for i in np.unravel_index(place, self.shape))

    def read(self, start: int, stop: int) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return elements of theta and the states, before and after, in float64."""
        before, after = (
            {name: x.read(start, stop).astype(np.float64) for name, x in side.items()}
            for side in (self.before, self.after)
        )
        return before, after

    def sample(self, places: Indices) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return some elements, by their places in order."""
        return tuple(  # type: ignore[return-value]
            {name: _picked(x, places) for name, x in side.items()}
            for side in (self.before, self.after)
        )

    def gradients(self, places: Indices) -> Array | None:
        """Return the gradient of some elements, by their places in order, where it was seen."""
        return None if self.gradient is None else _picked(self.gradient, places)


_NEAR = 2**14
"""Places nearer to each other than that are read at once."""


def _picked(array: StoredArray, places: Indices) -> Array:
    """Read some elements, those that are near each other together."""
    found = np.empty(len(places))
    cuts = np.flatnonzero(np.diff(places // _NEAR)) + 1
    for rows in np.split(np.arange(len(places)), cuts):
        if rows.size:
            first, last = int(places[rows[0]]), int(places[rows[-1]])
            part = array.read(first, last + 1).astype(np.float64)
            found[rows] = part[places[rows] - first]
    return found


@final
@dataclass(frozen=True)
class Paired:
    """Two checkpoints, tensor by tensor.

    Attributes
    ----------
    pairs : tuple of TensorPair
    unread : tuple of (str, str)
    """

    pairs: tuple[TensorPair, ...]
    unread: tuple[tuple[str, str], ...]


def paired(before: Checkpoint, after: Checkpoint) -> Paired:
    """Pair the tensors of two checkpoints by their names."""
    olds = {x.name: x for x in before.tensors}
    news = {x.name: x for x in after.tensors}
    pairs: list[TensorPair] = []
    unread = [*before.unread, *after.unread]
    for one, other, side in ((olds, news, "after"), (news, olds, "before")):
        because = f"it is not in the checkpoint {side} the step"
        unread += [(name, because) for name in one if name not in other]
    for name in (x for x in news if x in olds):
        made = _pair(olds[name], news[name])
        if isinstance(made, str):
            unread.append((name, made))
        else:
            pairs.append(made)
    return Paired(tuple(pairs), tuple(unread))


def alone(one: Checkpoint) -> Paired:
    """Return the tensors of a checkpoint, each as a pair with itself."""
    pairs: list[TensorPair] = []
    unread = list(one.unread)
    for x in one.tensors:
        made = _pair(x, x)
        if isinstance(made, str):
            unread.append((x.name, made))
        else:
            pairs.append(made)
    return Paired(tuple(pairs), tuple(unread))


def _pair(old: TensorState, new: TensorState) -> TensorPair | str:
    """Pair a tensor with itself, or say why that cannot be judged."""
    held = []
    for one in (old, new):
        master = one.master is not None and old.master is not None and new.master is not None
        theta = one.master if master else one.theta
        arrays = {"theta": theta, "m": one.m, "v": one.v, "v_max": one.v_max}
        held.append({name: x for name, x in arrays.items() if x is not None})
    before, after = held
    for name in ("theta", "m", "v"):
        for side, of in ((before, "before"), (after, "after")):
            if name not in side:
                return f"its {name} is not in the checkpoint {of} the step"
    if before.keys() != after.keys():
        return "v_max is in one of the two checkpoints alone"
    shape = after["theta"].shape
    for name, x in after.items():
        was = before[name]
        if x.shape != shape or was.shape != shape:
            return f"shapes differ: {name} is {was.shape} before and {x.shape} after, theta {shape}"
        if x.dtype != was.dtype:
            return f"{name} is {was.dtype} before the step and {x.dtype} after it"
        if x.dtype not in KNOWN:
            return f"{name} is {x.dtype}, and should be one of {', '.join(KNOWN)}"
    if not after["theta"].size:
        return "it has no elements"
    copy = new.theta if after["theta"] is new.master else None
    if copy is not None and (copy.shape != shape or copy.dtype not in KNOWN):
        copy = None
    return TensorPair(new.name, shape, before, after, new.t, new.group, old.t, copy)


def named(names: Sequence[str]) -> str:
    """Name a few tensors, and count the others."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} others"
