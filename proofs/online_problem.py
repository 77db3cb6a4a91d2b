"""An online problem on which Adam ends at the worst point, and AMSGrad at the best one."""

from fractions import Fraction
from typing import Any

from sympy import Expr, Function, Integer, Lt, Max, Min, Mod, Symbol, sqrt

from adamref.logic.arithmetic import Certificate
from adamref.logic.facts import Always
from adamref.logic.relations import eq, ge, gt
from adamref.rules import ADAM, ADAM_UNCORRECTED
from adamref.rules.adam import adam
from adamref.theorems.spaces import Meaning, Point, Space, Strategy, Values, grid, st
from adamref.theorems.symbols import alpha, beta, j, t
from adamref.theorems.writing import Cite, ProofStep, Run, Statement, Use, Used, show

from .powers import BELOW_ONE

k = Symbol("k", integer=True)
C, low, u = (Symbol(name, real=True) for name in ("C", "low", "u"))
x = Function("x", real=True)

b = 1 / (1 + C**2)
w = C**2 / (1 + C**2)  # 1 - b, in a form whose sign can be read off
SMALL = sqrt(1 - b)

# The three losses of a period: C x, -x, -x.
FIRST, SECOND, THIRD = 3 * k + 1, 3 * k + 2, 3 * k + 3

PERIOD = {"k": "the number of a period, from 0"}
INTERVAL = {"low": "the lower end of the interval"}

# What is said of the second moments of a period, and of its steps.
POSITIVE = {FIRST: "after the slope C", SECOND: "after one slope -1", THIRD: "after two slopes -1"}
UP = {SECOND: "up", THIRD: "up again"}
NAMES = {FIRST: "down", **UP}


def slope(step: Expr) -> Expr:
    """Return the slope of the loss at a step: C if it is 1 modulo 3, else -1."""
    place = Mod(step, 3)  # 0, 1 or 2
    return (C + 1) * place * (2 - place) - 1


def run_of(rule: Any, rate: Expr = b, mark: str = "") -> Run:
    """Return a rule's run on these losses with beta1 = 0 and eps = 0."""
    hypers = {"beta1": Integer(0), "eps": Integer(0), "beta2": rate}
    return Run(rule, mark=mark, gradient=slope, hypers=hypers)


PLAIN = run_of(ADAM_UNCORRECTED)
CORRECTED = run_of(ADAM)
GREATEST = run_of(adam(maximum="v", bias_correction=False, name="amsgrad"))
# Those of the near-misses: Adam with a longer memory, and Adam beside AMSGrad.
LONGER = run_of(ADAM_UNCORRECTED, w, "'")
LONGER_CORRECTED = run_of(ADAM, w, "'")
STARRED = run_of(ADAM_UNCORRECTED, b, "*")


def moved(run: Run, at: Expr) -> Expr:
    """Return the step before projection: the step size is alpha / sqrt(t)."""
    return run("delta", at) / sqrt(at)


def whole(run: Run) -> Expr:
    """Return the sum of the three steps of a period."""
    return moved(run, FIRST) + moved(run, SECOND) + moved(run, THIRD)


def corrected(run: Run) -> bool:
    """Say whether the run's rule corrects the moments."""
    return "v_hat" in run.rule.fields


def kept(run: Run, at: Expr) -> Expr:
    """Return what v_hat has of v below: 1, or 1 - beta2^t."""
    return 1 - b**at if corrected(run) else Integer(1)


def below_one(at: Expr) -> Cite:
    """Cite that 1 - beta2^t is positive."""
    return Cite(BELOW_ONE, {beta: b, t: at}, ("rate",))


def positive_c(statement: Statement) -> ProofStep:
    """Return the step that C is positive, from what is assumed of it."""
    (least,) = (r.args[1] for r in statement.domain if r.args[0] == C)
    parts = (C - least, least)
    return show("C is positive", gt(C, 0)).certificate(
        "It is larger than a number that is not negative.", parts
    )


def rates(run: Run) -> tuple[Expr, Expr]:
    """Return beta2 and 1 - beta2."""
    return (b, w) if run.hypers["beta2"] == b else (w, b)


def not_negative(run: Run) -> ProofStep:
    """Return the step that a second moment is not negative at any step."""
    kept_of, put_in = rates(run)
    return show("not negative", ge(run("v", t), 0), where=(t,)).induction(
        (t, 0, "The second moment is a sum of squares, each with a positive weight."),
        show("at first").certificate("It starts at 0.", (Integer(0),), (run.start("v"),)),
        show("one more square").certificate(
            "Both weights are positive.",
            (kept_of * run("v", t - 1), put_in * run("g", t) ** 2),
            (run.line("v", t), "induction hypothesis"),
        ),
    )


RATE = show("rate", gt(1 - b, 0)).certificate("C is not 0.", (w,))


def moments(run: Run, *given: str) -> tuple[ProofStep, ...]:
    """Show that the second moments of a period are positive; C > 0 is assumed, or given."""
    kept_of, put_in = rates(run)
    before: Used = Use("not negative", {t: FIRST - 1})
    found = []
    for at, name in POSITIVE.items():
        because = "The last square is 1."
        if at == FIRST:
            because = "The last square is C^2, with the weight 1 - beta2 = C^2/(1 + C^2)."
        terms = (kept_of * run("v", at - 1), put_in * slope(at) ** 2)
        by = Certificate(terms, (run.line("v", at), before, *given))
        found.append(show(name, gt(run("v", at), 0), where=(k,)).by(because, by))
        before = name
    return (*((RATE,) if corrected(run) else ()), not_negative(run), *found)


def alpha_squared(statement: Statement) -> ProofStep:
    """Return the step that alpha^2 is below 1 - beta2, from what is assumed of alpha."""
    limits = [r.args[1] for r in statement.domain if r.args[0] == alpha and isinstance(r, Lt)]
    limit = limits[0] if limits else Integer(1)
    return show("alpha squared", gt(w - alpha**2, 0)).certificate(
        "alpha is below the root of 1 - beta2.", ((limit - alpha) * (limit + alpha),)
    )


def projected(run: Run, low: Expr = low, high: Any = 1) -> dict[str, Always]:
    """Assume the online setting: x starts at 1, and every step ends with a projection."""
    free = x(j) + run("delta", j) / sqrt(j)
    return {
        "start": Always(eq(x(1), 1), j, Integer(1), Integer(1)),
        "projected": Always(eq(x(j + 1), Min(high, Max(low, free))), j, Integer(1)),
    }


def run_in(statement: Statement, *runs: Run) -> Run:
    """Return the run that a statement is about."""
    relations = [statement.claim, *(h.relation for h in statement.hypotheses.values())]
    functions = {f.func for r in relations for f in r.atoms(Function)}
    return next(run for run in runs if run.function("delta") in functions)


# The search, and where it all comes from.


def _points() -> Strategy:
    values = {
        "C": st.sampled_from([Fraction(c) for c in ("2", "3", "10", "1/2", "5/2")])
        | grid(Fraction(1, 10), 20, Fraction(1, 60)),
        "alpha": grid(Fraction(1, 100), 1, Fraction(1, 600)) | st.just(Fraction(30)),
        "low": st.sampled_from([Fraction(-1), Fraction(-3), Fraction(0)]),
        "u": st.sampled_from([Fraction(-1), Fraction(1, 2)]),
        "k": st.integers(0, 2),
        "n": st.integers(0, 2),
    }
    return st.builds(Point, st.fixed_dictionaries(values))


def _path(run: Run, low: Any = None, high: int = 1) -> Meaning:
    """Return the iterates of the online setting, as a function for the search."""

    def value(where: Values, at: int) -> Any:
        carrier = where.carrier
        reached = carrier.lift(Fraction(1))
        bottom = where.point.values["low"] if low is None else low
        negative = carrier.lift(Fraction(-high))
        for before in range(1, at):
            size = carrier.power(carrier.lift(Fraction(before)), Fraction(1, 2))
            step = carrier.divide(where.field(run, "delta", before), size)
            free = carrier.larger(carrier.lift(Fraction(bottom)), carrier.add(reached, step))
            reached = carrier.negate(carrier.larger(negative, carrier.negate(free)))
        return reached

    return value


def space_of(run: Run, low: Any = None, high: int = 1) -> Space:
    """Return where to look for counterexamples, with the projection onto [low, high]."""
    return Space(_points, (run,), {"x": _path(run, low, high)})


SOURCE = "Reddi, Kale & Kumar 2018, theorem 1 and its proof"
_SETTING = (
    " The losses are C x at the steps 1, 4, 7, ... and -x at the others, and the step size is "
    "alpha/sqrt(t). Here beta1 = 0, beta2 = 1/(1 + C^2), epsilon = 0, and the moments are "
)
PROJECTED = (
    " x starts at 1, and after each step it is projected onto the interval from low to 1, whose "
    "lower end may be any number."
)
SETTING = _SETTING + "not corrected."
SETTING_CORRECTED = _SETTING + "corrected for their bias."

THEOREMS = ()
