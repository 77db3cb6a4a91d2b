"""NAdam: Adam with Nesterov's look-ahead, at a momentum that changes or stays."""

from __future__ import annotations

from sympy import Rational, evaluate, sqrt

from adamref.rules.decay import FRAMEWORK_DECAY, decayed
from adamref.rules.hyper import Hyper
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    delta,
    eps,
    eps_root,
    g,
    m,
    m_hat,
    m_prev,
    mu,
    mu_next,
    mu_product,
    mu_product_prev,
    psi,
    t,
    theta_prev,
    v,
    v_hat,
    v_prev,
)

_DOZAT = "Dozat 2016, with the momentum schedule as torch.optim.NAdam has it"
_PSI = Hyper(
    "psi", "decay of NAdam's momentum schedule", "0.31", called=("momentum_decay",), written="0.004"
)

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _DOZAT, initial=None)
    _AVERAGE = Line("m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _DOZAT)
    _SECOND = Line("v", beta2 * v_prev + (1 - beta2) * g**2, "average of squared gradients", _DOZAT)
    _BASE = Rational(24, 25)  # 0.96
    _HALF = Rational(1, 2)
    _MU = Line("mu", beta1 * (1 + -1 * (_HALF * _BASE ** (t * psi))), "momentum at t", _DOZAT)
    _MU_NEXT = Line(
        "mu_next",
        beta1 * (1 + -1 * (_HALF * _BASE ** ((t + 1) * psi))),
        "momentum at t + 1",
        _DOZAT,
    )
    _PRODUCT = Line(
        "mu_product", mu_product_prev * mu, "product of the momenta so far", _DOZAT, initial=1
    )
    _V_HAT = Line("v_hat", v / (1 - beta2**t), "corrected second raw moment estimate", _DOZAT)
    _LOOKAHEAD = Line(
        "m_hat",
        mu_next * m / (1 - mu_product * mu_next) + (1 - mu) * g / (1 - mu_product),
        "corrected first moment with Nesterov's look-ahead",
        _DOZAT,
    )
    _NADAM_STEP = Line("delta", -1 * (alpha * m_hat / (sqrt(v_hat) + eps)), "step", _DOZAT)

_OPTAX = "optax, scale_by_adam, parameter nesterov"
_ENSMALLEN = "ensmallen, NadamUpdate"
_TIMM = "timm, NAdamW"

with evaluate(False):
    _CONSTANT = Line(
        "m_hat",
        beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t),
        "corrected first moment with a look-ahead at a constant momentum",
        _OPTAX,
    )
    _CORRECTED_ONCE = Line(
        "m_hat",
        (beta1 * m + (1 - beta1) * g) / (1 - beta1**t),
        "look-ahead corrected as the moment of this step",
        _TIMM,
    )
    _EPS_HAT = Line(
        "delta", -1 * (alpha * m_hat * sqrt(1 - beta2**t) / (sqrt(v) + eps)), "step", _ENSMALLEN
    )
    _EPS_ROOT = Line("delta", -1 * (alpha * m_hat / (sqrt(v_hat + eps_root) + eps)), "step", _OPTAX)


def _nadam(look_ahead: str, form: str, weight_decay: str) -> Rule | None:
    """Return NAdam in a dialect.

    Parameters
    ----------
    look_ahead : {"scheduled", "constant", "corrected-once"}
        Whether the momentum follows Dozat's schedule, or is beta1 at all steps, corrected for the
        step that is looked ahead to, or for this one.
    form : {"paper", "eps-hat", "eps-root"}
        eps-hat: beside the uncorrected root, ``(sqrt(v) + eps)/sqrt(1 - beta2**t)``. eps-root:
        ``sqrt(v_hat + eps_root) + eps``.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    if form == "eps-root" and (look_ahead != "constant" or weight_decay == "l2"):
        return None
    if form == "eps-hat" and look_ahead != "scheduled":
        return None
    first = {"constant": _CONSTANT, "corrected-once": _CORRECTED_ONCE}.get(look_ahead, _LOOKAHEAD)
    schedule = (_MU, _MU_NEXT, _PRODUCT) if look_ahead == "scheduled" else ()
    second = () if form == "eps-hat" else (_V_HAT,)
    step = {"eps-hat": _EPS_HAT, "eps-root": _EPS_ROOT}.get(form, _NADAM_STEP)
    defaults = {"alpha": "0.002", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
    if look_ahead == "scheduled":
        defaults["psi"] = "0.004"
    if form == "eps-root":
        defaults["eps_root"] = "0"
    rule = Rule(
        "nadam",
        _TITLES[look_ahead],
        (_AVERAGE, _SECOND, *schedule, first, *second, step, _THETA),
        _DOZAT if look_ahead == "scheduled" else first.source,
        defaults,
        own=(_PSI,),
    )
    return decayed(rule, weight_decay)


_TITLES = {
    "scheduled": "NAdam with Dozat's momentum schedule (as in PyTorch)",
    "constant": "NAdam with a constant momentum (as in optax)",
    "corrected-once": "NAdam with a look-ahead corrected once (as in timm's NAdamW)",
}
_AXES = (
    Axis(
        "look_ahead",
        ("scheduled", "constant", "corrected-once"),
        says=("Dozat 2016; PyTorch, Keras with psi = 1", "optax, adam with nesterov", _TIMM),
    ),
    Axis(
        "form",
        ("paper", "eps-hat", "eps-root"),
        (0, 1, 3),
        ("Dozat 2016; PyTorch, Keras", _ENSMALLEN, _OPTAX),
    ),
    FRAMEWORK_DECAY,
)
NADAMS = (
    Optimizer(
        "nadam",
        _TITLES["scheduled"],
        by_axes(_nadam, _AXES),
        _AXES,
        called=("nadam",),
        spoken=(
            "Nesterov-accelerated adaptive moment estimation",
            "Nesterov-accelerated Adam",
            "Nesterov Adam",
        ),
        reductions=("nadam-is-adam",),
    ),
)
NADAM = NADAMS[0].rule
