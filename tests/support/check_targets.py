"""Implementations to be checked: right ones in each form, and ones that misbehave."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from typing import NamedTuple

import numpy as np

from adamref import fast


def adam(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def step(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    theta, m, v = adam(theta, grad, s["m"], s["v"], t, lr, beta1, beta2, eps)
    return theta, {"m": m, "v": v, "t": t}


def step_of_any(theta, grad, state, **hyper):
    """Fail unless it is given each of the five."""
    hyper.pop("weight_decay")
    return step(theta, grad, state, **hyper)


def step_by_other_names(w, gradient, opt_state, alpha, betas, epsilon):
    return step(w, gradient, opt_state, lr=alpha, beta1=betas[0], beta2=betas[1], eps=epsilon)


def step_with_defaults(theta, grad, state=None, lr=1e-2, beta1=0.8, beta2=0.99, eps=1e-6):
    return step(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


class Moments(NamedTuple):
    m: object
    v: object
    t: int


def step_with_a_tuple_of_names(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state and state._asdict(), **hyper)
    return theta, Moments(**state)


def step_with_a_hidden_state(theta, grad, state, **hyper):
    """Keep the state where nobody looks: a function is handed on."""
    theta, kept = step_of_any(theta, grad, state and state(), **hyper)
    return theta, lambda: kept


def step_with_a_nested_state(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state and state[1]["adam"], **hyper)
    return theta, ("state", {"adam": state})


def step_with_a_tuple(theta, grad, state, *, lr, beta1, beta2, eps):
    """Keep the moments under no names, in one piece, the second first."""
    v, m, t = state or (np.zeros(theta.size), np.zeros(theta.size), 0)
    g = np.ravel(grad)
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g, t + 1
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - step.reshape(theta.shape), (v.astype(theta.dtype), m.astype(theta.dtype), t)


def step_with_other_names(theta, grad, state, **hyper):
    """Name the moments as one course does, v and s, of which the second is wrong."""
    own = state and {"m": state["v"], "v": state["s"] / 2, "t": state["n"]}
    theta, made = step_of_any(theta, grad, own, **hyper)
    return theta, {"v": made["m"], "s": made["v"] * 2, "n": made["t"]}


def step_with_powers(theta, grad, state, *, lr, beta1, beta2, eps):
    """Keep the powers of the betas, so that t alone says nothing; and the last gradient."""
    zero = np.zeros_like(theta)
    s = state or {"m": zero, "v": zero, "t": 0, "power1": 1.0, "power2": 1.0}
    p, q = s["power1"] * beta1, s["power2"] * beta2
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    theta = theta - lr * (m / (1 - p)) / (np.sqrt(v / (1 - q)) + eps)
    made = {"m": m, "v": v, "t": s["t"] + 1, "power1": p, "power2": q, "last": grad}
    return theta, made


def in_place(theta, grad, state, **hyper):
    new, state = step_of_any(theta, grad, state, **hyper)
    theta[...] = new
    return theta, state


def in_place_but_another(theta, grad, state, **hyper):
    new, state = in_place(theta, grad, state, **hyper)
    return new.copy(), state


def clips_the_gradient(theta, grad, state, **hyper):
    np.clip(grad, -1, 1, out=grad)
    return step_of_any(theta, grad, state, **hyper)


def in_float64(theta, grad, state, **hyper):
    return step_of_any(theta.astype(np.float64), grad.astype(np.float64), state, **hyper)


def in_float16(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state, **hyper)
    return theta.astype(np.float16), state


def whole_numbers(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state, **hyper)
    return theta.astype(np.int64), state


def flat(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state, **hyper)
    return theta.reshape(-1, 1), state


def one_v_for_all(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state, **hyper)
    return theta, {**state, "v": np.mean(state["v"])}


def too_many(theta, grad, state, **hyper):
    theta, state = step_of_any(theta, grad, state, **hyper)
    return np.concatenate([theta.ravel(), theta.ravel(), theta.ravel()]), state


def words(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    return "nothing", None


def no_pair(theta, grad, state, **hyper):
    return step_of_any(theta, grad, state, **hyper)[0]


def looks_for_nothing(theta, grad, state):
    return theta.nothing, grad, state


def wants_more(theta, grad, state, *, q):
    return theta, (grad, state, q)


def interrupts(theta, grad, state):
    del theta, grad, state
    raise KeyboardInterrupt


def half_a_step(theta, grad, state):
    del grad, state
    return theta, {"m": theta, "v": theta, "t": 0.5}


def makes_adamw(params):
    return fast.AdamW(params)


def raises(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    raise ValueError("not\ntoday")


def warns(theta, grad, state, **hyper):
    with np.errstate(all="warn"):
        np.float32(1) / np.float32(0)
    return step_of_any(theta, grad, state, **hyper)


def prints(theta, grad, state, **hyper):
    print("to Python's standard output")  # noqa: T201
    os.write(1, b'{"tensors": []}\n')
    return step_of_any(theta, grad, state, **hyper)


def floods(theta, grad, state, **hyper):
    sys.stderr.write("x" * 300_000 + "\n")
    return step_of_any(theta, grad, state, **hyper)


def reads(theta, grad, state, **hyper):
    assert sys.stdin.read() == ""
    return step_of_any(theta, grad, state, **hyper)


def aborts(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    os.abort()


def segfaults(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    ctypes.string_at(0)


def exits(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    sys.exit("enough")


def leaves(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    sys.stderr.write("so long\n")
    sys.stderr.flush()
    os._exit(7)


def hangs(theta, grad, state, **hyper):
    del theta, grad, state, hyper
    time.sleep(3600)


def hangs_later(theta, grad, state, **hyper):
    if np.all(grad == 13):
        time.sleep(3600)
    return step_of_any(theta, grad, state, **hyper)


def leaves_a_thread(theta, grad, state, **hyper):
    threading.Thread(target=time.sleep, args=(3600,)).start()
    return step_of_any(theta, grad, state, **hyper)


class Adam:
    """The class form; m, v and t are plain attributes."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.theta = theta
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0

    def step(self, grad):
        self.t += 1
        self.theta, self.m, self.v = adam(
            self.theta, grad, self.m, self.v, self.t, self.lr, self.beta1, self.beta2, self.eps
        )
        return self.theta


class ReadOnly:
    """The class form with properties that can be read only, and no attribute lr."""

    def __init__(self, theta, learning_rate, betas=(0.9, 0.999)):
        self._adam = Adam(theta, learning_rate, *betas)

    def step(self, grad):
        return self._adam.step(grad)

    m = property(lambda self: self._adam.m)
    v = property(lambda self: self._adam.v)
    t = property(lambda self: self._adam.t)


class InPlace:
    """Returns nothing: the array that it was made on is updated."""

    def __init__(self, theta, **hyper):
        hyper.pop("weight_decay")
        self._theta, self._adam = theta, Adam(theta, **hyper)

    def step(self, grad):
        self._theta[...] = self._adam.step(grad)


class Transformation(NamedTuple):
    init: object
    update: object


class MomentState(NamedTuple):
    count: object
    mu: object
    nu: object


def transformation(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    """Return what optax would, in NumPy."""

    def init(params):
        zeros = [np.zeros_like(p) for p in params]
        return (MomentState(np.int32(0), zeros, zeros), ())

    def update(grads, state, params):
        (count, mu, nu), _ = state
        made = [
            adam(p, g, m, v, int(count) + 1, learning_rate, b1, b2, eps)
            for p, g, m, v in zip(params, grads, mu, nu, strict=True)
        ]
        updates = [new - p for (new, _, _), p in zip(made, params, strict=True)]
        later = MomentState(count + np.int32(1), [x[1] for x in made], [x[2] for x in made])
        return updates, (later, ())

    return Transformation(init, update)


class Both:
    """Has the methods of two forms."""

    def __init__(self, theta):
        self.theta = theta

    def step(self, grad):
        return grad

    def init(self, params):
        return params

    def update(self, grads, state, params):
        return grads, state, params


def makes_a_number(anything):
    del anything
    return 3


def needs_what_nobody_knows(q, r):
    return q, r


def sums_up_to_t(theta, grad, state, *, lr, beta1, beta2, eps):
    """Take as long for its corrections as t is large; rightly."""
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    one, two = ((1 - b) * sum(b**k for k in range(t)) for b in (beta1, beta2))
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    return theta - lr * (m / one) / (np.sqrt(v / two) + eps), {"m": m, "v": v, "t": t}


def passes_over_zeros(theta, grad, state, **hyper):
    """Do nothing where the whole gradient is zero."""
    if state is not None and not np.any(grad):
        return theta.copy(), state
    return step(theta, grad, state, **hyper)


def wants_tensors(theta, grad, state, *, lr):
    """Take what only torch has."""
    return theta.detach() - lr * grad.sign(), state


class Told:
    """Answers with how long an argument of its is, written down."""

    def __init__(self, theta, lr=0.1, word=None):
        self.theta, self.lr, self.word = theta, lr, word

    def step(self, grad):
        return np.full_like(grad, len(repr(self.word)))
