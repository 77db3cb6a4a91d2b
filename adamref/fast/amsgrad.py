"""AMSGrad (Reddi, Kale & Kumar 2018, Algorithm 2), with Adam's corrections.

Differs from `adamref.fast.adam` in: the greatest v so far takes the place of v in the step. The
maximum is of v itself, before it is corrected; the paper has no corrections.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.fast.adam import adam_scalars
from adamref.fast.functional import stepped
from adamref.fast.method import Method
from adamref.fast.optimizer import Optimizer
from adamref.fast.passes import average, average_square, descend

if TYPE_CHECKING:
    from typing import Unpack

    from adamref.fast.functional import State
    from adamref.fast.method import Array
    from adamref.fast.optimizer import Params, Rate
    from adamref.fast.options import Options


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    m, v, v_max = states
    beta1, weight1, beta2, weight2, size, eps = scalars
    spare, step = scratch
    average(m, g, beta1, weight1, spare)
    average_square(v, g, beta2, weight2, spare)
    np.maximum(v, v_max, out=v_max)
    np.multiply(m, size, step)
    descend(theta, step, v_max, eps, spare)


def _loop(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    v_max: Array,
    beta1: Any,
    weight1: Any,
    beta2: Any,
    weight2: Any,
    size: Any,
    eps: Any,
) -> None:
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        # The one that is not a number wins, as in NumPy's maximum.
        if not v[i] <= v_max[i] and v_max[i] == v_max[i]:
            v_max[i] = v[i]
        theta[i] -= size * m[i] / (np.sqrt(v_max[i]) + eps)


AMSGRAD = Method("amsgrad", ("m", "v", "v_max"), adam_scalars, 6, _block, _loop, fixed=4)


def amsgrad_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    form: str = "paper",
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of AMSGrad; parameters, results and errors as for `adamref.fast.adam_step`.

    The state has ``v_max`` beside m and v.

    Source: Reddi, Kale & Kumar 2018, Algorithm 2.

    >>> theta, state = amsgrad_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> float(state["v_max"][0]) == float(state["v"][0])
    True
    """
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "form": form}
    return stepped(AMSGRAD, theta, grad, state, hyper, options, l2=weight_decay)


@final
class AMSGrad(Optimizer):
    """AMSGrad over a list or dict of arrays; parameters as for `adamref.fast.Adam`."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        form: str = "paper",
        **options: Unpack[Options],
    ) -> None:
        beta1, beta2 = betas
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "form": form}
        super().__init__(AMSGRAD, params, hyper, options, l2=weight_decay)
