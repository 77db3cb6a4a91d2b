"""One visible line taken for itself: what accounts for the rows on which it is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np
from sympy import Expr, Symbol, evaluate

from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.conditions import Condition
from adamref.oracle.explain.confirming import gives, spread_out
from adamref.oracle.explain.elsewhere import written_elsewhere
from adamref.oracle.explain.formulas import said_of, spread, whole, written
from adamref.oracle.explain.knowledge import alone, as_likely, columns
from adamref.oracle.explain.stale import stale
from adamref.oracle.explain.stored import given_room, quantised
from adamref.oracle.explain.undefined import undefined
from adamref.oracle.judge.fit import shown_of
from adamref.oracle.judge.hypothesis import lines_of
from adamref.rules import symbols
from adamref.solving.inversion import Interval, tilts, valued
from adamref.solving.losing import lost
from adamref.solving.solve import solutions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.explain.conditions import Vocabulary
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table
    from adamref.solving.solution import Solution

_CAUSES = 3
"""How many causes one line may have: they are peeled one after another."""

_PLAIN = 2.5
"""What is solved for up to this cost is not looked for elsewhere."""

_STALE = 4.5
"""What it costs that something was worked at another step."""

_NOT_TOLD = "no condition that was tried parts these from the right ones"
"""What is said of rows on which a plain change was seen, and which nothing parts from the rest."""

_LEFT = 1e-3
"""The share of wrong rows that may be left without a cause of their own."""

_NEARLY_ALL = 0.99
"""The share of wrong rows that another line's replacement accounts for in this one."""

_CONDITIONED = 0.9
"""The share of wrong rows a formula gives before its own loss is looked at, on the others."""

_PART, _HALF = 1 / 3, 1 / 2
"""The shares of wrong rows that the first cause accounts for at least, and that the next do."""

_FEWEST = 3
"""Rows that a cause accounts for at least."""

_UNKNOWN = 4.0
"""Ulps of a value, or of what it was before, that it may be off where no right one is known."""

_ROOM = 1.5
"""By how many bounds a line with something else in it may be off: its operations are others."""

Known: TypeAlias = "dict[tuple[object, ...], list[Solution]]"


def cause_of(
    lines: Sequence[VisibleLine], formulas: Sequence[Expr], where: Condition, one: Solution
) -> LineCause:
    """Return the cause that formulas are, in lines that are wrong on the same rows."""
    said, what = said_of(one)
    written_ = "; ".join(
        f"{written(symbols.current(line.name))} = {written(x)}{said}"
        for line, x in zip(lines, formulas, strict=True)
    )
    return LineCause(
        tuple(line.name for line in lines),
        where,
        tuple(formulas),
        written_,
        what,
        sum(int(line.wrong.sum()) for line in lines),
        sum(
            int((line.wrong & line.holds(x, one)).sum())
            for line, x in zip(lines, formulas, strict=True)
        ),
        sum(int((line.right & ~where.rows).sum()) for line in lines),
        one,
    )


@final
class VisibleLine:
    """A line that is wrong on some rows."""

    def __init__(
        self,
        name: str,
        found: Identified,
        seen: Table,
        wrong: NDArray[np.bool_],
        words: Vocabulary,
        known: Known,
    ) -> None:
        self.name, self._seen, self.wrong, self._words = name, seen, wrong, words
        self.elsewhere: NDArray[np.bool_] | None = None
        self._lines = lines_of(found.fit.dialect)
        self._known, self._numbers = known, found.fit.dialect.numbers
        dialect, machine = found.fit.dialect, found.machine
        self._shown = shown_of(seen, machine) - {name}
        # A state that is not shown is taken to be what the right lines make of it.
        self._hidden = frozenset(dialect.rule.states) - seen.visible - {"theta", name}
        self._expr = whole(self._lines, name, self._shown | self._hidden)
        self._dialect, self._unit = dialect, float(machine.compute.unit_roundoff)
        self._largest = float(machine.unit(name).largest)
        rows = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
        self._got, want = seen.got[name], found.fit.value[name]
        # What should be no number, and is none, tells nothing of the line.
        self.right = rows & ~wrong & (found.fit.over[name] <= 1) & ~np.isnan(want)
        base = seen.before[name] if name == "theta" else np.zeros(len(seen))
        with np.errstate(all="ignore"):
            bound = found.fit.bound[name] + found.fit.slack[name]
            grown = np.abs(self._got - base) / np.abs(want - base)
            off = _ROOM * bound * (1 + np.nan_to_num(grown, nan=0.0, posinf=0.0))
            size = np.fmax(np.abs(self._got), np.abs(seen.before[name]))
            fmt = machine.unit(name)
            unit, most = (np.nan_to_num(ulp(x, fmt), nan=0.0) for x in (self._got, size))
            self._off = np.where(np.isfinite(off), off + unit, _UNKNOWN * most)
            self._off = self._off + given_room(name, found, seen)
        self._values = columns(found, seen, self._shown, self._hidden, words.elements)
        self._more, self._alone = as_likely(self._values), alone(seen, self._values, words.elements)
        self._narrow = [
            x for x in (formats.BINARY32, formats.BFLOAT16, formats.BINARY16)
            if x.precision < machine.unit(name).precision
        ]  # fmt: skip

    def causes(self) -> list[LineCause]:
        """Peel causes off until every wrong row has one, or none is found."""
        left: NDArray[np.bool_] = self.wrong.copy()
        made: list[LineCause] = []
        while left.sum() > (_LEFT * self.wrong.sum() if made else 0) and len(made) < _CAUSES:
            cause, holds = self._cause(left)
            few = self._in_few_bits() if not (made or holds[left].all()) else None
            if few is not None:
                cause, holds = few, few.where.rows & left
            if cause is None or holds.sum() < (_HALF if made else _PART) * left.sum():
                break  # a small part, and of what is left a part, is soon accounted for by chance
            made.append(replace(cause, confirmed=self.confirms(cause, holds)))
            left &= ~(holds | self._unknown(cause))
        # Where nearly all have one, nothing is told of the others but how many they are.
        if left.sum() > (_LEFT * self.wrong.sum() if made else 0):
            made.append(self._fact(left))
        return made

    def _unknown(self, cause: LineCause) -> NDArray[np.bool_]:
        """Say on which rows nothing is known of what a cause has in its line."""
        if cause.solution is None or not cause.formulas:
            return np.zeros(len(self._got), dtype=bool)
        made = self._made(cause.formulas[0], cause.solution)[0]
        return np.asarray(np.isnan(made) & np.isfinite(self._got))

    def _cause(self, wrong: NDArray[np.bool_]) -> tuple[LineCause | None, NDArray[np.bool_]]:
        """Find what accounts for all wrong rows, or else for all of one trial and more."""
        best: tuple[float, LineCause, NDArray[np.bool_]] | None = None
        for rows in self._subsets(wrong):
            for one in self._solved(rows):
                holds = self.holds(one.formula, one) & wrong
                if holds.sum() < min(_FEWEST, int(wrong.sum())):
                    continue
                where = self._words.parting(holds, self.spoilt(one.formula, one))
                if where is None and not (holds[wrong].all() and one.cost <= _PLAIN):
                    continue
                where = where or Condition(_NOT_TOLD, holds)
                cost = one.cost + where.cost
                missed = int(wrong.sum()) - int(holds.sum())
                score = cost + 8 * missed / int(wrong.sum())
                if best is None or score < best[0]:
                    best = score, cause_of([self], [one.formula], where, one), holds
            if best is not None and best[0] < 8:
                break
        others = (self._stale, _STALE), (self._known_elsewhere, _PLAIN), (self._undefined, _PLAIN)
        for other, least in others:
            found = other(wrong) if best is None or best[0] > least else None
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return (None, np.zeros_like(wrong)) if best is None else (best[1], best[2])

    def _stale(self, wrong: NDArray[np.bool_]) -> tuple[float, LineCause, NDArray[np.bool_]] | None:
        """Find what was not worked anew."""
        made = Interval(self._got - self._off, self._got + self._off)
        found = stale(self._expr, self._values, made, wrong, self._seen)
        if found is None:
            return None
        formula, says, rows = found
        where = self._words.parting(rows, self.right) or self._words.everywhere
        return _STALE, self._told(formula, says, where, rows), rows

    def _undefined(
        self, wrong: NDArray[np.bool_]
    ) -> tuple[float, LineCause, NDArray[np.bool_]] | None:
        """Find the root of something negative."""
        found = undefined(self._expr, self._values, self._got, wrong)
        if found is None:
            return None
        spoilt = self.right & ~self._near(valued(found[0], self._values, len(self._seen)))
        where = self._words.parting(wrong, spoilt)
        cause = None if where is None else self._told(*found, where, wrong)
        return None if cause is None else (_STALE, cause, wrong)

    def _told(
        self, formula: Expr, says: str, where: Condition, wrong: NDArray[np.bool_]
    ) -> LineCause:
        """Return the cause that accounts for all of some rows, in words of its own."""
        said = f"{written(symbols.current(self.name))} = {written(formula)}"
        count, spared = int(wrong.sum()), int((self.right & ~where.rows).sum())
        return LineCause((self.name,), where, (formula,), said, says, count, count, spared)

    def _known_elsewhere(
        self, wrong: NDArray[np.bool_]
    ) -> tuple[float, LineCause, NDArray[np.bool_]] | None:
        """Find the line of another dialect, or one with a fault that has a name, on wrong rows."""
        best: tuple[float, LineCause, NDArray[np.bool_]] | None = None
        shown = self._shown | self._hidden
        for lines, says, cost in written_elsewhere(self._dialect, self.name):
            formula = whole(lines, self.name, shown)
            if not {x.name for x in formula.free_symbols} <= self._values.keys():
                continue
            holds = self._near(valued(formula, self._values, len(self._seen)))
            if formula == self._expr or not holds[wrong].all():
                continue
            where = self._words.parting(wrong, self.right & ~holds)
            if where is not None and (best is None or cost + where.cost < best[0]):
                best = cost + where.cost, self._told(formula, says, where, wrong), wrong
        return best

    def _in_few_bits(self) -> LineCause | None:
        """Say in what few bits a state is kept, if that is what it is; and where."""
        if self.name == "theta":
            return None
        seen = self._seen
        # Whole tensors: some values, the largest of a block for one, are right all the same.
        tensors = np.isin(seen.groups, np.unique(seen.groups[self.wrong]))
        order = np.lexsort((seen.columns["element"], seen.groups))
        at = order[tensors[order]]
        want = valued(self._expr, self._values, len(seen))
        said = quantised(self._got[at], want[at], seen.groups[at])
        if not said:
            return None
        # What is right all the same has a whole number of parts as well.
        where = self._words.parting(tensors, self.right & ~tensors) or self._words.everywhere
        said, count = f"{self.name} is {said}", int(self.wrong.sum())
        spared = int((self.right & ~where.rows).sum())
        return LineCause((self.name,), where, (), said, said, count, count, spared)

    def follows_from(self, states: frozenset[str]) -> NDArray[np.bool_]:
        """Say row by row whether it is what the right states give, whatever was stored of them."""
        right = whole(self._lines, self.name, (self._shown | self._hidden) - states)
        return self._near(valued(right, self._values, len(self._seen)))

    def follows(self, states: frozenset[str]) -> None:
        """Take the rows for right that follow from the right states."""
        self.wrong = self.wrong & ~self.follows_from(states)

    def replacements(self) -> list[Solution]:
        """Return what may be put for a symbol, on all wrong rows."""
        every = [x for rows in self._subsets(self.wrong)[:2] for x in self._solved(rows)]
        return [x for x in every if isinstance(x.old, Symbol)]

    def with_(self, one: Solution) -> Expr | None:
        """Return the line with another's replacement, if that accounts for every wrong row."""
        with evaluate(False):
            formula = self._expr.xreplace({one.old: one.new})
        known = self._values.keys() | {f"by_{one.by}"} | {x.name for x in self._alone}
        if not {x.name for x in formula.free_symbols} <= known:
            return None
        holds = self.holds(formula, one)[self.wrong]
        return formula if holds.mean() >= _NEARLY_ALL else None

    def _subsets(self, wrong: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Return the rows to solve on: all, then those of single trials, of the largest first."""
        trials = self._seen.columns["trial"]
        counts = np.bincount(trials[wrong], minlength=len(self._seen.trials))
        some = np.argsort(-counts, kind="stable")[:3]
        apart = wrong if self.elsewhere is None else wrong & ~self.elsewhere
        found = [x for x in (apart, wrong) if x.any()]
        return [*found, *(wrong & (trials == i) for i in some if 0 < counts[i] < wrong.sum())]

    def _solved(self, rows: NDArray[np.bool_]) -> list[Solution]:
        # What a dialect does without is no column of its own, and stands in none of its solutions.
        key = (
            self._numbers,
            self.name,
            self._expr,
            frozenset(self._values),
            rows.tobytes(),
            self._off.tobytes(),
        )
        if key not in self._known:
            self._known[key] = self._solved_anew(rows)
        return self._known[key]

    def _solved_anew(self, rows: NDArray[np.bool_]) -> list[Solution]:
        at = np.flatnonzero(rows & np.isfinite(self._got))
        if not at.size:
            return []
        made = Interval(self._got[at] - self._off[at], self._got[at] + self._off[at])
        c = self._seen.columns
        groups = {
            "step": c["t"][at], "place": c["tensor"][at], "tensor": self._seen.groups[at],
            "trial": c["trial"][at],
        }  # fmt: skip
        values = {n: x[at] for n, x in self._values.items()}
        more, alone_ = ({x: y[at] for x, y in z.items()} for z in (self._more, self._alone))
        forms = (spread(self._expr),)
        return solutions(self._expr, values, made, groups, more, alone_, self._narrow, forms)

    def _made(self, formula: Expr, one: Solution) -> list[Array]:
        """Return what a formula gives on every row; NaN where a number of it is not known."""
        known = self._known_of(one)
        return [valued(formula, known, len(self._seen), x) for x in tilts(formula)]

    def _known_of(self, one: Solution | None) -> dict[str, Array]:
        """Return what a formula may name: what a step knows, and a number that varies."""
        values = self._values | {x.name: y for x, y in self._alone.items()}
        if one is not None and one.by:
            keys = {
                "step": self._seen.columns["t"], "place": self._seen.columns["tensor"],
                "tensor": self._seen.groups, "trial": self._seen.columns["trial"],
            }[one.by]  # fmt: skip
            values[f"by_{one.by}"] = np.array([one.numbers.get(float(k), np.nan) for k in keys])
        return values

    def confirms(self, cause: LineCause, rows: NDArray[np.bool_] | None = None) -> bool:
        """Say whether exact arithmetic gives what was seen where the line is wrong.

        Parameters
        ----------
        cause : LineCause
        rows : bool array, optional
            The wrong rows that it accounts for; default: all.
        """
        formulas = dict(zip(cause.lines, cause.formulas, strict=False))
        if self.name not in formulas:
            return False
        formula, known = formulas[self.name], self._known_of(cause.solution)
        off, got, some = self._off, self._got, self.wrong if rows is None else rows
        if cause.solution is not None:  # a row on which a formula loses its digits refuses none
            near = [self._near(x) for x in self._made(formula, cause.solution)]
            some = some & np.logical_or.reduce(near)
        at = spread_out(some & np.isfinite(got), self._seen)
        said = {
            gives(formula, {n: float(x[i]) for n, x in known.items()}, float(got[i]), float(off[i]))
            for i in at
        }
        return True in said and False not in said

    def holds(self, formula: Expr, one: Solution) -> NDArray[np.bool_]:
        """Say row by row whether it gives what was seen; a few rows may be off by what it loses."""
        made = self._made(formula, one)
        near = np.logical_or.reduce([self._near(x) for x in made])
        if _CONDITIONED * self.wrong.sum() <= (near & self.wrong).sum() < self.wrong.sum():
            off = np.fmax(self._off, lost(formula, self._known_of(one), len(near), self._unit))
            near = np.logical_or.reduce([near, *(self._near(x, off) for x in made)])
        return np.asarray(near)

    def _near(self, made: Array, off: Array | None = None) -> NDArray[np.bool_]:
        made = np.where(np.abs(made) > self._largest, np.copysign(np.inf, made), made)
        with np.errstate(invalid="ignore"):
            near = np.abs(made - self._got) <= (self._off if off is None else off)
        return np.asarray(near | (np.isnan(made) & np.isnan(self._got)) | (made == self._got))

    def spoilt(self, formula: Expr, one: Solution) -> NDArray[np.bool_]:
        """Say which rows are right that a formula would make wrong."""
        unknown = ~np.isfinite(self._made(formula, one)[0]) if one.by else np.zeros(1, dtype=bool)
        return np.asarray(self.right & ~self.holds(formula, one) & ~unknown)

    def _fact(self, left: NDArray[np.bool_]) -> LineCause:
        """Say what is known where nothing was found: where a line is wrong, and by what."""
        seen = self._seen
        where = self._words.parting(left, self.right) or self._words.everywhere
        want = valued(self._expr, self._values, len(seen))
        base = seen.before["theta"] if self.name == "theta" else np.zeros(len(seen))
        with np.errstate(all="ignore"):
            ratio = ((self._got - base) / (want - base))[left]
        ratio = ratio[np.isfinite(ratio)]
        said = "nothing that was tried gives what was seen"
        if ratio.size:
            low, middle, high = np.quantile(ratio, [0, 0.5, 1])
            said += f"; theirs over right is {middle:.6g}, from {low:.6g} to {high:.6g}"
        count = int(left.sum())
        return LineCause((self.name,), where, (), said, said, count, 0, int(self.right.sum()))
