"""Moments after a step, and corrections: what the generated bounds are put together with.

The bounds of a single order of operations are about the coefficients as stored. Here comes in what
storing them costs (theorems rounding-stored-coefficients-m, rounding-stored-coefficients-v and
rounding-stored-base), and what errors come to over a trajectory (rounding-accumulated-m,
rounding-accumulated-v, rounding-running-product).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from adamref.bounds import generated
from adamref.bounds.arithmetic import OUTWARD, Arithmetic, Bounded, Numbers, exactly
from adamref.bounds.operations import operands, variables
from adamref.bounds.orders import order
from adamref.errors import MissingInput, OutOfDomain

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices
    from adamref.numbers.formats import Format

_UNIT = 2.0**-53

Steps: TypeAlias = "int | Indices"


def moment(
    field: str,
    name: str,
    state: Numbers,
    g: Numbers,
    *,
    fmt: Format,
    b: Fraction | float | None = None,
    w: Fraction | float | None = None,
    beta: Fraction | float | None = None,
) -> Bounded:
    """Bound a moment after one update, worked in some order of operations.

    Parameters
    ----------
    field : {"m", "v"}
    name : str
        The order, as in ``ORDERS[field]``.
    state : array or Bounded
        The moment before the update. One that was computed with an error carries it on: multiplied
        by beta, however the update is worked, plus the error of the update itself, for any state
        within that error.
    g : array
        The gradient, exact.
    fmt : Format
        In which the operations are rounded.
    b, w : Fraction or float
        The decay rate and the weight of the gradient as stored. An order that uses one of them has
        the other as its complement.
    beta : Fraction or float, optional
        The decay rate of the rule, with weight 1 - beta; default: b (and w) as stored.

    Returns
    -------
    Bounded
        The right moment, and the bound.

    Raises
    ------
    MissingInput
        If the order needs a coefficient that is not given.
    """
    worked = order(field, name)
    needs = {operand.name for operand in operands(worked)}
    held = {"b": b, "w": w}
    for coefficient in ("b", "w"):
        if coefficient in needs and held[coefficient] is None:
            raise MissingInput(coefficient, f"{field} as {name} multiplies by it")
    decay, weight = _coefficients(b if "b" in needs else None, w if "w" in needs else None)
    right, right_weight = (decay, weight) if beta is None else (Fraction(beta), 1 - Fraction(beta))

    arithmetic, before, gradient = Arithmetic(fmt), exactly(state), exactly(g)
    # Any state within the error may be the one that is held: to the update it is an exact one.
    any_state = Bounded(before.value, before.slack + before.error, np.zeros_like(before.error))
    values = {field: any_state, "g": gradient, "b": exactly(decay), "w": exactly(weight)}
    update = arithmetic.work(worked, values)

    taken = gradient if field == "m" else arithmetic.product(gradient, gradient)
    with np.errstate(all="ignore"):
        error = generated.with_stored_coefficients(
            any_state.size,
            taken.size,
            update.error + abs(float(right)) * OUTWARD * before.error,
            _away(decay - right),
            _away(weight - right_weight),
        )
    exact = Bounded(before.value, before.slack, np.zeros_like(before.error))
    target = arithmetic.sum(
        arithmetic.product(exactly(right), exact), arithmetic.product(exactly(right_weight), taken)
    )
    return Bounded(target.value, target.slack, np.where(np.isnan(error), np.inf, error * OUTWARD))


def _coefficients(
    b: Fraction | float | None, w: Fraction | float | None
) -> tuple[Fraction, Fraction]:
    """Return the decay rate and the weight that an order amounts to."""
    decay = None if b is None else Fraction(b)
    weight = None if w is None else Fraction(w)
    if decay is None:
        assert weight is not None, "an order of a moment has a coefficient"
        return 1 - weight, weight
    return decay, 1 - decay if weight is None else weight


def _away(difference: Fraction) -> float:
    """Return at least the absolute value of a difference."""
    size = abs(difference)
    return 0.0 if size == 0 else math.nextafter(float(size), math.inf)


def power(b: Fraction | float, t: Steps, *, beta: Fraction | float | None = None) -> Bounded:
    """Return beta^t as a real number, and as an error what b^t differs from it.

    Parameters
    ----------
    b, beta : Fraction or float
    t : int or array of int

    Raises
    ------
    OutOfDomain
        If t is no step, or a decay rate is not in [0, 1].
    """
    held, rate, at = Fraction(b), Fraction(b if beta is None else beta), np.asarray(t)
    if (at < 1).any():
        raise OutOfDomain("t", at.min(), "at least 1")
    for name, value in (("b", held), ("beta", rate)):
        if not 0 <= value <= 1:
            raise OutOfDomain(name, value, "in [0, 1]")
    result, slack = _raised(rate, at)
    # The theorem for b/M and beta/M, where M is the larger: t |b - beta| M^(t - 1).
    share = np.minimum(sum(_raised(max(held, rate), at - 1)) * OUTWARD, 1.0)
    off = _away(held - rate)
    cost = at * off * share * OUTWARD + (2.0**-1074 if off else 0.0)
    return Bounded(*map(np.asarray, (result, slack, cost)))


def _raised(rate: Fraction, t: Indices) -> tuple[Array, Array]:
    """Return powers in float64, and how far they may be off."""
    base, result, left = float(rate), np.ones(np.shape(t)), t
    while left.any():
        result = np.where(left & 1, result * base, result)
        base, left = base * base, left >> 1
    # Each of t factors is off by a unit of its own, and each product brings one more.
    slack = result * (3 * t + 4) * _UNIT + 2.0**-1022 if rate not in (0, 1) else 0.0 * result
    return result, slack


def running_product(b: Fraction | float, t: Steps, fmt: Format) -> Bounded:
    """Bound b^t, worked as a product to which every step multiplies b, rounded each time.

    Theorem rounding-running-product: within ``((1 + u)^t - 1) b^t``, plus eta times the sum of the
    powers of ``b (1 + u)`` below t. Infinite, and so no bound, where float64 does not hold that.
    """
    exact, at = power(b, t), np.asarray(t, dtype=np.float64)
    unit, tiny = float(fmt.unit_roundoff), max(float(fmt.smallest / 2), 2.0**-1074)
    ratio = float(b) * (1 + unit) * OUTWARD
    with np.errstate(over="ignore", invalid="ignore"):
        grown = np.expm1(at * math.log1p(unit)) * OUTWARD
        terms = np.minimum(at, 1 / (1 - ratio)) if ratio < 1 else at * ratio ** (at - 1)
        error = (grown * exact.size + tiny * terms) * OUTWARD
    error = np.where(np.isnan(error), np.inf, error)
    return Bounded(exact.value, exact.slack, np.asarray(error))


def correction(
    name: str,
    b: Fraction | float,
    t: Steps,
    *,
    fmt: Format,
    beta: Fraction | float | None = None,
    pow_ulp: float = 0.5,
) -> Bounded:
    """Bound a correction 1 - beta^t.

    Parameters
    ----------
    name : {"exact", "power", "running-product"}
        How it is worked: rounded once, from a library's power, or from a product that is kept.
    b : Fraction or float
        The decay rate as stored.
    t : int or array of int
    fmt : Format
    beta : Fraction or float, optional
        The decay rate of the rule; default: b.
    pow_ulp : float
        Within how many ulps the library's power is.
    """
    worked = order("correction", name)
    arithmetic = Arithmetic(fmt, pow_ulp=pow_ulp)
    right = power(b, t, beta=beta)
    cost = right.error
    # What is held may be any number within the cost: its slack is wider, not that of the rule's.
    any_held = Bounded(right.value, right.slack + cost, np.zeros_like(cost))
    exact = Bounded(right.value, right.slack, np.zeros_like(cost))
    if name == "running-product":
        kept = running_product(b, t, fmt)
        any_held = Bounded(any_held.value, any_held.slack, kept.error)
    elif name == "exact":
        any_held, exact = (
            Bounded(exactly(1.0).value - x.value, x.slack + _UNIT, x.error)
            for x in (any_held, exact)
        )
    (given,) = variables(worked)
    lost = arithmetic.work(worked, {given.name: any_held}).error
    made = arithmetic.work(worked, {given.name: exact})
    return Bounded(made.value, made.slack, lost + cost * OUTWARD)
