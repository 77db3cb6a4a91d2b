"""Relatives of Adam that are Adam or AdamW where a rate or a share is 0.

An optimizer that is new should be an old one where what is new is switched off. Each of these is,
and a test of an implementation can use it.
"""

from collections.abc import Callable

from sympy import Integer, sqrt

from adamref.logic.facts import Always
from adamref.logic.relations import eq, ne
from adamref.rules import ADAM, ADAM_L2, ADAMAX, ADAMW, NADAM, get
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import among, numbers, rates
from adamref.theorems.symbols import alpha, beta1, beta2, eps, i, t, weight_decay
from adamref.theorems.writing import ProofStep, Run, Steps, Use, Used, show

from . import alike
from .alike import DRAWN, START, at_first, g, meant, same_hat, same_state, same_theta
from .powers import below_one

ZERO = Integer(0)
adam = Run(ADAM, starts=START)
adamw = Run(ADAMW, starts=START)


def as_adam(*runs: Run, other: Run, because: str) -> Callable[[Statement], tuple[ProofStep, ...]]:
    """Prove that a run is another one, which has both moments and both corrections."""

    def proof(what: Statement) -> tuple[ProofStep, ...]:
        run = meant(what, *runs)
        first = (run.line("g_total", t),) if "g_total" in run.rule.fields else ()
        return (
            same_state(run, other, "m", uses=first),
            same_state(run, other, "v", uses=first),
            *alike.corrected_not_negative(other),
            same_hat(run, other, "m"),
            same_hat(run, other, "v"),
            alike.same_step(
                run, other, ("the same m_hat", "the same v_hat", "v_hat is not negative"), because
            ),
            alike.same_parameter(what, run, other),
        )

    return proof


# AdEMAMix without its slow average.

_MIXED = get("ademamix", weight_decay="decoupled-before")
ademamix = Run(_MIXED, "'", g, {"alpha_mix": ZERO}, START)
with_slow = Run(_MIXED, "''", g, starts=START)

ADEMAMIX = Theorem(
    id="ademamix-is-adamw",
    title="AdEMAMix without its slow average is AdamW",
    says="With alpha_mix = 0, and any beta3, AdEMAMix goes through the parameters of AdamW, from "
    "the same start and on the same gradients.",
    statement=same_theta(ademamix, adamw),
    proof=as_adam(
        ademamix, with_slow, other=adamw, because="Nothing of the slow average is added."
    ),
    source="Pagliardini, Ablin & Grangier 2024, Algorithm 1",
    space=among(
        *DRAWN,
        rates("beta3"),
        numbers("alpha_mix", "weight_decay", low=0),
        runs=(adamw, ademamix, with_slow),
    ),
    near_misses=(
        NearMiss(
            same_theta(with_slow, adamw),
            "With a share of the slow average it is not.",
            at_first(beta3=0, alpha_mix=1),
        ),
    ),
)

# Adam with an L2 penalty of 0.

no_penalty = Run(ADAM_L2, "'", g, {"weight_decay": ZERO}, START)
penalty = Run(ADAM_L2, "''", g, starts=START)

L2 = Theorem(
    id="adam-l2-zero-decay",
    title="Without a penalty Adam with L2 regularisation is Adam",
    says="With weight decay 0, Adam with an L2 penalty goes through Adam's parameters, from the "
    "same start and on the same gradients.",
    statement=same_theta(no_penalty, adam),
    proof=as_adam(no_penalty, penalty, other=adam, because="Nothing is added to the gradient."),
    source="Loshchilov & Hutter 2019, Algorithm 2, without the decoupled decay",
    space=among(*DRAWN, numbers("weight_decay", low=0), runs=(adam, no_penalty, penalty)),
    near_misses=(
        NearMiss(
            same_theta(penalty, adam),
            "With a penalty it is not.",
            at_first(theta_0=1, weight_decay=1),
        ),
    ),
)

# Adan without its average of differences. Its third rate is Adam's second.

_NO_DIFFERENCES = {"beta2": ZERO, "beta3": beta2}
_BEFORE = get("adan", weight_decay="decoupled-before")
_PROXIMAL = get("adan")
adan_w = Run(_BEFORE, "'", g, _NO_DIFFERENCES, START)
with_differences = Run(_BEFORE, "''", g, {"beta3": beta2}, START)
adan = Run(_PROXIMAL, "*", g, {**_NO_DIFFERENCES, "weight_decay": ZERO}, START)
proximal = Run(_PROXIMAL, "**", g, _NO_DIFFERENCES, START)


def _adan_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Without differences Adan's lines are the other's; by induction the parameters agree."""
    run = meant(what, adan_w, with_differences, adan, proximal)
    other = adam if run in (adan, proximal) else adamw
    return (
        same_state(run, other, "m"),
        same_state(run, other, "n", "v"),
        *alike.corrected_not_negative(other),
        same_hat(run, other, "m"),
        same_hat(run, other, "n", "v"),
        alike.same_step(
            run,
            other,
            ("the same m_hat", "the same n_hat", "v_hat is not negative"),
            "Nothing of the differences is looked ahead by.",
        ),
        alike.same_parameter(what, run, other),
    )


_XIE = "Xie, Zhou, Li, Lin & Yan 2022, Algorithm 1"
ADAN_W = Theorem(
    id="adan-is-adamw",
    title="Adan without its average of differences is AdamW",
    says="With its rate for differences 0 (beta2 here, 1 - beta2 in the paper), Adan with "
    "decoupled decay goes through the parameters of AdamW whose rates are Adan's first and third, "
    "from the same start and on the same gradients.",
    statement=same_theta(adan_w, adamw),
    proof=_adan_proof,
    source=_XIE,
    space=among(*DRAWN, numbers("weight_decay", low=0), runs=(adamw, adan_w, with_differences)),
    near_misses=(
        NearMiss(
            same_theta(with_differences, adamw),
            "With another rate for differences it looks ahead by them from the second step on.",
            at_first(t=2, g=(0, 0, 1), beta2="1/2"),
        ),
    ),
)
ADAN = Theorem(
    id="adan-is-adam",
    title="Adan without its average of differences and without decay is Adam",
    says="With its rate for differences and its weight decay 0, Adan goes through the parameters "
    "of Adam whose rates are Adan's first and third, from the same start and on the same "
    "gradients.",
    statement=same_theta(adan, adam),
    proof=_adan_proof,
    source=_XIE,
    space=among(*DRAWN, numbers("weight_decay", low=0), runs=(adam, adan, proximal)),
    near_misses=(
        NearMiss(
            same_theta(proximal, adam),
            "With decay the parameter is divided by 1 + alpha weight_decay.",
            at_first(weight_decay=1),
        ),
    ),
)

# NAdam without momentum.

no_momentum = Run(ADAM, "*", g, {"beta1": ZERO}, START)
nadam = Run(NADAM, "'", g, {"beta1": ZERO}, START)
looking_ahead = Run(NADAM, "''", g, starts=START)


@Theorem(
    id="nadam-is-adam",
    title="Without momentum NAdam is Adam",
    says="With beta1 = 0, and any decay of its momentum schedule, NAdam goes through the "
    "parameters of Adam with beta1 = 0, from the same start and on the same gradients.",
    statement=same_theta(nadam, no_momentum),
    source="Dozat 2016, with the momentum schedule as torch.optim.NAdam has it",
    space=among(*DRAWN, numbers("psi", low=0), runs=(adam, no_momentum, nadam, looking_ahead)),
)
@near_miss(
    same_theta(looking_ahead, adam),
    "With momentum it looks ahead, and Adam does not.",
    at_first(beta1="1/2", psi=0),
)
def NADAM_IS(what: Statement) -> Steps:
    """With beta1 = 0 there is nothing to look ahead with."""
    run, other = meant(what, nadam, looking_ahead), meant(what, no_momentum, adam)
    momenta: tuple[Used, ...] = tuple(
        run.line(name, t) for name in ("m_hat", "mu_product", "mu", "mu_next", "m")
    )
    return (
        same_state(run, other, "v"),
        *alike.corrected_not_negative(other),
        same_hat(run, other, "v"),
        show(
            "the same m_hat", eq(run("m_hat", t), other("m_hat", t)), where=(alike.later,)
        ).identity(
            "Without momentum both are the gradient.",
            (*momenta, other.line("m_hat", t), other.line("m", t), below_one(ZERO)),
        ),
        alike.same_step(
            run,
            other,
            ("the same m_hat", "the same v_hat", f"v_hat{other.mark} is not negative"),
            "The corrected moments are the same.",
        ),
        alike.same_parameter(what, run, other),
    )


# AdaMax without a memory of its norm.

_AT_ONCE = {"beta2": ZERO, "eps": ZERO}
by_size = Run(ADAM, "*", g, _AT_ONCE, START)
adamax = Run(ADAMAX, "'", g, {"beta2": ZERO}, START)
remembering = Run(ADAMAX, "''", g, starts=START)
no_eps = Run(ADAM, "**", g, {"eps": ZERO}, START)


def _nonzero(one: Run, other: Run) -> Statement:
    hypotheses = {"gradients": Always(ne(g(i), 0), i, Integer(1), t)}
    return Statement(same_theta(one, other).claim, (*alike.RATES, alike.DOMAIN[-1]), hypotheses)


@Theorem(
    id="adamax-is-adam",
    title="With beta2 = 0 and no epsilon AdaMax is Adam",
    says="With beta2 = 0, and on gradients that are not 0, AdaMax goes through the parameters of "
    "Adam with beta2 = 0 and eps = 0, from the same start: both divide by the gradient's absolute "
    "value.",
    statement=_nonzero(adamax, by_size),
    source="Kingma & Ba 2015, section 7.1 and Algorithm 2",
    space=among(*DRAWN, runs=(by_size, no_eps, adamax, remembering)),
)
@near_miss(
    _nonzero(remembering, no_eps),
    "With any other beta2 the one has a maximum where the other has a mean.",
    at_first(t=2, g=(0, 2, 1), beta2="1/2"),
)
def ADAMAX_IS(what: Statement) -> Steps:
    """With beta2 = 0 both norms are the last gradient's absolute value."""
    run, other = meant(what, adamax, remembering), meant(what, by_size, no_eps)
    lines: tuple[Used, ...] = (
        run.line("u", t),
        "the same m",
        *(other.line(x, t) for x in ("m_hat", "v_hat", "v")),
    )
    return (
        same_state(run, other, "m"),
        alike.same_step(
            run,
            other,
            (*lines, below_one(ZERO), below_one(beta1), Use("gradients", {i: t})),
            "Both divide by the gradient's absolute value.",
        ),
        alike.same_parameter(what, run, other),
    )


# Schedule-free AdamW without interpolation.

_FREE = get("schedule-free-adamw")
adamw_plain = Run(ADAMW, "*", g, {"beta1": ZERO}, START)
_BELOW = sqrt(adamw_plain("v_hat", t)) + eps
free = Run(_FREE, "'", g, {"beta1": ZERO}, START)
averaging = Run(_FREE, "''", g, starts=START)


@Theorem(
    id="schedule-free-is-adamw",
    title="Schedule-free AdamW without interpolation is AdamW without momentum",
    says="With beta1 = 0, whatever the weights of its average, schedule-free AdamW takes its "
    "gradients at z, and goes through the parameters of AdamW with beta1 = 0, from the same start "
    "and on the same gradients.",
    statement=same_theta(free, adamw_plain),
    source="Defazio et al. 2024, Algorithm 1",
    space=among(*DRAWN, numbers("weight_decay", low=0), runs=(adamw, adamw_plain, free, averaging)),
)
@near_miss(
    same_theta(averaging, adamw_plain),
    "With interpolation the gradients are taken between z and the average.",
    at_first(t=2, g=(0, 0, 1), beta1="1/2"),
)
def FREE(what: Statement) -> Steps:
    """Without interpolation the gradient is taken where the step is taken."""
    run, other = meant(what, free, averaging), meant(what, adamw_plain, adamw)
    return (
        same_state(run, other, "v"),
        *alike.corrected_not_negative(other),
        same_hat(run, other, "v"),
        show("one iterate", eq(run("z", t), run("theta", t))).induction(
            (t, 0, "By induction over the steps."),
            show("the first").identity("z starts as theta.", (run.start("z"), run.start("theta"))),
            show("the next").identity(
                "Whatever its weight, the average of equals is the same.",
                (run.line("z", t), run.line("theta", t), "induction hypothesis"),
            ),
        ),
        show(
            "the same ratio",
            eq(run("ratio", t), g(t) / _BELOW + weight_decay * run("theta", t - 1)),
            where=(alike.later,),
        ).identity(
            "It is divided by the same.",
            (run.line("ratio", t), "the same v_hat", f"v_hat{other.mark} is not negative"),
        ),
        show(
            "the step", eq(other("delta", t), -alpha * g(t) / _BELOW), where=(alike.later,)
        ).identity(
            "Without momentum the corrected first moment is the gradient.",
            (
                *(other.line(name, t) for name in ("delta", "m_hat", "m")),
                below_one(ZERO),
                f"v_hat{other.mark} is not negative",
            ),
        ),
        alike.same_parameter(
            what, run, other, (Use("one iterate", {t: t - 1}), "the same ratio", "the step")
        ),
    )


THEOREMS = (ADEMAMIX, L2, ADAN_W, ADAN, NADAM_IS, ADAMAX_IS, FREE)
