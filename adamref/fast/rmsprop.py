"""RMSprop (Tieleman & Hinton 2012): the gradient over the root of its mean square.

Order of operations: v as ``beta2*v + (1 - beta2)*(g*g)``, the step as
``(lr * g) / (sqrt(v) + eps)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.fast.functional import stepped
from adamref.fast.method import Method
from adamref.fast.optimizer import Optimizer
from adamref.fast.passes import average_square, descend

if TYPE_CHECKING:
    from typing import Unpack

    from adamref.fast.functional import State
    from adamref.fast.method import Array, Hyper
    from adamref.fast.optimizer import Params, Rate
    from adamref.fast.options import Options


def _scalars(t: int, hyper: Hyper, running: dict[str, float]) -> tuple[float, ...]:
    del t, running
    beta2 = hyper["beta2"]
    return beta2, 1 - beta2, hyper["lr"], hyper["eps"]


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    (v,) = states
    beta2, weight2, lr, eps = scalars
    spare, step = scratch
    average_square(v, g, beta2, weight2, spare)
    np.multiply(g, lr, step)
    descend(theta, step, v, eps, spare)


def _loop(theta: Array, g: Array, v: Array, beta2: Any, weight2: Any, lr: Any, eps: Any) -> None:
    for i in range(theta.size):
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        theta[i] -= lr * g[i] / (np.sqrt(v[i]) + eps)


RMSPROP = Method("rmsprop", ("v",), _scalars, 4, _block, _loop)


def rmsprop_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 1e-3,
    beta2: float = 0.9,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of RMSprop; results and errors as for `adamref.fast.adam_step`.

    Source: Tieleman & Hinton 2012, lecture 6.5, with epsilon outside the root.

    >>> theta, _ = rmsprop_step(np.array([0.5]), np.array([-15.0]), lr=0.1, beta2=0.75)
    >>> round(float(theta[0]), 9)
    0.7
    """
    hyper = {"lr": lr, "beta2": beta2, "eps": eps}
    return stepped(RMSPROP, theta, grad, state, hyper, options, l2=weight_decay)


@final
class RMSprop(Optimizer):
    """RMSprop over a list or dict of arrays; the rest as for `adamref.fast.Adam`."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 1e-3,
        beta2: float = 0.9,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        hyper = {"lr": lr, "beta2": beta2, "eps": eps}
        super().__init__(RMSPROP, params, hyper, options, l2=weight_decay)
