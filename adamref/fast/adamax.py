"""AdaMax (Kingma & Ba 2015, Algorithm 2): Adam with the infinity norm.

The paper has no epsilon. An element whose gradients were all 0 has u = 0 and m = 0; the formula as
it stands gives 0/0. Here nothing is divided by a u of 0: the step is then ``size * m``, which is 0
where m is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.fast.corrections import one_minus_power
from adamref.fast.functional import stepped
from adamref.fast.method import Method
from adamref.fast.optimizer import Optimizer
from adamref.fast.passes import average

if TYPE_CHECKING:
    from typing import Unpack

    from adamref.fast.functional import State
    from adamref.fast.method import Array, Hyper
    from adamref.fast.optimizer import Params, Rate
    from adamref.fast.options import Options


def _scalars(t: int, hyper: Hyper, running: dict[str, float]) -> tuple[float, ...]:
    del running
    beta1 = hyper["beta1"]
    return beta1, 1 - beta1, hyper["beta2"], hyper["lr"] / one_minus_power(beta1, t)


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    m, u = states
    beta1, weight1, beta2, size = scalars
    spare, step = scratch
    average(m, g, beta1, weight1, step)
    np.multiply(u, beta2, u)
    np.abs(g, step)
    np.maximum(u, step, out=u)
    np.multiply(m, size, step)
    present = spare.view(np.bool_)[: u.size]
    np.not_equal(u, 0, present)
    np.divide(step, u, step, where=present)
    np.subtract(theta, step, theta)


def _loop(
    theta: Array,
    g: Array,
    m: Array,
    u: Array,
    beta1: Any,
    weight1: Any,
    beta2: Any,
    size: Any,
) -> None:
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


ADAMAX = Method("adamax", ("m", "u"), _scalars, 4, _block, _loop)


def adamax_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 2e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    weight_decay: float = 0.0,
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of AdaMax; results and errors as for `adamref.fast.adam_step`.

    The state has ``m`` and ``u``.

    Source: Kingma & Ba 2015, Algorithm 2.

    >>> theta, state = adamax_step(np.array([0.5, 1.0]), np.array([-15.0, 0.0]), lr=0.1)
    >>> theta.tolist()
    [0.6, 1.0]
    """
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2}
    return stepped(ADAMAX, theta, grad, state, hyper, options, l2=weight_decay)


@final
class AdaMax(Optimizer):
    """AdaMax over a list or dict of arrays; parameters as for `adamref.fast.Adam`, without eps."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        beta1, beta2 = betas
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2}
        super().__init__(ADAMAX, params, hyper, options, l2=weight_decay)
