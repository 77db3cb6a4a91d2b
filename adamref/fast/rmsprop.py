"""RMSprop (Tieleman & Hinton 2012): the gradient over the root of its mean square.

Order of operations: v as ``beta2*v + (1 - beta2)*(g*g)``, the step as
``(lr * g) / (sqrt(v) + eps)``.
"""

from __future__ import annotations

from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average_square, descend


def _scalars(
    _: State, *, lr: float = 1e-3, beta2: float = 0.9, eps: float = 1e-8, **__: Unpack[Common]
) -> Scalars:
    return beta2, 1 - beta2, lr, eps


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (v,), (beta2, weight2, lr, eps), (spare, step) = states, scalars, scratch
    average_square(v, g, beta2, weight2, spare)
    np.multiply(g, lr, step)
    descend(theta, step, v, eps, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    (v,), (beta2, weight2, lr, eps) = states, scalars
    for i in range(theta.size):
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        theta[i] -= lr * g[i] / (np.sqrt(v[i]) + eps)


@final
class RMSprop(ArrayOptimizer, method=Method("rmsprop", ("v",), _scalars, _block, _loop)):
    """RMSprop over a list or dict of arrays; the rest as for `adamref.fast.Adam`.

    Source: Tieleman & Hinton 2012, lecture 6.5, with epsilon outside the root.

    >>> theta, _ = rmsprop_step(np.array([0.5]), np.array([-15.0]), lr=0.1, beta2=0.75)
    >>> round(float(theta[0]), 9)
    0.7
    """

    lr: Rate = 1e-3
    beta2: float = 0.9
    eps: float = 1e-8
    weight_decay: float = 0.0


rmsprop_step = step_of(RMSprop, _scalars)
