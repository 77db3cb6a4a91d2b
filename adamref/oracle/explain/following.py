"""Lanes followed with another line in them, on some rows or on all: what theta says of each row.

A hidden state is known up to the first row that is wrong. From there on it depends on which line
made it; so at each row both are worked, from what was made before, and theta says which it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias, final

import numpy as np

from adamref.oracle.explain.confirming import MOST_ROWS, value_of
from adamref.oracle.explain.formulas import whole
from adamref.rules.instructions import COMPLEMENT
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import valued

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray
    from sympy import Expr

    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.explain.seen_line import SeenLine
    from adamref.oracle.observe.table import Table

Count: TypeAlias = Literal["", "again from 1", "held"]
"""What else becomes of t: nothing, it is 1, or that of the step before."""

_SHARE_MISSED = 0.2
"""The share of rows that neither line gives from which on a change is given up."""

_FEWEST_ASKED = 64
"""Rows before that is asked."""

_LONGEST = 12
"""So many steps of a lane are confirmed at most: an exact number grows with each."""


@final
@dataclass(frozen=True)
class Change:
    """Another line, or several.

    Attributes
    ----------
    lines : mapping of str to sympy.Expr
        Those that are another, by name.
    cost : float
        How much of it there is.
    says : str
        What is another.
    count : str
    """

    lines: Mapping[str, Expr]
    cost: float
    says: str
    count: Count = ""


@final
@dataclass(frozen=True)
class Followed:
    """What theta says of each row.

    Attributes
    ----------
    changed, right : bool array
        Rows that the changed line gives alone, and the right one alone.
    missed : bool array
        Those that neither gives.
    before, got : dict of str to float64 array
        The hidden states before and after each row.
    """

    changed: NDArray[np.bool_]
    right: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    before: dict[str, Array]
    got: dict[str, Array]

    def sure(self, lanes: Iterable[Indices]) -> NDArray[np.bool_]:
        """Say which rows are of lanes without a miss: in the others lines may be mixed up."""
        found = np.zeros_like(self.missed)
        for rows in lanes:
            found[rows] = ~self.missed[rows].any(axis=0)
        return found


@final
@dataclass
class _Lanes:
    """What lanes hold between two rows: hidden states, and by how much t is behind."""

    states: dict[str, Array]
    behind: Array = field(default_factory=lambda: np.zeros(0))


@final
class Following:
    """Follows the lanes of a table.

    Parameters
    ----------
    lines : mapping of str to sympy.Expr
        Those of the rule, in order.
    hidden : frozenset of str
        States that are not shown.
    theta : SeenLine
    seen : Table
    """

    def __init__(
        self, lines: Mapping[str, Expr], hidden: frozenset[str], theta: SeenLine, seen: Table
    ) -> None:
        self._lines, self._hidden, self._theta, self._seen = lines, hidden, theta, seen
        self._columns = theta.columns
        c = seen.columns
        self._asked = c["core"] & c["judged"] & c["taken"] & np.isfinite(seen.got["theta"])

    def along(self, change: Change, *, first: bool) -> Followed | None:
        """Follow all lanes; None where many rows are given by neither line.

        Parameters
        ----------
        change : Change
        first : bool
            Where both lines give what was seen: whether it is the changed one.
        """
        count = len(self._seen)
        changed, right, missed = (np.zeros(count, dtype=bool) for _ in range(3))
        before, got = ({n: np.zeros(count) for n in self._hidden} for _ in range(2))
        found = Followed(changed, right, missed, before, got)
        other = {**self._lines, **change.lines}
        asked = 0
        for rows in self._seen.lanes:
            held = self._begun(rows[0])
            for at in rows:
                held = self._step(at, held, (other, change.count), first, found)
                asked += int(self._asked[at].sum())
                if asked >= _FEWEST_ASKED and found.missed.sum() > _SHARE_MISSED * asked:
                    return None
        return found

    def made(self, lines: Mapping[str, Expr], at: Indices) -> Array:
        """Return theta on some rows where everything before them was right."""
        states = {n: self._columns[n + PREVIOUS][at] for n in self._hidden}
        return self._worked(lines, at, states, self._columns["t"][at])["theta"]

    def _begun(self, at: Indices) -> _Lanes:
        states = {n: self._columns[n + PREVIOUS][at] for n in self._hidden}
        return _Lanes(states, np.zeros(len(at)))

    def _step(
        self,
        at: Indices,
        held: _Lanes,
        change: tuple[Mapping[str, Expr], Count],
        first: bool,
        found: Followed,
    ) -> _Lanes:
        """Take one step of some lanes, and note which line made each."""
        other, count = change
        t, behind = self._columns["t"][at], held.behind
        behinds = {"": behind, "held": behind + 1, "again from 1": t - 1}[count]
        right = self._worked(self._lines, at, held.states, t - behind)
        changed = self._worked(other, at, held.states, t - behinds)
        is_right, is_changed = (self._theta.is_near(x["theta"], at) for x in (right, changed))
        asked = self._asked[at]
        takes = np.where(is_right == is_changed, first, is_changed) | ~(is_right | is_changed)
        found.changed[at] = asked & is_changed & ~is_right
        found.right[at] = asked & is_right & ~is_changed
        found.missed[at] = asked & ~is_right & ~is_changed
        taken = self._seen.columns["taken"][at].astype(bool)
        for n, x in held.states.items():
            found.before[n][at] = x
        states = {
            n: np.where(taken, np.where(takes, changed[n], right[n]), x)
            for n, x in held.states.items()
        }
        for n, x in states.items():
            found.got[n][at] = x
        return _Lanes(states, np.where(taken & takes, behinds, behind))

    def _worked(
        self, lines: Mapping[str, Expr], at: Indices, states: Mapping[str, Array], t: Array
    ) -> dict[str, Array]:
        """Return what lines make of the states before them."""
        names = {x.name for expr in lines.values() for x in expr.free_symbols}
        names |= {f"{n}{COMPLEMENT}" for n in names}
        known = {n: self._columns[n][at] for n in names & self._columns.keys()}
        known |= {n + PREVIOUS: x for n, x in states.items()} | {"t": t}
        for name, expr in lines.items():
            is_shown = name in self._seen.visible
            known[name] = self._seen.got[name][at] if is_shown else valued(expr, known, len(at))
        return known

    def confirms(self, change: Change, where: NDArray[np.bool_], found: Followed) -> bool:
        """Say whether exact arithmetic gives theta, on lanes up to where the right line does not.

        Parameters
        ----------
        change : Change
        where : bool array
            The rows on which the line is the changed one.
        found : Followed
        """
        other = {**self._lines, **change.lines}
        said: list[bool | None] = []
        trials: set[int] = set()
        for rows in self._seen.lanes:
            refused = found.changed[rows] & (np.arange(len(rows)) < _LONGEST)[:, None]
            for lane in np.flatnonzero(refused.any(axis=0)).tolist():
                own = rows[: int(np.argmax(refused[:, lane])) + 1, lane]
                trial = int(self._seen.columns["trial"][own[0]])
                if trial in trials or len(trials) >= MOST_ROWS:
                    continue
                trials.add(trial)
                said.append(self._exactly(own, where, (other, change.count)))
        return True in said and False not in said

    def _exactly(
        self,
        rows: Indices,
        where: NDArray[np.bool_],
        change: tuple[Mapping[str, Expr], Count],
    ) -> bool | None:
        """Say whether the last of some rows comes out, worked exactly from the first on."""
        states: dict[str, Fraction] = {}
        (other, count), behind = change, 0
        for i, row in enumerate(rows.tolist()):
            lines = other if where[row] else self._lines
            formulas = {n: whole(lines, n, self._seen.visible) for n in (*self._hidden, "theta")}
            names = {x.name for f in formulas.values() for x in f.free_symbols}
            names |= {f"{n}{COMPLEMENT}" for n in names}
            known: dict[str, float | Fraction] = {
                n: float(self._columns[n][row]) for n in names & self._columns.keys()
            }
            t = int(self._columns["t"][row])
            if where[row]:
                behind = {"": behind, "held": behind + 1, "again from 1": t - 1}[count]
            known |= {n + PREVIOUS: x for n, x in states.items()} | {"t": t - behind}
            if i == len(rows) - 1:
                return self._theta.is_given(formulas["theta"], known, row)
            if self._seen.columns["taken"][row]:
                made = {n: value_of(formulas[n], known) for n in self._hidden}
                if any(x is None for x in made.values()):
                    return None
                states = {n: x for n, x in made.items() if x is not None}
        return None
