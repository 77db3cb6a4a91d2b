"""AdaMax (Kingma & Ba 2015, Algorithm 2): Adam with the infinity norm.

The paper has no epsilon. An element whose gradients were all 0 has u = 0 and m = 0; the formula as
it stands gives 0/0. Here nothing is divided by a u of 0: the step is then ``size * m``, which is 0
where m is (the dialect ``zero_norm=undivided``).
"""

from __future__ import annotations

from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average, one_minus_power


def _scalars(
    state: State, *, lr: float = 2e-3, beta1: float = 0.9, beta2: float = 0.999, **_: Unpack[Common]
) -> Scalars:
    return beta1, 1 - beta1, beta2, lr / one_minus_power(beta1, state["t"])


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m, u), (spare, step) = states, scratch
    beta1, weight1, beta2, size = scalars
    average(m, g, beta1, weight1, step)
    np.multiply(u, beta2, u)
    np.abs(g, step)
    np.maximum(u, step, out=u)
    np.multiply(m, size, step)
    present = spare.view(np.bool_)[: u.size]
    np.not_equal(u, 0, present)
    np.divide(step, u, step, where=present)
    np.subtract(theta, step, theta)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    (m, u), (beta1, weight1, beta2, size) = states, scalars
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        u[i] = beta2 * u[i]
        magnitude = abs(g[i])
        if not magnitude <= u[i] and u[i] == u[i]:
            u[i] = magnitude
        step = size * m[i]
        if u[i] != 0:
            step /= u[i]
        theta[i] -= step


@final
class AdaMax(ArrayOptimizer, method=Method("adamax", ("m", "u"), _scalars, _block, _loop)):
    """AdaMax over a list or dict of arrays; parameters as for `adamref.fast.Adam`, without eps.

    The state has ``m`` and ``u``.

    Source: Kingma & Ba 2015, Algorithm 2.

    >>> theta, state = adamax_step(np.array([0.5, 1.0]), np.array([-15.0, 0.0]), lr=0.1)
    >>> theta.tolist()
    [0.6, 1.0]
    """

    lr: Rate = 2e-3
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0


adamax_step = step_of(AdaMax, _scalars)
