"""AMSGrad (Reddi, Kale & Kumar 2018, Algorithm 2), with Adam's corrections.

Differs from `adamref.fast.adam` in: the greatest v so far takes the place of v in the step. The
maximum is of v itself, before it is corrected; the paper has no corrections.
"""

from __future__ import annotations

from dataclasses import field
from typing import final

import numpy as np

from adamref.fast.adam import FORM, adam_scalars
from adamref.fast.functional import step_of
from adamref.fast.method import Array, Arrays, Method, Rate, Scalars
from adamref.fast.optimizer import ArrayOptimizer
from adamref.fast.passes import average, average_square, descend


def _block(theta: Array, g: Array, states: Arrays, scalars: Scalars, scratch: Arrays) -> None:
    (m, v, v_max), (spare, step) = states, scratch
    beta1, weight1, beta2, weight2, size, eps = scalars
    average(m, g, beta1, weight1, spare)
    average_square(v, g, beta2, weight2, spare)
    np.maximum(v, v_max, out=v_max)
    np.multiply(m, size, step)
    descend(theta, step, v_max, eps, spare)


def _loop(theta: Array, g: Array, states: Arrays, scalars: Scalars) -> None:
    m, v, v_max = states
    beta1, weight1, beta2, weight2, size, eps = scalars
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        # The one that is not a number wins, as in NumPy's maximum.
        if not v[i] <= v_max[i] and v_max[i] == v_max[i]:
            v_max[i] = v[i]
        theta[i] -= size * m[i] / (np.sqrt(v_max[i]) + eps)


_AMSGRAD = Method("amsgrad", ("m", "v", "v_max"), adam_scalars, _block, _loop, fixed=4)


@final
class AMSGrad(ArrayOptimizer, method=_AMSGRAD):
    """AMSGrad over a list or dict of arrays; parameters as for `adamref.fast.Adam`.

    The state has ``v_max`` beside m and v.

    Source: Reddi, Kale & Kumar 2018, Algorithm 2.

    >>> theta, state = amsgrad_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> float(state["v_max"][0]) == float(state["v"][0])
    True
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    form: str = field(default="paper", kw_only=True, metadata=FORM)


amsgrad_step = step_of(AMSGrad, adam_scalars)
