"""An online problem on which Adam ends at the worst point, and AMSGrad at the best one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import And, Expr, Function, Integer, Lt, Max, Min, Mod, Rational, Sum, Symbol, sqrt

from adamref.proofs.powers import BELOW_ONE
from adamref.rules import ADAM, ADAM_UNCORRECTED
from adamref.rules.adam import adam
from adamref.theorems.facts import Always, empty, last_term, substituted
from adamref.theorems.inference import Certificate, Identity, Induction, Parts, Squares
from adamref.theorems.order import Extremes, FromBothSides, power_of_zero
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step, Use
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import numbers, points, steps
from adamref.theorems.vocabulary import alpha, beta, eq, ge, gt, i, j, le, lt, n, t, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy
    from sympy.core.relational import Relational

    from adamref.theorems.evaluation import Evaluation
    from adamref.theorems.proof import Used

k = Symbol("k", integer=True)
C, low, u = (Symbol(name, real=True) for name in ("C", "low", "u"))
x = Function("x", real=True)

b = 1 / (1 + C**2)
w = C**2 / (1 + C**2)  # 1 - b, in a form whose sign can be read off

# The three losses of a period: C x, -x, -x.
FIRST, SECOND, THIRD = 3 * k + 1, 3 * k + 2, 3 * k + 3


def slope(step: Expr) -> Expr:
    """Return the slope of the loss at a step: C if it is 1 modulo 3, else -1."""
    place = Mod(step, 3)
    if place.is_Integer:
        return C if place == 1 else Integer(-1)
    return Function("g", real=True)(step)


def run_of(rule: Any, rate: Expr = b, mark: str = "") -> Run:
    """Return a rule's run on these losses with beta1 = 0 and eps = 0."""
    hypers = {"beta1": Integer(0), "eps": Integer(0), "beta2": rate}
    return Run(rule, mark=mark, gradient=slope, hypers=hypers)


PLAIN = run_of(ADAM_UNCORRECTED)
LONGER = run_of(ADAM_UNCORRECTED, w, "'")
CORRECTED = run_of(ADAM)
STARRED = run_of(ADAM_UNCORRECTED, b, "*")
GREATEST = run_of(adam(maximum="v", bias_correction=False, name="amsgrad"))
LONGER_CORRECTED = run_of(ADAM, w, "'")


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


def _positive_c(statement: Statement) -> Step:
    (least,) = (r.args[1] for r in statement.domain if r.args[0] == C)
    parts = (C - least, least)
    return Step("C is positive", gt(C, 0), "It is larger than that.", Certificate(parts))


def rates(run: Run) -> tuple[Expr, Expr]:
    """Return beta2 and 1 - beta2."""
    return (b, w) if run.hypers["beta2"] == b else (w, b)


def _beyond(statement: Statement) -> bool:
    """Say whether the statement assumes more than C > 0."""
    return gt(C, 0) not in statement.domain


def _not_negative(run: Run) -> Step:
    kept_of, put_in = rates(run)
    return Step(
        "not negative",
        ge(run("v", t), 0),
        "The second moment is an average of squares.",
        Induction(
            t,
            0,
            (
                Step(
                    "at first",
                    ge(run("v", 0), 0),
                    "It starts at 0.",
                    Certificate((Integer(0),), (run.start("v"),)),
                ),
            ),
            (
                Step(
                    "one more square",
                    ge(run("v", t), 0),
                    "Both weights are positive.",
                    Certificate(
                        (kept_of * run("v", t - 1), put_in * run("g", t) ** 2),
                        (run.line("v", t), "induction hypothesis"),
                    ),
                ),
            ),
        ),
        (t,),
    )


RATE = Step("rate", gt(1 - b, 0), "C is not 0.", Certificate((w,)))


def moments(run: Run, *given: str) -> tuple[Step, ...]:
    """Show that the second moments of a period are positive; C > 0 is assumed, or given."""
    kept_of, put_in = rates(run)
    v = [run("v", at) for at in (FIRST - 1, FIRST, SECOND, THIRD)]
    return (
        *((RATE,) if corrected(run) else ()),
        _not_negative(run),
        Step(
            "after the slope C",
            gt(v[1], 0),
            "The last square alone has the weight C^2 / (1 + C^2).",
            Certificate(
                (kept_of * v[0], put_in * C**2),
                (run.line("v", FIRST), Use("not negative", {t: FIRST - 1}), *given),
            ),
            (k,),
        ),
        Step(
            "after one slope -1",
            gt(v[2], 0),
            "The last square is 1.",
            Certificate(
                (kept_of * v[1], put_in), (run.line("v", SECOND), "after the slope C", *given)
            ),
            (k,),
        ),
        Step(
            "after two slopes -1",
            gt(v[3], 0),
            "The last square is 1.",
            Certificate(
                (kept_of * v[2], put_in), (run.line("v", THIRD), "after one slope -1", *given)
            ),
            (k,),
        ),
    )


# Lower bounds on 1/sqrt(2 (2 - b)) and 1/sqrt(3 (1 + 2 b - b^2)), which add up to 1.
SHARES = {
    SECOND: Rational(1, 2) + b / 8 + 3 * b**2 / 64,
    THIRD: Rational(1, 2) - b / 8 - 3 * b**2 / 64,
}
# What stands below those roots.
TIMES = {SECOND: 2 * (1 + w), THIRD: 3 * (1 + b + b * w)}
# 1 less their squares times what stands below the roots: sums of what is positive.
REST = {
    SECOND: (320 * b**3 + 60 * b**4 + 18 * b**5) / 4096,
    THIRD: (
        (32 - 72 * b + 9 * b**2) ** 2
        + b**2 * (768 * w * (1 + b) + 384 * b * w + 372 * b**2)
        + 90 * b**5
        + 27 * b**6
    )
    / 4096,
}
POSITIVE = {
    FIRST: "after the slope C",
    SECOND: "after one slope -1",
    THIRD: "after two slopes -1",
}
UP = {SECOND: "up", THIRD: "up again"}
NAMES = {FIRST: "down", **UP}


def bare(run: Run, at: Expr) -> Expr:
    """Return the size of a step for a slope of 1, as if v were not corrected."""
    return alpha / (sqrt(run("v", at)) * sqrt(at))


def _second(run: Run, at: Expr) -> Expr:
    """Return the second moment that a step is divided by, before any correction."""
    return run("v_max" if "v_max" in run.rule.fields else "v", at)


def sizes(run: Run, *which: Expr) -> tuple[Step, ...]:
    """Say what the steps of a period are, or some of them."""
    found: list[Step] = []
    for at, name in NAMES.items():
        if which and at not in which:
            continue
        uses: tuple[Used, ...] = (run.line("m", at), POSITIVE[at])
        if corrected(run):
            found += _root_of_v_hat(run, at)
            uses = (run.line("m_hat", at), power_of_zero(at), *uses, below_one(at))
            uses = (*(step.name for step in found[-2:]), *uses)
        found.append(
            Step(
                name,
                eq(
                    run("delta", at),
                    -slope(at) * alpha * sqrt(kept(run, at)) / sqrt(_second(run, at)),
                ),
                "With beta1 = 0 the first moment is the slope itself.",
                Identity((run.line("delta", at), *uses)),
                (k,),
            )
        )
    return tuple(found)


def _root_of_v_hat(run: Run, at: Expr) -> tuple[Step, Step]:
    v, v_hat = run("v", at), run("v_hat", at)
    positive = Step(
        f"v_hat {POSITIVE[at]}",
        gt(v_hat, 0),
        "The correction divides by 1 - beta2^t, which is positive.",
        Certificate((v / kept(run, at),), (run.line("v_hat", at), POSITIVE[at], below_one(at))),
        (k,),
    )
    root = Step(
        f"root of v_hat {POSITIVE[at]}",
        eq(1 / sqrt(v_hat), sqrt(kept(run, at)) / sqrt(v)),
        "The squares of both sides.",
        Squares((), (run.line("v_hat", at), POSITIVE[at], below_one(at))),
        (k,),
    )
    return positive, root


def shares(run: Run) -> tuple[Step, ...]:
    """Bound each step up from below by a share of the step down, the corrections left out."""
    v = {at: run("v", at) for at in (FIRST - 1, FIRST, SECOND, THIRD)}
    before = Use("not negative", {t: FIRST - 1})
    up_to = (run.line("v", SECOND), run.line("v", FIRST), before, POSITIVE[FIRST])
    ahead = {
        SECOND: TIMES[SECOND] * FIRST * v[FIRST] - C**2 * SECOND * v[SECOND],
        THIRD: TIMES[THIRD] * FIRST * v[FIRST] - C**2 * THIRD * v[THIRD],
    }
    terms = {
        SECOND: ((1 + w) * v[FIRST] * 3 * k, SECOND * b * v[FIRST - 1]),
        THIRD: ((1 + b + b * w) * v[FIRST] * 6 * k, THIRD * (1 + b) * b * v[FIRST - 1]),
    }
    uses = {SECOND: up_to, THIRD: (run.line("v", THIRD), *up_to)}
    found = []
    for at, name in UP.items():
        below = v[at] * at * v[FIRST] * FIRST
        bound = Step(
            f"second moment {POSITIVE[at]}",
            ge(ahead[at], 0),
            "By the recurrence, as beta2 C^2 = 1 - beta2.",
            Certificate(terms[at], uses[at]),
            (k,),
        )
        root = sqrt(TIMES[at])
        longer = Step(
            f"length {name}",
            ge(bare(run, at), C * bare(run, FIRST) / root),
            "The squares of both sides, with the bound on the second moment.",
            Squares(
                (alpha**2 * ahead[at] / (TIMES[at] * below),),
                (bound.name, POSITIVE[at], POSITIVE[FIRST]),
            ),
            (k,),
        )
        number = Step(
            f"number {name}",
            ge(1 / root, SHARES[at]),
            "The squares of both sides.",
            Squares((REST[at] / TIMES[at],)),
        )
        share = Step(
            f"share {name}",
            ge(bare(run, at), SHARES[at] * C * bare(run, FIRST)),
            "Both.",
            Certificate(
                (
                    bare(run, at) - C * bare(run, FIRST) / root,
                    C * bare(run, FIRST) * (1 / root - SHARES[at]),
                ),
                (longer.name, number.name, POSITIVE[at], POSITIVE[FIRST]),
            ),
            (k,),
        )
        found += [bound, longer, number, share]
    return tuple(found)


def growth(run: Run) -> tuple[Step, ...]:
    """Show that the corrections of the steps up are no smaller than that of the step down."""
    more = {SECOND: b**FIRST * w, THIRD: b**FIRST * w * (1 + b)}
    return tuple(
        Step(
            f"correction {name}",
            ge(sqrt(kept(run, at)), sqrt(kept(run, FIRST))),
            "1 - beta2^t increases with t.",
            Squares((more[at],), (below_one(at), below_one(FIRST))),
            (k,),
        )
        for at, name in UP.items()
    )


def rises(run: Run) -> tuple[Step, ...]:
    """Bound each step up from below by its share of the step down."""
    smaller = sqrt(kept(run, FIRST))
    found = []
    for at, name in UP.items():
        terms = [smaller * (bare(run, at) - SHARES[at] * C * bare(run, FIRST))]
        uses = [name, f"share {name}", POSITIVE[at], POSITIVE[FIRST]]
        if corrected(run):
            terms.append((sqrt(kept(run, at)) - smaller) * bare(run, at))
            uses.append(f"correction {name}")
        claim = ge(moved(run, at), SHARES[at] * C * smaller * bare(run, FIRST))
        because = "The step is no smaller than without the growth of the correction."
        if not corrected(run):
            because = "This is the share of the step down."
        found.append(
            Step(f"rise {name}", claim, because, Certificate(tuple(terms), tuple(uses)), (k,))
        )
    return tuple(found)


def _run_in(statement: Statement, *runs: Run) -> Run:
    """Return the run that a statement is about."""
    relations = [statement.claim, *(h.relation for h in statement.hypotheses.values())]
    functions = {f.func for r in relations for f in r.atoms(Function)}
    return next(run for run in runs if run.function("delta") in functions)


def no_way_down(run: Run, least: Any = 0) -> Statement:
    """State that a period's steps do not move x down."""
    return Statement(ge(whole(run), least), (gt(C, 0), gt(alpha, 0), ge(k, 0)))


def proof_of_period(statement: Statement, *runs: Run) -> tuple[Step, ...]:
    """Compare the steps up with the step down."""
    run = _run_in(statement, *runs)
    down = C * sqrt(kept(run, FIRST)) * bare(run, FIRST)
    return (
        *moments(run),
        *sizes(run),
        *shares(run),
        *(growth(run) if corrected(run) else ()),
        *rises(run),
        Step(
            "all three",
            statement.claim,
            "The shares add up to 1.",
            Certificate(
                tuple(moved(run, at) - SHARES[at] * down for at in UP),
                ("down", POSITIVE[FIRST], *(f"rise {name}" for name in UP.values())),
            ),
        ),
    )


def projected(run: Run, low: Expr = low, high: Any = 1) -> dict[str, Always]:
    """Assume the online setting: x starts at 1, and every step ends with a projection."""
    free = x(j) + run("delta", j) / sqrt(j)
    return {
        "start": Always(eq(x(1), 1), j, Integer(1), Integer(1)),
        "projected": Always(eq(x(j + 1), Min(high, Max(low, free))), j, Integer(1)),
    }


def at_worst(run: Run, at: Expr = FIRST, high: Any = 1) -> Statement:
    """State that x is 1 whenever a period begins."""
    return Statement(eq(x(at), 1), (gt(C, 0), gt(alpha, 0), ge(k, 0)), projected(run, high=high))


def proof_at_worst(lemma: Theorem, *runs: Run) -> Callable[[Statement], tuple[Step, ...]]:
    """Return the proof from what a period's steps add up to."""
    return lambda statement: _returns(statement, statement.claim, lemma, *runs)


def _returns(
    statement: Statement, claim: Relational, lemma: Theorem, *runs: Run
) -> tuple[Step, ...]:
    """By induction over the periods: what is lost is regained, and more is cut off."""
    run = _run_in(statement, *runs)
    positive_c = (_positive_c(statement),) if _beyond(statement) else ()
    given = tuple(step.name for step in positive_c)
    first, second, third = (moved(run, at).subs(k, k - 1) for at in NAMES)
    back = {k: k - 1}
    up, down = Use("not down", back), Use("not up", back)
    steps = (
        Step(
            "still much",
            ge(x(3 * k - 1), 1 + first),
            "The step down may have been cut short by the projection, but not prolonged.",
            Extremes((Use("projected", {j: 3 * k - 2}), "induction hypothesis", down)),
        ),
        Step(
            "enough",
            ge(x(3 * k - 1) + second + third, 1),
            "The steps up are at least as long as the step down.",
            Certificate(
                (x(3 * k - 1) - 1 - first, first + second + third),
                ("still much", Cite(lemma, back, given)),
            ),
        ),
        Step(
            "one step left",
            ge(x(3 * k), 1 - third),
            "Nothing but the upper end of the interval cuts a step up short.",
            Extremes((Use("projected", {j: 3 * k - 1}), "enough", up)),
        ),
        Step(
            "at least 1",
            ge(x(3 * k + 1), 1),
            "The last step reaches the upper end.",
            Extremes((Use("projected", {j: 3 * k}), "one step left")),
        ),
        Step(
            "at most 1",
            le(x(3 * k + 1), 1),
            "No step leads beyond it.",
            Extremes((Use("projected", {j: 3 * k}),)),
        ),
        Step("back", claim, "Both.", FromBothSides("at most 1", "at least 1")),
    )
    base = Step(
        "at the start",
        substituted(claim, {k: Integer(0)}),
        "x starts there.",
        Identity((Use("start", {j: 1}),)),
    )
    return (
        *positive_c,
        *moments(run, *given),
        *sizes(run, FIRST, THIRD),
        Step(
            "not up",
            le(moved(run, FIRST), 0),
            "The slope C leads down.",
            Certificate(
                (C * sqrt(kept(run, FIRST)) * bare(run, FIRST),), ("down", POSITIVE[FIRST], *given)
            ),
            (k,),
        ),
        Step(
            "not down",
            ge(moved(run, THIRD), 0),
            "The slope -1 leads up.",
            Certificate(
                (sqrt(kept(run, THIRD)) * bare(run, THIRD),), ("up again", POSITIVE[THIRD])
            ),
            (k,),
        ),
        Step(
            "back at 1",
            claim,
            "By induction over the periods.",
            Induction(k, 0, (base,), steps),
            (k,),
        ),
    )


SMALL = sqrt(1 - b)


def positive(run: Run, limit: Any = SMALL) -> Statement:
    """State that the step down does not reach 0."""
    domain = (gt(C, 0), gt(alpha, 0), lt(alpha, limit), ge(k, 0))
    return Statement(gt(x(SECOND), 0), domain, projected(run))


def proof_of_positive(statement: Statement) -> tuple[Step, ...]:
    """Compare the step down with 1."""
    run = PLAIN
    v = run("v", FIRST)
    *steps, back = _returns(statement, eq(x(FIRST), 1), STEPS, run)
    room = (v * FIRST - alpha**2 * C**2) / (v * FIRST)
    return (
        *steps,
        back,
        _alpha_squared(statement),
        Step(
            "long denominator",
            gt(v * FIRST - alpha**2 * C**2, 0),
            "The last square alone gives v at least (1 - beta2) C^2.",
            Certificate(
                (
                    C**2 * (w - alpha**2),
                    w * C**2 * 3 * k,
                    b * run("v", FIRST - 1) * FIRST,
                ),
                (run.line("v", FIRST), Use("not negative", {t: FIRST - 1}), "alpha squared"),
            ),
            (k,),
        ),
        Step(
            "short",
            lt(C * bare(run, FIRST), 1),
            "The squares of both sides.",
            Squares((room,), ("long denominator", POSITIVE[FIRST])),
            (k,),
        ),
        Step(
            "still positive",
            gt(x(FIRST) + moved(run, FIRST), 0),
            "x was 1.",
            Certificate(
                (1 - C * bare(run, FIRST),), ("back at 1", "down", "short", POSITIVE[FIRST])
            ),
            (k,),
        ),
        Step(
            "after the projection",
            statement.claim,
            "The projection does not lead below both.",
            Extremes((Use("projected", {j: FIRST}), "still positive")),
        ),
    )


def regret(run: Run, least: Expr = (C - 2) * (1 - u), beyond: int = 2) -> Statement:
    """State a bound on the regret after n periods, and that it is positive."""
    loss = C * x(3 * i + 1) - x(3 * i + 2) - x(3 * i + 3) - (C - 2) * u
    claim = And(ge(total(loss, i, 0, n - 1), n * least), gt(least, 0), evaluate=False)
    domain = (gt(C, beyond), lt(u, 1), gt(alpha, 0), ge(n, 0))
    return Statement(claim, domain, projected(run))


def proof_of_regret(statement: Statement) -> tuple[Step, ...]:
    """Add up what each period loses."""
    run = PLAIN
    lost, more = sorted(statement.claim.args, key=lambda part: not part.has(Sum))
    (whole_loss,) = lost.args[0].atoms(Sum)
    before, least = whole_loss.subs(n, n - 1), more.args[0]
    last = tuple(
        Step(
            f"at most 1 {POSITIVE[at]}",
            le(x(at + 1), 1),
            "The projection does not lead beyond 1.",
            Extremes((Use("projected", {j: at}),)),
            (k,),
        )
        for at in (FIRST, SECOND)
    )
    here = {k: n - 1}
    return (
        *_returns(statement, eq(x(FIRST), 1), STEPS, run),
        *last,
        Step(
            "lost",
            lost,
            "A period begins at 1, where the loss is C, and ends with gains of at most 1 each.",
            Induction(
                n,
                0,
                (
                    Step(
                        "nothing yet",
                        substituted(lost, {n: Integer(0)}),
                        "No period, no loss.",
                        Certificate((Integer(0),), (empty(whole_loss.subs(n, 0)),)),
                    ),
                ),
                (
                    Step(
                        "one more period",
                        lost,
                        "It costs C - 2 more than nothing, and (C - 2) u is what u would cost.",
                        Certificate(
                            (
                                before - (n - 1) * least,
                                1 - x(3 * n - 1),
                                1 - x(3 * n),
                            ),
                            (
                                last_term(whole_loss),
                                "induction hypothesis",
                                Use("back at 1", here),
                                *(Use(step.name, here) for step in last),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Step(
            "is positive",
            more,
            "C is larger than 2, and u below 1.",
            Certificate(((C - 2) * (1 - u),)),
        ),
        Step("regret", statement.claim, "Both.", Parts(("lost", "is positive"))),
    )


# AMSGrad.


def _bounds(statement: Statement, run: Run) -> tuple[Step, ...]:
    """Show that v stays between (1 - beta2) C^2, when a period begins, and C^2."""
    beyond = (C - 2) * (C + 2) + 3  # C^2 - 1
    at_most = [le(run("v", at), C**2) for at in (3 * k, FIRST, SECOND)]
    start = Step(
        "no square yet",
        substituted(at_most[0], {k: Integer(0)}),
        "It starts at 0.",
        Certificate((C**2,), (run.start("v"),)),
    )
    recurrence = tuple(run.line("v", 3 * k - back) for back in (0, 1, 2))
    period = Step(
        "one more period",
        at_most[0],
        "None of the squares is larger than C^2.",
        Certificate(
            (b**3 * (C**2 - run("v", 3 * k - 3)), w * (1 + b) * beyond),
            (*recurrence, "induction hypothesis", "C is positive"),
        ),
    )
    because = "It is an average of squares that are at most C^2."
    return (
        _positive_c(statement),
        _not_negative(run),
        Step(
            "at least",
            ge(run("v", FIRST), w * C**2),
            "The last square alone has that weight.",
            Certificate(
                (b * run("v", FIRST - 1),),
                (run.line("v", FIRST), Use("not negative", {t: FIRST - 1})),
            ),
            (k,),
        ),
        Step("at most", at_most[0], because, Induction(k, 0, (start,), (period,)), (k,)),
        Step(
            "at most after the slope C",
            at_most[1],
            because,
            Certificate((b * (C**2 - run("v", 3 * k)),), (run.line("v", FIRST), "at most")),
            (k,),
        ),
        Step(
            "at most after one slope -1",
            at_most[2],
            because,
            Certificate(
                (b * (C**2 - run("v", FIRST)), w * beyond),
                (run.line("v", SECOND), "at most after the slope C", "C is positive"),
            ),
            (k,),
        ),
    )


def _maxima(run: Run) -> tuple[Step, ...]:
    """Show the same of the maximum, and that it does not decrease."""
    top = {at: run("v_max", at) for at in (3 * k, FIRST, SECOND, THIRD)}
    start = Step(
        "no maximum yet",
        le(run("v_max", 0), C**2),
        "It starts at 0.",
        Certificate((C**2,), (run.start("v_max"),)),
    )
    here = {k: k - 1}
    period = Step(
        "three more",
        le(top[3 * k], C**2),
        "A maximum of what is at most C^2.",
        Extremes(
            (
                *(run.line("v_max", 3 * k - back) for back in (0, 1, 2)),
                "induction hypothesis",
                "at most",
                Use("at most after the slope C", here),
                Use("at most after one slope -1", here),
            )
        ),
    )
    more = {
        SECOND: (run.line("v_max", SECOND),),
        THIRD: (run.line("v_max", THIRD), run.line("v_max", SECOND)),
    }
    return (
        Step(
            "maximum at most",
            le(top[3 * k], C**2),
            "By induction over the periods.",
            Induction(k, 0, (start,), (period,)),
            (k,),
        ),
        Step(
            "maximum at most after the slope C",
            le(top[FIRST], C**2),
            "A maximum of what is at most C^2.",
            Extremes((run.line("v_max", FIRST), "maximum at most", "at most after the slope C")),
            (k,),
        ),
        Step(
            "maximum at least",
            ge(top[FIRST], w * C**2),
            "A maximum is at least what it is taken of.",
            Extremes((run.line("v_max", FIRST), "at least")),
            (k,),
        ),
        Step(
            POSITIVE[FIRST],
            gt(top[FIRST], 0),
            "(1 - beta2) C^2 is positive.",
            Certificate((top[FIRST] - w * C**2, w * C**2), ("maximum at least", "C is positive")),
            (k,),
        ),
        *(
            step
            for at, name in UP.items()
            for step in (
                Step(
                    f"maximum {name}",
                    ge(top[at], top[FIRST]),
                    "The maximum never decreases.",
                    Extremes(more[at]),
                    (k,),
                ),
                Step(
                    POSITIVE[at],
                    gt(top[at], 0),
                    "Nor does it become 0.",
                    Certificate(
                        (top[at] - top[FIRST], top[FIRST]), (f"maximum {name}", POSITIVE[FIRST])
                    ),
                    (k,),
                ),
            )
        ),
    )


def unit(run: Run) -> Expr:
    """Return the size of AMSGrad's step down, for a slope of 1."""
    return alpha / (sqrt(run("v_max", FIRST)) * sqrt(FIRST))


def _smaller(run: Run) -> tuple[Step, ...]:
    """Show that AMSGrad's steps up are no longer than the step down for a slope of 1."""
    one = run("v_max", FIRST)
    found: list[Step] = [*sizes(run)]
    for at, name in UP.items():
        top = run("v_max", at)
        below = top * at * one * FIRST
        ahead = 1 if at == SECOND else 2
        found.append(
            Step(
                f"short {name}",
                le(moved(run, at), unit(run)),
                "Neither the maximum nor t has become smaller: the squares of both sides.",
                Squares(
                    (alpha**2 * (top - one) * at / below, alpha**2 * one * ahead / below),
                    (name, f"maximum {name}", POSITIVE[at], POSITIVE[FIRST]),
                ),
                (k,),
            )
        )
    return tuple(found)


def _long(run: Run) -> Step:
    one = run("v_max", FIRST)
    return Step(
        "long",
        ge(unit(run), alpha / (C * sqrt(FIRST))),
        "The maximum is at most C^2: the squares of both sides.",
        Squares(
            (alpha**2 * (C**2 - one) / (one * C**2 * FIRST),),
            ("maximum at most after the slope C", POSITIVE[FIRST], "C is positive"),
        ),
        (k,),
    )


def all_the_way_down(run: Run, share: Expr = C - 2) -> Statement:
    """State how far a period's steps lead down, at least."""
    return Statement(
        le(whole(run), -share * alpha / (C * sqrt(FIRST))), (gt(C, 2), gt(alpha, 0), ge(k, 0))
    )


def proof_of_descent(statement: Statement) -> tuple[Step, ...]:
    """Compare each step up with the step down."""
    run = GREATEST
    return (
        *_bounds(statement, run),
        *_maxima(run),
        *_smaller(run),
        _long(run),
        Step(
            "all three",
            statement.claim,
            "The step down is C units long, and each step up is at most one.",
            Certificate(
                (
                    *(unit(run) - moved(run, at) for at in UP),
                    (C - 2) * (unit(run) - alpha / (C * sqrt(FIRST))),
                ),
                (
                    *("down", *(f"short {name}" for name in UP.values()), "long"),
                    *(POSITIVE[FIRST], "C is positive"),
                ),
            ),
        ),
    )


rate = (C - 2) * alpha / C


def near_the_best(
    run: Run, limit: Expr | None = SMALL, times: Any = 2, least: int = 2
) -> Statement:
    """State how near x is to -1 when a period begins."""
    bound = bound_of(k, rate, times) - 1
    domain = [gt(C, least), gt(alpha, 0), ge(k, 0)]
    if limit is not None:
        domain.insert(2, lt(alpha, limit))
    return Statement(le(x(FIRST), bound), tuple(domain), projected(run, Integer(-1)))


def _alpha_squared(statement: Statement) -> Step:
    limits = [r.args[1] for r in statement.domain if r.args[0] == alpha and isinstance(r, Lt)]
    limit = limits[0] if limits else Integer(1)
    return Step(
        "alpha squared",
        gt(w - alpha**2, 0),
        "alpha is below the root of 1 - beta2.",
        Certificate(((limit - alpha) * (limit + alpha),)),
    )


def _rate_below_one() -> Step:
    parts = (w - alpha**2, b, 4 * alpha**2 * (C - 2) / C**2, 4 * alpha**2 / C**2)
    return Step(
        "rate below 1",
        ge(1 - rate**2, 0),
        "So is (1 - 2/C) alpha.",
        Certificate(parts, ("alpha squared", "C is positive")),
    )


r = Symbol("r", real=True)


def bound_of(at: Expr, loss: Expr, times: Any = 2) -> Expr:
    """Return what bounds x + 1 after some periods."""
    return times / sqrt(1 + loss**2 * at / 3)


def loses(share: Any = 1) -> Statement:
    """State how much the bound loses in a period."""
    lost = bound_of(k - 1, r) - bound_of(k, r)
    return Statement(le(lost, share * r / sqrt(3 * k - 2)), (ge(r, 0), ge(1 - r**2, 0), ge(k, 1)))


def proof_of_loses(statement: Statement) -> tuple[Step, ...]:
    """Bound a difference of quotients by the slope at the smaller radicand."""
    c = r**2 / 3
    old, at = 1 + c * (k - 1), 3 * k - 2
    before, after = sqrt(old), sqrt(1 + c * k)
    cubic = 9 * old**3 - r**2 * at
    return (
        Step("longer", ge(after, before), "The radicand increases.", Squares((c,))),
        Step("radicand", ge(old, 0), "What stands below the root is not negative.", Certificate()),
        Step(
            "mean value",
            le(2 / before - 2 / after, c / before**3),
            "The slope is steepest at the smaller radicand.",
            Certificate(
                ((after - before) * (c + before * (after - before)) / (before**3 * after),),
                ("longer", "radicand"),
            ),
        ),
        Step(
            "cubic",
            ge(cubic, 0),
            "With E = 1 + c (k - 1) it is 9 E (E - 1) (E + 1) + 8 + (1 - r^2).",
            Certificate((9 * old * c * (k - 1) * (old + 1), Integer(8), 1 - r**2)),
        ),
        Step(
            "slope",
            le(c / before**3, r / sqrt(at)),
            "The squares of both sides.",
            Squares((r**2 * cubic / (9 * old**3 * at),), ("cubic",)),
        ),
        Step(
            "less than a step",
            statement.claim,
            "Both.",
            Certificate(
                (r / sqrt(at) - c / before**3, c / before**3 - (2 / before - 2 / after)),
                ("mean value", "slope", "radicand"),
            ),
        ),
    )


def proof_of_approach(statement: Statement) -> tuple[Step, ...]:
    """By induction: what a period leads down is more than what the bound loses."""
    run = GREATEST
    base = Step(
        "at the start",
        substituted(statement.claim, {k: Integer(0)}),
        "x starts at 1.",
        Certificate((Integer(0),), (Use("start", {j: 1}),)),
    )
    return (
        *_bounds(statement, run),
        *_maxima(run),
        *_smaller(run),
        _long(run),
        _alpha_squared(statement),
        _rate_below_one(),
        Step(
            "radicand",
            ge(C**2 + alpha**2 * (C - 2) ** 2 * k / 3, 0),
            "C^2 times what stands below the root of the bound.",
            Certificate(),
            (k,),
        ),
        Step(
            "near the best",
            statement.claim,
            "By induction over the periods.",
            Induction(k, 0, (base,), _one_period(statement, run)),
        ),
    )


def _one_period(statement: Statement, run: Run) -> tuple[Step, ...]:
    here = {k: k - 1}
    bound, t_ = statement.claim.args[1], 3 * k - 2
    before = bound.subs(k, k - 1)
    c = rate**2 / 3
    new = 1 + c * k
    top = run("v_max", t_)
    s = unit(run).subs(k, k - 1)
    up, again = (moved(run, at).subs(k, k - 1) for at in UP)
    slack = (
        (top - w * C**2) * t_,
        C**2 * t_ * (w - alpha**2),
        alpha**2 * (C - 2) * (C + 2) * t_,
        alpha**2 * Rational(35, 3) * (k - 1),
        alpha**2 * Rational(8, 3),
        alpha**2 * k * (1 - rate**2) / 3,
    )
    small = ("maximum at least", POSITIVE[FIRST])
    known = ("C is positive", "rate below 1")
    real = ("C is positive", Use(POSITIVE[FIRST], here), "radicand", Use("radicand", here))
    return (
        Step(
            "small steps",
            le(2 * s, bound + 1),
            "The maximum is at least (1 - beta2) C^2: the squares of both sides.",
            Squares(
                tuple(4 * part / (top * t_ * new) for part in slack),
                (*(Use(n, here) for n in small), "alpha squared", "rate below 1", "C is positive"),
            ),
        ),
        Step(
            "what x loses",
            ge((C - 2) * s, rate / sqrt(t_)),
            "The net step is C - 2 units long.",
            Certificate(
                ((C - 2) * (s - alpha / (C * sqrt(t_))),),
                (Use("long", here), Use(POSITIVE[FIRST], here), "C is positive"),
            ),
        ),
        Step(
            "far enough",
            le(x(t_) - (C - 2) * s, bound),
            "x loses at least what the bound loses.",
            Certificate(
                (
                    before - x(t_),
                    bound + rate / sqrt(t_) - before,
                    (C - 2) * s - rate / sqrt(t_),
                ),
                ("induction hypothesis", Cite(LOSES, {r: rate}, known), "what x loses", *real),
            ),
        ),
        Step(
            "down by C units",
            le(x(t_ + 1), bound - 2 * s),
            "The step down, and where the projection may end it.",
            Extremes(
                (Use("projected", {j: t_}), Use("down", here), "far enough", "small steps", *real)
            ),
        ),
        Step(
            "first rise",
            le(x(t_ + 1) + up, bound - s),
            "At most one unit up.",
            Certificate(
                (bound - 2 * s - x(t_ + 1), s - up),
                ("down by C units", Use("short up", here), *real),
            ),
        ),
        Step(
            "above the lower end",
            ge(bound - s, -1),
            "There were two units left.",
            Certificate((bound + 1 - 2 * s, s), ("small steps", *real)),
        ),
        Step(
            "up by one unit",
            le(x(t_ + 2), bound - s),
            "The projection does not lead above both.",
            Extremes((Use("projected", {j: t_ + 1}), "first rise", "above the lower end", *real)),
        ),
        Step(
            "up twice",
            le(x(t_ + 2) + again, bound),
            "At most one unit more.",
            Certificate(
                (bound - s - x(t_ + 2), s - again),
                ("up by one unit", Use("short up again", here), *real),
            ),
        ),
        Step(
            "end of the period",
            statement.claim,
            "Nor does it here.",
            Extremes((Use("projected", {j: t_ + 2}), "up twice", *real)),
        ),
    )


# The records.


def _points(last: int = 2) -> SearchStrategy[Point]:
    from hypothesis import strategies as st

    size = st.fractions("1/10", 20, max_denominator=10)
    values = {
        "C": st.sampled_from([Fraction(c) for c in ("2", "3", "10", "1/2", "5/2")]) | size,
        "alpha": st.fractions("1/100", 1, max_denominator=100) | st.just(Fraction(30)),
        "low": st.sampled_from([Fraction(-1), Fraction(-3), Fraction(0)]),
        "u": st.sampled_from([Fraction(-1), Fraction(1, 2)]),
        "k": st.integers(0, last),
        "n": st.integers(0, last),
    }
    return st.builds(Point, st.fixed_dictionaries(values))


def _path(run: Run, low: Any = None, high: int = 1) -> Callable[[Evaluation, int], Any]:
    """Return the iterates of the online setting, as a function for the search."""

    def value(where: Evaluation, at: int) -> Any:
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


def _space(run: Run, low: Any = None, high: int = 1) -> Space:
    return Space(_points, (run,), {"x": _path(run, low, high)})


_SOURCE = "Reddi, Kale & Kumar 2018, theorem 1 and its proof"
_SETTING = (
    " The losses are C x at the steps 1, 4, 7, ... and -x at the others, and the step size is "
    "alpha/sqrt(t); beta1 = 0, beta2 = 1/(1 + C^2), epsilon = 0"
)
_PLAIN = ", and the moments are not corrected."
_CORRECTED = ", and the moments are corrected for their bias."


def _steps(run: Run, longer: Run, name: str, setting: str) -> Theorem:
    return Theorem(
        id=f"online-{name}-steps",
        title="Over a period of three losses Adam's steps add up to nothing downhill",
        says="The step that the large slope C makes is made up for by the two steps of slope -1, "
        "which Adam divides by less: the large slope is all but forgotten." + setting,
        statement=no_way_down(run),
        proof=lambda statement: proof_of_period(statement, run, longer),
        source=_SOURCE,
        space=_space(run),
        near_misses=(
            NearMiss(
                no_way_down(longer),
                "With beta2 = C^2/(1 + C^2), a longer memory, the large slope is not forgotten.",
                Point({"C": 3, "alpha": 1, "k": 0}),
                _space(longer),
            ),
            NearMiss(
                no_way_down(run, alpha / 5),
                "The steps do not add up to alpha/5.",
                Point({"C": 10, "alpha": 1, "k": 0}),
            ),
        ),
    )


STEPS = _steps(PLAIN, LONGER, "adam", _SETTING + _PLAIN)
STEPS_CORRECTED = _steps(CORRECTED, LONGER_CORRECTED, "adam-corrected", _SETTING + _CORRECTED)


def _worst(run: Run, longer: Run, name: str, lemma: Theorem, setting: str) -> Theorem:
    return Theorem(
        id=f"online-{name}-worst",
        title="Adam returns to the worst point of an online problem",
        says="With the projection onto [low, 1] and x_1 = 1, every period ends where it began, at "
        "x = 1. For C > 2 that is the worst point. It holds for every step size, and whatever the "
        "lower end, -1 in the paper." + setting,
        statement=at_worst(run),
        proof=proof_at_worst(lemma, run, longer),
        source=_SOURCE,
        space=_space(run),
        near_misses=(
            NearMiss(
                at_worst(longer),
                "With beta2 = C^2/(1 + C^2), a longer memory, x does not return.",
                Point({"C": 3, "alpha": "1/10", "k": 1, "low": -1}),
                _space(longer),
            ),
            NearMiss(
                at_worst(run, high=2),
                "If the interval went on to 2, x would not stop at 1.",
                Point({"C": 3, "alpha": "1/10", "k": 1, "low": -1}),
                _space(run, high=2),
            ),
            NearMiss(
                at_worst(run, SECOND),
                "Within a period x is not 1.",
                Point({"C": 3, "alpha": "1/10", "k": 0, "low": -1}),
            ),
        ),
    )


WORST = _worst(PLAIN, LONGER, "adam", STEPS, _SETTING + _PLAIN)
WORST_CORRECTED = _worst(
    CORRECTED, LONGER_CORRECTED, "adam-corrected", STEPS_CORRECTED, _SETTING + _CORRECTED
)

POSITIVE_X = Theorem(
    id="online-adam-positive",
    title="Adam does not even pass 0 on an online problem whose best point is -1",
    says="If alpha is below the root of 1 - beta2, x stays positive after the large slope too."
    + _SETTING
    + _PLAIN,
    statement=positive(PLAIN),
    proof=proof_of_positive,
    source=_SOURCE,
    space=_space(PLAIN),
    near_misses=(
        NearMiss(
            positive(PLAIN, 2),
            "With alpha = 1 the first step leads below 0.",
            Point({"C": 3, "alpha": 1, "k": 0, "low": -1}),
        ),
    ),
)

REGRET = Theorem(
    id="online-adam-regret",
    title="Adam's average regret does not vanish",
    says="Against any fixed point u < 1 Adam loses at least (C - 2)(1 - u) in every period of "
    "three steps, which is positive for C > 2: 2 (C - 2) against the best point -1."
    + _SETTING
    + _PLAIN,
    statement=regret(PLAIN),
    proof=proof_of_regret,
    source=_SOURCE,
    space=_space(PLAIN),
    near_misses=(
        NearMiss(
            regret(PLAIN, (C - 2) * (2 - u)),
            "It does not lose as much as that.",
            Point({"C": 10, "u": -1, "alpha": "1/10", "n": 1, "low": -1}),
        ),
        NearMiss(
            regret(PLAIN, beyond=0),
            "For C = 2 all points are equally good.",
            Point({"C": 2, "u": -1, "alpha": "1/10", "n": 0, "low": -1}),
        ),
    ),
)

DESCENT = Theorem(
    id="online-amsgrad-steps",
    title="Over a period of three losses AMSGrad's steps lead down",
    says="AMSGrad divides the two steps of slope -1 by no less than the step of slope C, so that a "
    "period leads down by (C - 2) alpha/(C sqrt(t)) at least." + _SETTING + _PLAIN,
    statement=all_the_way_down(GREATEST),
    proof=proof_of_descent,
    source="Reddi, Kale & Kumar 2018, section 4 (the algorithm)",
    space=_space(GREATEST),
    near_misses=(
        NearMiss(
            all_the_way_down(GREATEST, C - 1),
            "They do not lead down by (C - 1) alpha/(C sqrt(t)).",
            Point({"C": 3, "alpha": 1, "k": 0}),
        ),
        NearMiss(
            all_the_way_down(STARRED),
            "Adam's do not: it does not keep the maximum.",
            Point({"C": 3, "alpha": 1, "k": 0}),
            _space(STARRED),
        ),
    ),
)

LOSES = Theorem(
    id="online-bound-loses",
    title="How much a bound like 2/sqrt(1 + r^2 k/3) loses from one period to the next",
    says="It loses less than r/sqrt(3 k - 2), for any rate r in [0, 1].",
    statement=loses(),
    proof=proof_of_loses,
    source="a lemma for the approach of AMSGrad to the best point",
    space=Space(points(numbers("r", low=0), steps(1, 50, "k"))),
    near_misses=(
        NearMiss(
            loses(Rational(1, 5)),
            "It loses more than a fifth of that.",
            Point({"r": 1, "k": 1}),
        ),
    ),
)

BEST = Theorem(
    id="online-amsgrad-best",
    title="AMSGrad goes to the best point of the online problem on which Adam goes to the worst",
    says="With r = (1 - 2/C) alpha, x is at most 2/sqrt(1 + r^2 k/3) above -1 after k periods, so "
    "that it tends to -1, the best point. The projection is onto [-1, 1], and x_1 = 1."
    + _SETTING
    + _PLAIN,
    statement=near_the_best(GREATEST),
    proof=proof_of_approach,
    source="Reddi, Kale & Kumar 2018, section 4; the rate is worked out here",
    space=_space(GREATEST, -1),
    near_misses=(
        NearMiss(
            near_the_best(STARRED),
            "Adam stays at 1.",
            Point({"C": 10, "alpha": "9/10", "k": 1}),
            _space(STARRED, -1),
        ),
        NearMiss(
            near_the_best(GREATEST, None),
            "If alpha may be large, the steps up lead away again.",
            Point({"C": 10, "alpha": 100, "k": 1}),
        ),
        NearMiss(
            near_the_best(GREATEST, least=0),
            "For C = 1 the point 1 is the best one.",
            Point({"C": 1, "alpha": "1/2", "k": 1}),
        ),
        NearMiss(
            near_the_best(GREATEST, times=Rational(19, 10)),
            "At first x is 2 above -1, not 19/10.",
            Point({"C": 10, "alpha": "9/10", "k": 0}),
        ),
    ),
)

THEOREMS = (
    STEPS,
    WORST,
    POSITIVE_X,
    REGRET,
    STEPS_CORRECTED,
    WORST_CORRECTED,
    DESCENT,
    LOSES,
    BEST,
)
