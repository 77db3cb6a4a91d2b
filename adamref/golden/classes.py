"""Core or edge: computed from the exact values, not taken on trust.

A probe is core if every t is below 2**24 and every intermediate of the known orders of operations
(`adamref.rules.orders`) stays normal in the dtype: it neither overflows, nor underflows to zero,
nor is subnormal (which hardware may flush), unless the real number is zero. A NaN among the
gradients is core: it must reach its own element and no other. An infinite gradient is not, as the
usual forms of an average part there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, localcontext
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from adamref.golden.worked import Moment, worked
from adamref.rules.instructions import BASE, COMPLEMENT, MethodCall, evaluate_exactly
from adamref.rules.orders import every
from adamref.rules.program import program_of
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.golden.probe import Probe
    from adamref.numbers.formats import Format

FIRST_EDGE_T = 2**24
"""From here on a counter kept in binary32 no longer counts."""

_DIGITS = 25
_WIDE = Context(prec=_DIGITS, Emax=10**9, Emin=-(10**9))


def class_of(probe: Probe) -> Literal["core", "edge"]:
    """Compute whether a probe is core or edge."""
    return "edge" if first_edge(probe) else "core"


def first_edge(probe: Probe) -> str | None:
    """Say what makes a probe an edge: the first intermediate that leaves the normal range."""
    for tensor in probe.tensors:
        for gradient in tensor.listed(probe.steps):
            if gradient and any(math.isinf(g) for g in gradient):
                return "an infinite gradient"
    with localcontext(_WIDE):
        before = {i: _start(probe, i) for i in range(len(probe.tensors))}
        for moment in worked(probe, digits=_DIGITS):
            if moment.taken is None:
                continue
            if moment.taken.t >= FIRST_EDGE_T:
                return f"t = {moment.taken.t}"
            for j, previous in enumerate(before[moment.tensor]):
                values = {name: np.ravel(x)[j] for name, x in moment.taken.values.items()}
                if found := _element(probe, moment, values, previous):
                    return found
                before[moment.tensor][j] = previous | values
    return None


def _start(probe: Probe, tensor: int) -> list[dict[str, Decimal]]:
    given = probe.tensors[tensor]
    return [
        {"theta": Decimal(theta)} | {name: Decimal(xs[j]) for name, xs in given.state.items()}
        for j, theta in enumerate(given.theta)
    ]


def _element(
    probe: Probe,
    moment: Moment,
    values: Mapping[str, Decimal],
    previous: Mapping[str, Decimal],
) -> str | None:
    """Look at one element at one step."""
    assert moment.taken is not None
    if values["g"].is_nan() or any(x.is_nan() for x in previous.values()):
        return None
    where = f"at step {moment.step}"
    if not all(x.is_finite() for x in values.values()):
        return f"0/0 {where}"
    alpha = Decimal(probe.alpha_at(moment.step))
    for name, x in _intermediates(probe, alpha, moment.taken.t, values, previous):
        if why := _leaves(x, probe.format):
            return f"{name} {why} {where}"
    return None


def _leaves(x: Decimal, fmt: Format) -> str | None:
    least, normal, greatest = _range(fmt)
    magnitude = abs(x)
    if magnitude >= greatest:
        return "overflows"
    if magnitude >= normal or x == 0:
        return None
    return "underflows" if magnitude <= least else "is subnormal"


@cache
def _range(fmt: Format) -> tuple[Decimal, Decimal, Decimal]:
    """Return what rounds to zero at most, the least normal number, what rounds to infinity."""
    top, exponent = 2 * 2**fmt.precision - 1, fmt.max_exponent - fmt.precision
    return (
        # Half of the smallest number, which binary64 does not hold.
        Decimal(float(fmt.smallest)) / 2,
        Decimal(2.0**fmt.min_exponent),
        Decimal(top) * Decimal(2) ** exponent,
    )


def _intermediates(
    probe: Probe,
    alpha: Decimal,
    t: int,
    now: Mapping[str, Decimal],
    previous: Mapping[str, Decimal],
) -> Iterator[tuple[str, Decimal]]:
    """Yield what the usual orders of operations form on the way."""
    yield from now.items()
    rule = probe.the_rule
    hypers = {n: Decimal(x) for n, x in probe.hypers.items()}
    if "alpha" in rule.defaults:
        hypers["alpha"] = alpha
    known: dict[str, Decimal] = {**hypers, **now, "t": Decimal(t), "size": Decimal(1)}
    for name in rule.states:
        begun = rule.line(name).begun({**hypers, **previous})
        known[name + PREVIOUS] = previous.get(name, Decimal(begun))
    decay = hypers.get("weight_decay", Decimal(0)) * alpha
    known |= {"taken_by_decay": decay, "kept_by_decay": 1 - decay}
    for name, expr in every(rule):
        yield from _formed(name, expr, known)


def _formed(name: str, expr: Expr, known: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Yield what a line forms, operation by operation; of a difference the larger term too."""
    program = program_of(expr)
    held: dict[int, Decimal] = {at: _fraction(x) for x, at in program.constants.items()}
    for symbol, at in program.inputs.items():
        bare = symbol.removesuffix(COMPLEMENT)
        held[at] = 1 - known[bare] if symbol != bare else known[bare]
        yield symbol, held[at]
    for power, at in program.powers.items():
        base = (
            _fraction(power.base)
            if isinstance(power.base, Fraction)
            else known[power.base.removesuffix(BASE)]
        )
        # Of a base of 1 minus a millionth 25 digits are enough for t below 2**24.
        raised = base ** _exponent(power.exponent, known)
        held[at] = 1 - raised if power.from_one else raised
    for at, operation in program.operations:
        operands = [held[i] for i in operation.operands]
        made = _done(operation, operands)
        if made is None:
            return
        held[at] = made
        if operation.method == "add":
            # A sum may overflow; where it cancels it is small, and exact in every format.
            made = max((made, *operands), key=abs)
        yield f"{name}: {operation.method}", made


def _done(operation: MethodCall, operands: list[Decimal]) -> Decimal | None:
    """Do an operation; None where it has no value."""
    try:
        if operation.exponent is not None:
            return operands[0] ** _fraction(operation.exponent)
        made: Decimal = _DECIMALS[operation.method](*operands)
    except (DivisionByZero, InvalidOperation):
        return None
    return made


_DECIMALS: Mapping[str, Callable[..., Decimal]] = {
    "add": operator.add,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negate": operator.neg,
    "root": Decimal.sqrt,
    "magnitude": abs,
    "signum": lambda x: Decimal((x > 0) - (x < 0)),
    "larger": max,
    "smaller": min,
    "chosen": lambda a, x, y: x if a > 0 else y,
    "exponential": Decimal.exp,
    "logarithm": Decimal.ln,
    # Over a tensor of this one element; sums of a few more stay as normal.
    "total": operator.pos,
}


def _fraction(x: Fraction) -> Decimal:
    return Decimal(x.numerator) / Decimal(x.denominator)


def _exponent(expr: Expr, known: Mapping[str, Decimal]) -> Decimal:
    exacts = {s.name: Fraction(known[s.name]) for s in expr.free_symbols}
    return _fraction(evaluate_exactly(expr, exacts))
