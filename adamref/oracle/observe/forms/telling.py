"""Which of the numbers that an implementation holds is m, which v, and which counts the steps.

Names are asked last: one course calls the first moment v and the second s. After a first step
from nothing m is a share of g and v a share of g squared, whatever the share; the next step adds
that share of the next to what is left of the last. Where no number does so (it may be stored
otherwise, or be wrong), one counts that turns its sign with g, or keeps it, if its name speaks of a
moment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.oracle.observe.forms import words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from adamref.numbers.arrays import Array

_CLOSE = 2.0**-15
"""How far an average may be from itself, as a share, where it was worked in float32: by no more
than 8 roundings, each of 2**-24 of what is added up, and gradients of a trial cancel to 1/36."""

_OTHER = re.compile(r"hat|corr|unbias|update|delta|step|grad|old|prev|direction|change")


def told(
    seen: Sequence[Mapping[str, Any]],
    grads: Sequence[Any],
    wanted: Sequence[str] = ("m", "v"),
    even: Collection[str] = ("v",),
) -> dict[str, str]:
    """Return the names of the states that are wanted, and of t, among numbers.

    Parameters
    ----------
    seen : sequence of mapping
        The numbers by name after a first step, after a second, and after a first with the opposite
        gradient.
    grads : sequence of array
        Of the first step and the second.
    wanted : sequence of str
        The states, each of which is another number.
    even : collection of str
        Those of them that have no sign: they average squares, if anything.
    """
    one, two, minus = ({n: _array(x) for n, x in some.items()} for some in seen)
    g1, g2 = (np.asarray(g, dtype=np.float64).ravel() for g in grads)
    ranks: dict[str, dict[str, int]] = {ours: {} for ours in (*wanted, "t")}
    for name in one.keys() & two.keys() & minus.keys():
        a, b, c = (x[name].ravel() for x in (one, two, minus))
        if a.size == b.size == 1 and (rank := _counts(name, float(a[0]), float(b[0]))):
            ranks["t"][name] = rank
        if not a.size == b.size == c.size == g1.size:
            continue
        spoken = _last_word(name)
        is_moment = bool(words.MOMENT.match(spoken)) and not _OTHER.search(spoken)
        for ours in wanted:
            odd = ours not in even
            if _averages(a, b, *((g1, g2) if odd else (g1**2, g2**2))):
                ranks[ours][name] = 2 + is_moment
            elif is_moment and np.any(a) and np.allclose(a, -c if odd else c, rtol=_CLOSE, atol=0):
                ranks[ours][name] = 1
    found: dict[str, str] = {}
    for ours, its in ranks.items():
        left = {name: rank for name, rank in its.items() if name not in found.values()}
        if left:
            found[ours] = max(sorted(left), key=lambda x: (left[x], -len(x)))
    return found


def _averages(a: Array, b: Array, h1: Array, h2: Array) -> bool:
    """Say whether a number is an average: a share of each other, and the rest of what it was."""
    with np.errstate(all="ignore"):
        share = a / h1
    one = float(share[0])
    if not 0 < one < 1 or not np.allclose(share, one, rtol=_CLOSE, atol=0):
        return False
    return bool(np.allclose(b, (1 - one) * a + one * h2, rtol=_CLOSE, atol=0))


def _counts(name: str, one: float, two: float) -> int:
    """Rank a number by how well it counts steps; 0 if it does not."""
    if not (one == int(one) and two == int(two) and two > one >= 0) if _finite(one, two) else True:
        return 0
    named = words.is_t(_last_word(name))
    return 2 + named if two == one + 1 and one <= 2 else int(named)


def _finite(one: float, two: float) -> bool:
    return bool(np.isfinite(one) and np.isfinite(two))


def _last_word(name: str) -> str:
    parts = [x for x in name.split(".") if x.strip("*") and not x.isdigit()]
    return words.compact(parts[-1].replace("*", "")) if parts else ""


def _array(value: Any) -> Array:
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        return np.zeros(0)
