"""AMSGrad: what never decreases, and what does.

AMSGrad divides by the largest second moment so far. There are two ways to combine that with bias
correction, and they differ.
"""

from sympy import Expr, Integer, Symbol, sqrt

from adamref.logic.order import FromBothSides
from adamref.logic.relations import eq, ge, gt, le, lt, ne
from adamref.rules import AMSGRAD, AMSGRAD_V_HAT, adam, symbols
from adamref.rules.adam import denominator
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, among, numbers, rates, reals, steps
from adamref.theorems.symbols import beta2, decay_rate, eps, t
from adamref.theorems.writing import ProofStep, Run, Steps, show

from .powers import below_one

UNCORRECTED = Run(adam(bias_correction=False, maximum="v", name="amsgrad"))
OF_V_HAT = Run(AMSGRAD_V_HAT, mark="'", gradient=UNCORRECTED.function("g"))
OF_V = Run(AMSGRAD, mark="''", gradient=UNCORRECTED.function("g"))
RUNS = (UNCORRECTED, OF_V_HAT, OF_V)
SOURCE = "Reddi, Kale & Kumar 2018, Algorithm 2"


def divisor(second: Expr) -> Expr:
    """Return what the rule divides by, for what it takes under the root."""
    made = denominator(symbols.v_max, "paper")
    return made.xreplace({symbols.v_max: second, symbols.eps: eps}).doit()


# What never decreases.


def _kept_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Use that a maximum is at least as large as what it is taken of."""
    run = OF_V_HAT if what.claim.has(OF_V_HAT.function("v_max")) else UNCORRECTED
    kept = run("v_max", t)
    so_far = ge(run("v_max", t - 1), 0)
    return (
        show("the maximum so far is not negative", so_far).induction(
            (t, 1),
            show("at the start").certificate(
                "It starts at 0.", (Integer(0),), (run.start("v_max"),)
            ),
            show("later").extremes(
                "It is at least what it was.", (run.line("v_max", t - 1), "induction hypothesis")
            ),
        ),
        show("the maximum", ge(kept, run("v_max", t - 1))).extremes(
            "It is the larger of the maximum so far and a new value.", (run.line("v_max", t),)
        ),
        show("its root", ge(sqrt(kept), sqrt(run("v_max", t - 1)))).squares(
            "Roots compare as what is under them does.",
            (kept - run("v_max", t - 1),),
            ("the maximum", "the maximum so far is not negative"),
        ),
        show("the denominator", what.claim).certificate(
            "Epsilon is added on both sides.",
            (sqrt(kept) - sqrt(run("v_max", t - 1)),),
            ("its root",),
        ),
    )


def _kept(run: Run, name: str = "v_max", factor: int = 1) -> Statement:
    now, before = divisor(run(name, t)), divisor(run(name, t - 1))
    domain = (ge(eps, 0), *decay_rate(beta2), ge(t, 1))
    return Statement(ge(now, factor * before), domain)


SPACE = among(rates("beta2"), steps(1, 7), numbers("eps", low=0), reals(g=7), runs=RUNS)


def _never(name: str, title: str, says: str, run: Run, wrong: NearMiss) -> Theorem:
    return Theorem(
        id=f"amsgrad-never-decreases-{name}",
        title=title,
        says=says,
        statement=_kept(run),
        proof=_kept_proof,
        source=SOURCE,
        space=SPACE,
        near_misses=(wrong,),
    )


SPIKE = Point.of(beta2="999/1000", eps=0, t=2, g=(0, 1, 0))
NEVER = (
    _never(
        "uncorrected",
        "Without bias correction AMSGrad's denominators never decrease",
        "The maximum of v so far never decreases, and so the denominator does not.",
        UNCORRECTED,
        NearMiss(
            _kept(UNCORRECTED, "v"),
            "With v itself in place of its maximum, as in Adam, the denominator may decrease.",
            SPIKE,
        ),
    ),
    _never(
        "corrected",
        "With the maximum taken of v_hat AMSGrad's denominators never decrease",
        "If the maximum is taken after the bias correction, it never decreases, and so the "
        "denominator does not.",
        OF_V_HAT,
        NearMiss(
            _kept(OF_V_HAT, "v_hat"),
            "With v_hat itself in place of its maximum, as in Adam, the denominator may decrease.",
            SPIKE,
        ),
    ),
)

# What does.


DECREASES = Theorem(
    id="amsgrad-corrected-later",
    title="The denominators never decrease if the maximum of v is corrected afterwards",
    says="False: with the maximum of v divided by 1 - beta2^t afterwards, as torch.optim has it, "
    "the denominator falls from 1 to sqrt(1000/1999) at the defaults for the gradients 1 and 0.",
    statement=_kept(OF_V, "v_hat"),
    source="torch.optim.Adam with amsgrad=True, read as Reddi, Kale & Kumar 2018, Algorithm 2",
    space=SPACE,
    verdict="REFUTED",
    counterexample=SPIKE,
)

# A gradient c, and a zero.

c = Symbol("c", real=True)


def _spike(step: Expr) -> Expr:
    return c * (2 - step)


SPIKE_V = Run(AMSGRAD, gradient=_spike)
SPIKE_V_HAT = Run(AMSGRAD_V_HAT, mark="'", gradient=_spike)
first_v = (1 - beta2) * c**2


def _v_steps() -> tuple[ProofStep, ...]:
    """Return the steps to v_hat at the first two steps, where the maximum is corrected later."""
    run = SPIKE_V
    v1, v2, max1, max2 = run("v", 1), run("v", 2), run("v_max", 1), run("v_max", 2)
    return (
        show("v after the gradient c", eq(v1, first_v)).identity(
            "It starts at 0.", (run.line("v", 1), run.start("v"))
        ),
        show("the first maximum is at most v", le(max1, first_v)).extremes(
            "It is the larger of 0 and v.",
            (run.line("v_max", 1), run.start("v_max"), "v after the gradient c"),
        ),
        show("the first maximum is at least v", ge(max1, first_v)).extremes(
            "It is the larger of 0 and v.",
            (run.line("v_max", 1), run.start("v_max"), "v after the gradient c"),
        ),
        show("the first maximum", eq(max1, first_v)).by(
            "From both sides.",
            FromBothSides("the first maximum is at most v", "the first maximum is at least v"),
        ),
        show("v falls", ge(max1, v2)).certificate(
            "A zero gradient multiplies v by beta2.",
            ((1 - beta2) * first_v,),
            (run.line("v", 2), "v after the gradient c", "the first maximum"),
        ),
        show("the second maximum is at most the first", le(max2, max1)).extremes(
            "It is the larger of the first maximum and v.", (run.line("v_max", 2), "v falls")
        ),
        show("the second maximum is at least the first", ge(max2, max1)).extremes(
            "It is the larger of the first maximum and v.", (run.line("v_max", 2),)
        ),
        show("the second maximum", eq(max2, max1)).by(
            "From both sides.",
            FromBothSides(
                "the second maximum is at most the first",
                "the second maximum is at least the first",
            ),
        ),
        show("v_hat after the zero", eq(run("v_hat", 2), c**2 / (1 + beta2))).identity(
            "The same maximum is divided by 1 - beta2^2.",
            (
                run.line("v_hat", 2),
                "the second maximum",
                "the first maximum",
                below_one(beta2, Integer(2)),
            ),
        ),
    )


SPIKES = among(rates("beta2"), numbers("c"), runs=(SPIKE_V, SPIKE_V_HAT))


@Theorem(
    id="amsgrad-corrected-later-falls",
    title="Corrected later, v_hat is divided by 1 + beta2 after a zero gradient",
    says="On the gradients c and 0, with the maximum of v corrected afterwards, the second v_hat "
    "is the first over 1 + beta2: at beta2 = 0.999 and c = 1, v_hat is 1 and then 1000/1999.",
    statement=Statement(
        eq(SPIKE_V("v_hat", 2), 1 / (1 + beta2) * SPIKE_V("v_hat", 1)), decay_rate(beta2)
    ),
    source="torch.optim.Adam with amsgrad=True",
    space=SPIKES,
)
@near_miss(
    eq(SPIKE_V("v_hat", 2), Integer(1) * SPIKE_V("v_hat", 1)),
    "It does not stay as it is, as the maximum does.",
    Point.of(beta2="999/1000", c=1),
)
def FALL(what: Statement) -> Steps:
    """Put a gradient of 0 in: the maximum stays, and the correction grows."""
    return (
        *_v_steps(),
        show("v_hat after the gradient c", eq(SPIKE_V("v_hat", 1), c**2)).identity(
            "The maximum is divided by 1 - beta2.", (SPIKE_V.line("v_hat", 1), "the first maximum")
        ),
        show("the quotient", what.claim).identity(
            "Substitute the two values.", ("v_hat after the zero", "v_hat after the gradient c")
        ),
    )


def _differ(*domain: Expr) -> Statement:
    return Statement(lt(SPIKE_V("v_hat", 2), SPIKE_V_HAT("v_max", 2)), (*domain, lt(beta2, 1)))


@Theorem(
    id="amsgrad-orders-differ",
    matters="The maximum of v, or of the corrected v: frameworks differ, and so do their numbers.",
    title="The two orders of AMSGrad's maximum and correction differ",
    says="On the gradients c and 0, with c not 0 and 0 < beta2 < 1, correcting the maximum of v "
    "gives a smaller denominator than taking the maximum of the corrected v.",
    statement=_differ(ne(c, 0), gt(beta2, 0)),
    source="torch.optim.Adam with amsgrad=True, against optax.amsgrad",
    space=SPIKES,
)
@near_miss(
    _differ(ne(c, 0), ge(beta2, 0)),
    "With beta2 = 0 the correction divides by 1, and they are the same.",
    Point.of(beta2=0, c=1),
)
@near_miss(_differ(gt(beta2, 0)), "Without a gradient both are 0.", Point.of(beta2="1/2", c=0))
def DIFFER(what: Statement) -> Steps:
    """Work both orders on gradients that tell them apart."""
    run = SPIKE_V_HAT
    second = run("v_max", 2)
    return (
        *_v_steps(),
        show("the other v_hat after the gradient c", eq(run("v_hat", 1), c**2)).identity(
            "It is the square of the gradient.",
            (run.line("v_hat", 1), run.line("v", 1), run.start("v")),
        ),
        show("the other first maximum", ge(run("v_max", 1), c**2)).extremes(
            "It is at least the first v_hat.",
            (run.line("v_max", 1), "the other v_hat after the gradient c"),
        ),
        show("the other second maximum", ge(second, c**2)).extremes(
            "It is at least the first one.", (run.line("v_max", 2), "the other first maximum")
        ),
        show("less", what.claim).certificate(
            "c^2 over 1 + beta2 is less than c^2.",
            (second - c**2, beta2 * c**2 / (1 + beta2)),
            ("v_hat after the zero", "the other second maximum"),
        ),
    )


THEOREMS = (*NEVER, DECREASES, FALL, DIFFER)
