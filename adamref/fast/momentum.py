"""Momentum, in two forms: an average of the gradients, or their decaying sum (Polyak 1964).

Order of operations: m as ``beta1*m + w*g``, with w = 1 - beta1 or 1, the step as ``lr * m``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.errors import UnknownName
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

_KINDS = ("average", "sum")


def _scalars(t: int, hyper: Hyper, running: dict[str, float]) -> tuple[float, ...]:
    del t, running
    beta1 = hyper["beta1"]
    return beta1, 1 - beta1 if hyper["kind"] == "average" else 1.0, hyper["lr"]


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    (m,) = states
    beta1, weight, lr = scalars
    (step,) = scratch
    average(m, g, beta1, weight, step)
    np.multiply(m, lr, step)
    np.subtract(theta, step, theta)


def _loop(theta: Array, g: Array, m: Array, beta1: Any, weight: Any, lr: Any) -> None:
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight * g[i]
        theta[i] -= lr * m[i]


MOMENTUM = Method("momentum", ("m",), _scalars, 3, _block, _loop, scratch=1)


def momentum_step(
    theta: Array,
    grad: Array,
    state: State | None = None,
    *,
    lr: float = 1e-2,
    beta1: float = 0.9,
    weight_decay: float = 0.0,
    kind: str = "average",
    **options: Unpack[Options],
) -> tuple[Array, State]:
    """Work one step of momentum; results and errors as for `adamref.fast.adam_step`.

    ``kind`` is "average", with weight 1 - beta1 of the gradient, or "sum", with weight 1.

    Source: Polyak 1964 (the sum); the average is the one in Adam.

    >>> theta, state = momentum_step(np.array([0.5]), np.array([-15.0]), lr=0.125, beta1=0.5)
    >>> float(theta[0]), float(state["m"][0])
    (1.4375, -7.5)
    """
    return stepped(MOMENTUM, theta, grad, state, _hyper(lr, beta1, kind), options, l2=weight_decay)


@final
class Momentum(Optimizer):
    """Momentum over a list or dict of arrays; the rest as for `adamref.fast.Adam`."""

    def __init__(
        self,
        params: Params,
        lr: Rate = 1e-2,
        beta1: float = 0.9,
        weight_decay: float = 0.0,
        *,
        kind: str = "average",
        **options: Unpack[Options],
    ) -> None:
        super().__init__(MOMENTUM, params, _hyper(lr, beta1, kind), options, l2=weight_decay)


def _hyper(lr: Rate, beta1: float, kind: str) -> dict[str, Any]:
    if kind not in _KINDS:
        raise UnknownName("kind of momentum", kind, _KINDS)
    return {"lr": lr, "beta1": beta1, "kind": kind}
