"""SGD as frameworks have it: gradient descent, with the momentum of each of them.

Alone these are `adamref.rules.descent`'s gradient descent, heavy ball and averaged momentum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, Piecewise, evaluate

from adamref.rules.decay import FRAMEWORK_DECAY, decayed
from adamref.rules.optimizer import Axis, Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, dampening, delta, g, m, m_prev, t, theta_prev

if TYPE_CHECKING:
    from collections.abc import Mapping

_TORCH = "PyTorch, torch.optim.SGD"
_KERAS = "Keras, keras.optimizers.SGD"
_OPTIMI = "torch-optimi, SGD, parameter dampening"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _TORCH, initial=None)
    _BUFFERS = {
        "rate-outside": Line("m", beta1 * m_prev + g, "accumulated gradients", _TORCH),
        "dampened": Line(
            "m",
            Piecewise((beta1 * m_prev + (1 - dampening) * g, t > 1), (g, True)),
            "accumulated gradients, of which only the first counts in full",
            _TORCH,
        ),
        "average": Line("m", beta1 * m_prev + (1 - beta1) * g, "average of gradients", _OPTIMI),
        "rate-inside": Line("m", beta1 * m_prev + -1 * (alpha * g), "accumulated steps", _KERAS),
    }


def sgd(momentum: str = "none", *, nesterov: bool = False, weight_decay: str = "none") -> Rule:
    """Return SGD in a dialect.

    Parameters
    ----------
    momentum : {"none", "rate-outside", "dampened", "average", "rate-inside"}
        What is accumulated: gradients; gradients without a share of dampening, but for the first;
        an average of gradients; or steps, with alpha and the sign in them.
    nesterov : bool
        Whether the step looks ahead.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    with evaluate(False):
        moved: Expr = g + beta1 * m if nesterov else m
        step: Expr = -1 * (alpha * (g if momentum == "none" else moved))
        if momentum == "rate-inside":
            step = beta1 * m + -1 * (alpha * g) if nesterov else m
    defaults = {"alpha": "0.01"}
    if momentum != "none":
        defaults["beta1"] = "0.9"
    if momentum == "dampened":
        defaults["dampening"] = "0"
    buffer = _BUFFERS.get(momentum)
    source = _TORCH if buffer is None else buffer.source
    rule = Rule(
        "sgd",
        "SGD",
        (*(() if buffer is None else (buffer,)), Line("delta", step, "step", source), _THETA),
        source,
        defaults,
        {
            "momentum": momentum,
            "nesterov": "on" if nesterov else "off",
            "weight_decay": weight_decay,
        },
    )
    return decayed(rule, weight_decay)


def _made(axes: Mapping[str, str]) -> Rule | None:
    momentum, nesterov, decay = (axes[axis.name] for axis in _AXES)
    if any(axes[axis.name] not in axis.values for axis in _AXES):
        return None
    if nesterov == "on" and momentum not in {"rate-outside", "rate-inside"}:
        return None
    return sgd(momentum, nesterov=nesterov == "on", weight_decay=decay)


_AXES = (
    Axis(
        "momentum",
        ("none", "rate-outside", "dampened", "average", "rate-inside"),
        says=(
            "usual",
            "optax; PyTorch without dampening",
            "PyTorch, parameter dampening",
            _OPTIMI,
            "Keras: the same as rate-outside while alpha stays",
        ),
    ),
    Axis("nesterov", ("off", "on"), says=("usual", "PyTorch, optax, Keras")),
    FRAMEWORK_DECAY,
)
SGDS = (
    Optimizer(
        "sgd",
        "SGD",
        _made,
        _AXES,
        reductions=(
            "sgd-is-momentum",
            "sgd-is-heavy-ball",
            "sgd-dampened",
            "sgd-rate-inside",
            "sgd-nesterov-is-descent",
        ),
    ),
)
