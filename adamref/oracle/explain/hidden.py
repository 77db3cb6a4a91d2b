"""Lines of states that are not shown: read back from theta, and solved for like those that are.

Up to the first row of a lane that is wrong its states are known. There theta, turned inside out,
says in what the hidden line must have lain, and the line is solved for as one that is shown is
(`adamref.oracle.explain.line`). What is one thing in several lines, another gradient, states from
zero, is put into all of them. What comes out is followed along every lane.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, final

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, evaluate

from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.conditions import Condition, Vocabulary
from adamref.oracle.explain.following import Change, Followed, Following
from adamref.oracle.explain.formulas import said_of, whole, written
from adamref.oracle.explain.line import VisibleLine
from adamref.oracle.explain.lines import wrong_lines
from adamref.oracle.explain.seen_line import LineValues, SeenLine, shown_values
from adamref.oracle.judge.hypothesis import lines_of
from adamref.rules import symbols
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import valued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_MOST = 40
"""How many changes are followed, the plainest first."""

_TELLING = 96
"""On how many rows what is put into all lines is tried before it is followed."""

_MOSTLY = 0.9
"""The share of these that it must give."""

_PRECISE = 2.0**-10
"""How far what is read back may be off, as a share of itself, to be taken for the state."""

_LEFT = 0.01
"""The share of wrong rows that may be left."""

_FACTORS = tuple(
    map(Rational, ("2", "1/2", "4", "1/4", "8", "1/8", "10", "1/10", "3", "1/100", "100", "-1"))
)
"""By what a gradient may be multiplied: only what is plain can be met by trying."""

_OF_ALL = 1.5
"""What it costs that something is another in several lines."""

_DERIVED = r"(^|\W)({})(ₜ|\[| |\||\)|_|$)"
"""Names of what is made of states: it is not known once these are others."""

_OF_STEPS = ("norm_step", "rms_step", "most_step", "most_norm_step", "trust", "step")
"""And what is made of right steps."""


def hidden_cause(found: Identified, seen: Table) -> LineCause | None:
    """Return what stands in the lines of hidden states, and where, if theta follows from it.

    Parameters
    ----------
    found : Identified
        A dialect fitted line by line.
    seen : Table
    """
    if seen.carried is not None:
        return None
    wrong = wrong_lines(found, seen)
    hidden = frozenset(found.fit.dialect.rule.states) - seen.visible - {"theta"}
    if "theta" not in wrong or not hidden:
        return None
    return _HiddenLines(found, seen, hidden, wrong["theta"]).cause()


@final
class _HiddenLines:
    def __init__(
        self,
        found: Identified,
        seen: Table,
        hidden: frozenset[str],
        wrong: NDArray[np.bool_],
    ) -> None:
        self._found, self._seen, self._hidden = found, seen, hidden
        self._words = Vocabulary(seen, found.fit.value)
        values = shown_values("theta", found, seen, wrong)
        self._theta = SeenLine("theta", found, seen, values, self._words.elements)
        self._lines = lines_of(found.fit.dialect)
        self._following = Following(self._lines, hidden, self._theta, seen)
        self._good = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
        self._first, self._before = _firsts(seen, wrong)

    def cause(self) -> LineCause | None:
        """Return the plainest change from which all of theta follows, with where it is."""
        best: tuple[float, Change, Followed, Condition] | None = None
        first: dict[object, Change] = {}
        for change in sorted(self._changes(), key=lambda x: x.cost):
            first.setdefault((tuple(change.lines.items()), change.count), change)
        for change in [*first.values()][:_MOST]:
            if best is not None and best[0] <= change.cost:
                break
            one = self._followed(change)
            if one is not None and (best is None or one[0] < best[0]):
                best = (one[0], change, *one[1:])
        return None if best is None else self._told(*best[1:])

    def _followed(self, change: Change) -> tuple[float, Followed, Condition] | None:
        """Follow a change, and say where it is, if it leaves next to nothing."""
        count = max(int(self._theta.wrong.sum()), 1)
        for first in (True, False):
            found = self._following.along(change, first=first)
            if found is None or not found.changed.any():
                continue
            left = int(found.missed.sum())
            if left > _LEFT * count:
                continue
            where = self._parting(found)
            if where is not None:
                return change.cost + where.cost + 8 * left / count, found, where
        return None

    def _parting(self, found: Followed) -> Condition | None:
        """Say where the line is another: of where a row is, or else of the states as followed."""
        sure = found.sure(self._seen.lanes)
        changed, right = found.changed & sure, found.right & sure
        where = self._words.parting(changed, right)
        if where is not None:
            return where
        seen = self._seen
        known = replace(
            seen,
            visible=seen.visible | self._hidden,
            before={**seen.before, **found.before},
            got={**seen.got, **found.got},
        )
        return Vocabulary(known, found.got).parting(changed, right)

    def _told(self, change: Change, found: Followed, where: Condition) -> LineCause:
        lines = {n: x for n, x in change.lines.items() if n in self._hidden}
        if len(lines) < len(change.lines):
            every = {**self._lines, **change.lines}
            lines["theta"] = whole(every, "theta", self._seen.visible | self._hidden)
        said = "; ".join(f"{written(symbols.current(n))} = {written(x)}" for n, x in lines.items())
        names = [n for n in lines if n != "theta"]
        one = " and ".join(names)
        shown = f"{one} {'is' if len(names) == 1 else 'are'} not shown: theta follows from it"
        wrong = int(self._theta.wrong.sum())
        left = int(found.missed.sum())
        return LineCause(
            tuple(lines),
            where,
            tuple(lines.values()),
            said,
            f"{change.says} ({shown})",
            wrong,
            wrong - left,
            int((found.right & ~where.rows).sum()),
            confirmed=self._following.confirms(change, where.rows, found),
        )

    def _changes(self) -> Iterator[Change]:
        for name in sorted(self._hidden):
            yield from self._of_line(name)
        yield from self._of_all()

    def _of_line(self, name: str) -> Iterator[Change]:
        """Yield what is solved for in the line of one state."""
        for values in self._read_back(name):
            if not values.wrong.any():
                continue
            line = VisibleLine(name, self._found, self._seen, values, self._words, {})
            for one in line.solved():
                if not one.by and self._is_known(one.formula, name):
                    yield Change({name: one.formula}, one.cost, said_of(one)[1])

    def _read_back(self, name: str) -> Iterator[LineValues]:
        """Yield in what the line of a state must have lain, where theta says it.

        Were it alone another, theta says it on each row, and so what it was before the next. Where
        few digits of it are left, only the first wrong row of a lane says something.
        """
        symbol = symbols.current(name)
        found = [x for x in self._theta.places() if x.expr == symbol]
        if len(found) != 1:
            return
        (place,) = found
        must, right = place.must, whole(self._lines, name, self._seen.visible | self._hidden)
        with np.errstate(all="ignore"):
            told = must.is_bounded & (must.low <= must.high)
            got, off = (must.low + must.high) / 2, (must.high - must.low) / 2
            told &= self._good
            before, before_off = self._shifted(name, got, off, told)
            columns = {**self._theta.columns, name + PREVIOUS: before}
            want = valued(right, columns, len(got))
            near = np.abs(want - got) <= off + before_off
            some = told & np.isfinite(want)
            share = (off + before_off) / np.fmax(np.abs(got), np.abs(want))
            if np.median(share[some]) < _PRECISE:
                yield LineValues(got, off + before_off, some & ~near, some & near, before)
            wrong = self._first & told & ~must.holds(place.value)
            yield LineValues(got, off, wrong, self._before & told)

    def _shifted(
        self, name: str, got: Array, off: Array, told: NDArray[np.bool_]
    ) -> tuple[Array, Array]:
        """Return what a state was before each row by what was read back, and how far it is off."""
        start = self._theta.columns[name + PREVIOUS]
        before, room = np.full_like(got, np.nan), np.zeros_like(got)
        taken = self._seen.columns["taken"].astype(bool)
        for rows in self._seen.lanes:
            last, last_off = start[rows[0]], np.zeros(rows.shape[1])
            for at in rows:
                before[at], room[at] = last, last_off
                last = np.where(taken[at], np.where(told[at], got[at], np.nan), last)
                last_off = np.where(taken[at], off[at], last_off)
        return before, room

    def _of_all(self) -> Iterator[Change]:
        """Yield what is another in all lines at once, if it gives most of the first wrong rows."""
        zero = {n + PREVIOUS: Integer(0) for n in self._hidden}
        kept = {n: Symbol(n + PREVIOUS, real=True) for n in self._hidden}
        said, s = " and ".join(sorted(self._hidden)), "s" * (len(self._hidden) == 1)
        again, still = (
            f"{said} begin{s} from 0 again",
            "their values: the lines are not carried out",
        )
        yield Change(self._with(zero), _OF_ALL, again)
        yield Change(self._with(zero), _OF_ALL, f"{again}, and t from 1", "again from 1")
        yield Change(kept, _OF_ALL, f"{said} keep{s} {still}")
        yield Change(kept, _OF_ALL, f"{said} and t keep {still}", "held")
        at = np.flatnonzero(self._first)
        at = at[np.linspace(0, len(at) - 1, min(_TELLING, len(at))).astype(int)]
        composite = whole(self._lines, "theta", self._seen.visible)
        known = {n: x[at] for n, x in self._theta.columns.items()}
        g = symbols.current("g")
        for new, cost in self._gradients(g):
            with evaluate(False):
                formula = composite.xreplace({g: new})
            made = valued(formula, known, len(at))
            if self._theta.is_near(made, at).mean() >= _MOSTLY:
                says = f"{written(new)} stands for {written(g)}"
                yield Change(self._with({"g": new}), cost, says)

    def _gradients(self, g: Symbol) -> Iterator[tuple[Expr, float]]:
        """Yield what may stand for the gradient, and what it costs."""
        likely = [Symbol(n, real=True) for n in self._theta.known.values if "." not in n]
        known = [x for x in likely if self._is_known(x) and x != g]
        with evaluate(False):
            yield from ((by * g, _OF_ALL + 0.5) for by in _FACTORS)
            for x in known:
                yield x, _OF_ALL
                yield from ((y, _OF_ALL + 1) for y in (g * x, g / x, g + x, g - x))
            for x in (*self._theta.known.alone, *self._theta.known.totals):
                if self._is_known(x):
                    yield x, _OF_ALL + 1

    def _with(self, put: dict[str, Expr]) -> dict[str, Expr]:
        """Return the lines with something put for symbols, those that have these."""
        by = {Symbol(n, real=True): x for n, x in put.items()}
        by |= {symbols.current(n): x for n, x in put.items()}
        with evaluate(False):
            made = {n: x.xreplace(by) for n, x in self._lines.items()}
        shown = self._seen.visible
        return {n: x for n, x in made.items() if n not in shown and x != self._lines[n]}

    def _is_known(self, formula: Expr, line: str = "") -> bool:
        """Say whether all of a formula is known in a line once a state is another."""
        made = [*self._lines]
        own = {n + PREVIOUS for n in self._hidden} | {*made[: made.index(line) if line else 0]}
        names = {x.name for x in formula.free_symbols} - own
        of_hidden = re.compile(_DERIVED.format("|".join(map(re.escape, sorted(self._hidden)))))
        derived = any(n in _OF_STEPS or of_hidden.search(n) for n in names)
        return not derived and names <= self._theta.columns.keys()


def _firsts(seen: Table, wrong: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the first wrong row of each lane, and all rows before it."""
    first, before = np.zeros_like(wrong), np.zeros_like(wrong)
    for rows in seen.lanes:
        count = np.cumsum(wrong[rows], axis=0)
        first[rows] = wrong[rows] & (count == 1)
        before[rows] = count == 0
    return first, before
