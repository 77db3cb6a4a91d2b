"""Right implementations of Adam of unusual make, as plain functions of theta, gradient and state.

They were written without a look at how they are judged. Each is registered with what it is: the
dialect it belongs to, and the dtypes for which it is right. `hidden` takes the state out of sight.
"""

from __future__ import annotations

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
    """Register an implementation with what is true of it, once in however many imports."""

    def registered(step):
        if all(one.name != step.__name__ for one in ALL):
            ALL.append(Unusual(step, form, stored, dtypes))
        return step

    return registered


def hidden(step):
    """Return the same with its state out of sight."""

    def stepped(theta, grad, state, *, lr, beta1, beta2, eps):
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        theta, made = step(theta, grad, None if state is None else state(), **hyper)
        return theta, lambda: made

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
