"""Core or edge: computed from the exact values, not taken on trust.

A probe is core if every t is below 2**24 and every intermediate of the usual ways to carry the rule
out stays normal in the dtype: it neither overflows, nor underflows to zero, nor is subnormal (which
hardware may flush), unless the real number is zero. A NaN among the gradients is core: it must
reach its own element and no other. An infinite gradient is not, as the usual forms of an average
part there.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from adamref.golden.worked import worked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.golden.probe import Probe
    from adamref.golden.worked import Moment
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
    """Yield what the usual orders of operation form on the way."""
    hyper = {name: Decimal(x) for name, x in probe.hypers.items()}
    yield from now.items()
    yield "alpha", alpha
    yield from hyper.items()
    g = now.get("g_total", now["g"])
    eps, decay = hyper.get("eps", Decimal(0)), hyper.get("weight_decay", Decimal(0))
    first, second = Decimal(1), Decimal(1)
    if "beta1" in hyper and "m" in now:
        rate, m = hyper["beta1"], previous.get("m", Decimal(0))
        first = 1 - rate**t
        yield "beta1*m", rate * m
        yield "(1 - beta1)*g", (1 - rate) * g
        yield "1 - beta1", 1 - rate
        yield "alpha/(1 - beta1**t)", alpha / first
        yield "alpha*m", alpha * now["m"]
        yield from _difference("g - m", g, m)
    if "beta2" in hyper and "v" in now:
        rate, v = hyper["beta2"], previous.get("v", Decimal(0))
        second = 1 - rate**t
        yield "beta2*v", rate * v
        yield "(1 - beta2)*g", (1 - rate) * g
        yield "g*g", g * g
        yield "(1 - beta2)*g*g", (1 - rate) * g * g
        yield "1 - beta2", 1 - rate
        yield from _difference("g*g - v", g * g, v)
    if "v" in now:
        yield from _ratios(alpha, eps, first, second, now)
    yield "weight_decay*theta", decay * previous["theta"]
    yield "alpha*weight_decay", alpha * decay
    yield "alpha*weight_decay*theta", alpha * decay * previous["theta"]


def _difference(name: str, one: Decimal, other: Decimal) -> Iterator[tuple[str, Decimal]]:
    """Yield a difference, which may overflow; a small one is exact in every format."""
    yield name, max(abs(one - other), abs(one), key=abs)


def _ratios(
    alpha: Decimal, eps: Decimal, first: Decimal, second: Decimal, now: Mapping[str, Decimal]
) -> Iterator[tuple[str, Decimal]]:
    """Yield what stands between the moments and the step."""
    v, m = now.get("v_max", now["v"]), now.get("m", now["g"])
    root = v.sqrt()
    yield "sqrt(v)", root
    yield "sqrt(v_hat)", (v / second).sqrt()
    yield "sqrt(1 - beta2**t)", second.sqrt()
    yield "alpha_t", alpha * second.sqrt() / first
    yield "eps*sqrt(1 - beta2**t)", eps * second.sqrt()
    yield "alpha*m_hat", alpha * m / first
    if root + eps:
        yield "m/(sqrt(v) + eps)", m / (root + eps)
        yield "m_hat/(sqrt(v_hat) + eps)", m / first / ((v / second).sqrt() + eps)
