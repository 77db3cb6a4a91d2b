"""A machine that takes subnormal numbers for zero everywhere, as vectorised code may be run on."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.oracle.check import check
from adamref.oracle.observe.trials import trials

DTYPES = ("float32", "float64")


class Flushed(np.ndarray):
    """Arrays whose operations take and give zero for what is below the least normal number."""

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        made = getattr(ufunc, method)(*(_flushed(x) for x in inputs), **options)
        return _flushed(made).view(Flushed) if isinstance(made, np.ndarray) else made


def _flushed(x):
    if not isinstance(x, np.ndarray):
        return x
    plain = x.view(np.ndarray)
    if plain.dtype.kind != "f":
        return plain
    return np.where(np.abs(plain) < np.finfo(plain.dtype).tiny, plain.dtype.type(0), plain)


def decayed_before(theta, delta, lr, decay):
    return theta * (1 - lr * decay) - lr * delta


def decayed_by_a_difference(theta, delta, lr, decay):
    return theta - (lr * decay) * theta - lr * delta


def decayed_in_the_update(theta, delta, lr, decay):
    return theta - lr * (delta + decay * theta)


def decay_rounded_first(theta, delta, lr, decay):
    return theta - lr * (decay * theta) - lr * delta


def flushing(after, *, penalty=False):
    """Return Adam with a decay, worked on such a machine."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
        kind = theta.dtype.type
        held = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
        theta, g, m, v = (x.view(Flushed) for x in (theta, grad, held["m"], held["v"]))
        t, decay = int(held["t"]) + 1, kind(weight_decay)
        g = g + decay * theta if penalty else g
        m = kind(beta1) * m + kind(1 - beta1) * g
        v = kind(beta2) * v + kind(1 - beta2) * (g * g)
        delta = (m / kind(1 - beta1**t)) / (np.sqrt(v / kind(1 - beta2**t)) + kind(eps))
        theta = after(theta, delta, kind(lr), kind(0) if penalty else decay)
        m, v, theta = (x.view(np.ndarray) for x in (m, v, theta))
        return theta, {"m": m, "v": v, "t": t}

    return step


CASES = {
    "decoupled, a product": ("adamw", flushing(decayed_before)),
    "decoupled, a difference": ("adamw", flushing(decayed_by_a_difference)),
    "decoupled, in the update": ("adamw", flushing(decayed_in_the_update)),
    "decoupled, from the right": ("adamw", flushing(decay_rounded_first)),
    "a penalty": ("adam-l2", flushing(decayed_before, penalty=True)),
}


def checked(step, optimizer, dtype):
    names = [x.name for x in trials(dtype, optimizer) if x.apart and "size" not in x.name]
    few = [f"{x}-{dtype}" for x in ("generic", "random-generic", "random-many", "decay-first")]
    known = {x.name for x in trials(dtype, optimizer)}
    with np.errstate(all="ignore"):
        return check(
            step, isolate=False, dtype=dtype, optimizer=optimizer,
            probes=[x for x in (*few, *names) if x in known],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        pytest.param(name, dtype, marks=pytest.mark.long if i or dtype != DTYPES[0] else ())
        for i, name in enumerate(CASES)
        for dtype in DTYPES
    ],
)
def test_what_is_flushed_within_a_step_is_a_limit(name, dtype):
    """So it is of a decay: alpha*lambda*theta is subnormal well before theta is."""
    optimizer, step = CASES[name]
    report = checked(step, optimizer, dtype)
    assert report.verdict == "conforms", report.diagnosis
    limits = {x.id for x in report.findings if x.severity == "limit"}
    assert limits == {"subnormal-flushed", "square-overflow"}
