"""Steps that reductions share: two runs on the same gradients go through the same parameters.

They are about t >= 0, the start included, so what is assumed of every step up to t is not in
the way of an induction.
"""

from collections.abc import Sequence
from fractions import Fraction

from sympy import Function, Integer, Symbol
from sympy.core.relational import Relational

from adamref.logic.relations import eq, ge, gt
from adamref.theorems import spaces
from adamref.theorems.spaces import Number, Part, Point, grid, numbers, rates, reals, st, steps
from adamref.theorems.symbols import beta1, beta2, decay_rate, eps, j, t
from adamref.theorems.writing import ProofStep, Run, Statement, Use, Used, show

from .powers import below_one

g = Function("g", real=True)
theta_0 = Symbol("theta_0", real=True)
START = {"theta": theta_0}
RATES = (*decay_rate(beta1), *decay_rate(beta2))
DOMAIN = (gt(eps, 0), *RATES, ge(t, 0))
later = t - 1
"""What is >= 0 where there is a step t."""

DRAWN = (
    rates("beta1", "beta2"),
    steps(0, 5),
    numbers("theta_0"),
    numbers("alpha", low=0),
    numbers("eps", low=0, strictly=True),
    reals(g=5),
)


def at_first(**other: Number | tuple[Number, ...]) -> Point:
    """Return the point of a first step by the gradient 1, but for what is given otherwise."""
    usual: dict[str, Number | tuple[Number, ...]] = {
        "alpha": 1,
        "eps": 1,
        "beta1": 0,
        "beta2": 0,
        "weight_decay": 0,
        "theta_0": 0,
        "t": 1,
        "g": (0, 1),
    }
    return Point.of(**usual | other)


def between(low: int, high: int, *names: str, **lengths: int) -> Part:
    """Numbers, and sequences with values at 0 … length, between two bounds."""

    def part() -> spaces.Drawn:
        drawn = grid(low, high, Fraction(1, 60))
        rows = {name: st.tuples(*[drawn] * (n + 1)) for name, n in lengths.items()}
        return dict.fromkeys(names, drawn), rows

    return part


def same_theta(one: Run, other: Run, *domain: Relational) -> Statement:
    """State that two runs go through the same parameters."""
    return Statement(eq(one("theta", t), other("theta", t)), (*domain, *DOMAIN))


def meant(what: Statement, *runs: Run) -> Run:
    """Return the one of some runs whose parameter, or else step, a statement is about."""
    return next(
        run
        for field in ("theta", "delta", "m")
        for run in runs
        if field in run.rule.fields and what.claim.has(run.function(field))
    )


def same_state(
    one: Run, other: Run, name: str, its: str = "", uses: Sequence[Used] = (), over: Symbol = t
) -> ProofStep:
    """Return the step that a state is the same in two runs, for t >= 0.

    Over another index than t, what a theorem assumes at t is not in the way of the induction.
    """
    its = its or name
    return show(
        f"the same {name}",
        eq(one(name, over), other(its, over)),
        where=() if over == t else (over,),
    ).induction(
        (over, 0, "By induction over the steps."),
        show(f"{name} before the first step").identity(
            "Both start at the same value.", (one.start(name), other.start(its))
        ),
        show(f"{name} at the next step").identity(
            "Both lines do the same with what the step before left.",
            (one.line(name, over), "induction hypothesis", *uses, other.line(its, over)),
        ),
    )


def not_negative(run: Run) -> ProofStep:
    """Return the step that the second moment of a run is >= 0, at any step j >= 0."""
    decay = run.hyper("beta2", j)
    return show(f"v{run.mark} is not negative", ge(run("v", j), 0), where=(j,)).induction(
        (j, 0, "A mean of squares is not negative; by induction over the steps j."),
        show("before the first step").certificate(
            "It starts at 0.", (Integer(0),), (run.start("v"),)
        ),
        show("one more square").certificate(
            "It is a mean of what it was and of a square.",
            (decay * run("v", j - 1), (1 - decay) * run("g", j) ** 2),
            (run.line("v", j), "induction hypothesis"),
        ),
    )


def corrected_not_negative(run: Run) -> tuple[ProofStep, ProofStep]:
    """Return the steps that the second moment is >= 0, corrected for its bias too."""
    moment, decay = not_negative(run), run.hyper("beta2", t)
    return moment, show(
        f"v_hat{run.mark} is not negative", ge(run("v_hat", t), 0), where=(later,)
    ).certificate(
        "It is divided by what is positive.",
        (run("v", t) / (1 - decay**t),),
        (run.line("v_hat", t), Use(moment.name, {j: t}), below_one(decay)),
    )


def same_hat(one: Run, other: Run, name: str, its: str = "", over: Symbol = t) -> ProofStep:
    """Return the step that an average is the same in two runs, corrected for its bias."""
    its = its or name
    decay = other.hyper({"m": "beta1", "v": "beta2"}[its], t)
    return show(
        f"the same {name}_hat", eq(one(f"{name}_hat", t), other(f"{its}_hat", t)), where=(later,)
    ).identity(
        "The same is divided by the same.",
        (
            one.line(f"{name}_hat", t),
            other.line(f"{its}_hat", t),
            Use(f"the same {name}", {} if over == t else {over: t}),
            below_one(decay),
        ),
    )


def same_step(one: Run, other: Run, uses: Sequence[Used], because: str) -> ProofStep:
    """Return the step that two runs move by the same."""
    return show("the same step", eq(one("delta", t), other("delta", t)), where=(later,)).identity(
        because, (one.line("delta", t), other.line("delta", t), *uses)
    )


def same_parameter(
    what: Statement, one: Run, other: Run, uses: Sequence[Used] = ("the same step",)
) -> ProofStep:
    """Return the step that two runs from the same start have the same parameter, for t >= 0."""
    return show("the same parameter", what.claim).induction(
        (t, 0, "By induction over the steps."),
        show("the start").identity(
            "Both start at the same parameter.", (one.start("theta"), other.start("theta"))
        ),
        show("the next parameter").identity(
            "The same is done to the same parameter.",
            (*moved(one), *moved(other), *uses, "induction hypothesis"),
        ),
    )


def moved(run: Run) -> tuple[Used, ...]:
    """Return the lines by which the parameter follows from its step."""
    fields = [name for name in ("theta", "theta_decayed") if name in run.rule.fields]
    return tuple(run.line(name, t) for name in fields)
