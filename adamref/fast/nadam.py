"""NAdam (Dozat 2016), with the momentum schedule as ``torch.optim.NAdam`` has it.

``mu_t = beta1 * (1 - 0.96**(t * psi) / 2)``. Nesterov's look-ahead takes a part of the moment after
the step and a part of the gradient itself; both parts, divided by their corrections, are worked in
float64, and so is the product of all mu so far, which is kept in the state.
"""

from __future__ import annotations

import math
from dataclasses import field
from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average, average_square, descend, one_minus_power


def _scalars(
    state: State,
    *,
    lr: float = 2e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    psi: float = 4e-3,
    **_: Unpack[Common],
) -> Scalars:
    now, following = (
        beta1 * (1 - math.pow(0.96, k * psi) / 2) for k in (state["t"], state["t"] + 1)
    )
    state["mu_product"] = product = state["mu_product"] * now
    root2 = math.sqrt(one_minus_power(beta2, state["t"]))
    size = lr * root2
    ahead = size * following / (1 - product * following)
    fresh = size * (1 - now) / (1 - product)
    return beta1, 1 - beta1, beta2, 1 - beta2, ahead, fresh, eps * root2


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m, v), (spare, step) = states, scratch
    beta1, weight1, beta2, weight2, ahead, fresh, eps = scalars
    average(m, g, beta1, weight1, spare)
    average_square(v, g, beta2, weight2, spare)
    np.multiply(m, ahead, step)
    np.multiply(g, fresh, spare)
    np.add(step, spare, step)
    descend(theta, step, v, eps, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    m, v = states
    beta1, weight1, beta2, weight2, ahead, fresh, eps = scalars
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        theta[i] -= (ahead * m[i] + fresh * g[i]) / (np.sqrt(v[i]) + eps)


_NADAM = Method("nadam", ("m", "v"), _scalars, _block, _loop, fixed=4, running={"mu_product": 1.0})


@final
class NAdam(ArrayOptimizer, method=_NADAM):
    """NAdam over a list or dict of arrays; parameters as for `adamref.fast.Adam`, and psi.

    The state has ``mu_product`` beside t, m and v; ``psi`` is the decay of the momentum's schedule.

    Source: Dozat 2016, with the schedule of ``torch.optim.NAdam``.

    >>> theta, state = nadam_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> 0.6 < float(theta[0]) < 0.7
    True
    """

    lr: Rate = 2e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    psi: float = field(default=4e-3, kw_only=True)


nadam_step = step_of(NAdam, _scalars)
