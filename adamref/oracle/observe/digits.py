"""Theta in more digits than it is shown in.

Mixed precision keeps a copy of the parameters in a wider format beside them, or what rounding took
from them (Kahan's summation). What a step starts from, and what it makes, is that number; theta as
it is shown is that number rounded.

Source: Micikevicius et al. 2018, section 3.1, for the copy; Kahan 1965 for the rest, and Dekker
1971, section 4, for how it is found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from adamref.numbers.arrays import nearest, ulp
from adamref.numbers.formats import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.running import Record

Part: TypeAlias = Literal["copy", "rest"]
"""An entry is theta in more digits, or what is to be added to it or taken from it."""


def part_of(entry: Array, theta: Array, fmt: Format) -> Part | None:
    """Say what an entry of a state is to theta as it is shown.

    Parameters
    ----------
    entry, theta : float64 array
    fmt : Format
        Of theta.

    Returns
    -------
    {"copy", "rest"} or None
        A copy rounds to theta; a rest is no more than its rounding took, half an ulp, and what
        finding it rounds. Dekker's sum finds it as ``(new - theta) - y``, and where y is the larger
        of the two rounds the difference by half an ulp of y. Then theta is less than half of y, or
        their sum is exact, so that y is at most twice the sum: that is one ulp of the sum more.
    """
    if entry.shape != theta.shape:
        return None
    known = np.isfinite(theta) & np.isfinite(entry)
    entry, theta = entry[known], theta[known]
    if np.array_equal(nearest(entry, fmt), theta):
        return "copy"
    return "rest" if (np.abs(entry) <= 1.5 * ulp(theta, fmt)).all() else None


def pair_of(dtype: Format) -> Format:
    """Return the format that a number and what rounding took from it make together.

    That is half an ulp, itself rounded: twice the digits, but for the one between.
    """
    pair = Format(f"a pair of {dtype.name}", "float64", 2 * dtype.precision, 1023)
    return replace(pair, precision=min(pair.precision, 53))


def readings(
    records: Sequence[Record], dtype: Format
) -> list[tuple[list[Record], Format | None, bool]]:
    """Return what theta may be, the likeliest first: as it is shown, or with what lies beside it.

    Parameters
    ----------
    records : sequence of Record
    dtype : Format
        Under check.

    Returns
    -------
    list of tuple
        The records with theta so read; the format that such a theta is stored in, where it is none
        in which it was returned; whether it is theta for sure.
    """
    shown = [x for record in records for step in record.steps for x in step]
    names = dict.fromkeys(name for x in shown for name in x.beside)
    found: list[tuple[list[Record], Format | None, bool]] = []
    for name in names:
        parts = {part_of(x.beside[name], x.theta, dtype) for x in shown if name in x.beside}
        if parts == {"copy"}:
            found.append((_read(records, name, 0), None, True))
        elif parts <= {"copy", "rest"}:
            pair = pair_of(dtype)
            found += [(_read(records, name, sign), pair, False) for sign in (-1, 1)]
    return [*found, (list(records), None, not found)]


def _read(records: Sequence[Record], name: str, sign: int) -> list[Record]:
    """Return the records with theta as an entry has it: itself, or theta and the entry."""
    made = []
    for record in records:
        steps = [
            [
                replace(x, theta=x.theta + sign * x.beside[name] if sign else x.beside[name])
                if name in x.beside else x
                for x in step
            ]
            for step in record.steps
        ]  # fmt: skip
        able = record.abilities
        if able is not None:
            able = replace(able, can=able.can | {"carries"})
        made.append(replace(record, steps=steps, abilities=able))
    return made
