"""AdamW (Loshchilov & Hutter 2019, Algorithm 2): Adam with weight decay apart from the gradient.

Differs from `adamref.fast.adam` in: theta is multiplied by ``1 - lr * weight_decay``, worked in
float64, before the step.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, final

from adamref.fast.adam import ADAM, FORM, adam_scalars
from adamref.fast.functional import step_of
from adamref.fast.optimizer import ArrayOptimizer

if TYPE_CHECKING:
    from adamref.fast.method import Rate


@final
class AdamW(ArrayOptimizer, method=ADAM, decoupled=True):
    """AdamW over a list or dict of arrays; parameters as for `adamref.fast.Adam`.

    Source: Loshchilov & Hutter 2019, Algorithm 2, with the step size as schedule multiplier.

    >>> import numpy as np
    >>> theta, _ = adamw_step(np.array([0.5]), np.array([-15.0]), lr=0.1, weight_decay=0.1)
    >>> round(float(theta[0]), 12)
    0.594999999933
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.01
    form: str = field(default="paper", kw_only=True, metadata=FORM)


adamw_step = step_of(AdamW, adam_scalars)
