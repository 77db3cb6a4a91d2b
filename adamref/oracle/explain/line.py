"""One visible line taken for itself: what accounts for the rows on which it is wrong."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np
from sympy import Expr, Symbol, evaluate

from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.conditions import Condition
from adamref.oracle.explain.elsewhere import written_elsewhere
from adamref.oracle.explain.formulas import said_of, spread, whole, written
from adamref.oracle.explain.rewritten import exchanged, overwritten
from adamref.oracle.explain.seen_line import LineValues, SeenLine
from adamref.oracle.explain.stale import stale
from adamref.oracle.explain.stored import quantised
from adamref.oracle.explain.undefined import undefined
from adamref.rules import symbols
from adamref.solving.inversion import Interval, valued
from adamref.solving.solve import solutions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from adamref.oracle.explain.conditions import Vocabulary
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table
    from adamref.solving.solution import Solution

_CAUSES = 3
"""How many causes one line may have: they are peeled one after another."""

PLAIN = 2.5
"""What is solved for up to this cost is not looked for elsewhere."""

_STALE = 4.5
"""What it costs that something was worked at another step."""

NOT_TOLD = "no condition that was tried parts these from the right ones"
"""What is said of rows on which a plain change was seen, and which nothing parts from the rest."""

_LEFT = 1e-3
"""The share of wrong rows that may be left without a cause of their own."""

_ANOTHER = 0.6
"""What it costs that another cause is needed for the rows that are left."""

_NEARLY_ALL = 0.99
"""The share of wrong rows that another line's replacement accounts for in this one."""

_PART, _HALF = 1 / 3, 1 / 2
"""The shares of wrong rows that the first cause accounts for at least, and that the next do."""

_FEWEST = 3
"""Rows that a cause accounts for at least."""

Solutions: TypeAlias = "dict[tuple[object, ...], list[Solution]]"
Found: TypeAlias = "tuple[float, LineCause, NDArray[np.bool_]]"
"""What it costs, a cause, and the rows that it accounts for."""


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


def _joined(made: list[LineCause], one: LineCause, count: int) -> list[LineCause]:
    """Add a cause; what is the same as one beside another is no other: it has more rows."""
    for i, x in enumerate(made):
        if (x.change, x.where.says) == (one.change, one.where.says):
            more = replace(
                x, explained=x.explained + count, confirmed=x.confirmed and one.confirmed
            )
            return [*made[:i], more, *made[i + 1 :]]
    return [*made, one]


@final
class VisibleLine(SeenLine):
    """A line that is wrong on some rows, and what accounts for them.

    Parameters
    ----------
    words : Vocabulary
        Of conditions.
    solutions_ : dict
        What was solved on the table before.
    """

    def __init__(
        self,
        name: str,
        found: Identified,
        seen: Table,
        values: LineValues,
        words: Vocabulary,
        solutions_: Solutions,
    ) -> None:
        super().__init__(name, found, seen, values, words.elements)
        self.elsewhere: NDArray[np.bool_] | None = None
        self._words, self._solutions = words, solutions_
        self._numbers = found.fit.dialect.numbers
        # A state that is not shown is worked, and would hide a root.
        self._seen_alone = whole(self._lines, name, self._shown)

    def causes(self) -> list[LineCause]:
        """Peel causes off until every wrong row has one, or none is found."""
        left: NDArray[np.bool_] = self.wrong.copy()
        made: list[LineCause] = []
        while left.sum() > (_LEFT * self.wrong.sum() if made else 0) and len(made) < _CAUSES:
            cause, holds = self.cause_on(left)
            few = self._in_few_bits() if not (made or holds[left].all()) else None
            if few is not None:
                cause, holds = few, few.where.rows & left
            if cause is None:
                break
            rest = left & ~(holds | self._unknown(cause))
            more, beside = self._beside(cause, rest & cause.where.rows)
            if (holds | beside).sum() < (_HALF if made else _PART) * left.sum():
                break  # a small part, and of what is left a part, is soon accounted for by chance
            cause = replace(cause, confirmed=self.confirms(cause, holds))
            made = _joined(made, cause, int(holds.sum())) + ([] if more is None else [more])
            left = rest & ~beside
        # Where nearly all have one, nothing is told of the others but how many they are.
        if left.sum() > (_LEFT * self.wrong.sum() if made else 0):
            made.append(self._fact(left))
        return made

    def _beside(
        self, first: LineCause, left: NDArray[np.bool_]
    ) -> tuple[LineCause | None, NDArray[np.bool_]]:
        """Find what is wrong beside a cause on the rows that it does not account for alone.

        The line is taken with the first cause in it: what was right without it stays right where
        that has no say.
        """
        one, none = first.solution, np.zeros_like(left)
        if one is None or not first.formulas or left.sum() <= _LEFT * self.wrong.sum():
            return None, none
        line, columns = copy(self), self._known_of(one)
        # What the first has in it is known by now, a number that varies too.
        by, its = Symbol(f"by_{one.by}", real=True), Symbol("c", real=True)
        named = {x: its if x == by else x for x in first.formulas[0].free_symbols}
        columns = {y.name: columns[x.name] for x, y in named.items()}
        right = self.holds(first.formulas[0], one) & ~left & first.where.rows
        with evaluate(False):
            expr = first.formulas[0].xreplace({by: its})
        known = replace(self._known, values={**self._values, **columns})
        vars(line).update(_expr=expr, _seen_alone=expr, _known=known, right=right)
        cause, holds = line.cause_on(left)
        if cause is None or cause.solution is None or holds.sum() < _NEARLY_ALL * left.sum():
            return None, none
        sure, count = line.confirms(cause, holds), int(holds.sum())
        return replace(cause, explained=count, confirmed=sure), holds

    def solved(self) -> list[Solution]:
        """Return all that may stand in the line on some of its wrong rows, the plainest first."""
        every = [x for rows in self._subsets(self.wrong) for x in self._solved(rows)]
        first = {x.formula: x for x in sorted(every, key=lambda x: -x.cost)}
        return sorted(first.values(), key=lambda x: x.cost)

    def cause_on(self, wrong: NDArray[np.bool_]) -> tuple[LineCause | None, NDArray[np.bool_]]:
        """Find what accounts for all wrong rows, or else for all of one trial and more."""
        best = self._exchanged(wrong)
        for rows in self._subsets(wrong) if best is None else ():
            for one in self._solved(rows):
                holds = self.holds(one.formula, one) & wrong
                if holds.sum() < min(_FEWEST, int(wrong.sum())):
                    continue
                # What varies is 1, or nothing, in tensors and at steps that are right.
                varies = self.right if one.by not in ("", "step") else self._at_others(one)
                where = self._words.parting(holds, varies) if varies.any() else None
                where = where or self._words.parting(holds, self.spoilt(one.formula, one))
                if where is None and not (holds[wrong].all() and one.cost <= PLAIN):
                    continue
                where = where or Condition(NOT_TOLD, holds)
                cost = one.cost + where.cost
                missed = int(wrong.sum()) - int(holds.sum())
                left = missed > _LEFT * int(wrong.sum())
                score = cost + 8 * missed / int(wrong.sum()) + _ANOTHER * left
                if best is None or score < best[0]:
                    best = score, cause_of([self], [one.formula], where, one), holds
            if best is not None and best[0] < 8:
                break
        others = (
            (self._stale, _STALE), (self._known_elsewhere, PLAIN), (self._overwritten, PLAIN),
            (self._undefined, PLAIN),
        )  # fmt: skip
        for other, least in others:
            found = other(wrong) if best is None or best[0] > least else None
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return (None, np.zeros_like(wrong)) if best is None else (best[1], best[2])

    def _at_others(self, one: Solution) -> NDArray[np.bool_]:
        """Return the right rows of steps for which what varies by step has no number.

        A count has: it is right there.
        """
        if one.by != "step" or str(one.old) == "t":
            return np.zeros_like(self.right)
        return self.right & ~np.isin(self._seen.columns["t"], [*one.numbers])

    def _stale(self, wrong: NDArray[np.bool_]) -> Found | None:
        """Find what was not worked anew."""
        made = Interval(self._got - self._off, self._got + self._off)
        found = stale(self._expr, self._values, made, wrong, self._seen)
        if found is None:
            return None
        formula, says, rows = found
        where = self._words.parting(rows, self.right) or self._words.everywhere
        return _STALE, self._told(formula, says, where, rows), rows

    def _exchanged(self, wrong: NDArray[np.bool_]) -> Found | None:
        """Find two symbols of the line that stand in each other's place."""
        return self._rewritten(exchanged(self._expr), wrong, loses=False)

    def _overwritten(self, wrong: NDArray[np.bool_]) -> Found | None:
        """Find a state that is written over by what the line of theta makes of it."""
        if self.name == "theta":
            return None
        shown = self._shown | self._hidden
        return self._rewritten(overwritten(self._lines, self.name, self._expr, shown), wrong)

    def _rewritten(
        self, tried: Iterable[tuple[Expr, str]], wrong: NDArray[np.bool_], *, loses: bool = True
    ) -> Found | None:
        """Find the first of some lines that gives all wrong rows, and where it stands."""
        if not np.isfinite(self._got[wrong]).any():
            return None  # any line gives NaN of NaN
        for formula, says in tried:
            if not {x.name for x in formula.free_symbols} <= self._values.keys():
                continue
            holds = self.gives(formula, loses=loses)
            where = self._words.parting(wrong, self.right & ~holds) if holds[wrong].all() else None
            if where is not None:
                return PLAIN, self._told(formula, says, where, wrong), wrong
        return None

    def _undefined(self, wrong: NDArray[np.bool_]) -> Found | None:
        """Find the root of something negative."""
        if not (found := undefined(self._seen_alone, self._values, self._got, wrong, self._unit)):
            return None
        spoilt = self.right & ~self._near(valued(found[0], self._values, len(self._seen)))
        where = self._words.parting(wrong, spoilt)
        return None if where is None else (_STALE, self._told(*found, where, wrong), wrong)

    def _told(
        self, formula: Expr, says: str, where: Condition, wrong: NDArray[np.bool_]
    ) -> LineCause:
        """Return the cause that accounts for all of some rows, in words of its own."""
        said = f"{written(symbols.current(self.name))} = {written(formula)}"
        count, spared = int(wrong.sum()), int((self.right & ~where.rows).sum())
        return LineCause((self.name,), where, (formula,), said, says, count, count, spared)

    def _known_elsewhere(self, wrong: NDArray[np.bool_]) -> Found | None:
        """Find the line of another dialect, or one with a fault that has a name, on wrong rows."""
        best: Found | None = None
        if self._near(valued(self._seen_alone, self._values, len(self._seen)))[wrong].all():
            return None  # NaN of what is stored: the line's own speaks for no other
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
        """Return what may be put for a symbol, on all wrong rows, or else on those of a kind."""
        whole_ = [x for rows in self._whole(self.wrong) for x in self._solved(rows)]
        return [x for x in whole_ or self.solved() if isinstance(x.old, Symbol)]

    def with_(self, one: Solution) -> Expr | None:
        """Return the line with another's replacement, if that accounts for every wrong row."""
        with evaluate(False):
            formula = self._expr.xreplace({one.old: one.new})
        known = self._known.every.keys() | {f"by_{one.by}"}
        if not {x.name for x in formula.free_symbols} <= known:
            return None
        holds = self.holds(formula, one)[self.wrong]
        return formula if holds.mean() >= _NEARLY_ALL else None

    def _whole(self, wrong: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Return the rows to solve on: all that nothing else is known of."""
        apart = wrong if self.elsewhere is None else wrong & ~self.elsewhere
        found = {x.tobytes(): x for x in (apart, wrong) if x.any()}
        return list(found.values())

    def _subsets(self, wrong: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Return the rows to solve on: all, then those of a kind, then of the largest trials."""
        trials = self._seen.columns["trial"]
        counts = np.bincount(trials[wrong], minlength=len(self._seen.trials))
        some = np.argsort(-counts, kind="stable")[:3]
        # Where squares of gradients are no number in its format, what is made of them is none.
        size = np.abs(self._seen.columns["g"]) * np.sqrt(self._seen.sizes)
        plain = (size < np.sqrt(self._largest)) & (size > 1 / np.sqrt(self._largest))
        # Of two causes one has no say where there is no decay, or at a first step.
        decay = self._seen.columns.get("weight_decay", np.zeros(len(wrong)))
        kinds = (wrong & x for x in (plain, decay == 0, self._seen.columns["t"] == 1))
        rows = [*self._whole(wrong), *(x for x in kinds if x.sum() >= _FEWEST)]
        found = {x.tobytes(): x for x in (*rows, *(wrong & (trials == i) for i in some)) if x.any()}
        return list(found.values())

    def _solved(self, rows: NDArray[np.bool_]) -> list[Solution]:
        # What a dialect does without is no column of its own, and stands in none of its solutions.
        key = (
            self._numbers, self.name, self._expr, frozenset(self._values), rows.tobytes(),
            self._off.tobytes(),
        )  # fmt: skip
        if key not in self._solutions:
            self._solutions[key] = self._solved_anew(rows)
        return self._solutions[key]

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
        forms = (spread(self._expr),)
        return solutions(self._expr, self._known.at(at), made, groups, self._narrow, forms)

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
