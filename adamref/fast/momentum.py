"""Momentum, in two forms: an average of the gradients, or their decaying sum (Polyak 1964).

Order of operations: m as ``beta1*m + w*g``, with w = 1 - beta1 or 1, the step as ``lr * m``.
"""

from __future__ import annotations

from dataclasses import field
from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average

_KIND = {"kind of momentum": ("average", "sum")}


def _scalars(
    _: State, *, lr: float = 1e-2, beta1: float = 0.9, kind: str = "average", **__: Unpack[Common]
) -> Scalars:
    return beta1, 1 - beta1 if kind == "average" else 1.0, lr


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m,), (beta1, weight, lr), (step,) = states, scalars, scratch
    average(m, g, beta1, weight, step)
    np.multiply(m, lr, step)
    np.subtract(theta, step, theta)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    (m,), (beta1, weight, lr) = states, scalars
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight * g[i]
        theta[i] -= lr * m[i]


@final
class Momentum(
    ArrayOptimizer, method=Method("momentum", ("m",), _scalars, _block, _loop, scratch=1)
):
    """Momentum over a list or dict of arrays; the rest as for `adamref.fast.Adam`.

    ``kind`` is "average", with weight 1 - beta1 of the gradient, or "sum", with weight 1.

    Source: Polyak 1964 (the sum); the average is the one in Adam.

    >>> theta, state = momentum_step(np.array([0.5]), np.array([-15.0]), lr=0.125, beta1=0.5)
    >>> float(theta[0]), float(state["m"][0])
    (1.4375, -7.5)
    """

    lr: Rate = 1e-2
    beta1: float = 0.9
    weight_decay: float = 0.0
    kind: str = field(default="average", kw_only=True, metadata=_KIND)


momentum_step = step_of(Momentum, _scalars)
