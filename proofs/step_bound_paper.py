"""The two bounds on a step in section 2.1 of the paper, which do not hold.

The paper bounds a step in two cases. Both bounds are refuted here by gradients that anybody can
try.
"""

from fractions import Fraction

from sympy import Abs, And, Expr, Integer, Le, sqrt

from adamref.logic.cases import OneByOne
from adamref.logic.relations import Relational, eq, ge, gt, le, lt
from adamref.rules import ADAM
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, Space, Strategy, among, grid, numbers, st, steps
from adamref.theorems.symbols import alpha, beta, beta1, beta2, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, show

from .geometric_sum import GEOMETRIC_SUM
from .powers import below_one
from .step_bound import DEFAULTS, STEP_BOUND, adam, bound, domain, formula, inside, powers, rho
from .step_bound_growth import MONOTONE

SECTION = "Kingma & Ba 2015, section 2.1"


def growing(beta1_: Fraction, beta2_: Fraction, length: int) -> dict[str, tuple[Fraction, ...]]:
    """Return the gradients (beta2/beta1)^i, which make the last step largest."""
    return {"g": tuple((beta2_ / beta1_) ** k for k in range(length + 1))}


def worst(first: str, second: str, at: int) -> Point:
    """Return the point with those gradients."""
    rates = {"beta1": Fraction(first), "beta2": Fraction(second)}
    return Point({"alpha": 1, **rates, "t": at}, growing(rates["beta1"], rates["beta2"], at))


def worst_points() -> Strategy:
    """Draw rates, and the gradients that make the last step largest for them."""
    rate = inside()

    def made(first: Fraction, second: Fraction, at: int) -> Point:
        return worst(str(first), str(second), at)

    return st.builds(made, rate, rate, st.integers(1, 12))


def claimed(bound: Expr, case: Relational) -> Statement:
    """State one of the two bounds."""
    return Statement(le(Abs(adam("delta", t)), bound), (*domain, gt(adam("v", t), 0), case))


large = alpha * (1 - beta1) / sqrt(1 - beta2)


def _case(
    name: str, title: str, says: str, matters: str, statement: Statement, at: Point, kernel: str
) -> Theorem:
    """Make the record of one of the two bounds."""
    return Theorem(
        id=f"paper-step-bound-{name}",
        matters=matters,
        title=title,
        says=says,
        statement=statement,
        source=SECTION,
        space=Space(worst_points, (adam,)),
        verdict="REFUTED",
        counterexample=at,
        kernel=in_coq("StepBound", kernel),
    )


FIRST_CASE = _case(
    "sparse",
    "The paper's bound on a step where 1 - beta1 > sqrt(1 - beta2)",
    "The paper says that a step is then at most alpha (1 - beta1)/sqrt(1 - beta2). Gradients "
    "that grow like (beta2/beta1)^i make it larger, at the second step already.",
    "The paper goes on to choose alpha by how far a parameter may move in one step. The true "
    "bound is higher, for some rates without end.",
    claimed(large, gt(1 - beta1, sqrt(1 - beta2))),
    worst("1/5", "2/5", 2),
    "paper_bound_first_case_refuted",
)

OTHERWISE = _case(
    "otherwise",
    "The paper's bound on a step otherwise",
    "The paper says that a step is at most alpha where 1 - beta1 is at most sqrt(1 - beta2). "
    "The same gradients make it larger.",
    "The paper likens alpha to the radius of a trust region because of it. With equal rates no "
    "step leaves that region; in general some do.",
    claimed(alpha, le(1 - beta1, sqrt(1 - beta2))),
    worst("1/5", "1/3", 2),
    "paper_bound_second_case_refuted",
)

FIRST = 210
"""The first step at which the paper's bound fails at the defaults."""

rates_at_defaults = {"beta1": DEFAULTS[beta1], "beta2": DEFAULTS[beta2], "eps": Integer(0)}
default_adam = Run(ADAM, hypers=rates_at_defaults)
growth = (beta2 / beta1).subs(DEFAULTS)
growing_adam = Run(ADAM, gradient=lambda k: growth**k, hypers=rates_at_defaults)
default_rho = rho.subs(DEFAULTS)
default_large = large.subs(DEFAULTS)

AT_DEFAULTS = Theorem(
    id="paper-step-bound-defaults",
    matters="Section 2.1 of the paper gives this bound, and many texts repeat it. It is exceeded.",
    title="The paper's bound on a step at the default decay rates",
    says="At beta1 = 0.9 and beta2 = 0.999 the paper's bound is alpha times the root of 10, 3.162. "
    "Gradients that grow like (beta2/beta1)^i, here 1.11^i, exceed it at the 210th step.",
    statement=Statement(le(Abs(growing_adam("delta", t)), default_large), (ge(alpha, 0), ge(t, 1))),
    source=SECTION,
    space=among(numbers("alpha", low=0), steps(1, 260), runs=(growing_adam,)),
    verdict="REFUTED",
    counterexample=Point.of(alpha=1, t=FIRST),
)


def until(first: int, limit: Expr = default_large / alpha) -> Statement:
    """State that the paper's bound holds at the defaults before a step n, and not at that one."""
    return Statement(
        And(
            le(Abs(default_adam("delta", t)), alpha * limit),
            gt(bound(n).subs(DEFAULTS), limit),
            evaluate=False,
        ),
        (ge(alpha, 0), ge(t, 1), lt(t, n), ge(n, first), le(n, first), gt(default_adam("v", t), 0)),
    )


def corrections(*places: Expr) -> tuple[Cite, ...]:
    """Cite that what the moments are divided by is positive."""
    return tuple(below_one(rate, at) for rate in DEFAULTS.values() for at in places)


def compared(at: Expr, relation: Relational, first: int) -> tuple[ProofStep, ...]:
    """Compare R_n or R_(n-1) with a number by their squares, which are rational."""
    limit = relation.args[1]
    ratio = formula((1 - rho**at) / (1 - rho), at).subs(DEFAULTS) ** 2
    difference = limit**2 - ratio
    geometric = Cite(GEOMETRIC_SUM, {beta: default_rho, t: at})
    return (
        show(
            f"sum {at}", eq(powers(default_rho, at), (1 - default_rho**at) / (1 - default_rho))
        ).combination("A geometric sum.", ((geometric, 1 / (1 - default_rho)),)),
        show(f"squares {at}", relation.func(ratio, limit**2, evaluate=False)).by(
            "The squares of R and of the bound are rational numbers.", OneByOne(n, first, first)
        ),
        show(f"roots {at}", relation).squares(
            "Both are positive, so they compare as their squares do.",
            (difference if isinstance(relation, Le) else -difference,),
            (f"squares {at}", f"sum {at}", *corrections(at)),
        ),
    )


def early_points() -> Strategy:
    """Draw gradients, for small t and for the last step of all."""
    at = st.sampled_from([*range(1, 11), FIRST - 1])
    row = st.lists(st.integers(-9, 9), min_size=12, max_size=12)
    return st.builds(
        lambda t_, alpha_, g: Point.of(t=t_, n=FIRST, alpha=alpha_, g=tuple(g)),
        at,
        grid(0, 2, Fraction(1, 60)),
        row,
    )


@Theorem(
    id="paper-step-bound-first-violation",
    matters="It says how long one can believe the paper's bound: for 209 steps. So short tests "
    "do not find the mistake.",
    title="At the defaults no step before the 210th exceeds the paper's bound",
    says="Before step n = 210 no gradients make a step larger than alpha times the root of 10. "
    "R_t is the sharp bound on step t, divided by alpha; R_210 is larger, so the gradients that "
    "reach it exceed the paper's bound, for the first time.",
    statement=until(FIRST),
    source=SECTION,
    space=Space(early_points, (default_adam,)),
)
@near_miss(
    until(FIRST + 1),
    "At t = 210 the gradients 1.11^i make a step that is larger.",
    Point.of(alpha=1, t=FIRST, n=FIRST + 1),
    among(
        numbers("alpha", low=0),
        steps(FIRST - 1, FIRST),
        steps(FIRST + 1, FIRST + 1, "n"),
        runs=(growing_adam,),
    ),
)
@near_miss(
    until(FIRST - 1),
    "R_209 is not larger yet.",
    Point.of(alpha=1, t=1, n=FIRST - 1),
    among(
        numbers("alpha", low=0), steps(1, 9), steps(FIRST - 1, FIRST - 1, "n"), runs=(growing_adam,)
    ),
)
def UNTIL(statement: Statement) -> Steps:
    """Compare R_(n-1) and R_n with the bound: R_t increases with t."""
    before, after = sorted(statement.claim.args, key=lambda part: part.has(t), reverse=True)
    limit = after.args[1]
    tops = (r.args[1] for r in statement.domain if r.args[0] == n and isinstance(r, Le))
    first = int(next(tops, 0))
    now, last = bound().subs(DEFAULTS), bound(n - 1).subs(DEFAULTS)
    return (
        *compared(n - 1, le(last, limit), first),
        show("increasing", le(now, last)).certificate(
            "R_t is at most R_(n-1).",
            uses=(Cite(MONOTONE, {**DEFAULTS, t: t, n: n - 1 - t}), *corrections(t, n - 1)),
        ),
        show("until then", before).certificate(
            "No step is larger than alpha R_t.",
            (alpha * now - before.args[0], alpha * (last - now), alpha * (limit - last)),
            (
                "increasing",
                f"roots {n - 1}",
                Cite(STEP_BOUND, {**DEFAULTS, t: t}),
                *corrections(t, n - 1),
            ),
        ),
        *compared(n, after, first),
        show("both", statement.claim).parts(
            "R_t is at most the paper's bound until then, and R_n is larger.",
            ("until then", f"roots {n}"),
        ),
    )


THEOREMS = (FIRST_CASE, OTHERWISE, AT_DEFAULTS, UNTIL)
