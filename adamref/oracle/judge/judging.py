"""Whether a dialect accounts for what was observed: every value within a bound of a known order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.oracle.judge.orders import CORRECTIONS, MOMENT_ORDERS, Orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from adamref.bounds import Bounded
    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.numbers import Numbers
    from adamref.oracle.judge.orders import Machine
    from adamref.oracle.observe.table import Table


_HIDDEN = (
    ("beta", "beta"), ("lerp", "lerp"), ("lerp", "beta"), ("beta", "lerp"), ("back", "back"),
    ("beta", "weight-first"), ("lerp", "weight-first"), ("back", "beta"),
)  # fmt: skip
"""Orders of hidden moments that are tried; those with fused operations are within these."""


@final
@dataclass(frozen=True)
class Judged:
    """How a dialect stands to what was observed.

    Attributes
    ----------
    dialect : Dialect
    orders : dict of str to str
        The order of operations of m, v, theta and the correction whose bounds were taken: the first
        that hold, or the first of all.
    bound : dict of str to array
        How far each visible field may be from its exact value; inf where nothing is known.
    over : dict of str to array
        The error as a share of that, on each row.
    value, slack : dict of str to array
        The exact values, and how far float64 may be from them.
    """

    dialect: Dialect
    orders: dict[str, str] = field(default_factory=dict)
    bound: dict[str, Array] = field(default_factory=dict)
    over: dict[str, Array] = field(default_factory=dict)
    value: dict[str, Array] = field(default_factory=dict)
    slack: dict[str, Array] = field(default_factory=dict)

    def misses(self, rows: NDArray[np.bool_]) -> int:
        """Count the values outside their bounds."""
        return sum(int((x[rows] > 1).sum()) for x in self.over.values())


@final
class Judge:
    """Judges dialects on a table; what they share is worked once.

    Parameters
    ----------
    table : Table
    numbers : Numbers
        Under one convention.
    machine : Machine
    """

    def __init__(self, table: Table, numbers: Numbers, machine: Machine) -> None:
        self._table = table
        self._orders = Orders(table, numbers, machine)
        self._rows = table.columns["core"] & table.columns["judged"]
        self._moments: dict[tuple[str, str], tuple[str, Bounded]] = {}

    def judge(self, dialect: Dialect, *, thoroughly: bool = False) -> Judged:
        """Look for orders of operations whose bounds hold on all core rows.

        Where a moment is hidden its order cannot be told alone: the usual ones are taken, or, if
        that is asked for, every pair in turn until theta is inside its bound.
        """
        decay = "l2" if dialect.weight_decay == "l2" else "none"
        hidden = [name for name in ("m", "v") if name not in self._table.visible]
        best: tuple[int, Judged] | None = None
        for pair in _HIDDEN:
            names = {n: x if n in hidden else "" for n, x in zip(("m", "v"), pair, strict=True)}
            misses, judged = self._judged(dialect, decay, names)
            if best is None or misses < best[0]:
                best = misses, judged
            if not misses or not (hidden and thoroughly):
                break
        assert best is not None
        return best[1]

    def _judged(self, dialect: Dialect, decay: str, names: dict[str, str]) -> tuple[int, Judged]:
        judged, moments = Judged(dialect), {}
        for name, order in names.items():
            if order:
                judged.orders[name] = order
                moments[name] = self._orders.moments(name, order, decay)
            else:
                judged.orders[name], moments[name] = self._moment(name, decay)
            self._note(judged, name, moments[name])
        best: tuple[int, str, str, dict[str, Bounded]] | None = None
        spoken: dict[str, NDArray[np.bool_]] = {}
        for correction, order, fields in self._steps(dialect, moments):
            spoken = spoken or {name: np.isfinite(x.error) for name, x in fields.items()}
            # What the first order bounds, another may not pass over in silence.
            misses = sum(
                self._misses(name, x) + int((spoken[name] & np.isinf(x.error))[self._rows].sum())
                for name, x in fields.items()
            )
            if best is None or misses < best[0]:
                best = misses, correction, order, fields
            if not misses:
                break
        assert best is not None
        misses, judged.orders["correction"], judged.orders["theta"], fields = best
        for name, bounded in fields.items():
            self._note(judged, name, bounded)
        return misses, judged

    def _moment(self, field_: str, decay: str) -> tuple[str, Bounded]:
        """Return the first order of a visible moment whose bound holds, or the first of all."""
        key = field_, decay
        if key not in self._moments:
            for order in MOMENT_ORDERS[field_]:
                bounded = self._orders.moments(field_, order, decay)
                self._moments.setdefault(key, (order, bounded))
                if not self._misses(field_, bounded):
                    self._moments[key] = order, bounded
                    break
        return self._moments[key]

    def _steps(
        self, dialect: Dialect, moments: dict[str, Bounded]
    ) -> Iterator[tuple[str, str, dict[str, Bounded]]]:
        ways = CORRECTIONS if dialect.bias_correction == "on" else CORRECTIONS[:1]
        shown = "v_max" in self._table.visible
        for correction in ways:
            fields: dict[str, Bounded] = {}
            greatest = None
            if dialect.amsgrad != "none":
                inside = moments["v"]
                if dialect.amsgrad == "v_hat":
                    inside = self._orders.v_hat(inside, correction)
                greatest = self._orders.maximum(inside, shown=shown)
                if shown:
                    fields["v_max"] = greatest
            for order, theta in self._orders.thetas(
                dialect, moments["m"], moments["v"], greatest, correction
            ):
                yield correction, order, {**fields, "theta": theta}

    def _misses(self, name: str, bounded: Bounded) -> int:
        if name != "theta" and name not in self._table.visible:
            return 0
        return int((self._over(name, bounded)[self._rows] > 1).sum())

    def _note(self, judged: Judged, name: str, bounded: Bounded) -> None:
        if name == "theta" or name in self._table.visible:
            taken = self._table.columns["taken"]
            judged.bound[name] = np.where(taken, bounded.error, 0.0)
            judged.slack[name] = np.where(taken, bounded.slack, 0.0)
            judged.over[name] = self._over(name, bounded)
            judged.value[name] = np.where(taken, bounded.value, self._table.before[name])

    def _over(self, name: str, bounded: Bounded) -> Array:
        table = self._table
        taken = table.columns["taken"]
        want = np.where(taken, bounded.value, table.before[name])
        bound = np.where(taken, bounded.error + bounded.slack, 0.0)
        return where_forgiven(name, table, want, over_bound(table.got[name], want, bound))


def where_forgiven(name: str, table: Table, want: Array, over: Array) -> Array:
    """Forgive a maximum that keeps its number where v is NaN: IEEE's maximumNumber is one too."""
    if name != "v_max":
        return over
    kept = np.isnan(want) & (table.got[name] == table.before[name])
    return np.where(kept, 0.0, over)


def over_bound(got: Array, want: Array, bound: Array) -> Array:
    """Return errors as shares of their bounds: 0 where nothing is known, inf for a wrong kind.

    A NaN that should be one, and an infinity of the right sign, are no error.
    """
    with np.errstate(all="ignore"):
        share = np.abs(got - want) / bound
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        share = np.where(np.isfinite(want) & np.isfinite(got), share, np.inf)
        # Where an overflow is possible on the way nothing is known but of NaN.
        unknown = np.isinf(bound) & ~(np.isnan(got) ^ np.isnan(want))
        return np.where(same | unknown, 0.0, share)
