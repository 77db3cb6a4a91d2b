"""Right implementations of Adam of unusual make, as plain functions of theta, gradient and state.

They were written without a look at how they are judged. Each is registered with what it is: the
dialect it belongs to, and the dtypes for which it is right. `hidden` takes the state out of sight.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

DTYPES = ("float32", "float64", "float16", "bfloat16")
NARROW = ("float32", "float16", "bfloat16")
"""What float64 is more than."""


@dataclass(frozen=True)
class Unusual:
    """An implementation, and what is true of it."""

    step: Callable[..., Any]
    form: str = "paper"
    stored: str | None = None
    dtypes: tuple[str, ...] = DTYPES

    @property
    def name(self) -> str:
        """What it is called."""
        return self.step.__name__


ALL: list[Unusual] = []


def right(form="paper", stored=None, dtypes=DTYPES):
    """Register an implementation with what is true of it."""

    def registered(step):
        ALL.append(Unusual(step, form, stored, dtypes))
        return step

    return registered


def hidden(step):
    """Return the same with its state out of sight."""

    def stepped(theta, grad, state, *, lr, beta1, beta2, eps):
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        theta, made = step(theta, grad, None if state is None else state[0], **hyper)
        return theta, (made,)

    return stepped


def begun(theta, kind=None):
    """Return a state before the first step."""
    kind = kind or theta.dtype
    return {"m": np.zeros(theta.shape, kind), "v": np.zeros(theta.shape, kind), "t": 0}


def wide(dtype):
    """Return a dtype with at least twice the digits, or as many more as there are."""
    kinds = {"float64": np.longdouble, "float32": np.float64}
    return np.dtype(kinds.get(dtype.name, np.float32))


def averages(s, g, beta1, beta2):
    """Update both moments, and count."""
    return beta1 * s["m"] + (1 - beta1) * g, beta2 * s["v"] + (1 - beta2) * g * g, s["t"] + 1


def moved(theta, m, v, c1, c2, lr, eps):
    """Take the step of the paper with given corrections."""
    return theta - lr * (m / c1) / (np.sqrt(v / c2) + eps)


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


# Theta in more digits than are shown.


@right(dtypes=NARROW)
def wider_copy(theta, grad, state, *, lr, beta1, beta2, eps):
    kind = wide(theta.dtype)
    s = state or begun(theta, kind) | {"master": theta.astype(kind)}
    m, v, t = averages(s, grad.astype(kind), beta1, beta2)
    new = moved(s["master"], m, v, 1 - beta1**t, 1 - beta2**t, lr, eps)
    return new.astype(theta.dtype), {"m": m, "v": v, "t": t, "master": new}


@right(dtypes=NARROW)
def float64_copy(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta) | {"weights": theta.astype(np.float64)}
    m, v, t = averages(s, grad, beta1, beta2)
    up = moved(0.0, m.astype(float), v.astype(float), 1 - beta1**t, 1 - beta2**t, lr, eps)
    new = s["weights"] + up
    return new.astype(theta.dtype), {"m": m, "v": v, "t": t, "weights": new}


@right()
def compensated(theta, grad, state, *, lr, beta1, beta2, eps):
    """Keep what the addition to theta lost (Kahan)."""
    s = state or begun(theta) | {"lost": np.zeros_like(theta)}
    m, v, t = averages(s, grad, beta1, beta2)
    y = moved(theta.dtype.type(0), m, v, 1 - beta1**t, 1 - beta2**t, lr, eps) - s["lost"]
    new = theta + y
    return new, {"m": m, "v": v, "t": t, "lost": (new - theta) - y}


# Roots.


def root_by_newton(x):
    """Refine a reciprocal root of few digits, and multiply by x."""
    kind = x.dtype.type
    safe = np.where(x > 0, x, kind(1))
    y = np.asarray(1 / np.sqrt(safe.astype(np.float32)), x.dtype)
    for _ in range(2):
        y = y * (kind(1.5) - kind(0.5) * safe * y * y)
    return np.where(x > 0, safe * y, x)


@right(dtypes=("float32", "float64"))
def newton_refined(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = averages(state or begun(theta), grad, beta1, beta2)
    below = root_by_newton(v / (1 - beta2**t)) + eps
    return theta - lr * (m / (1 - beta1**t)) / below, {"m": m, "v": v, "t": t}


# Layouts.


@right()
def flattened(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    flat = {"m": s["m"].ravel(), "v": s["v"].ravel(), "t": s["t"]}
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    new, made = as_printed(theta.ravel(), grad.ravel(), flat, **hyper)
    shaped = {name: made[name].reshape(theta.shape) for name in "mv"}
    return new.reshape(theta.shape), shaped | {"t": made["t"]}


@right()
def one_buffer(theta, grad, state, *, lr, beta1, beta2, eps):
    """Keep both moments, padded to a multiple of eight, as views of one buffer."""
    size, room = theta.size, -(-theta.size // 8) * 8
    buffer = np.zeros(2 * room, theta.dtype)
    if state:
        buffer[:size], buffer[room : room + size] = state["m"].ravel(), state["v"].ravel()
    m, v = buffer[:size].reshape(theta.shape), buffer[room : room + size].reshape(theta.shape)
    t = (state["t"] if state else 0) + 1
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad * grad
    return moved(theta, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps), {"m": m, "v": v, "t": t}


@right()
def fortran_order(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    s = state or begun(theta)
    s = {"m": np.asfortranarray(s["m"]), "v": np.asfortranarray(s["v"]), "t": s["t"]}
    new, made = as_printed(np.asfortranarray(theta), np.asfortranarray(grad), s, **hyper)
    made = {name: x if name == "t" else np.asfortranarray(x) for name, x in made.items()}
    return np.asfortranarray(new).reshape(theta.shape), {
        name: x if name == "t" else x.reshape(theta.shape) for name, x in made.items()
    }


@right()
def in_place(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    new, made = as_printed(theta, grad, state, **hyper)
    theta[...] = new
    return theta, made


@right()
def in_buffers(theta, grad, state, *, lr, beta1, beta2, eps):
    """Write every result into an array that is there."""
    s, kind = state or begun(theta), theta.dtype.type
    m, v, t, work = s["m"], s["v"], s["t"] + 1, np.empty_like(theta)
    np.multiply(m, kind(beta1), out=m)
    np.multiply(grad, kind(1 - beta1), out=work)
    np.add(m, work, out=m)
    np.multiply(v, kind(beta2), out=v)
    np.multiply(grad, grad, out=work)
    np.multiply(work, kind(1 - beta2), out=work)
    np.add(v, work, out=v)
    np.divide(v, kind(1 - beta2**t), out=work)
    np.sqrt(work, out=work)
    np.add(work, kind(eps), out=work)
    np.divide(m / kind(1 - beta1**t), work, out=work)
    np.multiply(work, kind(lr), out=work)
    return theta - work, {"m": m, "v": v, "t": t}


@right()
def by_chunks(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    new, made = theta.copy(), {"m": s["m"].copy(), "v": s["v"].copy(), "t": s["t"] + 1}
    flat = [x.reshape(-1) for x in (new, grad, made["m"], made["v"])]
    for i in range(0, theta.size, 3):
        p, g, m, v = (x[i : i + 3] for x in flat)
        m[:], v[:], t = averages({"m": m, "v": v, "t": s["t"]}, g, beta1, beta2)
        p[:] = moved(p, m, v, 1 - beta1**t, 1 - beta2**t, lr, eps)
    return new, made


# Counters.


@right()
def counter_of_float(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    s = state or begun(theta) | {"t": 0.0}
    return as_printed(theta, grad, s, **hyper)


@right()
def counter_of_array(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    s = state or begun(theta)
    new, made = as_printed(theta, grad, s | {"t": int(s["t"])}, **hyper)
    return new, made | {"t": np.array(made["t"], np.int64)}


@right()
def counter_in_float32(theta, grad, state, *, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    s = state or begun(theta)
    new, made = as_printed(theta, grad, s | {"t": float(s["t"])}, **hyper)
    return new, made | {"t": np.float32(made["t"])}


# Averages that are kept otherwise.


@right(stored="corrected")
def corrected_averages(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    t = s["t"] + 1
    w1, w2 = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t)
    m, v = (1 - w1) * s["m"] + w1 * grad, (1 - w2) * s["v"] + w2 * grad * grad
    return theta - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@right(stored="corrected v")
def corrected_squares(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    t = s["t"] + 1
    w = (1 - beta2) / (1 - beta2**t)
    m, v = beta1 * s["m"] + (1 - beta1) * grad, s["v"] + w * (grad * grad - s["v"])
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@right(stored="root")
def rooted_squares(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    m, t = beta1 * s["m"] + (1 - beta1) * grad, s["t"] + 1
    v = np.sqrt(beta2 * (s["v"] * s["v"]) + (1 - beta2) * (grad * grad))
    below = v / math.sqrt(1 - beta2**t) + eps
    return theta - lr * (m / (1 - beta1**t)) / below, {"m": m, "v": v, "t": t}


@right(stored="scaled")
def sums(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    m, v, t = beta1 * s["m"] + grad, beta2 * s["v"] + grad * grad, s["t"] + 1
    c1, c2 = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t)
    return theta - lr * (c1 * m) / (np.sqrt(c2 * v) + eps), {"m": m, "v": v, "t": t}


@right(stored="scaled m")
def sum_of_gradients(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    m, v, t = beta1 * s["m"] + grad, beta2 * s["v"] + (1 - beta2) * grad * grad, s["t"] + 1
    c1 = (1 - beta1) / (1 - beta1**t)
    return theta - lr * c1 * m / (np.sqrt(v / (1 - beta2**t)) + eps), {"m": m, "v": v, "t": t}
