"""Lion (Chen et al. 2023, Algorithm 2): the sign of an average, found by a search over programs.

Order of operations: the step as ``lr * sign(beta1*m + (1 - beta1)*g)``, of the m before it; then m
as ``beta2*m + (1 - beta2)*g``.
"""

from __future__ import annotations

from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average


def _scalars(
    _: State, *, lr: float = 1e-4, beta1: float = 0.9, beta2: float = 0.99, **__: Unpack[Common]
) -> Scalars:
    return beta1, 1 - beta1, beta2, 1 - beta2, lr


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m,), (spare, step) = states, scratch
    beta1, weight1, beta2, weight2, lr = scalars
    np.multiply(m, beta1, step)
    np.multiply(g, weight1, spare)
    np.add(step, spare, step)
    np.sign(step, step)
    np.multiply(step, lr, step)
    np.subtract(theta, step, theta)
    average(m, g, beta2, weight2, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    (m,), (beta1, weight1, beta2, weight2, lr) = states, scalars
    for i in range(theta.size):
        theta[i] -= lr * np.sign(beta1 * m[i] + weight1 * g[i])
        m[i] = beta2 * m[i] + weight2 * g[i]


_LION = Method("lion", ("m",), _scalars, _block, _loop, fixed=4)


@final
class Lion(ArrayOptimizer, method=_LION, decoupled=True):
    """Lion over a list or dict of arrays; the rest as for `adamref.fast.AdamW`, without eps.

    Source: Chen et al. 2023, Algorithm 2.

    >>> theta, state = lion_step(np.array([0.5, 1.0]), np.array([-15.0, 0.0]), lr=0.125)
    >>> theta.tolist(), round(float(state["m"][0]), 9)
    ([0.625, 1.0], -0.15)
    """

    lr: Rate = 1e-4
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0


lion_step = step_of(Lion, _scalars)
