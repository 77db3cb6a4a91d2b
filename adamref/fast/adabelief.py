"""AdaBelief (Zhuang et al. 2020, Algorithm 2): Adam with g's square distance from m for its square.

A step is ``theta - size * m / (sqrt(s) + eps_t)``, size and eps_t as in `adamref.fast.adam`.

Order of operations: m as ``beta1*m + (1 - beta1)*g``, s as ``(beta2*s + (1 - beta2)*(d*d)) + eps``
with ``d = g - m`` of the new m, the step as ``(size * m) / (sqrt(s) + eps_t)``.
"""

from __future__ import annotations

import math
from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average, average_square, descend, one_minus_power


def _scalars(
    state: State,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-16,
    **_: Unpack[Common],
) -> Scalars:
    root2 = math.sqrt(one_minus_power(beta2, state["t"]))
    size = lr * root2 / one_minus_power(beta1, state["t"])
    return beta1, 1 - beta1, beta2, 1 - beta2, eps, size, eps * root2


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m, s), (spare, step) = states, scratch
    beta1, weight1, beta2, weight2, eps, size, eps_t = scalars
    average(m, g, beta1, weight1, spare)
    np.subtract(g, m, step)
    average_square(s, step, beta2, weight2, spare)
    np.add(s, eps, s)
    np.multiply(m, size, step)
    descend(theta, step, s, eps_t, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    m, s = states
    beta1, weight1, beta2, weight2, eps, size, eps_t = scalars
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        d = g[i] - m[i]
        s[i] = beta2 * s[i] + weight2 * (d * d) + eps
        theta[i] -= size * m[i] / (np.sqrt(s[i]) + eps_t)


_ADABELIEF = Method("adabelief", ("m", "s"), _scalars, _block, _loop, fixed=5)


@final
class AdaBelief(ArrayOptimizer, method=_ADABELIEF, decoupled=True):
    """AdaBelief over a list or dict of arrays; the rest as for `adamref.fast.AdamW`.

    The state has ``m`` and ``s``.

    Source: Zhuang et al. 2020, Algorithm 2, with epsilon added to s and to its root.

    >>> theta, state = adabelief_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> round(float(theta[0]), 9), round(float(state["s"][0]), 9)
    (0.611111111, 0.18225)
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-16
    weight_decay: float = 0.0


adabelief_step = step_of(AdaBelief, _scalars)
