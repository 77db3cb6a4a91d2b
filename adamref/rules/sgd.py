"""SGD as frameworks have it: gradient descent, with the momentum of each of them.

Alone these are `adamref.rules.descent`'s gradient descent, heavy ball and averaged momentum.
"""

from __future__ import annotations

from sympy import Expr, Piecewise, evaluate

from adamref.rules.decay import FRAMEWORK_DECAY, decayed
from adamref.rules.descent import RATE_AS_MOMENTUM
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, dampening, delta, g, m, m_prev, t, theta_prev

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


def _sgd(momentum: str, nesterov: str, weight_decay: str) -> Rule | None:
    """Return SGD in a dialect.

    Parameters
    ----------
    momentum : {"none", "rate-outside", "dampened", "average", "rate-inside"}
        What is accumulated: gradients; gradients without a share of dampening, but for the first;
        an average of gradients; or steps, with alpha and the sign in them.
    nesterov : {"off", "on"}
        Whether the step looks ahead.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    ahead = nesterov == "on"
    if ahead and momentum not in {"rate-outside", "rate-inside"}:
        return None
    with evaluate(False):
        moved: Expr = g + beta1 * m if ahead else m
        step: Expr = -1 * (alpha * (g if momentum == "none" else moved))
        if momentum == "rate-inside":
            step = beta1 * m + -1 * (alpha * g) if ahead else m
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
    )
    return decayed(rule, weight_decay)


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
        by_axes(_sgd, _AXES),
        _AXES,
        reductions=(
            "sgd-is-momentum",
            "sgd-is-heavy-ball",
            "sgd-dampened",
            "sgd-rate-inside",
            "sgd-nesterov-is-descent",
        ),
        words=RATE_AS_MOMENTUM,
    ),
)
