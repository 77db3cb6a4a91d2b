"""Which dialect it is, in what it works, and whether that accounts for every core value."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.dialects import Dialect, dialects
from adamref.oracle.judge.fit import Fit, Fitter
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.machine import Machine
from adamref.oracle.judge.numbers import HeldNumbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.formats import Format
    from adamref.oracle.observe.table import Table

_SMALL, _LOOKS = 100, 6
"""Rows of a trial that is looked at first, at most; and how many of them."""

AS_GOOD = 0.002
"""Conventions whose shares of values rounded right differ by less are not told apart."""


@final
@dataclass(frozen=True)
class Identified:
    """What was made of a table.

    Attributes
    ----------
    fit : Fit
        The dialect, its orders and bounds.
    machine : Machine
    numbers : HeldNumbers
    conforms : bool
        Whether every core value is within its bound.
    ambiguous : mapping of str to tuple of str
        Axes on which other values account for everything too.
    """

    fit: Fit
    machine: Machine
    numbers: HeldNumbers
    conforms: bool
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def machines(
    dtype: Format,
    theta: Format,
    states: Mapping[str, Format],
    compute: str | None,
    ulps: Mapping[str, float],
) -> list[Machine]:
    """Return in what a step may be worked, the widest first.

    Storage and arithmetic are two things: what is kept in float64 may have been worked in the
    dtype under check, or in part, as where NumPy meets a float32 gradient and a float64 moment.
    What is worked in part in one format is inside the bounds of the narrower one.

    Parameters
    ----------
    dtype : Format
        Under check.
    theta, states : Format, mapping of str to Format
        In what they are stored.
    compute : str or None
        Pins the arithmetic; ``storage``: the dtype under check.
    ulps : mapping of str to float
        Of roots and quotients.
    """
    sqrt, div = (ulps.get(name, 0.5) for name in ("sqrt", "div"))
    if compute is not None:
        works = [dtype if compute == "storage" else formats.get(compute)]
    else:
        # The narrow formats are usually worked in float32, whatever they are kept in.
        kept = (x.precision for x in (theta, *states.values(), formats.BINARY32))
        widest = max(kept)
        known = dict.fromkeys((formats.BINARY64, formats.BINARY32, dtype))
        works = [x for x in known if dtype.precision <= x.precision <= widest]
    return [Machine(x, theta, states, dtype, sqrt, div) for x in works]


def conventions(machine: Machine, pinned: str | None) -> list[tuple[str, str]]:
    """Return the hyperparameter conventions, each with the dtype that it rounds to."""
    work, storage = machine.compute.dtype, (machine.dtype or machine.theta).dtype
    found = [("mixed", work), ("literal", work), ("rounded", work)]
    if work == "float64":
        found = [("literal", work)]
    if work != storage:
        found.append(("rounded", storage))
    return [x for x in found if pinned in (None, x[0]) or storage == "float64"]


def candidates(
    optimizer: str,
    pins: Mapping[str, str],
    machine: Machine,
    options: Container[str] = (),
    stored: str = "moments",
) -> list[Dialect]:
    """Return the dialects that come into question.

    One with a hyperparameter that the usual dialect does without is among them only where that is
    one of the options that were set, or where it is pinned.
    """
    # The convention is chosen there: where float64 has but one, any pin stands for it.
    free = {axis: value for axis, value in pins.items() if axis not in ("hyper", "stored")}
    of = dialects(optimizer, free, conventions(machine, pins.get("hyper")), stored)
    usual = rules.optimizer(optimizer).rule

    def is_asked_for(x: Dialect) -> bool:
        more = x.rule.defaults.keys() - usual.defaults.keys()
        pinned = any(pins.get(axis) == y != usual.dialect[axis] for axis, y in x.axes)
        return pinned or all(name in options for name in more)

    return [x for x in of if is_asked_for(x)]


def options(table: Table, optimizer: str) -> frozenset[str]:
    """Return the optional hyperparameters that are set in some row of a table."""
    one = rules.optimizer(optimizer)
    neutral = {n: one.hypers[n].neutral for n in one.optional if n in table.columns}
    return frozenset(n for n, none in neutral.items() if (table.columns[n] != none).any())


@final
class Fitters:
    """Fits dialects on a table; moments and numbers are shared by those of one convention.

    Parameters
    ----------
    table : Table
    machine : Machine
    apart : bool
        Whether each line is held to what was shown of the others, right or wrong.
    """

    def __init__(self, table: Table, machine: Machine, *, apart: bool = False) -> None:
        self.table, self.machine, self._apart = table, machine, apart
        self._known: dict[tuple[str, str], tuple[HeldNumbers, Fitter]] = {}
        self._fitted: dict[tuple[Dialect, bool], Identified] = {}
        self._asked: list[int] = []
        self._few: Fitters | None = None

    @property
    def rows(self) -> NDArray[np.bool_]:
        """The rows that a dialect has to account for."""
        rows: NDArray[np.bool_] = self.table.columns["core"] & self.table.columns["judged"]
        return rows

    def fitted(self, dialect: Dialect, *, thoroughly: bool = False) -> Identified:
        """Fit a dialect, whether it accounts for everything or not."""
        key = dialect, thoroughly
        if key not in self._fitted:
            numbers, fitter = self.of(dialect)
            fit = fitter.fit(dialect, thoroughly=thoroughly)
            self._fitted[key] = Identified(fit, self.machine, numbers, conforms=False)
        return self._fitted[key]

    def accounting(self, dialect: Dialect, *, thoroughly: bool) -> Identified | None:
        """Fit a dialect if it accounts for every core value, and return None if not.

        A few trials are asked first: what is wrong there is wrong. Where they let pass what another
        trial refuses, that one is asked too from then on.
        """
        if self._few is not None:
            few = self._few.of(dialect)[1]
            if few.refuses(dialect, thoroughly=thoroughly):
                return None
            if few.misses(few.fit(dialect, thoroughly=thoroughly)):
                return None
        fitter = self.of(dialect)[1]
        one = self.fitted(dialect, thoroughly=thoroughly)
        if not fitter.misses(one.fit):
            return one
        self._ask(one.fit)
        return None

    def _ask(self, fit: Fit) -> None:
        """Ask the trial that refused, if it is small."""
        at = self.table.columns["trial"]
        small = np.isin(at, _small(self.table))
        over = np.max([np.where(small, x, 0.0) for x in fit.over.values()], axis=0)
        worst = int(at[np.argmax(over)])
        if over.max() > 1 and worst not in self._asked:
            self._asked.append(worst)
            self._few = self._of_trials(self._asked)

    def _of_trials(self, asked: Sequence[int]) -> Fitters | None:
        rows = np.isin(self.table.columns["trial"], asked)
        if not rows.any() or rows.all():
            return None
        return Fitters(self.table.rows(np.flatnonzero(rows)), self.machine, apart=self._apart)

    def of(self, dialect: Dialect) -> tuple[HeldNumbers, Fitter]:
        """Return what its hyperparameters are, and what fits dialects that have the same."""
        if dialect.numbers not in self._known:
            numbers = HeldNumbers(self.table, dialect.hyper, formats.get(dialect.held))
            fitter = Fitter(self.table, numbers, self.machine, apart=self._apart)
            self._known[dialect.numbers] = numbers, fitter
        return self._known[dialect.numbers]


def identified(fitters: Fitters, possible: Sequence[Dialect]) -> Identified | None:
    """Return the dialect that accounts for every core value, or None."""
    table, machine = fitters.table, fitters.machine
    found: list[tuple[float, Identified]] = []
    close = near(table, machine, possible)
    # The coarse look is for speed alone: no verdict rests on it.
    far = [x for x in possible if x not in close]
    for dialects_, thoroughly in ((close, True), (far, False)):
        for dialect in () if found else dialects_:
            one = fitters.accounting(dialect, thoroughly=thoroughly)
            if one is not None:
                found.append((rounded_right(table, one.fit, machine), one))
    if not found:
        return None
    best = max(share for share, _ in found)
    alike = [x for share, x in found if share >= best - AS_GOOD]
    chosen = min(alike, key=lambda x: x.fit.dialect.unusual)
    others = _ambiguous(chosen, [x for _, x in found])
    return replace(chosen, conforms=True, ambiguous=others)


def near(table: Table, machine: Machine, possible: Sequence[Dialect]) -> list[Dialect]:
    """Return the dialects that come near every value of a few trials."""
    at, core = table.columns["trial"], table.columns["core"]
    looks = [Small(table.only(core & (at == i)), machine) for i in _small(table)[:_LOOKS]]
    return [x for x in possible if all(look.accounts(correct(x)) for look in looks)]


def _small(table: Table) -> list[int]:
    """Return the numbers of the small core trials whose hyperparameters are given."""
    trials = table.columns["trial"][table.columns["core"]]
    sizes = np.bincount(trials, minlength=len(table.trials))
    return [
        i for i, trial in enumerate(table.trials)
        if trial.kind == "core" and 0 < sizes[i] <= _SMALL and not trial.defaults
    ]  # fmt: skip


def rounded_right(table: Table, fit: Fit, machine: Machine) -> float:
    """Return the share of visible values that are the exact value rounded once."""
    rows = table.columns["core"] & table.columns["judged"] & table.columns["taken"]
    shares = [0.0] if not rows.any() else []
    for name, value in fit.value.items():
        if not rows.any():
            break
        made, got = (nearest(x[rows], machine.unit(name)) for x in (value, table.got[name]))
        shares.append(float(np.mean(made == got)))
    return float(np.mean(shares))


def _ambiguous(chosen: Identified, found: Sequence[Identified]) -> dict[str, tuple[str, ...]]:
    """Return the axes on which another dialect that accounts for everything differs alone.

    Conventions are left out: there the nearest is taken.
    """
    mine = chosen.fit.dialect
    others: dict[str, tuple[str, ...]] = {}
    for axis, own in mine.axes:
        values = [x.fit.dialect.on(axis) for x in found]
        if len(set(values)) > 1:
            rest = dict.fromkeys([own, *values])
            others[axis] = tuple(rest)
    return others
