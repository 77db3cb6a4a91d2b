"""The drift term is bounded by the drift of one step, and linear drift reaches the bound.

If the mean moves by at most L in a step, this is how far the corrected moment is off.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from typing import Any

from sympy import Abs, Expr, Integer, Mul, Symbol

from adamref.logic.facts import Always
from adamref.logic.order import FromBoth
from adamref.logic.relations import eq, ge, le, slack
from adamref.rules import ADAM
from adamref.theorems.spaces import Drawn, Point, Strategy, points, rates, st, steps
from adamref.theorems.symbols import beta1, decay_rate, i, t
from adamref.theorems.writing import ProofStep, Run, Statement, Steps, Theorem, Use, near_miss, show

from .drift import LONGEST
from .powers import below_one
from .unbiased import DRAWN, drawn, mean, row, sixteenths, spread

L, c = Symbol("L", real=True), Symbol("c", real=True)
scaled_domain = (*decay_rate(beta1), ge(L, 0), ge(t, 1))

drift = mean("m", t) - (1 - beta1**t) * mean("g", t)
change = mean("g", t) - mean("g", t - 1)
limit = L * beta1 / (1 - beta1)


def lag(times: Expr) -> Expr:
    """Return L (beta1 (1 - beta1^t) / (1 - beta1) - times beta1^t); the bound has t times."""
    return L * (beta1 * (1 - beta1**t) / (1 - beta1) - times * beta1**t)


bound = lag(t)

SLOWLY = {
    "the means drift slowly": Always(le(Abs(mean("g", i) - mean("g", i - 1)), L), i, Integer(2))
}
LINEARLY = {"the means drift linearly": Always(eq(mean("g", i), c + L * i), i, Integer(1))}


def _bounded(statement: Statement, most: Expr, name: str) -> tuple[ProofStep, ...]:
    claim = le(Abs(drift), most)
    return (
        _change(statement, "no great fall", -change),
        _side("from above", le(drift, most), "no great fall"),
        _change(statement, "no great rise", change),
        _side("from below", le(-drift, most), "no great rise"),
        show(name, claim).by("Both signs are bounded.", FromBoth("from above", "from below")),
    )


def _change(statement: Statement, name: str, value: Expr) -> ProofStep:
    return show(name, le(value, L), where=(t - 2,)).squares(
        "A change is at most its size, and that is at most L.",
        ((L - Abs(change)) * (L + Abs(change)),),
        tuple(Use(said, {i: t}) for said in statement.hypotheses),
    )


def _side(name: str, claim: Any, changed: str) -> ProofStep:
    """Bound the drift term from one side; the statement's bound is in the claim."""
    left = L + change if name == "from above" else L - change
    before = slack(claim).subs(t, t - 1)
    return show(name, claim).induction(
        (t, 1),
        show("one gradient").certificate(
            "At the first step there is no drift yet, and the bound is 0.",
            (Integer(0),),
            (mean.line("m", 1), mean.start("m")),
        ),
        show("one more gradient").certificate(
            "What the bound leaves over is beta1 times what it left over one step ago, and "
            "beta1 (1 - beta1^(t-1)) times what L leaves over of the latest change.",
            (beta1 * before, beta1 * (1 - beta1 ** (t - 1)) * left),
            (mean.line("m", t), "induction hypothesis", changed, below_one(beta1, t - 1)),
        ),
    )


def _not_negative(most: Expr) -> ProofStep:
    # Unevaluated, so the bound one step ago stays one factor, whose sign is known.
    before = Mul(beta1, most.subs(t, t - 1), evaluate=False)
    return show("not negative", ge(most, 0)).induction(
        (t, 1, "The bound is not negative; by induction over t."),
        show("one step").certificate("At the first step the bound is 0.", (Integer(0),)),
        show("one more step").certificate(
            "The bound is beta1 times what it was one step ago, plus beta1 (1 - beta1^(t-1)) L.",
            (before, beta1 * (1 - beta1 ** (t - 1)) * L),
            ("induction hypothesis", below_one(beta1, t - 1)),
        ),
    )


def _slope() -> Strategy:
    return st.shared(st.sampled_from((1, 0, 1000)) | st.integers(0, 20), key="L")


def drifting() -> Drawn:
    """Draw means that change by at most L from step to step, some always by L, and any means."""
    anywhere = row(sixteenths(), LONGEST)
    mixed = row(st.integers(-16, 16).map(lambda k: Fraction(k, 16)), LONGEST)
    steadily = st.sampled_from((1, -1)).map(lambda sign: (sign,) * LONGEST)
    slow = st.tuples(_slope(), sixteenths(), steadily | mixed).map(
        lambda found: tuple(accumulate([found[1], *(found[0] * move for move in found[2])]))
    )
    return {"L": _slope()}, {"level": slow | slow | anywhere, "spread": anywhere}


def linear() -> Drawn:
    """Draw a line for the means, and any spread."""
    return {"L": _slope(), "c": sixteenths()}, {"spread": row(sixteenths(), LONGEST)}


def _along_a_line(sign: int) -> Callable[[Expr], Expr]:
    return lambda k: c + L * k + sign * spread(k)


LINE = tuple(
    Run(ADAM, mark=mark, gradient=_along_a_line(sign)) for mark, sign in (("+", 1), ("-", -1))
)
SLOW = points(rates("beta1"), steps(1, LONGEST), drifting)
LINEAR = points(rates("beta1"), steps(1, LONGEST), linear)


@Theorem(
    id="drift-bound",
    matters="Where the mean moves slowly, the corrected moment is still nearly right. This says "
    "how nearly.",
    title="The drift term is bounded by the drift of one step",
    says="If the mean of the gradients changes by at most L from one step to the next, the drift "
    "term is at most L (beta1 (1 - beta1^t) / (1 - beta1) - t beta1^t).",
    statement=Statement(le(Abs(drift), bound), scaled_domain, SLOWLY),
    source="follows from Kingma & Ba 2015, section 3, which says that the term can be kept small",
    space=drawn(SLOW),
)
@near_miss(
    le(Abs(drift), lag(t + 1)),
    "With t + 1 for the factor t the bound is below 0 at the first step." + DRAWN,
    Point.of(beta1="1/2", L=1, t=1, level=(0, 0), spread=(0, 0)),
)
@near_miss(
    Statement(le(Abs(drift), bound), scaled_domain),
    "If nothing is known of the changes, there is no bound." + DRAWN,
    Point.of(beta1="1/2", L=1, t=2, level=(0, 0, 2), spread=(0, 0, 0)),
)
def BOUND(statement: Statement) -> Steps:
    """Bound both signs by induction over t, with one change of the mean a step."""
    return _bounded(statement, statement.claim.args[1], "the bound")


@Theorem(
    id="drift-bound-reached",
    matters="Steady drift is the worst that slow drift can do.",
    title="Linear drift reaches the bound",
    says="If the mean of the gradients rises by L at every step, the drift term is as large as its "
    "bound allows, at every step: no better bound holds.",
    letters={"c": "any number"},
    statement=Statement(eq(Abs(drift), bound), scaled_domain, LINEARLY),
    source="follows from Kingma & Ba 2015, section 3",
    space=drawn(LINEAR, LINE),
)
@near_miss(
    eq(Abs(drift), limit),
    "L beta1 / (1 - beta1) is not reached at any step, only approached. The gradients are "
    "c + L i + spread or c + L i - spread, equally likely.",
    Point.of(beta1="1/2", L=1, c=0, t=1, spread=(0, 0)),
)
def REACHED(statement: Statement) -> Steps:
    """Show by two inductions that the drift term is minus its bound, and the bound not negative."""
    (linear,) = statement.hypotheses
    most = statement.claim.args[1]
    return (
        show("behind", eq(drift, -most)).induction(
            (
                t,
                1,
                "The moment lags behind the rising mean by exactly the bound; by induction over t.",
            ),
            show("one gradient").identity(
                "At the first step there is no drift yet, and the bound is 0.",
                (mean.line("m", 1), mean.start("m")),
            ),
            show("one more gradient").combination(
                "The drift term is multiplied by beta1, and loses beta1 (1 - beta1^(t-1)) L.",
                (("induction hypothesis", beta1),),
                (mean.line("m", t), Use(linear, {i: t}), Use(linear, {i: t - 1})),
            ),
        ),
        _not_negative(most),
        show("size", statement.claim).squares(
            "Hence the bound is on the absolute value of the drift term.",
            uses=("behind", "not negative"),
        ),
    )


@Theorem(
    id="drift-bound-limit",
    matters="It is one number for the whole run: with beta1 = 0.9 the drift term is never more "
    "than nine times what the mean changes by in one step.",
    title="The drift term stays below L beta1 / (1 - beta1)",
    says="If the mean of the gradients changes by at most L from one step to the next, the drift "
    "term is at most L beta1 / (1 - beta1) at every step: L times the mean age of what m averages.",
    statement=Statement(le(Abs(drift), limit), scaled_domain, SLOWLY),
    source="follows from Kingma & Ba 2015, section 3",
    space=drawn(SLOW),
)
@near_miss(
    le(Abs(drift), L * beta1),
    "L beta1, the drift of one step alone, is exceeded at t = 3." + DRAWN,
    Point({"beta1": "1/4", "L": 1, "t": 3}, {"level": (0, 0, 1, 2), "spread": (0,) * 4}),
)
def LIMIT(statement: Statement) -> Steps:
    """Show that what the bound lacks to L beta1 / (1 - beta1) is not negative."""
    rest = L * (beta1 ** (t + 1) / (1 - beta1) + t * beta1**t)
    return (
        *_bounded(statement, bound, "the bound at t"),
        show("at most its limit", statement.claim).certificate(
            "The bound at t lacks L (beta1^(t+1) / (1 - beta1) + t beta1^t) to this.",
            (bound - Abs(drift), rest),
            ("the bound at t",),
        ),
    )


THEOREMS = (BOUND, REACHED, LIMIT)
