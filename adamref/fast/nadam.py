"""NAdam (Dozat 2016), with the momentum schedule as ``torch.optim.NAdam`` has it.

``mu_t = beta1 * (1 - 0.96**(t * psi) / 2)``. Nesterov's look-ahead takes a part of the moment after
the step and a part of the gradient itself; both parts, divided by their corrections, are worked in
float64, and so is the product of all mu so far, which is kept in the state.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.fast.corrections import one_minus_power
from adamref.fast.functional import stepped
from adamref.fast.method import Method
from adamref.fast.optimizer import Optimizer
from adamref.fast.passes import average, average_square, descend

if TYPE_CHECKING:
    from typing import Unpack

    from adamref.fast.functional import State
    from adamref.fast.method import Array, Hyper
    from adamref.fast.optimizer import Params, Rate
    from adamref.fast.options import Options

_BASE = 0.96


def _momentum(beta1: float, psi: float, t: int) -> float:
    return beta1 * (1 - math.pow(_BASE, t * psi) / 2)


def _scalars(t: int, hyper: Hyper, running: dict[str, float]) -> tuple[float, ...]:
    beta1, beta2, psi = hyper["beta1"], hyper["beta2"], hyper["psi"]
    now, following = _momentum(beta1, psi, t), _momentum(beta1, psi, t + 1)
    product = running["mu_product"] * now
    running["mu_product"] = product
    root2 = math.sqrt(one_minus_power(beta2, t))
    size = hyper["lr"] * root2
    ahead = size * following / (1 - product * following)
    fresh = size * (1 - now) / (1 - product)
    return beta1, 1 - beta1, beta2, 1 - beta2, ahead, fresh, hyper["eps"] * root2


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    m, v = states
    beta1, weight1, beta2, weight2, ahead, fresh, eps = scalars
    spare, step = scratch
    average(m, g, beta1, weight1, spare)
    average_square(v, g, beta2, weight2, spare)
    np.multiply(m, ahead, step)
    np.multiply(g, fresh, spare)
    np.add(step, spare, step)
    descend(theta, step, v, eps, spare)


def _loop(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    beta1: Any,
    weight1: Any,
    beta2: Any,
    weight2: Any,
    ahead: Any,
    fresh: Any,
    eps: Any,
) -> None:
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        theta[i] -= (ahead * m[i] + fresh * g[i]) / (np.sqrt(v[i]) + eps)


NADAM = Method(
    "nadam", ("m", "v"), _scalars, 7, _block, _loop, fixed=4, running={"mu_product": 1.0}
)


def nadam_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 2e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    psi: float = 4e-3,
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of NAdam; results and errors as for `adamref.fast.adam_step`.

    The state has ``mu_product`` beside t, m and v; ``psi`` is the decay of the momentum's schedule.

    Source: Dozat 2016, with the schedule of ``torch.optim.NAdam``.

    >>> theta, state = nadam_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> 0.6 < float(theta[0]) < 0.7
    True
    """
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "psi": psi}
    return stepped(NADAM, theta, grad, state, hyper, options, l2=weight_decay)


@final
class NAdam(Optimizer):
    """NAdam over a list or dict of arrays; parameters as for `adamref.fast.Adam`, and psi."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        psi: float = 4e-3,
        **options: Unpack[Options],
    ) -> None:
        beta1, beta2 = betas
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "psi": psi}
        super().__init__(NADAM, params, hyper, options, l2=weight_decay)
