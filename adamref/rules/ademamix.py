"""AdEMAMix: AdamW with a second, slow average of the gradients beside the first."""

from __future__ import annotations

from sympy import Min, Piecewise, Symbol, evaluate, exp, log, sqrt

from adamref.rules.adam import FIRST_CORRECTED, MOMENTS, SECOND_CORRECTED
from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    alpha_mix,
    beta1,
    beta3,
    delta,
    eps,
    g,
    m_hat,
    m_slow,
    m_slow_prev,
    mix,
    rate,
    t,
    theta_prev,
    v_hat,
    warmup,
)

_PAGLIARDINI = "Pagliardini, Ablin & Grangier 2024, The AdEMAMix Optimizer, Algorithm 1"

with evaluate(False):
    _DONE = t / warmup
    _MIX = Line(
        "mix", Min(t * alpha_mix / warmup, alpha_mix), "how much of the slow average", _PAGLIARDINI
    )
    _HALF_LIFE = (1 + -1 * _DONE) * log(beta3) + _DONE * log(beta1)
    _RATE = Line(
        "rate",
        # From there on the paper's is beta3, but 0 has no logarithm.
        Piecewise(
            (Min(exp(log(beta1) * log(beta3) / _HALF_LIFE), beta3), t < warmup), (beta3, True)
        ),
        "decay rate of the slow average: its half-life grows evenly",
        _PAGLIARDINI,
    )
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _PAGLIARDINI, initial=None)


def _slow(decay: Symbol) -> Line:
    with evaluate(False):
        average = decay * m_slow_prev + (1 - decay) * g
        return Line("m_slow", average, "slow average, not corrected", _PAGLIARDINI)


def _step(share: Symbol) -> Line:
    with evaluate(False):
        both = m_hat + share * m_slow
        return Line("delta", -1 * (alpha * both / (sqrt(v_hat) + eps)), "step", _PAGLIARDINI)


def _ademamix(schedule: str, weight_decay: str) -> Rule:
    """Return AdEMAMix in a dialect.

    Parameters
    ----------
    schedule : {"none", "paper"}
        Whether the slow average comes in over the first ``warmup`` steps.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    warms = schedule == "paper"
    scheduled = (_MIX, _RATE) if warms else ()
    slow, step = _slow(rate if warms else beta3), _step(mix if warms else alpha_mix)
    rule = Rule(
        "ademamix",
        "AdEMAMix",
        (*MOMENTS, *scheduled, slow, FIRST_CORRECTED, SECOND_CORRECTED, step, _THETA),
        _PAGLIARDINI,
        {
            "alpha": "0.001",
            "beta1": "0.9",
            "beta2": "0.999",
            "beta3": "0.9999",
            "alpha_mix": "5",
            "eps": "1e-8",
        }
        | ({"warmup": "1"} if warms else {}),
    )
    return decayed(rule, weight_decay, default="0")


_AXES = (
    Axis(
        "schedule",
        ("none", "paper"),
        says=("optax; pytorch-optimizer as it comes", "pytorch-optimizer, t_alpha_beta3"),
    ),
    Axis(
        "weight_decay",
        ("none", "l2", "decoupled-before"),
        says=("usual", "pytorch-optimizer", "Pagliardini et al. 2024; optax"),
    ),
)
ADEMAMIXES = (
    Optimizer(
        "ademamix",
        "AdEMAMix",
        by_axes(_ademamix, _AXES),
        _AXES,
        called=("ademamix",),
        reductions=("ademamix-is-adamw", "ademamix-equal-rates"),
        words={"alpha": "alpha_mix", "t_alpha_beta3": "warmup"},
    ),
)
