"""Unusual right implementations: their orders of operations, digits and corrections."""

from __future__ import annotations

import math

import numpy as np

from unusual import NARROW, averages, begun, moved, right, wide

# Orders of operations.


@right()
def as_printed(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


@right()
def by_lerp(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    m, v = s["m"] + (1 - beta1) * (grad - s["m"]), s["v"] + (1 - beta2) * (grad * grad - s["v"])
    t = s["t"] + 1
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


@right("eps-hat")
def folded_rate(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    rate = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@right()
def scaled_epsilon(theta, grad, state, *, lr, beta1, beta2, eps):
    """Multiply fraction and epsilon by the root of the correction."""
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    root = math.sqrt(1 - beta2**t)
    rate = lr * root / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps * root), {"m": m, "v": v, "t": t}


@right()
def root_by_root(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    below = np.sqrt(v) / math.sqrt(1 - beta2**t) + eps
    return theta - lr / (1 - beta1**t) * (m / below), {"m": m, "v": v, "t": t}


@right()
def times_reciprocal(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    inverse = 1 / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - lr * (m / (1 - beta1**t)) * inverse, {"m": m, "v": v, "t": t}


@right()
def reciprocal_corrections(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    r1, r2 = 1 / (1 - beta1**t), 1 / (1 - beta2**t)
    return theta - lr * (m * r1) / (np.sqrt(v * r2) + eps), {"m": m, "v": v, "t": t}


@right()
def weighted_gradient_first(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    m, v = (1 - beta1) * grad + s["m"] * beta1, grad * (grad * (1 - beta2)) + s["v"] * beta2
    t = s["t"] + 1
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


@right()
def one_division(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    below = (np.sqrt(v / (1 - beta2**t)) + eps) * (1 - beta1**t)
    return theta - (lr * m) / below, {"m": m, "v": v, "t": t}


@right()
def adds_the_opposite(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    up = (m / (1 - beta1**t)) / (eps + np.sqrt(v / (1 - beta2**t)))
    return theta + -lr * up, {"m": m, "v": v, "t": t}


@right()
def root_as_power(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    below = (v / (1 - beta2**t)) ** 0.5 + eps
    return theta - lr * (m / (1 - beta1**t)) / below, {"m": m, "v": v, "t": t}


@right()
def square_as_power(theta, grad, state, *, lr, beta1, beta2, eps):
    s, t = state or begun(theta), (state or {"t": 0})["t"] + 1
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * np.square(grad)
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


# Fused multiplications.


def fused(a, b, c, kind):
    """Return a·b + c with one rounding, but for that of the format between."""
    between = wide(kind)
    a, b, c = (np.asarray(x, kind).astype(between) for x in (a, b, c))
    return (a * b + c).astype(kind)


@right()
def fused_averages(theta, grad, state, *, lr, beta1, beta2, eps):
    s, kind = state or begun(theta), theta.dtype
    m = fused(beta1, s["m"], (1 - beta1) * grad, kind)
    v = fused(beta2, s["v"], (1 - beta2) * (grad * grad), kind)
    t = s["t"] + 1
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


@right()
def fused_lerp(theta, grad, state, *, lr, beta1, beta2, eps):
    s, kind = state or begun(theta), theta.dtype
    m = fused(1 - beta1, grad - s["m"], s["m"], kind)
    v = fused(1 - beta2, grad * grad - s["v"], s["v"], kind)
    t = s["t"] + 1
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


@right()
def fused_step(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    up = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return fused(-lr, up, theta, theta.dtype), {"m": m, "v": v, "t": t}


# More digits inside.


def inside(theta, grad, state, kind, hyper):
    """Work a step in a dtype, and round each of the results to that of theta."""
    s, own = state or begun(theta), theta.dtype
    s = {"m": s["m"].astype(kind), "v": s["v"].astype(kind), "t": s["t"]}
    new, made = as_printed(theta.astype(kind), grad.astype(kind), s, **hyper)
    return new.astype(own), {"m": made["m"].astype(own), "v": made["v"].astype(own), "t": made["t"]}


@right()
def float64_inside(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    return inside(theta, grad, state, np.float64, hyper)


@right(dtypes=NARROW)
def float32_inside(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    return inside(theta, grad, state, np.float32, hyper)


@right()
def extended_inside(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    return inside(theta, grad, state, np.longdouble, hyper)


@right()
def float64_states(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta, np.float64), grad, beta1, beta2)
    new = moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps)
    return new.astype(theta.dtype), {"m": m, "v": v, "t": t}


@right()
def float64_step(theta, grad, state, *, lr, beta1, beta2, eps):
    """Keep and average moments in theta's dtype, and work the step itself in float64."""
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    big = [x.astype(np.float64) for x in (theta, m, v)]
    new = moved(*big, 1 - beta1**t, 1 - beta2**t, lr, eps)
    return new.astype(theta.dtype), {"m": m, "v": v, "t": t}


@right()
def float64_second_moment(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta) | {"v": np.zeros(theta.shape)}
    m, v, t = averages(s, grad.astype(np.float64), beta1, beta2)
    m = m.astype(theta.dtype)
    new = moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps)
    return new.astype(theta.dtype), {"m": m, "v": v, "t": t}


@right()
def numbers_of_python(theta, grad, state, *, lr, beta1, beta2, eps):
    """Take element by element, in Python's floats."""
    s, kind = state or begun(theta), theta.dtype
    made = {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": s["t"] + 1}
    new = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        one = {"m": float(s["m"][i]), "v": float(s["v"][i]), "t": s["t"]}
        g = float(grad[i])
        try:
            m, v, t = averages(one, g, beta1, beta2)
            up = lr * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
        except (OverflowError, ValueError, ZeroDivisionError):
            m, v, up = math.nan, math.nan, math.nan
        made["m"][i], made["v"][i] = kind.type(m), kind.type(v)
        new[i] = kind.type(float(theta[i]) - up)
    return new, made


# Corrections.


@right()
def running_powers(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta) | {"p": 1.0, "q": 1.0}
    m, v, t = averages(s, grad, beta1, beta2)
    p, q = s["p"] * beta1, s["q"] * beta2
    return moved(theta, m, v, 1 - p, 1 - q, lr, eps), {"m": m, "v": v, "t": t, "p": p, "q": q}


@right(dtypes=NARROW)
def running_powers_in_float32(theta, grad, state, *, lr, beta1, beta2, eps):
    one = np.float32(1)
    s = state or begun(theta) | {"p": one, "q": one}
    m, v, t = averages(s, grad, beta1, beta2)
    p, q = np.float32(s["p"]) * np.float32(beta1), np.float32(s["q"]) * np.float32(beta2)
    new = moved(theta, m, v, float(one - p), float(one - q), lr, eps)
    return new, {"m": m, "v": v, "t": t, "p": p, "q": q}


@right()
def corrections_by_expm1(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    with np.errstate(divide="ignore", invalid="ignore"):
        c1, c2 = (float(-np.expm1(t * np.log(x))) for x in (beta1, beta2))
    return moved(theta, m, v, c1, c2, lr, eps), {"m": m, "v": v, "t": t}


@right()
def corrections_by_log1p(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    with np.errstate(divide="ignore", invalid="ignore"):
        c1, c2 = (float(-np.expm1(t * np.log1p(-(1 - x)))) for x in (beta1, beta2))
    return moved(theta, m, v, c1, c2, lr, eps), {"m": m, "v": v, "t": t}


@right()
def corrections_as_averages_of_one(theta, grad, state, *, lr, beta1, beta2, eps):
    """Average the number 1 as the gradient is averaged: that is what the average is short of."""
    s = state or begun(theta) | {"p": 0.0, "q": 0.0}
    m, v, t = averages(s, grad, beta1, beta2)
    p, q = beta1 * s["p"] + (1 - beta1), beta2 * s["q"] + (1 - beta2)
    return moved(theta, m, v, p, q, lr, eps), {"m": m, "v": v, "t": t, "p": p, "q": q}
