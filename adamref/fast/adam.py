"""Adam (Kingma & Ba 2015, Algorithm 1), and the order at the end of its section 2 (eps-hat).

A step is ``theta - size * m / (sqrt(v) + eps_t)``, with ``size = lr * sqrt(c2) / c1``; c1 and c2
are the two corrections, worked in float64. That is Algorithm 1 where ``eps_t = eps * sqrt(c2)``,
and the other order where ``eps_t = eps``: neither m nor v is divided by its correction, which saves
two passes over the arrays.

Order of operations: m as ``beta1*m + (1 - beta1)*g``, v as ``beta2*v + (1 - beta2)*(g*g)``, the
step as ``(size * m) / (sqrt(v) + eps_t)``.
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


def adam_scalars(t: int, hyper: Hyper, running: dict[str, float]) -> tuple[float, ...]:
    """Return the decay rates and weights, the step size and eps of step t."""
    del running
    beta1, beta2, eps = hyper["beta1"], hyper["beta2"], hyper["eps"]
    root2 = math.sqrt(one_minus_power(beta2, t))
    size = hyper["lr"] * root2 / one_minus_power(beta1, t)
    if hyper["form"] == "paper":
        eps *= root2
    return beta1, 1 - beta1, beta2, 1 - beta2, size, eps


def _block(
    theta: Array,
    g: Array,
    states: tuple[Array, ...],
    scalars: tuple[Any, ...],
    scratch: tuple[Array, ...],
) -> None:
    m, v = states
    beta1, weight1, beta2, weight2, size, eps = scalars
    spare, step = scratch
    average(m, g, beta1, weight1, spare)
    average_square(v, g, beta2, weight2, spare)
    np.multiply(m, size, step)
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
    size: Any,
    eps: Any,
) -> None:
    for i in range(theta.size):
        m[i] = beta1 * m[i] + weight1 * g[i]
        v[i] = beta2 * v[i] + weight2 * (g[i] * g[i])
        theta[i] -= size * m[i] / (np.sqrt(v[i]) + eps)


ADAM = Method("adam", ("m", "v"), adam_scalars, 6, _block, _loop, fixed=4)


def adam_step(
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
    """Work one step of Adam.

    Parameters
    ----------
    theta, grad : arrays
        One shape, any strides; one dtype of float16, bfloat16 (of ml_dtypes), float32, float64.
    state : mapping, optional
        ``t``, ``m`` and ``v`` as the last step returned them; None before the first.
    lr : float
        The step size alpha, in units of theta.
    beta1, beta2 : float
        In [0, 1).
    eps : float
        In units of the gradient.
    weight_decay : float
        L2: ``weight_decay * theta`` is added to the gradient.
    form : {"paper", "eps-hat"}
    **options
        See `adamref.fast.options.Options`: in_place, maximize, threads, kernel, state_dtype.

    Returns
    -------
    tuple
        The new theta and state. Unless it is done in place, the arrays are new ones.

    Raises
    ------
    ShapeMismatch, WrongDtype, ReadOnly, OutOfDomain, UnknownName
        Before anything is written to.

    Notes
    -----
    float32 and float64 are worked in their own precision, narrower ones in float32, rounded once
    when they are stored: their own 8 or 11 bits would lose the step. Corrections and step size are
    worked in float64 always, by log1p and expm1, and rounded once. The error is within the bounds
    of `adamref.bounds` for the order of operations above; the tests hold it to them.

    Source: Kingma & Ba 2015, Algorithm 1 and section 2.

    >>> theta, state = adam_step(np.array([0.5]), np.array([-15.0]), lr=0.1)
    >>> float(theta[0]), state["t"]
    (0.5999999999333333, 1)
    """
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "form": form}
    return stepped(ADAM, theta, grad, state, hyper, options, l2=weight_decay)


@final
class Adam(Optimizer):
    """Adam over a list or dict of arrays, updated in place; see `adam_step`.

    Parameters
    ----------
    params : list or dict of arrays
    lr : float or callable
        The step size; a callable is asked with the number of the step, from 1.
    betas : (float, float)
    eps : float
    weight_decay : float
        L2.
    form : {"paper", "eps-hat"}
    **options
        As for `adam_step`, without in_place.

    >>> theta = np.array([0.5])
    >>> optimizer = Adam([theta], lr=0.1)
    >>> optimizer.step([np.array([-15.0])])
    >>> float(theta[0])
    0.5999999999333333
    """

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
        super().__init__(ADAM, params, hyper, options, l2=weight_decay)
