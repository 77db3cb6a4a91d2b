"""The orders of operations of `adamref.fast`, each value with a bound on its error."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from adamref import bounds
from adamref.bounds import exactly, within
from adamref.bounds.orders import ORDERS
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


def worked(a, field, name, **given):
    """Work a field in an order; what is no `Bounded` is a scalar, or an array that is exact."""
    held = {n: stored(a, x) if isinstance(x, float) else exactly(x) for n, x in given.items()}
    return a.work(ORDERS[field][name], held)


def moved(a, theta, size, first, below, keep=None):
    """theta less a step that is divided by what is below, after theta was decayed."""
    delta = worked(a, "delta", "size-first", alpha=size, m_hat=first, denominator=below)
    order = "plain" if keep is None else "decoupled-before"
    return worked(a, "theta", order, theta=theta, delta=delta, keep=keep or delta)


def bounded_step(name, a, arrays, hyper, t, decay=0.0):
    """Follow Adam's order of operations, with a bound on every value."""
    theta, g = arrays["theta"], arrays["grad"]
    if name == "adam-l2":
        g = worked(a, "g_total", "plain", decay=decay, g=g, theta=theta)
    m, v = moments("m", a, arrays, g, hyper["beta1"]), moments("v", a, arrays, g, hyper["beta2"])
    inside = larger(v, exactly(arrays["v_max"])) if name == "amsgrad" else v
    size, root2 = scalars_of(hyper, t)
    eps = hyper["eps"] * (1 if name == "adam-eps-hat" else root2)
    below = worked(a, "denominator", "paper", v_hat=inside, eps=eps)
    keep = kept(a, hyper["lr"], decay) if name == "adamw" else None
    return {"m": m, "v": v, "theta": moved(a, theta, size, m, below, keep), "v_max": inside}


def moments(field, a, arrays, g, beta):
    """A state as beta*x + (1 - beta)*y, its coefficients rounded once; g may have an error."""
    order = ORDERS["m" if field == "m" else "v"]["beta"]
    state = exactly(arrays[field])
    held = {"b": stored(a, beta), "w": stored(a, 1 - beta), "g": exactly(g)}
    return a.work(order, {**held, "m": state, "v": state})


def bounded_relative(name, a, arrays, hyper, t, product):
    theta, g, lr = arrays["theta"], exactly(arrays["grad"]), hyper["lr"]
    if name in ("momentum", "heavy-ball"):
        weight = 1 - hyper["beta1"] if name == "momentum" else 1.0
        m = worked(a, "m", "beta", b=hyper["beta1"], w=weight, m=arrays["m"], g=g)
        delta = a.product(stored(a, lr), m)
        return {"m": m, "theta": worked(a, "theta", "plain", theta=theta, delta=delta)}
    if name == "adamax":
        m = moments("m", a, arrays, g, hyper["beta1"])
        decayed = a.product(stored(a, hyper["beta2"]), exactly(arrays["u"]))
        u = larger(decayed, bounds.Bounded(np.abs(g.value), g.slack, g.error))
        size = lr / correction(hyper["beta1"], t)
        return {"m": m, "u": u, "theta": moved(a, theta, size, m, u)}
    if name == "adagrad":
        v = a.sum(exactly(arrays["v"]), a.product(g, g))
    else:
        v = moments("v", a, arrays, g, hyper["beta2"])
    if name != "nadam":
        below = worked(a, "denominator", "paper", v_hat=v, eps=hyper["eps"])
        return {"v": v, "theta": moved(a, theta, lr, g, below)}
    m = moments("m", a, arrays, g, hyper["beta1"])
    now, ahead = (hyper["beta1"] * (1 - 0.96 ** (k * 4e-3) / 2) for k in (t, t + 1))
    root2 = math.sqrt(correction(hyper["beta2"], t))
    size, whole = lr * root2, product * now
    above = a.sum(
        a.product(stored(a, size * ahead / (1 - whole * ahead)), m),
        a.product(stored(a, size * (1 - now) / (1 - whole)), g),
    )
    below = worked(a, "denominator", "paper", v_hat=v, eps=hyper["eps"] * root2)
    delta = a.quotient(above, below)
    return {"m": m, "v": v, "theta": worked(a, "theta", "plain", theta=theta, delta=delta)}


def bounded_lion(a, arrays, hyper, decay):
    """Lion: where the average may be on either side of 0, its sign is off by 2 at most."""
    g = arrays["grad"]
    average = moments("m", a, arrays, g, hyper["beta1"])
    certain = np.abs(average.value) > average.error + average.slack
    sign = within(np.sign(average.value), np.where(certain, 0.0, 2.0))
    delta, keep = a.product(stored(a, hyper["lr"]), sign), kept(a, hyper["lr"], decay)
    theta = arrays["theta"]
    theta = worked(a, "theta", "decoupled-before", theta=theta, keep=keep, delta=delta)
    return {"m": moments("m", a, arrays, g, hyper["beta2"]), "theta": theta}


def bounded_adabelief(a, arrays, hyper, t, decay):
    g = exactly(arrays["grad"])
    m = moments("m", a, arrays, g, hyper["beta1"])
    averaged = moments("s", a, arrays, a.difference(g, m), hyper["beta2"])
    s = a.sum(averaged, stored(a, hyper["eps"]))
    size, root2 = scalars_of(hyper, t)
    below = worked(a, "denominator", "paper", v_hat=s, eps=hyper["eps"] * root2)
    keep = kept(a, hyper["lr"], decay)
    return {"m": m, "s": s, "theta": moved(a, arrays["theta"], size, m, below, keep)}


def larger(x, y):
    """Bound the greater of two: off by no more than the one that is off by more."""
    parts = (np.maximum(getattr(x, n), getattr(y, n)) for n in ("value", "slack", "error"))
    return bounds.Bounded(*parts)
