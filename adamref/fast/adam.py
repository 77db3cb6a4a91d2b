"""Adam (Kingma & Ba 2015, Algorithm 1), and the order at the end of its section 2 (eps-hat).

A step is ``theta - size * m / (sqrt(v) + eps_t)``, with ``size = lr * sqrt(c2) / c1``; c1 and c2
are the two corrections, worked in float64. That is Algorithm 1 where ``eps_t = eps * sqrt(c2)``,
and the other order where ``eps_t = eps``: neither m nor v is divided by its correction, which saves
two passes over the arrays.

Order of operations: m as ``beta1*m + (1 - beta1)*g``, v as ``beta2*v + (1 - beta2)*(g*g)``, the
step as ``(size * m) / (sqrt(v) + eps_t)``.
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

FORM = {"form": ("paper", "eps-hat")}


def adam_scalars(
    state: State,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    form: str = "paper",
    **_: Unpack[Common],
) -> Scalars:
    """Return the decay rates and weights, the step size and eps of step t."""
    root2 = math.sqrt(one_minus_power(beta2, state["t"]))
    size = lr * root2 / one_minus_power(beta1, state["t"])
    return beta1, 1 - beta1, beta2, 1 - beta2, size, eps * root2 if form == "paper" else eps


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m, v), (spare, step) = states, scratch
    beta1, weight1, beta2, weight2, size, eps = scalars
    average(m, g, beta1, weight1, spare)
    average_square(v, g, beta2, weight2, spare)
    np.multiply(m, size, step)
    descend(theta, step, v, eps, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    m, v = states
    beta1, weight1, beta2, weight2, size, eps = scalars
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        theta[i] -= size * m[i] / (np.sqrt(v[i]) + eps)


ADAM = Method("adam", ("m", "v"), adam_scalars, _block, _loop, fixed=4)


@final
class Adam(ArrayOptimizer, method=ADAM):
    """Adam over a list or dict of arrays, updated in place; see `adam_step`.

    Parameters
    ----------
    params : list or dict of arrays
    lr : float or callable
        The step size alpha, in units of theta; a callable is asked with the number of the step,
        from 1.
    betas : (float, float)
        In [0, 1); `adam_step` takes ``beta1`` and ``beta2``.
    eps : float
        In units of the gradient.
    weight_decay : float
        L2: ``weight_decay * theta`` is added to the gradient.
    form : {"paper", "eps-hat"}
    **options
        See `adamref.fast.Options`; always in place.

    Source: Kingma & Ba 2015, Algorithm 1 and section 2.

    >>> theta = np.array([0.5])
    >>> optimizer = Adam([theta], lr=0.1)
    >>> optimizer.step([np.array([-15.0])])
    >>> float(theta[0])
    0.5999999999333333
    >>> theta, state = adam_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> float(theta[0]), state["t"]
    (0.5999999999333333, 1)
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    form: str = field(default="paper", kw_only=True, metadata=FORM)


adam_step = step_of(Adam, adam_scalars)
