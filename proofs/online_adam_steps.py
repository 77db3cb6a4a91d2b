"""Over a period of three losses Adam's steps add up to nothing downhill.

Three losses, over and over: 3 x, -x, -x for example. Going down is going left; Adam's steps over
one period lead nowhere.
"""

from sympy import Expr, Rational, sqrt

from adamref.logic.facts import power_of_zero
from adamref.logic.relations import eq, ge, gt
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point
from adamref.theorems.symbols import alpha, t
from adamref.theorems.writing import ProofStep, Run, Use, Used, show

from . import online_problem
from .online_problem import FIRST, POSITIVE, SECOND, THIRD, UP, C, b, below_one, k, kept, w

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


def bare(run: Run, at: Expr) -> Expr:
    """Return the size of a step for a slope of 1, as if v were not corrected."""
    return alpha / (sqrt(run("v", at)) * sqrt(at))


def _second(run: Run, at: Expr) -> Expr:
    """Return the second moment that a step is divided by, before any correction."""
    return run("v_max" if "v_max" in run.rule.fields else "v", at)


def sizes(run: Run, *which: Expr) -> tuple[ProofStep, ...]:
    """Say what the steps of a period are, or some of them."""
    found: list[ProofStep] = []
    for at, name in online_problem.NAMES.items():
        if which and at not in which:
            continue
        uses: tuple[Used, ...] = (run.line("m", at), POSITIVE[at])
        if online_problem.corrected(run):
            found += _root_of_v_hat(run, at)
            uses = (run.line("m_hat", at), power_of_zero(at), *uses, below_one(at))
            uses = (*(step.name for step in found[-2:]), *uses)
        found.append(
            show(
                name,
                eq(
                    run("delta", at),
                    -online_problem.slope(at)
                    * alpha
                    * sqrt(kept(run, at))
                    / sqrt(_second(run, at)),
                ),
                where=(k,),
            ).identity(
                "With beta1 = 0 the first moment is the slope itself.",
                (run.line("delta", at), *uses),
            )
        )
    return tuple(found)


def _root_of_v_hat(run: Run, at: Expr) -> tuple[ProofStep, ProofStep]:
    v, v_hat = run("v", at), run("v_hat", at)
    positive = show(f"v_hat {POSITIVE[at]}", gt(v_hat, 0), where=(k,)).certificate(
        "The correction divides by 1 - beta2^t, which is positive.",
        (v / kept(run, at),),
        (run.line("v_hat", at), POSITIVE[at], below_one(at)),
    )
    root = show(
        f"root of v_hat {POSITIVE[at]}",
        eq(1 / sqrt(v_hat), sqrt(kept(run, at)) / sqrt(v)),
        where=(k,),
    ).squares(
        "The squares of both sides.", uses=(run.line("v_hat", at), POSITIVE[at], below_one(at))
    )
    return positive, root


def shares(run: Run) -> tuple[ProofStep, ...]:
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
        bound = show(f"second moment {POSITIVE[at]}", ge(ahead[at], 0), where=(k,)).certificate(
            "By the recurrence, as beta2 C^2 = 1 - beta2.", terms[at], uses[at]
        )
        root = sqrt(TIMES[at])
        longer = show(
            f"length {name}", ge(bare(run, at), C * bare(run, FIRST) / root), where=(k,)
        ).squares(
            "The squares of both sides, with the bound on the second moment.",
            (alpha**2 * ahead[at] / (TIMES[at] * below),),
            (bound.name, POSITIVE[at], POSITIVE[FIRST]),
        )
        number = show(f"number {name}", ge(1 / root, SHARES[at])).squares(
            "The squares of both sides.", (REST[at] / TIMES[at],)
        )
        share = show(
            f"share {name}", ge(bare(run, at), SHARES[at] * C * bare(run, FIRST)), where=(k,)
        ).certificate(
            "The step is as long as the first bound says, and the number as large as the second.",
            (
                bare(run, at) - C * bare(run, FIRST) / root,
                C * bare(run, FIRST) * (1 / root - SHARES[at]),
            ),
            (longer.name, number.name, POSITIVE[at], POSITIVE[FIRST]),
        )
        found += [bound, longer, number, share]
    return tuple(found)


def growth(run: Run) -> tuple[ProofStep, ...]:
    """Show that the corrections of the steps up are no smaller than that of the step down."""
    more = {SECOND: b**FIRST * w, THIRD: b**FIRST * w * (1 + b)}
    return tuple(
        show(
            f"correction {name}", ge(sqrt(kept(run, at)), sqrt(kept(run, FIRST))), where=(k,)
        ).squares("1 - beta2^t increases with t.", (more[at],), (below_one(at), below_one(FIRST)))
        for at, name in UP.items()
    )


def rises(run: Run) -> tuple[ProofStep, ...]:
    """Bound each step up from below by its share of the step down."""
    smaller = sqrt(kept(run, FIRST))
    found = []
    for at, name in UP.items():
        terms = [smaller * (bare(run, at) - SHARES[at] * C * bare(run, FIRST))]
        uses = [name, f"share {name}", POSITIVE[at], POSITIVE[FIRST]]
        if online_problem.corrected(run):
            terms.append((sqrt(kept(run, at)) - smaller) * bare(run, at))
            uses.append(f"correction {name}")
        claim = ge(online_problem.moved(run, at), SHARES[at] * C * smaller * bare(run, FIRST))
        because = "The step is no smaller than without the growth of the correction."
        if not online_problem.corrected(run):
            because = "This is the share of the step down."
        found.append(
            show(f"rise {name}", claim, where=(k,)).certificate(because, tuple(terms), tuple(uses))
        )
    return tuple(found)


def proof_of_period(statement: Statement, *runs: Run) -> tuple[ProofStep, ...]:
    """Compare the steps up with the step down."""
    run = online_problem.run_in(statement, *runs)
    down = C * sqrt(kept(run, FIRST)) * bare(run, FIRST)
    return (
        *online_problem.moments(run),
        *sizes(run),
        *shares(run),
        *(growth(run) if online_problem.corrected(run) else ()),
        *rises(run),
        show("all three", statement.claim).certificate(
            "The shares add up to 1.",
            tuple(online_problem.moved(run, at) - SHARES[at] * down for at in UP),
            ("down", POSITIVE[FIRST], *(f"rise {name}" for name in UP.values())),
        ),
    )


def theorem_of_steps(run: Run, longer: Run, name: str, setting: str) -> Theorem:
    """Return the theorem about a run, with a near-miss about one with a longer memory."""

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """Bound what each step divides by, and compare the step down with the two steps up."""
        return proof_of_period(statement, run, longer)

    return Theorem(
        id=f"online-{name}-steps",
        title="Over a period of three losses Adam's steps add up to nothing downhill",
        says="The step that the large slope C makes is made up for by the two steps of slope -1, "
        "which Adam divides by less: the large slope is all but forgotten." + setting,
        letters=online_problem.PERIOD,
        statement=Statement(ge(online_problem.whole(run), 0), (gt(C, 0), gt(alpha, 0), ge(k, 0))),
        proof=proof,
        source=online_problem.SOURCE,
        space=online_problem.space_of(run),
        near_misses=(
            NearMiss(
                Statement(ge(online_problem.whole(longer), 0), (gt(C, 0), gt(alpha, 0), ge(k, 0))),
                "With beta2 = C^2/(1 + C^2), a longer memory, the large slope is not forgotten.",
                Point.of(C=3, alpha=1, k=0),
                online_problem.space_of(longer),
            ),
            NearMiss(
                Statement(
                    ge(online_problem.whole(run), alpha / 5), (gt(C, 0), gt(alpha, 0), ge(k, 0))
                ),
                "The steps do not add up to alpha/5.",
                Point.of(C=10, alpha=1, k=0),
            ),
        ),
    )


STEPS = theorem_of_steps(
    online_problem.PLAIN, online_problem.LONGER, "adam", online_problem.SETTING
)

THEOREMS = (STEPS,)
