"""States that are worked right and stored otherwise: theta shows it, and the stored values how.

An optimizer that keeps its states in few bits steps with the right value and keeps the nearest one
that it can: a whole multiple of a part of the largest of a block (Dettmers et al. 2022, "8-bit
Optimizers via Block-wise Quantization"), or one of a few values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import nearest, ulp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_BLOCKS = (32, 64, 128, 256, 512, 1024, 2048, 4096)
"""How many neighbours may share a scale; the whole tensor is tried as well."""

_LEVELS = (7, 8, 15, 127, 128, 255)
"""By which part of the largest values may be counted: 4 and 8 bits, with and without a sign."""

_NEAR = 2.0**-10
"""How far from a whole number a count may be: it is rounded in float32, of at most 255."""

_FEWEST = 32
"""Fewer neighbours say nothing about how many values there are."""

_VALUES = 8
"""Fewer values are no number that is kept; nor is what is off by more than one of so many parts."""

_DIFFERENT, _ALIKE = 0.98, 0.9
"""Shares of neighbours that differ: of numbers that are drawn, and of those kept in few bits."""


def quantised(got: Array, want: Array, groups: NDArray[np.intp]) -> str:
    """Say in what few values a state is kept; empty where that does not show.

    Parameters
    ----------
    got, want : array
        What was stored and what is right, in the order of the elements.
    groups : int array
        The tensor and step of each.
    """
    tensors = [groups == k for k in np.unique(groups)]
    # Of nothing but zeros any part is a whole multiple; a scale that is no number scales nothing.
    tensors = [rows for rows in tensors if got[rows].any() and np.isfinite(got[rows]).all()]
    tensors = [rows for rows in tensors if rows.sum() >= _FEWEST and _is_drawn(want[rows])]
    if not tensors:
        return ""
    largest = max(int(rows.sum()) for rows in tensors)
    for block in (*(x for x in _BLOCKS if x < largest), 0):
        for levels in _LEVELS:
            parts = [
                pair for rows in tensors
                for pair in zip(_parts(got[rows], block), _parts(want[rows], block), strict=True)
            ]  # fmt: skip
            if all(_counts(*pair, levels) for pair in parts):
                bits = int(2 * levels + 1).bit_length() if (got < 0).any() else levels.bit_length()
                among = f"every {block} neighbours" if block else "its tensor"
                return (
                    f"stored in {bits} bits, as whole multiples of 1/{levels} of the largest of "
                    f"{among}"
                )
    most = 0
    for rows in tensors:
        for part, right in zip(_parts(got[rows], 256), _parts(want[rows], 256), strict=True):
            differ = len(np.unique(part))
            if len(part) >= _FEWEST and differ > _ALIKE * len(part):
                return ""
            if (np.abs(part - right) > np.abs(right).max() / _VALUES).any():
                return ""
            most = max(most, differ)
    if most < _VALUES:
        return ""
    return f"stored in few bits: of 256 neighbours no more than {most} differ"


def _is_drawn(want: Array) -> bool:
    """Say whether right values nearly all differ, so that others that do not are few."""
    return len(np.unique(want)) >= _DIFFERENT * len(want)


def _parts(values: Array, block: int) -> Iterator[Array]:
    """Yield the blocks of a tensor, the last of which may be shorter; 0 is all of it."""
    step = block or len(values)
    for start in range(0, len(values), step):
        yield values[start : start + step]


def _counts(part: Array, want: Array, levels: int) -> bool:
    """Say whether values are whole multiples of a part of the largest, next to the right ones."""
    largest = np.abs(part).max(initial=0.0)
    if not np.isfinite(largest):
        return False
    if largest == 0:
        return True
    counts, right = (x / largest * levels for x in (part, want))
    whole = np.abs(counts - np.round(counts)) <= _NEAR
    return bool((whole & (np.abs(counts - right) <= 1)).all())


_NARROW = formats.BFLOAT16, formats.BINARY16, formats.BINARY32
_ULPS_GIVEN = 2.0
"""Formats in which states may be handed over, and by how many units of it a sum of two is off."""


def given_room(name: str, found: Identified, seen: Table) -> Array:
    """Return by how much more the first values of wide states may be off.

    A state that is handed over in theta's format may be worked in it once, and in a wider one from
    then on.
    """
    first, before = seen.columns["fresh"], seen.before[name]
    given = next((x for x in _NARROW if (nearest(before[first], x) == before[first]).all()), None)
    wide = found.machine.of(name).precision
    if name == "theta" or given is None or wide <= given.precision:
        return np.zeros(len(seen))
    with np.errstate(invalid="ignore"):
        room = _ULPS_GIVEN * np.nan_to_num(
            ulp(np.fmax(np.abs(seen.got[name]), np.abs(before)), given)
        )
    return np.asarray(np.where(first, room, 0.0))
