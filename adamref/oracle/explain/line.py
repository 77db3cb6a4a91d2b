"""One visible line taken for itself: what accounts for the rows on which it is wrong."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np
from sympy import Expr, Symbol, evaluate, sqrt

from adamref.numbers.arrays import ulp
from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.formulas import said_of, spread, whole, written
from adamref.oracle.explain.stored import quantised
from adamref.oracle.judge.fit import shown_of
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.rules import symbols
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import Interval, valued
from adamref.solving.solve import Solution, solutions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.explain.conditions import Condition, Vocabulary
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_CAUSES = 3
"""How many causes one line may have: they are peeled one after another."""

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
        self._rule = found.fit.dialect.rule
        self._known, self._numbers = known, found.fit.dialect.numbers
        dialect, machine = found.fit.dialect, found.machine
        self._shown = shown_of(seen, machine) - {name}
        # A state that is not shown is taken to be what the right lines make of it.
        self._hidden = frozenset(dialect.rule.states) - seen.visible - {"theta", name}
        self._expr = whole(dialect.rule, name, self._shown | self._hidden)
        rows = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
        self.right = rows & ~wrong & (found.fit.over[name] <= 1)
        self._got, want = seen.got[name], found.fit.value[name]
        base = seen.before[name] if name == "theta" else np.zeros(len(seen))
        with np.errstate(all="ignore"):
            bound = found.fit.bound[name] + found.fit.slack[name]
            grown = np.abs(self._got - base) / np.abs(want - base)
            off = _ROOM * bound * (1 + np.nan_to_num(grown, nan=0.0, posinf=0.0))
            size = np.maximum(np.abs(self._got), np.abs(seen.before[name]))
            unit, most = (
                np.nan_to_num(ulp(x, machine.unit(name)), nan=0.0) for x in (self._got, size)
            )
            self._off = np.where(np.isfinite(off), off + unit, _UNKNOWN * most)
        self._values = self._columns(found)

    def _columns(self, found: Identified) -> dict[str, Array]:
        """Return what a step knows, by name."""
        seen, dialect = self._seen, found.fit.dialect
        inputs = inputs_of(seen, found.numbers)
        known = {*dialect.rule.defaults, *(f"{x}.complement" for x in found.numbers.rates)}
        values = {n: np.asarray(x, float) for n, x in inputs.columns.items() if n in known}
        values |= {n: np.asarray(inputs.columns[n], float) for n in ("g", "t")}
        values |= {n + PREVIOUS: x for n, x in seen.before.items() if n in dialect.rule.states}
        if self._hidden:
            lines = {line.name: line.expr for line in dialect.rule.lines}
            made = Simulator(seen).run(Model(lines, inputs), tuple(self._hidden))
            values |= {n: np.asarray(x, float) for n, x in made.items()}
        values |= {n: seen.got[n] for n in self._shown}
        values |= self._beside()
        return {n: x for n, x in values.items() if x.shape == (len(seen),)}

    def _beside(self) -> dict[str, Array]:
        """Return what is no rule's: gradients of other rows, and of whole tensors."""
        c = self._seen.columns
        groups = self._seen.groups
        g = c["g"]
        with np.errstate(all="ignore"):
            total = np.bincount(groups, weights=g)
            squares = np.bincount(groups, weights=np.square(g))
            together = self._seen.together
            every = np.bincount(together, weights=np.square(g))
            found = {
                "g_last": c["g_last"].astype(float),
                "size": self._seen.sizes,
                "norm": np.sqrt(squares)[groups],
                "norm_all": np.sqrt(every)[together],
                "mean_size": np.bincount(groups, weights=np.abs(g))[groups] / self._seen.sizes,
                "mean_g": total[groups] / np.bincount(groups)[groups],
                "alpha_first": c["alpha_first"].astype(float),
            }
        order = np.lexsort((c["element"], groups))
        for name, by in (("g_before", 1), ("g_next", -1)):
            moved, same = np.roll(g[order], by), np.roll(groups[order], by) == groups[order]
            found[name] = np.empty_like(g)
            found[name][order] = np.where(same, moved, np.nan)
        return found

    @cached_property
    def _more(self) -> dict[Expr, Array]:
        """Return expressions that are as likely as a symbol."""
        values, count = self._values, len(self._seen)
        t = symbols.current("t")
        with evaluate(False):
            found: list[Expr] = [t - 1, t + 1]
            for rate, moment in (("beta1", "m"), ("beta2", "v")):
                if rate not in values:
                    continue
                b, x = symbols.current(rate), symbols.current(moment)
                found += [1 - b, b**t, 1 - b**t, 1 - b ** (t - 1), 1 - b ** (t + 1)]
                if moment in values:
                    found += [x / (1 - b**t), sqrt(x / (1 - b**t)), sqrt(x)][
                        : 1 if rate == "beta1" else 3
                    ]
        # What is worked from a symbol that is not there has no values.
        return {
            x: valued(x, values, count)
            for x in found
            if {y.name for y in x.free_symbols} <= values.keys()
        }

    def causes(self) -> list[LineCause]:
        """Peel causes off until every wrong row has one, or none is found."""
        left: NDArray[np.bool_] = self.wrong.copy()
        made: list[LineCause] = []
        while left.any() and len(made) < _CAUSES:
            cause, holds = self._cause(left)
            few = self._in_few_bits() if not (made or holds[left].all()) else None
            if few is not None:
                cause, holds = few, few.where.rows & left
            if cause is None:
                break
            made.append(cause)
            left &= ~holds
        if left.any():
            made.append(self._fact(left))
        return made

    def _cause(self, wrong: NDArray[np.bool_]) -> tuple[LineCause | None, NDArray[np.bool_]]:
        """Find what accounts for all wrong rows, or else for all of one trial and more."""
        best: tuple[float, LineCause, NDArray[np.bool_]] | None = None
        for rows in self._subsets(wrong):
            for one in self._solved(rows):
                holds = self.holds(one.formula, one) & wrong
                if holds.sum() < min(_FEWEST, int(wrong.sum())):
                    continue
                where = self._words.parting(holds, self.spoilt(one.formula, one))
                if where is None:
                    continue
                cost = one.cost + where.cost
                missed = int(wrong.sum()) - int(holds.sum())
                score = cost + 8 * missed / int(wrong.sum())
                if best is None or score < best[0]:
                    best = score, cause_of([self], [one.formula], where, one), holds
            if best is not None and best[0] < 8:
                break
        return (None, np.zeros_like(wrong)) if best is None else (best[1], best[2])

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
        where = self._words.parting(tensors, self.right & ~tensors) if said else None
        if where is None:
            return None
        said, count = f"{self.name} is {said}", int(self.wrong.sum())
        spared = int((self.right & ~where.rows).sum())
        return LineCause((self.name,), where, (), said, said, count, count, spared)

    def follows_from(self, states: frozenset[str]) -> NDArray[np.bool_]:
        """Say row by row whether it is what the right states give, whatever was stored of them."""
        right = whole(self._rule, self.name, (self._shown | self._hidden) - states)
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
        known = self._values.keys() | {f"by_{one.by}"}
        if not {x.name for x in formula.free_symbols} <= known:
            return None
        return formula if self.holds(formula, one)[self.wrong].all() else None

    def _subsets(self, wrong: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Return the rows to solve on: all, then those of single trials, of the largest first."""
        trials = self._seen.columns["trial"]
        counts = np.bincount(trials[wrong], minlength=len(self._seen.trials))
        some = np.argsort(-counts, kind="stable")[:3]
        return [wrong, *(wrong & (trials == i) for i in some if 0 < counts[i] < wrong.sum())]

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
        groups = {"step": c["t"][at], "tensor": self._seen.groups[at], "trial": c["trial"][at]}
        values = {n: x[at] for n, x in self._values.items()}
        more = {x: y[at] for x, y in self._more.items()}
        forms = dict.fromkeys((self._expr, spread(self._expr)))
        found = [x for form in forms for x in solutions(form, values, made, groups, more)]
        return sorted(found, key=lambda x: x.cost)

    def _made(self, formula: Expr, one: Solution) -> Array:
        """Return what a formula gives on every row; NaN where a number of it is not known."""
        values = dict(self._values)
        if one.by:
            keys = {
                "step": self._seen.columns["t"], "tensor": self._seen.groups,
                "trial": self._seen.columns["trial"],
            }[one.by]  # fmt: skip
            values[f"by_{one.by}"] = np.array([one.numbers.get(float(k), np.nan) for k in keys])
        return valued(formula, values, len(self._seen))

    def holds(self, formula: Expr, one: Solution) -> NDArray[np.bool_]:
        """Say row by row whether a formula gives what was seen."""
        return self._near(self._made(formula, one))

    def _near(self, made: Array) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):
            near = np.abs(made - self._got) <= self._off
        return np.asarray(near | (np.isnan(made) & np.isnan(self._got)) | (made == self._got))

    def spoilt(self, formula: Expr, one: Solution) -> NDArray[np.bool_]:
        """Say which rows are right that a formula would make wrong."""
        unknown = ~np.isfinite(self._made(formula, one)) if one.by else np.zeros(1, dtype=bool)
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
