"""Whether a dialect accounts for what was observed: every value within a bound of a known order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray
from sympy import Max, Symbol, sign

from adamref.oracle.judge.bounding import CORRECTIONS, Bounding
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.rules.orders import AVERAGE_ORDERS, average, averages
from adamref.rules.orders import steps as orders_of
from adamref.rules.program import program_of
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.bounds import Bounded
    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table
    from adamref.rules.rule import Rule

HIDDEN_ORDERS = (
    ("beta", "beta"), ("lerp", "lerp"), ("lerp", "beta"), ("beta", "lerp"), ("back", "back"),
    ("beta", "weight-first"), ("lerp", "weight-first"), ("back", "beta"),
)  # fmt: skip
"""Orders of hidden averages that are tried: of the first one, and of the others."""


SPARED = 2
"""Bits less, of the format and of float64, in which a few orders of theta bound all of them."""


@final
@dataclass(frozen=True)
class Fit:
    """How a dialect stands to what was observed.

    Attributes
    ----------
    dialect : Dialect
    orders : dict of str to str
        The order of operations of each state, of theta and of the correction whose bounds were
        taken: the first that hold, or the first of all.
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

    def right(self, rows: NDArray[np.bool_]) -> set[str]:
        """Return the fields whose values are all inside their bounds."""
        return {name for name, x in self.over.items() if not (x[rows] > 1).any()}


@final
class Fitter:
    """Fits dialects on a table; what they share is worked once.

    Parameters
    ----------
    table : Table
    numbers : HeldNumbers
        Under one convention.
    machine : Machine
    apart : bool
        Whether each line is held to what was shown of the others, right or wrong.
    """

    def __init__(
        self, table: Table, numbers: HeldNumbers, machine: Machine, *, apart: bool = False
    ) -> None:
        self._table, self._numbers, self._machine = table, numbers, machine
        self._shown = shown_of(table, machine) if apart else frozenset()
        self._inputs = inputs_of(table, numbers)
        self._rows = table.columns["core"] & table.columns["judged"]
        self._simulators = {
            how: Simulator(table, Bounding(machine, how, table.columns["judged"]))
            for how in CORRECTIONS
        }
        coarse = Bounding(machine.coarser(SPARED), "", table.columns["judged"])
        self._coarse = Simulator(table, coarse)

    def fit(self, dialect: Dialect, *, thoroughly: bool = False) -> Fit:
        """Look for orders of operations whose bounds hold on all core rows.

        Where an average is hidden its order cannot be told alone: the usual ones are taken, or, if
        that is asked for, every pair in turn until theta is inside its bound.
        """
        rule = dialect.rule
        hidden = [n for n in averages(rule, "beta") if n not in self._table.visible]
        best: tuple[int, Fit] | None = None
        spoken: dict[str, NDArray[np.bool_]] = {}
        for first, others in HIDDEN_ORDERS:
            names = {name: others if i else first for i, name in enumerate(hidden)}
            misses, fit = self.fitted(dialect, names, spoken)
            if best is None or misses < best[0]:
                best = misses, fit
            if not misses or not (hidden and thoroughly):
                break
        assert best is not None
        return best[1]

    def fitted(
        self,
        dialect: Dialect,
        hidden: Mapping[str, str],
        spoken: dict[str, NDArray[np.bool_]] | None = None,
    ) -> tuple[int, Fit]:
        """Fit a dialect with some orders of the averages that are hidden; count what it misses.

        What the first order bounds, another may not pass over in silence: where it has no bound it
        misses. These rows are taken down in ``spoken``, by whoever comes first.
        """
        spoken = {} if spoken is None else spoken
        rule, fit = dialect.rule, Fit(dialect)
        ordered: dict[str, Expr] = {}
        for name in averages(rule, "beta"):
            fit.orders[name] = hidden.get(name, "") or self._order(rule, name, ordered)
            ordered |= _in_order(rule, name, fit.orders[name])
        best: tuple[int, str, str, dict[str, Bounded]] | None = None
        for correction, order, fields in self.steps(rule, ordered):
            if not spoken:
                spoken.update({name: np.isfinite(x.error) for name, x in fields.items()})
            silent = {n: self._rows & spoken[n] & np.isinf(x.error) for n, x in fields.items()}
            misses = sum(
                self._misses(rule, name, x) + int(silent[name].sum()) for name, x in fields.items()
            )
            if best is None or misses < best[0]:
                best = misses, correction, order, fields
            if not misses:
                break
        assert best is not None
        misses, fit.orders["correction"], fit.orders["theta"], fields = best
        for name, bounded in fields.items():
            self._note(fit, name, bounded)
            fit.over[name][self._rows & spoken[name] & np.isinf(bounded.error)] = np.inf
        return misses, fit

    def in_orders(self, dialect: Dialect, orders: Mapping[str, str]) -> Fit:
        """Fit a dialect in orders of operations that are known, as a fit has them."""
        rule, fit = dialect.rule, Fit(dialect, dict(orders))
        ordered: dict[str, Expr] = {}
        for name in averages(rule, "beta"):
            ordered |= _in_order(rule, name, orders[name])
        model = self._model(rule, {**orders_of(rule)[orders["theta"]], **ordered})
        for name, made in self._simulators[orders["correction"]].steps(model):
            if self._is_shown(name):
                self._note(fit, name, self._as_shown(made) if name == "theta" else made)
        return fit

    def misses(self, fit: Fit) -> int:
        """Count the core values that a fit leaves outside their bounds."""
        return fit.misses(self._rows)

    def refuses(self, dialect: Dialect, *, thoroughly: bool = False) -> bool:
        """Say whether theta is beyond what any order of operations makes of it.

        A fit says the same, and much later: it asks one order after the other. False where that is
        not known, as where a hidden average may stand in several orders, if all are to be tried:
        what one of them loses to what it subtracts again is no multiple of what another loses.
        """
        ordered: dict[str, Expr] = {}
        for name in averages(dialect.rule, "beta"):
            if self._is_shown(name):
                order = self._order(dialect.rule, name, ordered)
            elif thoroughly:
                return False
            else:
                order = HIDDEN_ORDERS[0][0]
            ordered |= _in_order(dialect.rule, name, order)
        return bool((self.least_over(dialect, ordered)[self._rows] > 1).any())

    def least_over(self, dialect: Dialect, ordered: Mapping[str, Expr]) -> Array:
        """Return the error of theta as a share of at least what any order may be off by."""
        found = np.full(len(self._table), np.inf)
        seen: set[tuple[object, ...]] = set()
        for name, lines in orders_of(dialect.rule).items():
            # In what order a step is divided loses a few roundings of it. How moments are corrected
            # says what an error of the correction is multiplied by; and a sum of theta and its
            # terms may lose what cancels in another.
            kind = name.partition(",")[0], lines.get("theta"), lines.get("theta_decayed")
            if kind in seen:
                continue
            seen.add(kind)
            model = self._model(dialect.rule, {**lines, **ordered})
            made = self._coarse.run(model, ("theta",))["theta"]
            made = self._as_shown(replace(made, slack=made.slack * 2**SPARED))
            found = np.minimum(found, self.over(dialect.rule, "theta", made))
        return found

    def _order(self, rule: Rule, name: str, ordered: Mapping[str, Expr]) -> str:
        """Return the first order of a visible average whose bound holds, or the first of all."""
        simulator = self._simulators[CORRECTIONS[0]]
        for order in AVERAGE_ORDERS:
            lines = _in_order(rule, name, order)
            if not lines and order != AVERAGE_ORDERS[0]:
                continue
            model = self._model(rule, {**ordered, **lines})
            found = next(x for field_, x in simulator.steps(model) if field_ == name)
            if not self._misses(rule, name, found):
                return order
        return AVERAGE_ORDERS[0]

    def steps(
        self, rule: Rule, ordered: Mapping[str, Expr]
    ) -> Iterator[tuple[str, str, dict[str, Bounded]]]:
        """Yield what each order of the rest makes of the visible fields, moments as they are."""
        known = {line.name for line in rule.lines if self._is_shown(line.name)}
        ways = CORRECTIONS if _corrects(rule) else CORRECTIONS[:1]
        for correction, (order, lines) in product(ways, orders_of(rule).items()):
            model = self._model(rule, {**lines, **ordered})
            simulator = self._simulators[correction]
            made = {n: x for n, x in simulator.steps(model) if n in known}
            yield correction, order, {**made, "theta": self._as_shown(made["theta"])}

    def _model(self, rule: Rule, changed: Mapping[str, Expr]) -> Model:
        states = ("theta", *rule.states)
        narrow = {name: self._machine.narrowed(name) for name in states}
        return Model(
            {line.name: changed.get(line.name, line.expr) for line in rule.lines},
            self._inputs,
            {name: fmt for name, fmt in narrow.items() if fmt is not None},
            {
                line.name: (one, self._numbers.gap(one.rate.name))
                for line in rule.lines
                if (one := average(line.name, line.expr)) is not None
                and isinstance(one.rate, Symbol)
            },
            self._shown,
        )

    def _as_shown(self, theta: Bounded) -> Bounded:
        """Return theta as it may be shown, if it is carried on in more digits than that."""
        return replace(theta, error=theta.error + self._table.unshown[1])

    def _is_shown(self, name: str) -> bool:
        return name == "theta" or name in self._table.visible

    def _misses(self, rule: Rule, name: str, bounded: Bounded) -> int:
        if not self._is_shown(name):
            return 0
        return int((self.over(rule, name, bounded)[self._rows] > 1).sum())

    def _note(self, fit: Fit, name: str, bounded: Bounded) -> None:
        taken = self._table.columns["taken"]
        fit.bound[name] = np.where(taken, bounded.error, 0.0)
        fit.slack[name] = np.where(taken, bounded.slack, 0.0)
        fit.over[name] = self.over(fit.dialect.rule, name, bounded)
        fit.value[name] = np.where(taken, bounded.value, self._table.before[name])

    def over(self, rule: Rule, name: str, bounded: Bounded) -> Array:
        """Return the error of a field as a share of a bound; of a lane without gradient, of 0."""
        table = self._table
        taken = table.columns["taken"]
        want = np.where(taken, bounded.value, table.before[name])
        bound = np.where(taken, bounded.error + bounded.slack, 0.0)
        over = over_bound(table.got[name], want, bound)
        return where_forgiven(rule, self._machine, name, table, want, over)


def shown_of(table: Table, machine: Machine) -> frozenset[str]:
    """Return the visible states from which theta may be worked: those stored in all digits.

    Where the gradient was not seen it is all of them: what was stored in fewer digits says more of
    what it was rounded from than a gradient that was solved for from it.
    """
    if table.unseen is not None:
        return table.visible
    return frozenset(n for n in table.visible if machine.narrowed(n) is None)


def _in_order(rule: Rule, name: str, order: str) -> dict[str, Expr]:
    found = averages(rule, order)
    return {name: found[name]} if name in found else {}


def _corrects(rule: Rule) -> bool:
    """Say whether a rule has a power of a decay rate in it."""
    return any(power.from_one for line in rule.lines for power in program_of(line.expr).powers)


@lru_cache(maxsize=256)
def takes_signs(rule: Rule) -> bool:
    """Say whether a rule steps by the sign of something."""
    return any(line.expr.has(sign) for line in rule.lines)


def where_forgiven(
    rule: Rule, machine: Machine, name: str, table: Table, want: Array, over: Array
) -> Array:
    """Forgive what a NaN may become, where IEEE 754 and a rule leave it open.

    A maximum may keep its number where the other is NaN: IEEE's maximumNumber is one too. theta may
    stay where it moves by the sign of a NaN, which is 0 in PyTorch and NaN in NumPy and JAX. And
    where the gradient is NaN all may be of its element, even if a rule does not use it at that
    step. No decay at all is 0 times theta or nothing, and a state NaN or not where theta is none.
    """
    kept = np.isnan(table.columns["g"]) & np.isnan(table.got[name])
    if name != "theta":
        rates = table.columns.get("weight_decay") if "weight_decay" in rule.defaults else None
        decays = False if rates is None else np.nan_to_num(rates) != 0
        apart = np.isnan(table.got[name]) ^ np.isnan(want)
        kept |= ~np.isfinite(table.before["theta"]) & np.logical_not(decays) & apart
    if name in (its := maxima(rule)):
        kept |= keeps_its_number(machine, table, name, its[name], want)
    if name == "theta" and takes_signs(rule):
        kept |= stays_for_nan(machine, table, want)
    return np.where(kept, 0.0, over)


@lru_cache(maxsize=256)
def maxima(rule: Rule) -> dict[str, str]:
    """Return the states that are the greater of what they were and something of this step.

    With each the rate by which it decays before; empty where by none.
    """
    found = {}
    for line in rule.lines:
        before = Symbol(line.name + PREVIOUS, real=True)
        for x in line.expr.args if isinstance(line.expr, Max) else ():
            rate = [y for y in x.free_symbols if y != before]
            if before in x.free_symbols and len(rate) < 2:
                found[line.name] = rate[0].name if rate else ""
    return found


def keeps_its_number(
    machine: Machine, table: Table, name: str, rate: str, want: Array
) -> NDArray[np.bool_]:
    """Say where a maximum is what it was, decayed as it is, and should have become NaN.

    The rate and the product round once each, by a unit of what is left, to the first order.
    """
    with np.errstate(all="ignore"):
        left = table.before[name] * (table.columns[rate] if rate else 1.0)
        bound = (3 * float(machine.compute.unit_roundoff) * np.abs(left)) if rate else 0.0
        kept = np.abs(table.got[name] - left) <= bound
    found: NDArray[np.bool_] = np.isnan(want) & kept
    return found


def stays_for_nan(machine: Machine, table: Table, want: Array) -> NDArray[np.bool_]:
    """Say where theta did nothing but decay, and should have become NaN.

    Decay of less than all of theta rounds it five times at most: alpha, the rate, their product, 1
    minus it, and that times theta; each time by a unit of theta, to the first order.
    """
    theta, columns = table.before["theta"], table.columns
    with np.errstate(all="ignore"):
        left = theta * (1 - columns["alpha"] * columns["weight_decay"])
        bound = 6 * float(machine.compute.unit_roundoff) * np.abs(theta)
        stays = np.abs(table.got["theta"] - left) <= bound
    found: NDArray[np.bool_] = np.isnan(want) & (stays | (table.got["theta"] == theta))
    return found


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
