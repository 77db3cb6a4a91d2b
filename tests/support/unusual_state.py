"""Unusual right implementations: what they keep of theta and the averages, and how."""

from __future__ import annotations

import math

import numpy as np

from unusual import NARROW, averages, begun, moved, right, wide
from unusual_work import as_printed

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
