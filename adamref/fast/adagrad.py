"""AdaGrad (Duchi, Hazan & Singer 2011), diagonal: the gradient over the root of the sum of squares.

Order of operations: v as ``v + g*g``, the step as ``(lr * g) / (sqrt(v) + eps)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.fast.functional import stepped
from adamref.fast.method import Method
from adamref.fast.optimizer import Optimizer
from adamref.fast.passes import descend

if TYPE_CHECKING:
    from typing import Unpack

    from adamref.fast.functional import State
    from adamref.fast.method import Array, Hyper
    from adamref.fast.optimizer import Params, Rate
    from adamref.fast.options import Options


def _scalars(t: int, hyper: Hyper, running: dict[str, float]) -> tuple[float, ...]:
    del t, running
    return hyper["lr"], hyper["eps"]


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    (v,) = states
    lr, eps = scalars
    spare, step = scratch
    np.multiply(g, g, spare)
    np.add(v, spare, v)
    np.multiply(g, lr, step)
    descend(theta, step, v, eps, spare)


def _loop(theta: Array, g: Array, v: Array, lr: Any, eps: Any) -> None:
    for i in range(theta.size):
        v[i] = v[i] + g[i] * g[i]
        theta[i] -= lr * g[i] / (np.sqrt(v[i]) + eps)


ADAGRAD = Method("adagrad", ("v",), _scalars, 2, _block, _loop)


def adagrad_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 1e-2,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of AdaGrad; results and errors as for `adamref.fast.adam_step`.

    Source: Duchi, Hazan & Singer 2011, the diagonal form, with epsilon outside the root.

    >>> theta, state = adagrad_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> round(float(theta[0]), 9), float(state["v"][0])
    (0.6, 225.0)
    """
    hyper = {"lr": lr, "eps": eps}
    return stepped(ADAGRAD, theta, grad, state, hyper, options, l2=weight_decay)


@final
class AdaGrad(Optimizer):
    """AdaGrad over a list or dict of arrays; the rest as for `adamref.fast.Adam`."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 1e-2,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(ADAGRAD, params, {"lr": lr, "eps": eps}, options, l2=weight_decay)
