"""A step of Adam in every known order of operations, each value with a bound on its error.

The single lines and their bounds are those of `adamref.bounds`, which come from theorems; here they
are put together to whole steps, row by row. Scalars that all elements share (a step size, a
corrected epsilon) may be worked in float64 and rounded once, or in the format itself: the second is
covered by the bounds of `Corrections`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref import bounds
from adamref.bounds import Arithmetic, Bounded, exactly, generated
from adamref.bounds.arithmetic import OUTWARD
from adamref.numbers.arrays import POWER_SLACK, nearest, one_minus_power
from adamref.rules.stage import BASE, COMPLEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.numbers import Numbers
    from adamref.oracle.observe.table import Table

POWER_ULPS = 4.0
"""Within how many ulps a library's power function is taken to be; good ones are within 1."""

CORRECTIONS = ("exact", "running-product", "power")
"""How 1 - beta**t may be worked: in float64, or in the format in one of two ways."""

MOMENT_ORDERS = {
    "m": ("beta", "beta-fma-state", "beta-fma-gradient", "lerp", "lerp-fma", "back", "back-fma"),
    "v": (
        "beta", "beta-fma-state", "beta-fma-gradient", "weight-first", "weight-first-fma-state",
        "weight-first-fma-gradient", "lerp", "lerp-fma", "lerp-fused-change",
        "lerp-fma-fused-change", "back", "back-fma",
    ),
}  # fmt: skip
STEP_ORDERS = ("plain", "root-divided", "folded", "reciprocal")


@final
@dataclass(frozen=True)
class Machine:
    """In what a step is worked and stored.

    Attributes
    ----------
    compute, theta : Format
        Of the operations, and of theta.
    states : mapping of str to Format
        Of m, v and v_max.
    sqrt_ulp, div_ulp : float
        Within how many ulps roots and quotients are.
    """

    compute: Format
    theta: Format
    states: Mapping[str, Format]
    sqrt_ulp: float = 0.5
    div_ulp: float = 0.5

    def of(self, name: str) -> Format:
        """In what theta or a state is stored."""
        return self.states.get(name, self.theta)

    @property
    def arithmetic(self) -> Arithmetic:
        """The operations."""
        return Arithmetic(self.compute, sqrt_ulp=self.sqrt_ulp, div_ulp=self.div_ulp)


@final
class Orders:
    """The bounds of a table's rows in a dialect.

    Parameters
    ----------
    table : Table
    numbers : Numbers
        Under the dialect's convention.
    machine : Machine
    """

    def __init__(self, table: Table, numbers: Numbers, machine: Machine) -> None:
        self._table, self._numbers, self._machine = table, numbers, machine
        self._a = machine.arithmetic
        self._moments: dict[tuple[str, str, str], Bounded] = {}
        self._corrections: dict[tuple[str, str], Bounded] = {}

    def moments(self, field: str, order: str, decay: str) -> Bounded:
        """Bound m or v after each step, in an order of operations."""
        key = field, order, decay
        if key not in self._moments:
            self._moments[key] = self._moment(field, order, decay)
        return self._moments[key]

    def gradient(self, decay: str) -> Bounded:
        """Bound the gradient that goes into the moments: with L2's term, where there is one."""
        g = exactly(self._table.columns["g"])
        if decay != "l2":
            return g
        theta = exactly(self._table.before["theta"])
        return generated.g_total_plain(self._a, self._scalar("weight_decay"), g, theta)

    def maximum(self, inside: Bounded, *, shown: bool) -> Bounded:
        """Bound the greater of a value and the maximum so far."""
        before = self._table.before["v_max"]
        if shown:
            return larger(inside, exactly(before))
        found = [np.array(x) for x in (inside.value, inside.slack, inside.error)]
        for rows in self._table.lanes:
            kept = exactly(before[rows[0]])
            for at in rows:
                kept = larger(at_rows(inside, at), kept)
                for whole, part in zip(found, (kept.value, kept.slack, kept.error), strict=True):
                    whole[at] = part
        return Bounded(*found)

    def thetas(
        self, dialect: Dialect, m: Bounded, v: Bounded, v_max: Bounded | None, correction: str
    ) -> Iterator[tuple[str, Bounded]]:
        """Yield theta after each step, by order of operations."""
        scalars = self._scalars(dialect, correction)
        for order in STEP_ORDERS:
            second = v
            if v_max is not None:
                second = v_max
            made = self._ratio(order, dialect, scalars, m, second)
            if made is not None:
                for name, theta in self._stepped(dialect, scalars, made):
                    yield f"{order}, {name}", self._stored(theta, self._machine.theta)

    def v_hat(self, v: Bounded, correction: str) -> Bounded:
        """Bound v after its correction."""
        return generated.v_hat_divided(self._a, self._correction("beta2", correction), v)

    # What follows is one step, from its parts.

    def _moment(self, field: str, order: str, decay: str) -> Bounded:
        rate = "beta1" if field == "m" else "beta2"
        g = self.gradient(decay)
        b, w = self._scalar(rate), self._scalar(rate + COMPLEMENT)
        gap = self._numbers.gap(rate)
        before = self._table.before[field]
        if field in self._table.visible:
            return self._update(field, order, (b, w, gap), exactly(before), g)
        return self._hidden(field, order, (b, w, gap), g)

    def _update(
        self,
        field: str,
        order: str,
        coefficients: tuple[Bounded, Bounded, Array],
        before: Bounded,
        g: Bounded,
    ) -> Bounded:
        """Bound one update, from a state that is known but for its slack."""
        b, w, _ = coefficients
        error = self._lost(field, order, coefficients, before, g)
        taken = g if field == "m" else self._a.product(g, g)
        target = self._a.sum(
            self._a.product(_known(b), before), self._a.product(_known(w), _known(taken))
        )
        return self._stored(Bounded(target.value, target.slack, error), self._machine.of(field))

    def _lost(
        self,
        field: str,
        order: str,
        coefficients: tuple[Bounded, Bounded, Array],
        before: Bounded,
        g: Bounded,
    ) -> Array:
        """Bound what one update loses, from any state within the slack of the one before."""
        b, w, gap = coefficients
        function = bounds.order(field, order)
        needs = bounds.operands(function)
        operands = {field: before, "g": g, "b": b, "w": w}
        error = function(self._a, **{name: operands[name] for name in needs}).error
        with np.errstate(all="ignore"):
            if not {"b", "w"} <= set(needs):
                # Such an order takes the other coefficient for the complement of the one it has.
                of_both = g.size if field == "m" else g.size * g.size
                error = error + gap * np.maximum(before.size, of_both)
        return np.where(np.isnan(error), np.inf, error)

    def _hidden(
        self,
        field: str,
        order: str,
        coefficients: tuple[Bounded, Bounded, Array],
        g: Bounded,
    ) -> Bounded:
        """Bound a moment that is not shown, from the first step on.

        An error is carried on multiplied by the decay rate, and each update adds what it loses
        itself: e(t) = b e(t-1) + lost(t), where lost depends a little on e(t-1). It is worked
        twice: from no error, which gives e, and from 2e; what comes of that bounds the error as
        long as it is at most 2e, by induction over the steps.
        """
        b, w, _ = coefficients
        a, start = self._a, self._table.before[field]
        x = _known(g if field == "m" else a.product(g, g))
        added = a.product(_known(w), x)
        before, value = self._followed(b.value, added.value, start)
        target = a.sum(a.product(_known(b), exactly(before)), added)
        _, slack = self._followed(b.size, target.slack, np.zeros_like(start), outward=True)
        slack_before = self._shifted(slack)
        fmt = self._machine.of(field)

        def carried(beside: Array) -> Array:
            any_state = Bounded(before, slack_before + beside, np.zeros_like(before))
            lost = self._lost(field, order, coefficients, any_state, g)
            lost = self._stored(Bounded(value, slack, lost), fmt).error
            return self._followed(b.size, lost, np.zeros_like(start), outward=True)[1]

        with np.errstate(all="ignore"):
            error = carried(np.zeros_like(before))
            again = carried(2 * self._shifted(error))
            return Bounded(value, slack, np.where(again <= 2 * error, again, np.inf))

    def _followed(
        self, kept: Array, added: Array, start: Array, *, outward: bool = False
    ) -> tuple[Array, Array]:
        """Work ``kept*x + added`` along each lane; return x before and after each row."""
        before, after = np.empty(len(self._table)), np.empty(len(self._table))
        taken = self._table.columns["taken"]
        grown = OUTWARD if outward else 1.0
        with np.errstate(all="ignore"):
            for rows in self._table.lanes:
                factors, terms, active = kept[rows], added[rows], taken[rows]
                x = start[rows[0]]
                for i, at in enumerate(rows):
                    before[at] = x
                    x = np.where(active[i], (factors[i] * x + terms[i]) * grown, x)
                    after[at] = x
        return before, after

    def _shifted(self, x: Array) -> Array:
        """Return what a column held a row before in its lane; 0 at the first."""
        found = np.zeros_like(x)
        for rows in self._table.lanes:
            found[rows[1:]] = x[rows[:-1]]
        return found

    def _stored(self, x: Bounded, fmt: Format) -> Bounded:
        if fmt.precision >= self._machine.compute.precision:
            return x
        return Arithmetic(fmt).stored(x)

    def _scalar(self, name: str) -> Bounded:
        """Return a hyperparameter as it is used: rounded to the format, where it is not in it."""
        return self._in_format(self._numbers.bounded(name))

    def _in_format(self, x: Bounded) -> Bounded:
        stored = self._a.stored(x)
        held = (
            (x.slack == 0) & (x.error == 0) & (nearest(x.value, self._machine.compute) == x.value)
        )
        return Bounded(stored.value, stored.slack, np.where(held, 0.0, stored.error))

    def _worked(self, value: Array) -> Bounded:
        """Return a scalar that is worked in float64 by a few operations, then rounded once."""
        off = np.abs(value) * POWER_SLACK * 2
        return self._a.stored(Bounded(value, off, off))

    def _correction(self, rate: str, how: str) -> Bounded:
        key = rate, how
        if key not in self._corrections:
            columns = self._table.columns
            exponent = columns["t"].astype(np.float64)
            value = one_minus_power(self._numbers.one_minus_base(rate), exponent)
            if how == "exact":
                self._corrections[key] = self._worked(value)
            else:
                error = self._correction_error(rate, how)
                self._corrections[key] = Bounded(value, value * POWER_SLACK, error)
        return self._corrections[key]

    def _correction_error(self, rate: str, how: str) -> Array:
        """Bound a correction that is worked in the format, once for each base and t.

        Rows that are not judged get no bound.
        """
        numbers, fmt = self._numbers, self._machine.compute
        judged = np.flatnonzero(self._table.columns["judged"])
        pairs = np.stack([numbers.groups()[judged], self._table.columns["t"][judged]], axis=1)
        unique, firsts, back = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
        errors = []
        for row, (_, t) in zip(judged[firsts].tolist(), unique.tolist(), strict=True):
            base = Fraction(numbers.exact(row)[rate + BASE])
            stored = fmt.round(base)
            made = bounds.correction(
                how, Fraction(stored), int(t), fmt=fmt, beta=base, pow_ulp=POWER_ULPS
            )
            errors.append(float(made.error + made.slack))
        found = np.full(len(self._table), np.inf)
        found[judged] = np.array(errors)[back.reshape(-1)]
        return found

    def _scalars(self, dialect: Dialect, correction: str) -> dict[str, Bounded]:
        made = {name: self._scalar(name) for name in ("alpha", "eps")}
        if dialect.form == "eps-root":
            made["eps_root"] = self._scalar("eps_root")
        if dialect.bias_correction == "on":
            made["c1"] = self._correction("beta1", correction)
            made["c2"] = self._correction("beta2", correction)
            made["s"] = self._a.root(made["c2"])
        return made

    def _ratio(
        self,
        order: str,
        dialect: Dialect,
        scalars: Mapping[str, Bounded],
        m: Bounded,
        second: Bounded,
    ) -> tuple[Bounded, Bounded, Bounded] | None:
        """Return what multiplies, what is divided, and by what; None where an order is none.

        The second moment is v or its maximum; with AMSGrad's maximum of v_hat it is corrected.
        """
        a, form = self._a, dialect.form
        alpha, eps = scalars["alpha"], scalars["eps"]
        corrected = dialect.bias_correction == "on"
        root = scalars.get("eps_root")
        if form == "eps-hat":
            if order not in ("plain", "folded"):
                return None
            size = a.quotient(a.product(alpha, scalars["s"]), scalars["c1"])
            return size, m, generated.denominator_paper(a, eps, second)
        hat = second
        if not corrected or dialect.amsgrad == "v_hat":
            if order in ("root-divided", "folded"):
                return None
            if order == "reciprocal" or not corrected:
                first = m if not corrected else generated.m_hat_reciprocal(a, scalars["c1"], m)
            else:
                first = generated.m_hat_divided(a, scalars["c1"], m)
            return alpha, first, _denominator(a, form, eps, root, hat)
        c1, c2 = scalars["c1"], scalars["c2"]
        if order == "plain":
            hat = generated.v_hat_divided(a, c2, second)
            first = generated.m_hat_divided(a, c1, m)
            return alpha, first, _denominator(a, form, eps, root, hat)
        if order == "reciprocal":
            hat = generated.v_hat_reciprocal(a, c2, second)
            first = generated.m_hat_reciprocal(a, c1, m)
            return alpha, first, _denominator(a, form, eps, root, hat)
        if form != "paper":
            return None
        if order == "root-divided":
            size = generated.step_size_divided(a, alpha, c1)
            return size, m, generated.denominator_root_divided(a, eps, scalars["s"], second)
        size = a.quotient(a.product(alpha, scalars["s"]), c1)
        folded = a.product(eps, scalars["s"])
        return size, m, generated.denominator_paper(a, folded, second)

    def _stepped(
        self,
        dialect: Dialect,
        scalars: Mapping[str, Bounded],
        ratio: tuple[Bounded, Bounded, Bounded],
    ) -> Iterator[tuple[str, Bounded]]:
        a = self._a
        size, first, below = ratio
        theta = exactly(self._table.before["theta"])
        deltas = {
            "size-first": generated.delta_size_first(a, size, below, first),
            "quotient-first": generated.delta_quotient_first(a, size, below, first),
            # Divided by hardware that multiplies by a reciprocal.
            "reciprocal": a.product(size, a.product(first, a.quotient(a.one, below))),
        }
        if dialect.weight_decay in ("none", "l2"):
            for name, delta in deltas.items():
                yield name, generated.theta_plain(a, delta, theta)
            return
        alpha, decay = scalars["alpha"], self._scalar("weight_decay")
        taken = self._worked(_known(alpha).value * _known(decay).value)
        keep = self._worked(1 - _known(alpha).value * _known(decay).value)
        for name, delta in deltas.items():
            if dialect.weight_decay == "decoupled-after":
                yield name, generated.theta_decoupled_after(a, delta, keep, theta)
                moved = a.difference(theta, delta)
                yield f"{name}, decay taken", a.difference(moved, a.product(taken, moved))
                continue
            yield name, generated.theta_decoupled_before(a, delta, keep, theta)
            yield (
                f"{name}, decay taken",
                generated.theta_decoupled_taken(a, taken, delta, theta),
            )
        if dialect.weight_decay == "decoupled-before":
            # The decay is added to the ratio, and one step size multiplies both.
            inner = a.quotient(first, below)
            both = a.sum(a.product(size, inner), a.product(a.product(alpha, decay), theta))
            yield "decay added to the step", a.difference(theta, both)
            if size is alpha:
                both = a.product(alpha, a.sum(inner, a.product(decay, theta)))
                yield "decay added to the ratio", a.difference(theta, both)


def _denominator(
    a: Arithmetic, form: str, eps: Bounded, eps_root: Bounded | None, second: Bounded
) -> Bounded:
    if form == "eps-inside":
        return generated.denominator_eps_inside(a, eps, second)
    if form == "eps-root":
        assert eps_root is not None
        return generated.denominator_eps_root(a, eps, eps_root, second)
    return generated.denominator_paper(a, eps, second)


def _known(x: Bounded) -> Bounded:
    return replace(x, error=np.zeros_like(x.error))


def at_rows(x: Bounded, rows: Any) -> Bounded:
    """Return some rows."""
    if not np.ndim(x.value):
        return x
    return Bounded(x.value[rows], x.slack[rows], x.error[rows])


def choice(which: Array, x: Bounded, y: Bounded) -> Bounded:
    """Choose row by row."""
    return Bounded(
        np.where(which, x.value, y.value),
        np.where(which, x.slack, y.slack),
        np.where(which, x.error, y.error),
    )


def larger(x: Bounded, y: Bounded) -> Bounded:
    """Bound the greater of two: off by no more than the one that is off by more."""
    return Bounded(
        np.maximum(x.value, y.value),
        np.maximum(x.slack, y.slack),
        np.maximum(x.error, y.error),
    )
