"""The orders of operations of `adamref.fast`, each value with a bound on its error."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from adamref import bounds
from adamref.bounds import exactly, within
from adamref.bounds.generated import (
    delta_size_first,
    denominator_paper,
    g_total_plain,
    theta_decoupled_before,
    theta_plain,
)
from adamref.numbers.ball import Ball


def stored(arithmetic, value):
    """What float64 makes of a scalar: off by 16 units of 2^-53, then rounded once."""
    return arithmetic.stored(within(value, abs(value) * 16 * 2.0**-53))


def kept(arithmetic, lr, decay):
    """1 - lr * decay in float64, where a product near 1 cancels, then rounded once."""
    exact = 1 - Fraction(lr) * Fraction(decay)
    return arithmetic.stored(within(exact, (1 + lr * decay) * 2.0**-52))


def correction(beta, t):
    """1 - beta^t from balls, not from the code under test."""
    ball = Ball(120)
    with ball.working():
        return float(ball.one_minus_power(Fraction(beta), Fraction(t)).mid())


def scalars_of(hyper, t):
    """Size and eps of step t, nearly exactly."""
    first, second = (correction(hyper[name], t) for name in ("beta1", "beta2"))
    return hyper["lr"] * math.sqrt(second) / first, math.sqrt(second)


def bounded_step(name, arithmetic, arrays, hyper, t, decay=0.0):
    """Follow Adam's order of operations, with a bound on every value."""
    a = arithmetic
    theta, g = arrays["theta"], exactly(arrays["grad"])
    if name == "adam-l2":
        g = g_total_plain(a, stored(a, decay), g, exactly(theta))
    m, v = (
        moments(field, arithmetic, arrays[field], g, hyper[rate])
        for field, rate in (("m", "beta1"), ("v", "beta2"))
    )
    inside = v
    if name == "amsgrad":
        before = exactly(arrays["v_max"])
        inside = bounds.Bounded(
            np.maximum(v.value, before.value),
            v.slack + before.slack,
            np.maximum(v.error, before.error),
        )
    size, root2 = scalars_of(hyper, t)
    eps = hyper["eps"] * (1 if name == "adam-eps-hat" else root2)
    denominator = denominator_paper(a, stored(a, eps), inside)
    delta = delta_size_first(a, stored(a, size), denominator, m)
    if name == "adamw":
        keep = kept(a, hyper["lr"], decay)
        made = theta_decoupled_before(a, delta, keep, exactly(theta))
    else:
        made = theta_plain(a, delta, exactly(theta))
    return {"m": m, "v": v, "theta": made, "v_max": inside}


def moments(field, arithmetic, state, g, beta):
    """m or v as beta*x + (1 - beta)*y, its coefficients rounded once; g may have an error."""
    a = arithmetic
    rate, weight = stored(a, beta), stored(a, 1 - beta)
    taken = g if field == "m" else a.product(g, g)
    return a.sum(a.product(rate, exactly(state)), a.product(weight, taken))


def bounded_relative(name, a, arrays, hyper, t, product):
    theta, g = exactly(arrays["theta"]), exactly(arrays["grad"])
    lr = hyper["lr"]
    if name in ("momentum", "heavy-ball"):
        weight = 1 - hyper["beta1"] if name == "momentum" else 1.0
        kept = a.product(stored(a, hyper["beta1"]), exactly(arrays["m"]))
        m = a.sum(kept, a.product(stored(a, weight), g))
        return {"m": m, "theta": theta_plain(a, a.product(stored(a, lr), m), theta)}
    if name == "adamax":
        m = moments("m", a, arrays["m"], g, hyper["beta1"])
        decayed = a.product(stored(a, hyper["beta2"]), exactly(arrays["u"]))
        u = bounds.Bounded(np.maximum(decayed.value, np.abs(g.value)), decayed.slack, decayed.error)
        size = stored(a, lr / correction(hyper["beta1"], t))
        return {"m": m, "u": u, "theta": theta_plain(a, delta_size_first(a, size, u, m), theta)}
    if name == "adagrad":
        v = a.sum(exactly(arrays["v"]), a.product(g, g))
    else:
        v = moments("v", a, arrays["v"], g, hyper["beta2"])
    if name == "nadam":
        m = moments("m", a, arrays["m"], g, hyper["beta1"])
        now, ahead = (hyper["beta1"] * (1 - 0.96 ** (k * 4e-3) / 2) for k in (t, t + 1))
        root2 = math.sqrt(correction(hyper["beta2"], t))
        size = lr * root2
        whole = product * now
        parts = (
            a.product(stored(a, size * ahead / (1 - whole * ahead)), m),
            a.product(stored(a, size * (1 - now) / (1 - whole)), g),
        )
        denominator = denominator_paper(a, stored(a, hyper["eps"] * root2), v)
        delta = a.quotient(a.sum(*parts), denominator)
        return {"m": m, "v": v, "theta": theta_plain(a, delta, theta)}
    denominator = denominator_paper(a, stored(a, hyper["eps"]), v)
    delta = delta_size_first(a, stored(a, lr), denominator, g)
    return {"v": v, "theta": theta_plain(a, delta, theta)}


def bounded_lion(a, arrays, hyper, decay):
    """Lion: where the average may be on either side of 0, its sign is off by 2 at most."""
    m, g = exactly(arrays["m"]), exactly(arrays["grad"])
    average = moments("m", a, arrays["m"], g, hyper["beta1"])
    certain = np.abs(average.value) > average.error + average.slack
    sign = within(np.sign(average.value), np.where(certain, 0.0, 2.0))
    delta = a.product(stored(a, hyper["lr"]), sign)
    keep = kept(a, hyper["lr"], decay)
    theta = theta_decoupled_before(a, delta, keep, exactly(arrays["theta"]))
    return {"m": moments("m", a, m.value, g, hyper["beta2"]), "theta": theta}


def bounded_adabelief(a, arrays, hyper, t, decay):
    g = exactly(arrays["grad"])
    m = moments("m", a, arrays["m"], g, hyper["beta1"])
    averaged = moments("v", a, arrays["s"], a.difference(g, m), hyper["beta2"])
    s = a.sum(averaged, stored(a, hyper["eps"]))
    size, root2 = scalars_of(hyper, t)
    denominator = denominator_paper(a, stored(a, hyper["eps"] * root2), s)
    delta = delta_size_first(a, stored(a, size), denominator, m)
    keep = kept(a, hyper["lr"], decay)
    theta = theta_decoupled_before(a, delta, keep, exactly(arrays["theta"]))
    return {"m": m, "s": s, "theta": theta}
