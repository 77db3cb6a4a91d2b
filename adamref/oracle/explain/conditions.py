"""Where a line is another: the shortest condition that parts the rows that are wrong from the rest.

The vocabulary is what a programmer branches on: the step, the place in a tensor, the tensor, the
gradient, the state, a hyperparameter. A number is held against a bound or divided; a condition is
one test, or two joined.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.oracle.explain.elements import Elements
from adamref.solving.constants import recognised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.table import Table

_MODULI = (2, 3, 4, 5, 6, 7, 8, 10, 16, 32, 64, 100, 128, 256)
"""By which steps and places are divided."""

_WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""How many elements vector registers, threads and blocks take at once."""

_DIVIDED = 5
"""So many of the numbers, the first, are steps, places and sizes."""

_PLACES = 9
"""So many of the others, the first, say where a row is; the rest is data and hyperparameters."""

_HYPERS = ("alpha", "beta1", "beta2", "eps", "weight_decay")

_DATA = ("g ", "theta ", "m ", "v ", "|")
"""How facts about the data begin."""

_MOST_PLACES = 24
"""Tests of places of which three are joined: those that hold on the fewest right rows."""

_MOST_JOINED = 40
"""Tests of which two are joined: those that hold on the fewest right rows."""


@final
@dataclass(frozen=True)
class Condition:
    """A set of rows with a name.

    Attributes
    ----------
    says : str
        For example ``t >= 4``; empty: everywhere.
    rows : bool array
    is_range : bool
        Whether it is that a number of the data lies between two.
    data : int
        How many of its tests are of the data, and not of where a row is.
    """

    says: str
    rows: NDArray[np.bool_]
    is_range: bool = False
    data: int = 0

    @property
    def is_everywhere(self) -> bool:
        """Whether it is none."""
        return not self.says

    @property
    def cost(self) -> float:
        """How much of it there is, beside what stands in a line (`adamref.solving.solve`)."""
        return 0.0 if self.is_everywhere else 1 + len(self.says) / 40


@final
class Vocabulary:
    """What can be told of the rows of a table; worked once for all that is asked.

    Parameters
    ----------
    table : Table
    right : mapping of str to float64 array
        What the visible lines should have given, and the step over alpha as ``step``.
    """

    def __init__(self, table: Table, right: Mapping[str, Array]) -> None:
        self._count, self._table = len(table), table
        self._facts, self._numbers = _facts(table), _numbers(table, right)
        element, sizes = table.columns["element"], table.sizes
        self._tails = {k: element >= sizes // k * k for k in _WIDTHS}

    @cached_property
    def elements(self) -> Elements:
        """Which rows are other elements of the same tensors."""
        return Elements(self._table)

    @property
    def everywhere(self) -> Condition:
        """The condition that is none."""
        return Condition("", np.ones(self._count, dtype=bool))

    def parting(self, wrong: NDArray[np.bool_], right: NDArray[np.bool_]) -> Condition | None:
        """Return the shortest condition that holds on every wrong row and on no right one.

        Parameters
        ----------
        wrong, right : bool array
            Rows that it must hold and must not hold on; on others it may do either.

        Returns
        -------
        Condition or None
            None where there is none, of one test or of two.
        """
        if not right.any():
            return self.everywhere
        near: list[Condition] = []
        for one in self._tests(wrong, right):
            if not (one.rows & right).any():
                return one
            near.append(one)
        # Two joined: each holds on every wrong row, and together on no right one. Where a number of
        # the data lies is the last that somebody branches on.
        near.sort(key=lambda x: (x.is_range, int((x.rows & right).sum())))
        joined = [
            Condition(
                f"{one.says} and {other.says}",
                one.rows & other.rows,
                other.is_range,
                one.data + other.data,
            )
            for one, other in combinations(near[:_MOST_JOINED], 2)
            if not (one.rows & other.rows & right).any()
        ]
        best = min(joined, key=lambda x: (x.is_range, x.data, len(x.says)), default=None)
        return best or self._of_three(near, right)

    def _of_three(self, near: Sequence[Condition], right: NDArray[np.bool_]) -> Condition | None:
        """Return the shortest condition of three places: of a block at an end, for one."""
        places = [x for x in near if not (x.is_range or x.data)][:_MOST_PLACES]
        known = [(x, x.rows[right]) for x in places]
        joined = [
            [one for one, _ in three]
            for three in combinations(known, 3)
            if not np.logical_and.reduce([rows for _, rows in three]).any()
        ]
        found = min(joined, key=lambda x: sum(len(one.says) for one in x), default=None)
        if found is None:
            return None
        rows = np.logical_and.reduce([one.rows for one in found])
        return Condition(", ".join(x.says for x in found[:2]) + f" and {found[2].says}", rows)

    def _tests(self, wrong: NDArray[np.bool_], right: NDArray[np.bool_]) -> Iterator[Condition]:
        """Yield the tests that hold on every wrong row, the plainest first."""
        (name, t), *others = self._numbers
        yield from _bounded(name, t, wrong, right)
        for says, holds in self._facts:
            data = int(says.startswith(_DATA))
            if holds[wrong].all():
                yield Condition(says, holds, data=data)
            elif not holds[wrong].any():
                yield Condition(f"not {says}", ~holds, data=data)
        for i, (name, values) in enumerate(others):
            for one in _bounded(name, values, wrong, right):
                data = int(i >= _PLACES)
                is_range = i >= _PLACES and " <= " in one.says
                yield replace(one, is_range=is_range, data=data)
        for k, holds in self._tails.items():
            says = f"the element is behind the last whole {k} of its tensor"
            if holds[wrong].all():
                yield Condition(says, holds)
            elif not holds[wrong].any():
                yield Condition(f"not {says}", ~holds)
        for name, values in self._numbers[:_DIVIDED]:
            for k in _MODULI:
                rest = np.mod(values, k)
                if np.isfinite(values[wrong]).all() and np.ptp(rest[wrong]) == 0:
                    says = f"{name} mod {k} = {int(rest[wrong][0])}"
                    yield Condition(says, rest == rest[wrong][0])
                elif np.isfinite(values[right]).all() and np.ptp(rest[right]) == 0:
                    its = rest[right][0]
                    if not (rest[wrong] == its).any():
                        yield Condition(f"not {name} mod {k} = {int(its)}", rest != its)


def _bounded(
    name: str, values: Array, wrong: NDArray[np.bool_], right: NDArray[np.bool_]
) -> Iterator[Condition]:
    """Yield the bounds on a number that hold on the wrong rows."""
    mine, its = values[wrong], values[right]
    lost = np.isnan(values)
    if lost[wrong].any() and not lost[wrong].all() and not lost[right].any():
        # A comparison with NaN is false: what is not below a bound need not be above it.
        for found in _bounded(name, np.where(lost, np.inf, values), wrong & ~lost, right):
            for sign, opposite in (
                (" >= ", " < "),
                (" > ", " <= "),
                (" <= ", " > "),
                (" < ", " >= "),
            ):
                if found.says.count(sign) == 1 and found.says.startswith(name):
                    said = f"not {found.says.replace(sign, opposite)}"
                    yield Condition(said, found.rows | lost)
        return
    if not np.isfinite(mine).all():
        return
    low, high = float(mine.min()), float(mine.max())
    if low == high:
        yield Condition(f"{name} = {_short(low)}", values == low)
    below, above = its[its < low], its[its > high]
    if below.size or not its.size:
        cut, is_in = _between(float(below.max()) if below.size else -np.inf, low)
        rows = values >= cut if is_in else values > cut
        yield Condition(f"{name} {'>=' if is_in else '>'} {_short(cut)}", rows)
    if above.size or not its.size:
        cut, is_in = _between(float(above.min()) if above.size else np.inf, high)
        rows = values <= cut if is_in else values < cut
        yield Condition(f"{name} {'<=' if is_in else '<'} {_short(cut)}", rows)
    if below.size and above.size and low < high:
        inside = (values >= low) & (values <= high)
        yield Condition(f"{_short(low)} <= {name} <= {_short(high)}", inside)


def _between(out: float, last: float) -> tuple[float, bool]:
    """Return the bound that somebody writes between the last out and the first in; if it is in.

    A whole number is its own bound, on either side.
    """
    if last == np.round(last) or not np.isfinite(out):
        return last, True
    if out == np.round(out):
        return out, False
    ends = sorted((out, last))
    width = ends[1] - ends[0]
    if ends[0] > 0:
        ten = float(f"1e{np.floor(np.log10(ends[1])):.0f}")
        if ends[0] < ten <= ends[1]:
            return ten, True
    found = recognised(ends[0] + 1e-9 * width, ends[1])
    return (last if found is None else found[0]), True


def _short(x: float) -> str:
    return f"{int(x)}" if x == int(x) and abs(x) < 1e9 else f"{x:.6g}"


def _numbers(table: Table, right: Mapping[str, Array]) -> list[tuple[str, Array]]:
    """Return the numbers of a row that a program may branch on."""
    c = table.columns
    g, size = np.abs(c["g"]), table.sizes
    element = c["element"].astype(float)
    with np.errstate(all="ignore"):
        norm = np.sqrt(_over(table.groups, np.square(g)))
        together = np.sqrt(_over(table.together, np.square(g)))
        largest = _largest(table.groups, g)
        found = [
            ("t", c["t"].astype(float)),
            ("the element's number", element),
            ("the step", c["step"].astype(float)),
            ("the number of the tensor", c["tensor"].astype(float)),
            ("the number of elements", size),
            ("the element's number from the end", size - 1 - element),
            ("the row's number", _index(table, 0)),
            ("the column's number", _index(table, -1)),
            ("the number of axes", _of_theta(table, lambda x: x.ndim)),
            ("the number of tensors", np.array([len(x.thetas) for x in table.trials])[c["trial"]]),
            ("beta1^t", _powered(c, "beta1")),
            ("beta2^t", _powered(c, "beta2")),
            ("|g|", g),
            ("the norm of the tensor's gradient", norm),
            ("the norm of all gradients", together),
            ("the largest |g| of the tensor", largest),
            ("|theta|", np.abs(table.before["theta"])),
            ("g", c["g"]),
            ("theta", table.before["theta"]),
        ]
        found += [
            (f"|{name}| before", np.abs(table.before[name]))
            for name in sorted(table.visible & table.before.keys())
        ]
        known = sorted(table.visible & right.keys())
        found += [(f"the right |{name}|", np.abs(right[name])) for name in known]
        if {"m", "v"} <= set(known) and "beta2" in c:
            before = np.sqrt(table.before["v"] / -np.expm1((c["t"] - 1) * np.log(c["beta2"])))
            found.append(("|g| over the root of the corrected v before", g / before))
            found.append(
                ("the right |m| over the root of v", np.abs(right["m"]) / np.sqrt(right["v"]))
            )
        if "step" in right:
            found.append(("the right |step| over alpha", np.abs(right["step"])))
        for name in _HYPERS:
            if name in c:
                found.append((name, np.nan_to_num(c[name].astype(float))))
    return [(name, np.asarray(x, dtype=float)) for name, x in found]


def _facts(table: Table) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return what is true or not of a row."""
    c, before = table.columns, table.before
    g, element = c["g"], c["element"]
    rows = _of_theta(table, lambda x: x.shape[0] if x.ndim else 1)
    columns = _of_theta(table, lambda x: x.shape[-1] if x.ndim else 1)
    matrix = _of_theta(table, lambda x: x.ndim) > 1
    lost = ~np.isfinite(g)
    counts = np.array([len(x.thetas) for x in table.trials])[c["trial"]]
    several, last = counts > 1, c["tensor"] == counts - 1
    square = _of_theta(table, lambda x: float(x.ndim > 1 and len(set(x.shape)) == 1)) > 0
    defaults = np.array([x.defaults for x in table.trials])[c["trial"]]
    found = [
        ("g = 0", g == 0),
        ("g < 0", g < 0),
        ("g is not finite", lost),
        ("the tensor's gradient has an element that is not finite", _any(table.groups, lost)),
        ("some gradient has an element that is not finite", _any(table.together, lost)),
        ("theta = 0", before["theta"] == 0),
        ("theta < 0", before["theta"] < 0),
        ("it is the first step after a load", c["reloaded"]),
        ("alpha is not that of the first step", c["alpha"] != c["alpha_first"]),
        ("the tensor is one of several", several),
        ("the tensor is the last of several", several & last),
        ("the element's number is shape[0] or more", element >= rows),
        ("the row's number is shape[-1] or more", matrix & (_index(table, 0) >= columns)),
        ("the column's number is shape[0] or more", matrix & (_index(table, -1) >= rows)),
        ("the tensor is square", square),
        ("a gradient was missing before", c["step"] > c["t"] - _first_t(table) + 1),
        ("it was made without hyperparameters", defaults),
    ]  # fmt: skip
    found += [
        (f"{name} before {sign}", rows_)
        for name in sorted(table.visible & before.keys())
        for sign, rows_ in (("= 0", before[name] == 0), ("< 0", before[name] < 0))
    ]
    shown = sorted(table.visible & {"m"})
    pairs = [("g", name, g, table.got[name]) for name in shown]
    pairs += [("g", "theta", g, before["theta"])]
    pairs += [(name, "theta", table.got[name], before["theta"]) for name in shown]
    pairs += [("g", f"{n} before", g, before[n]) for n in sorted(table.visible & {"m"})]
    for one, other, x, y in pairs:
        found.append((f"{one} and {other} have opposite signs", np.sign(x) * np.sign(y) < 0))
        found.append((f"{one} and {other} have the same sign", np.sign(x) == np.sign(y)))
    found += [(f"{n} = 0", c[n] == 0) for n in ("eps", "weight_decay", "beta1", "beta2") if n in c]
    return [(says, np.asarray(x, dtype=bool)) for says, x in found]


def _powered(columns: Mapping[str, NDArray[np.generic]], rate: str) -> Array:
    """Return a power of a rate that a correction has; nothing where there is no such rate."""
    base = np.asarray(columns.get(rate, np.nan), dtype=np.float64)
    return np.power(base, columns["t"].astype(np.float64))


def _of_theta(table: Table, of: object) -> Array:
    """Return something of each row's tensor."""
    known = {
        (i, j): float(of(theta))  # type: ignore[operator]
        for i, trial in enumerate(table.trials)
        for j, theta in enumerate(trial.thetas)
    }
    pairs = zip(table.columns["trial"].tolist(), table.columns["tensor"].tolist(), strict=True)
    return np.array([known[pair] for pair in pairs])


def _index(table: Table, axis: int) -> Array:
    """Return where each row's element stands along an axis, from 0 on; NaN without two axes."""
    element = table.columns["element"]
    below = _of_theta(table, lambda x: np.prod(x.shape[1:]) if axis == 0 else 1)
    length = _of_theta(table, lambda x: x.shape[axis] if x.ndim > 1 else np.nan)
    with np.errstate(all="ignore"):
        return np.asarray(element // np.maximum(below, 1) % length, dtype=np.float64)


def _first_t(table: Table) -> Array:
    firsts = [list(x.firsts) for x in table.trials]
    pairs = zip(table.columns["trial"].tolist(), table.columns["tensor"].tolist(), strict=True)
    return np.array([firsts[i][j] for i, j in pairs], dtype=float)


def _over(groups: NDArray[np.intp], x: Array) -> Array:
    return np.asarray(np.bincount(groups, weights=x)[groups], dtype=np.float64)


def _largest(groups: NDArray[np.intp], x: Array) -> Array:
    found = np.full(int(groups.max()) + 1, -np.inf)
    np.fmax.at(found, groups, x)
    return found[groups]


def _any(groups: NDArray[np.intp], rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.bincount(groups, weights=rows)[groups] > 0
