"""States without a name, given to parameters by what a step did to these.

Where an optimizer numbers its parameters, several have one shape and the order is lost, one
checkpoint does not say which state is whose. Two do: a step of Adam moves theta along
m / sqrt(v), and decay along theta, so theta' - theta is a sum of these two for the right pair. For
a wrong one it is not: of n elements that have nothing to do with two others, these explain the
part R² by chance, and the rest is below d with probability d^((n - 2) / 2) for elements that are
normal (R² then has a beta distribution with parameters 1 and (n - 2) / 2). So d is chosen.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.replay.formats.naming import UNSAID

if TYPE_CHECKING:
    from adamref.replay.checkpoint import Checkpoint, StoredArray, TensorState

_REST = 0.5
"""What may be left unexplained at most, of however many elements."""
_CHANCE = 1e-6
"""How probable it may be that any state is given to a wrong parameter by chance."""
_BLOCKS, _BLOCK = 8, 128
"""Elements are looked at in so many places, so many in each."""

_NOTE = "names are given to numbers by what the step did: theta moved along their m / sqrt(v)"


def named_by_movement(before: Checkpoint, after: Checkpoint) -> tuple[Checkpoint, Checkpoint]:
    """Name the states of two checkpoints of one run that neither could name by itself.

    Parameters
    ----------
    before, after : Checkpoint
        The second some steps after the first.

    Returns
    -------
    tuple of Checkpoint
        The same two if nothing is left to name, or none could be.

    Raises
    ------
    Unreadable
        If an array cannot be read.
    """
    names: dict[str, str] = {}
    for states, thetas in _nameless(after):
        names |= _named_by_step(states, thetas, before)
    if not names:
        return before, after
    return _renamed(before, names), _renamed(after, names)


def _nameless(one: Checkpoint) -> list[tuple[list[TensorState], list[TensorState]]]:
    """Return states without a parameter and parameters without a state, by shape."""
    states: dict[tuple[int, ...], list[TensorState]] = defaultdict(list)
    thetas: dict[tuple[int, ...], list[TensorState]] = defaultdict(list)
    for tensor in one.tensors:
        if tensor.theta is None and tensor.m is not None and tensor.v is not None:
            states[tensor.m.shape].append(tensor)
        elif tensor.theta is not None and tensor.m is None and tensor.v is None:
            thetas[tensor.theta.shape].append(tensor)
    return [(states[shape], thetas[shape]) for shape in states if shape in thetas]


def _named_by_step(
    states: Sequence[TensorState], thetas: Sequence[TensorState], before: Checkpoint
) -> dict[str, str]:
    """Return names by number, for those where one pair alone fits."""
    earlier = {one.name: one.theta for one in before.tensors}
    moved = [one for one in thetas if earlier.get(one.name) is not None]
    count = min(math.prod(_shape(states[0])), _BLOCKS * _BLOCK)
    if not moved or count <= 2:
        return {}
    rest = min(_REST, (_CHANCE / (len(states) * len(moved))) ** (2 / (count - 2)))
    old = [_sample(earlier[one.name]) for one in moved]
    changes = [_sample(one.theta) - was for one, was in zip(moved, old, strict=True)]
    left = np.array([
        [_unexplained(change, direction, was) for change, was in zip(changes, old, strict=True)]
        for direction in map(_direction, states)
    ])  # fmt: skip
    fits = left < rest
    alone = fits & (fits.sum(axis=0) == 1) & (fits.sum(axis=1) == 1)[:, None]
    return {states[i].name: moved[j].name for i, j in np.argwhere(alone)}


def _shape(one: TensorState) -> tuple[int, ...]:
    assert one.m is not None
    return one.m.shape


def _sample(array: StoredArray | None) -> np.ndarray:
    """Return elements from places that lie evenly in an array, in double precision."""
    assert array is not None
    if array.size <= _BLOCKS * _BLOCK:
        return array.read(0, array.size).astype(np.float64)
    starts = [i * (array.size - _BLOCK) // (_BLOCKS - 1) for i in range(_BLOCKS)]
    return np.concatenate([array.read(x, x + _BLOCK) for x in starts]).astype(np.float64)


def _direction(one: TensorState) -> np.ndarray:
    """Return m / sqrt(v), and 0 where v is 0: there nothing has ever moved."""
    m, v = _sample(one.m), _sample(one.v)
    found: np.ndarray = np.divide(m, np.sqrt(np.abs(v)), out=np.zeros_like(m), where=v != 0)
    return found


def _unexplained(change: np.ndarray, *along: np.ndarray) -> float:
    """Return which part of a change two directions leave; all of what is no number."""
    basis = np.stack(along, axis=1)
    norm = float(change @ change)
    if not (0 < norm < math.inf) or not np.isfinite(basis).all():
        return 1.0
    weights, *_ = np.linalg.lstsq(basis, change, rcond=None)
    left = change - basis @ weights
    return float(left @ left) / norm


def _renamed(one: Checkpoint, names: Mapping[str, str]) -> Checkpoint:
    """Put states to the parameters that they were found to belong to."""
    nameless = {x.name: x for x in one.tensors if x.theta is None}
    given = {names[number]: x for number, x in nameless.items() if number in names}
    tensors: list[TensorState] = []
    for tensor in one.tensors:
        if tensor.theta is not None and tensor.name in given and tensor.m is None:
            state = given[tensor.name]
            tensors.append(replace(state, name=tensor.name, theta=tensor.theta))
        elif tensor.theta is not None or tensor.name not in names:
            tensors.append(tensor)
    left = any(x.theta is None and x.m is not None for x in tensors)
    unread = tuple(x for x in one.unread if left or not x[1].endswith(UNSAID))
    return replace(one, tensors=tuple(tensors), unread=unread, notes=(*one.notes, _NOTE))
