"""AdaGrad (Duchi, Hazan & Singer 2011), diagonal: the gradient over the root of the sum of squares.

Order of operations: v as ``v + g*g``, the step as ``(lr * g) / (sqrt(v) + eps)``.
"""

from __future__ import annotations

from typing import Unpack, final

import numpy as np

from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Common, Method, Rate, Scalars, State
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import descend


def _scalars(_: State, *, lr: float = 1e-2, eps: float = 1e-8, **__: Unpack[Common]) -> Scalars:
    return lr, eps


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (v,), (lr, eps), (spare, step) = states, scalars, scratch
    np.multiply(g, g, spare)
    np.add(v, spare, v)
    np.multiply(g, lr, step)
    descend(theta, step, v, eps, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    (v,), (lr, eps) = states, scalars
    for i in range(theta.size):
        v[i] = v[i] + g[i] * g[i]
        theta[i] -= lr * g[i] / (np.sqrt(v[i]) + eps)


@final
class AdaGrad(ArrayOptimizer, method=Method("adagrad", ("v",), _scalars, _block, _loop)):
    """AdaGrad over a list or dict of arrays; the rest as for `adamref.fast.Adam`.

    Source: Duchi, Hazan & Singer 2011, the diagonal form, with epsilon outside the root.

    >>> theta, state = adagrad_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> round(float(theta[0]), 9), float(state["v"][0])
    (0.6, 225.0)
    """

    lr: Rate = 1e-2
    eps: float = 1e-8
    weight_decay: float = 0.0


adagrad_step = step_of(AdaGrad, _scalars)
