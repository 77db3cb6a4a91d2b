"""What a hyperparameter must have been for a step to be right: an interval, from every element.

Each element that is judged says of one number, the others given, where it may lie: what is stored
is off by so much, moves so fast with the number, and may be off by its bound. These intervals meet
in what the number was, or do not meet. To the first order that is a quotient; it is taken again
from where it led, and what it leads to is judged like any other number: nothing rests on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.oracle.judge.inference import nearest_numbers, shortest_between
from adamref.replay.judging import StepSetting, off_in
from adamref.replay.result import InferredRange

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.fit import Fit
    from adamref.oracle.observe.table import Table

ORDER = ("t", "weight_decay", "alpha", "beta2", "beta1", "eps")
"""In which order one number is looked for: the likelier first."""

WORDS = {"alpha": "lr"}
"""What frameworks call a number, where that is not its name here."""

NEAR = 64.0
"""How many unit roundoffs a step may be off where inferred numbers are right."""

_ROUNDS = 8
_MOVED = 2.0**-10
"""By which share a number is moved to see how fast all moves with it."""

_FROM_NOTHING = {"weight_decay": 2.0**-10, "eps": 2.0**-40}
"""By how much it is moved where it is 0."""

_DIGITS, _ALL_DIGITS = 7, 16
"""Of the ends of an interval, and of a float64 number."""

_ENDS = 40
"""How often an end of an interval is halved: to the last digits that are told."""


def with_number(
    setting: StepSetting, table: Table, name: str, x: float
) -> tuple[StepSetting, Table]:
    """Return a setting and a table with another number for a hyperparameter, or for t."""
    columns = dict(table.columns)
    columns[name] = np.full(len(table), x)
    if name == "t":
        columns[name] = np.full(len(table), round(x))
        return setting, replace(table, columns=columns)
    return replace(setting, hyper={**setting.hyper, name: x}), replace(table, columns=columns)


def misses(setting: StepSetting, table: Table, name: str, x: float) -> int:
    """Count the elements that are off with another number, in any order of operations."""
    its, rows = with_number(setting, table, name, x)
    return int(np.count_nonzero(off_in(its.fitted(rows).over)))


def number_that_holds(setting: StepSetting, table: Table, name: str) -> float | None:
    """Return the number with which no element is off, all else as it is; None if there is none."""
    if not _matters(setting, name):
        return None
    x = float(table.columns[name][0])
    whole = _whole_near(setting, table) if name == "t" else None
    if whole is not None or name == "t":
        return whole
    if name.startswith("beta"):
        return _rate_that_holds(setting, table, name)
    for _ in range(_ROUNDS):
        found = _meeting(setting, table, name, x)
        if found is None:
            return None
        low, high = found
        there = _shortest_in(low, high, name) if low <= high else (low + high) / 2
        if low <= high and not misses(setting, table, name, there):
            return _with_fewer_digits(setting, table, name, there)
        if there == x:
            return None
        x = there
    return None


def _with_fewer_digits(setting: StepSetting, table: Table, name: str, x: float) -> float:
    """Return the number of fewest digits near one that holds that holds too.

    The intervals were those of one order of operations.
    """
    for digits in range(1, _DIGITS):
        near = float(f"{x:.{digits - 1}e}")
        if (
            near != x
            and abs(near - x) <= _ABOUT * abs(x)
            and not misses(setting, table, name, near)
        ):
            return near
    return x


_ABOUT = 2.0**-13
"""Within which share of a number a shorter one is looked for: a few roundings of a step."""


def _rate_that_holds(setting: StepSetting, table: Table, name: str) -> float | None:
    """Return the decay rate with which no element is off: all is far from linear in it.

    The search is that of the check, from several starts.
    """
    near = NEAR * float(setting.machine.compute.unit_roundoff)
    given = {n: x for n, x in setting.hyper.items() if n != name}
    _, found = nearest_numbers(table, setting.dialect, [name], given, near)
    x = found[name].value
    return None if misses(setting, table, name, x) else x


def _matters(setting: StepSetting, name: str) -> bool:
    return name == "t" or name in setting.dialect.rule.defaults


def _whole_near(setting: StepSetting, table: Table) -> float | None:
    """Return the counter with which no element is off: one beside what is told, or the first."""
    told = int(table.columns["t"][0])
    for t in dict.fromkeys((told, told - 1, told + 1, 1, told - 2, told + 2)):
        if t >= 1 and not misses(setting, table, "t", t):
            return float(t)
    return None


def _meeting(setting: StepSetting, table: Table, name: str, x: float) -> tuple[float, float] | None:
    """Return where the intervals of the elements meet, to the first order; None if nothing moves.

    The first is above the second where they do not.
    """
    step = abs(x) * _MOVED or _FROM_NOTHING.get(name, _MOVED)
    if name.startswith("beta"):
        step = (1 - x) * _MOVED
    here, there = (_fit(setting, table, name, one) for one in (x, x + step))
    lows, highs = [], []
    for field in here.value:
        got, value = table.got[field], here.value[field]
        with np.errstate(all="ignore"):
            speed = (there.value[field] - value) / step
            middle = x + (got - value) / speed
            reach = (here.bound[field] + here.slack[field]) / np.abs(speed)
        tells = np.isfinite(middle) & np.isfinite(reach)
        lows.append(middle[tells] - reach[tells])
        highs.append(middle[tells] + reach[tells])
    low, high = np.concatenate(lows), np.concatenate(highs)
    if not low.size:
        return None
    return _most_agree(low, high, name)


def _most_agree(low: Array, high: Array, name: str) -> tuple[float, float]:
    """Return what all intervals have in common; or where the narrowest, which say most, lie."""
    start, stop = float(low.max()), float(high.min())
    if start <= stop:
        return _inside(start, name), _inside(stop, name)
    narrow = np.argsort(high - low)[: max(low.size // 4, 1)]
    middle = float(np.median((low + high)[narrow] / 2))
    return _inside(math.nextafter(middle, math.inf), name), _inside(middle, name)


def _inside(x: float, name: str) -> float:
    """Return the nearest number that a hyperparameter may be."""
    if name.startswith("beta"):
        return min(max(x, 0.0), 1 - 2.0**-40)
    return max(x, 0.0)


def _fit(setting: StepSetting, table: Table, name: str, x: float) -> Fit:
    its, rows = with_number(setting, table, name, x)
    return its.fitted_in_order(rows)


def _shortest_in(low: float, high: float, name: str) -> float:
    """Return the shortest decimal in an interval, or of which the complement to 1 is."""
    if low <= 0 <= high:
        return 0.0
    return shortest_between(low, (low + high) / 2, high, name, _ALL_DIGITS)


def interval(setting: StepSetting, table: Table, name: str) -> InferredRange:
    """Return between what numbers no element of a sample is off, all else as it is.

    The number of the setting is one with which none is.
    """
    x = float(table.columns[name][0])

    def holds(other: float) -> bool:
        return not off_in(_fit(setting, table, name, other).over).any()

    low, high = (_end(x, way, name, holds) for way in (-1, 1))
    return InferredRange(WORDS.get(name, name), _rounded(low, -1), _rounded(high, 1), f"{x!r}")


def _end(x: float, way: int, name: str, holds: Callable[[float], bool]) -> float:
    """Return an end of the interval around a number: what holds next to what does not."""
    inside, step = x, abs(x) * 2.0**-30 or _FROM_NOTHING.get(name, 2.0**-40) * 2.0**-20
    if name.startswith("beta"):
        step = (1 - x) * 2.0**-30
    outside = x
    for _ in range(_ENDS):
        outside = _inside(x + way * step, name)
        if not holds(outside):
            break
        inside = outside
        if outside in (0.0, 1 - 2.0**-40):
            return outside
        step *= 4
    else:
        return inside
    for _ in range(_ENDS):
        if abs(outside - inside) <= 2.0**-10 * abs(outside - x):
            break
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


def _rounded(x: float, way: int) -> str:
    """Write an end with few digits, outward."""
    made = float(f"{x:.{_DIGITS - 1}e}")
    if (made - x) * way < 0:
        made += way * 10.0 ** (math.floor(math.log10(abs(x))) - _DIGITS + 1) if x else 0.0
    return repr(float(f"{made:.{_DIGITS - 1}e}"))
