"""Weight decay: inside the gradient, and beside the step.

A penalty on the weights, and weights that shrink by themselves. For Adam these are two things.
"""

from collections.abc import Callable
from fractions import Fraction

from sympy import Expr, Integer, Symbol

from adamref.logic.relations import eq, ge, gt
from adamref.rules import ADAM, ADAM_L2, ADAMW, ADAMW_AFTER
from adamref.theorems import spaces
from adamref.theorems.spaces import Drawn, Point, Space, among, numbers, rates, reals, st, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, eps, g, t, weight_decay
from adamref.theorems.writing import ProofStep, Run, Statement, Steps, Theorem, Use, near_miss, show

from .moments import same_moments

theta_0 = Symbol("theta_0", real=True)
START = {"theta": theta_0}
LOSHCHILOV = "Loshchilov & Hutter 2019, Algorithm 2"

adam = Run(ADAM, starts=START)
decayed = Run(ADAMW, mark="'", gradient=g, starts=START)
not_decayed = Run(ADAMW, mark="''", gradient=g, hypers={"weight_decay": Integer(0)}, starts=START)
after = Run(ADAMW_AFTER, mark="*", gradient=g, starts=START)

DOMAIN = (gt(eps, 0), *decay_rate(beta1), *decay_rate(beta2), ge(t, 1))
SPACE = among(
    rates("beta1", "beta2"),
    steps(1, 5),
    numbers("theta_0"),
    numbers("alpha", "weight_decay", low=0),
    numbers("eps", low=0, strictly=True),
    reals(g=5),
    runs=(adam, decayed, not_decayed, after),
)


def same_step(one: Run, other: Run) -> tuple[ProofStep, ...]:
    """Return the steps to: on the same gradients two runs make the same step, for t >= 1."""
    return (
        *same_moments(one, other),
        show("the same step", eq(one("delta", t), other("delta", t))).identity(
            "The moments are the same, and so are alpha and epsilon.",
            (
                one.line("delta", t),
                other.line("delta", t),
                "the same m_hat",
                "the same v_hat",
                f"v_hat{other.mark} is not negative",
            ),
        ),
    )


def at_first(used: Expr) -> Expr:
    """Return a relation about step t at the first step."""
    return used.func(*(side.subs(t, 1) for side in used.args), evaluate=False)


# No decay.


@Theorem(
    id="adamw-zero-decay",
    matters="It is the first test of any AdamW: without decay it must be Adam.",
    title="Without decay AdamW is Adam",
    says="With weight decay 0, AdamW goes through the same parameters as Adam, from the same start "
    "and on the same gradients.",
    statement=Statement(eq(not_decayed("theta", t), adam("theta", t)), DOMAIN),
    source=LOSHCHILOV,
    space=SPACE,
)
@near_miss(
    eq(decayed("theta", t), adam("theta", t)),
    "With any other decay it is not.",
    Point.of(alpha=1, eps=1, beta1=0, beta2=0, weight_decay="1/2", theta_0=1, t=1, g=(0, 0)),
)
def ZERO(what: Statement) -> Steps:
    """Put 0 in for the decay, and compare line by line."""
    run = not_decayed if what.claim.has(not_decayed.function("theta")) else decayed
    lines = (
        run.line("theta", t),
        run.line("theta_decayed", t),
        adam.line("theta", t),
        "the same step",
    )
    return (
        *same_step(run, adam),
        show("the same parameter", what.claim).induction(
            (t, 1),
            show("the first parameter").identity(
                "Both start at the same parameter.",
                (
                    run.line("theta", 1),
                    run.line("theta_decayed", 1),
                    adam.line("theta", 1),
                    run.start("theta"),
                    adam.start("theta"),
                    Use("the same step", {t: 1}),
                ),
            ),
            show("the next parameter").identity(
                "Nothing is taken off, and the same step is added.",
                (*lines, "induction hypothesis"),
            ),
        ),
    )


# The two orders of decoupled decay.

gap, gap_before = (after("theta", k) - decayed("theta", k) for k in (t, t - 1))


def _orders(factor: Expr) -> Statement:
    carried = (1 - alpha * weight_decay) * gap_before
    return Statement(eq(gap, carried + factor * decayed("delta", t)), DOMAIN)


_ONE_STEP: dict[str, spaces.Number] = {
    "alpha": 1,
    "eps": 1,
    "beta1": 0,
    "beta2": 0,
    "weight_decay": "1/2",
    "theta_0": 0,
    "t": 1,
}


@Theorem(
    id="decay-orders-differ",
    matters="Decay before the step or after it: both are in use. The difference is small, and a "
    "test that allows nothing for it fails one of the two.",
    title="The two orders of decoupled decay differ by alpha weight_decay times the step",
    says="Take the same parameter and the same gradients. Decay after the step then ends where "
    "decay before it does, less alpha weight_decay times the step. A difference that there was "
    "before is multiplied by 1 - alpha weight_decay.",
    statement=_orders(-alpha * weight_decay),
    source=f"{LOSHCHILOV}, against the order in which the decay comes last",
    space=SPACE,
)
@near_miss(_orders(Integer(0)), "They do not agree.", Point(_ONE_STEP, {"g": (0, 1)}))
@near_miss(
    _orders(alpha * weight_decay), "The sign is the other one.", Point(_ONE_STEP, {"g": (0, 1)})
)
def ORDERS(what: Statement) -> Steps:
    """Substitute the lines of both into each other, and subtract."""
    return (
        *same_step(after, decayed),
        show("one step", what.claim).identity(
            "Decay after the step multiplies the step, too, by 1 - alpha weight_decay; decay "
            "before it does not.",
            (
                after.line("theta", t),
                decayed.line("theta", t),
                decayed.line("theta_decayed", t),
                "the same step",
            ),
        ),
    )


# L2 inside the gradient.

kappa = Symbol("kappa", real=True)  # the constant of the decoupled decay


def _always(gradient: int) -> Callable[[Expr], Expr]:
    return lambda _: Integer(gradient)


L2_WITH, L2_WITHOUT = (
    Run(ADAM_L2, mark, _always(c), starts={"theta": Integer(1)})
    for mark, c in (("'", 1), ("''", 0))
)
W_WITH, W_WITHOUT = (
    Run(ADAMW, mark, _always(c), {"weight_decay": kappa}, {"theta": Integer(1)})
    for mark, c in (("*", 1), ("**", 0))
)
PAIRS = ((L2_WITH, W_WITH), (L2_WITHOUT, W_WITHOUT))
apart = tuple(one("theta", 1) - other("theta", 1) for one, other in PAIRS)


def _after_one(run: Run, value: Expr) -> ProofStep:
    lines = ["theta", "theta_decayed", "delta", "m_hat", "v_hat", "m", "v", "g_total"]
    known = [line.name for line in run.rule.lines]
    used = [run.line(name, 1) for name in lines if name in known]
    return show(f"the parameter{run.mark}", eq(run("theta", 1), value)).identity(
        "At the first step the corrected moments are the gradient and its square.",
        (*used, *(run.start(name) for name in ("theta", "m", "v"))),
    )


def _l2(distance: Expr, *domain: Expr) -> Statement:
    rates_ = (*decay_rate(beta1), *decay_rate(beta2))
    return Statement(gt(distance, 0), (gt(alpha, 0), gt(eps, 0), *domain, *rates_))


def _few() -> Drawn:
    few = {"alpha": ("1",), "eps": ("1",), "weight_decay": ("0", "1"), "kappa": ("0", "1/2")}
    return {name: st.sampled_from([Fraction(x) for x in row]) for name, row in few.items()}, {}


_L2_RUNS = tuple(run for pair in PAIRS for run in pair)
_FEW = among(_few, rates("beta1", "beta2"), runs=_L2_RUNS)
_AT = {"alpha": 1, "eps": 1, "beta1": 0, "beta2": 0}


@Theorem(
    id="l2-is-no-decoupled-decay",
    matters="No choice of the constant makes the one the other, so one cannot be had by "
    "tuning the other.",
    title="L2 inside Adam is no decoupled decay, with any constant",
    says="From the parameter 1, with the gradient 1 and with the gradient 0, no decay constant "
    "lets AdamW make both of the first steps that Adam with an L2 penalty makes: the penalty goes "
    "through the division by sqrt(v_hat).",
    letters={"kappa": "the decay of AdamW"},
    statement=_l2(apart[0] ** 2 + apart[1] ** 2, gt(weight_decay, 0)),
    source="Loshchilov & Hutter 2019, section 2, proposition 2",
    space=among(
        rates("beta1", "beta2"),
        numbers("kappa"),
        numbers("alpha", "weight_decay", "eps", low=0, strictly=True),
        runs=_L2_RUNS,
    ),
)
@near_miss(
    _l2(apart[1] ** 2, gt(weight_decay, 0)),
    "One of the two steps alone can be had: weight_decay = eps = 1 needs a decay of 1/2 where "
    "there is no gradient.",
    Point.of(**_AT, weight_decay=1, kappa="1/2"),
    _FEW,
)
@near_miss(
    _l2(apart[0] ** 2 + apart[1] ** 2, ge(weight_decay, 0)),
    "Without an L2 penalty both are Adam.",
    Point.of(**_AT, weight_decay=0, kappa=0),
    _FEW,
)
def L2(what: Statement) -> Steps:
    lam = weight_decay
    # The decoupled decays that would do with the gradient 1, and with the gradient 0.
    with_, without = eps * lam / ((1 + eps) * (1 + lam + eps)), lam / (lam + eps)
    unlike = lam * (1 + lam + 2 * eps) / ((lam + eps) * (1 + eps) * (1 + lam + eps))
    return (
        _after_one(L2_WITH, 1 - alpha * (1 + lam) / (1 + lam + eps)),
        _after_one(W_WITH, 1 - alpha * kappa - alpha / (1 + eps)),
        _after_one(L2_WITHOUT, 1 - alpha * lam / (lam + eps)),
        _after_one(W_WITHOUT, 1 - alpha * kappa),
        show("not both", what.claim).certificate(
            "Each gradient asks for another decay: the one for "
            "eps weight_decay/((1 + eps)(1 + weight_decay + eps)), the other for "
            "weight_decay/(weight_decay + eps).",
            (2 * alpha**2 * (kappa - (with_ + without) / 2) ** 2, alpha**2 * unlike**2 / 2),
            tuple(f"the parameter{run.mark}" for pair in PAIRS for run in pair),
        ),
    )


inside = Run(ADAM_L2, mark="''", gradient=g, starts=START)

SAME = Theorem(
    id="l2-is-weight-decay",
    matters="Two names are used as if they were one thing. For plain gradient descent they are; "
    "for Adam a penalty is divided by the root of v like every other gradient.",
    title="With Adam, L2 regularisation and weight decay are the same",
    says="False: with the same constant weight_decay, from the same start and on the same "
    "gradients, Adam with an L2 penalty and AdamW part at the first step.",
    statement=Statement(eq(inside("theta", t), decayed("theta", t)), DOMAIN),
    source="common usage, in which 'weight_decay' names either; refuted by Loshchilov & Hutter "
    "2019",
    space=Space(SPACE.points, (inside, decayed)),
    verdict="REFUTED",
    counterexample=Point.of(**_ONE_STEP | {"theta_0": 1, "weight_decay": 1}, g=(0, 0)),
)

THEOREMS = (ZERO, L2, SAME, ORDERS)
