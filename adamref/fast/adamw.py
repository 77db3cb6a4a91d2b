"""AdamW (Loshchilov & Hutter 2019, Algorithm 2): Adam with weight decay apart from the gradient.

Differs from `adamref.fast.adam` in: theta is multiplied by ``1 - lr * weight_decay``, worked in
float64, before the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from adamref.fast.adam import ADAM
from adamref.fast.functional import stepped
from adamref.fast.optimizer import Optimizer

if TYPE_CHECKING:
    from typing import Unpack

    from adamref.fast.functional import State
    from adamref.fast.method import Array
    from adamref.fast.optimizer import Params, Rate
    from adamref.fast.options import Options


def adamw_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
    form: str = "paper",
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of AdamW; parameters, results and errors as for `adamref.fast.adam_step`.

    Source: Loshchilov & Hutter 2019, Algorithm 2, with the step size as schedule multiplier.

    >>> import numpy as np
    >>> theta, _ = adamw_step(np.array([0.5]), np.array([-15.0]), lr=0.1, weight_decay=0.1)
    >>> round(float(theta[0]), 12)
    0.594999999933
    """
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "form": form}
    return stepped(ADAM, theta, grad, state, hyper, options, decay=weight_decay)


@final
class AdamW(Optimizer):
    """AdamW over a list or dict of arrays; parameters as for `adamref.fast.Adam`."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        form: str = "paper",
        **options: Unpack[Options],
    ) -> None:
        beta1, beta2 = betas
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "form": form}
        super().__init__(ADAM, params, hyper, options, decay=weight_decay)
