"""Relatives of Adam whose step is Adam's, times a factor or over another denominator.

Some take Adam's step and scale it.
"""

from sympy import Integer, sqrt

from adamref.logic.relations import Relational, eq, ge, gt
from adamref.rules import ADAM, ADAMW_AFTER, get
from adamref.theorems.spaces import among, numbers, rates, reals, steps
from adamref.theorems.symbols import alpha, eps, j, t
from adamref.theorems.writing import ProofStep, Run, Statement, Steps, Theorem, near_miss, show

from .alike import RATES, at_first, corrected_not_negative, g, meant, same_hat, same_state

ZERO = Integer(0)
_DOMAIN = (gt(eps, 0), *RATES, ge(t, 1))
_DRAWN = (rates("beta1", "beta2"), numbers("alpha", low=0), numbers("eps", low=0, strictly=True))

adam = Run(ADAM, "", g)


def _hats(run: Run, other: Run) -> tuple[ProofStep, ...]:
    """Return the steps that both corrected moments are the same at step t."""
    return (
        same_state(run, other, "m", over=j),
        same_state(run, other, "v", over=j),
        *corrected_not_negative(other),
        same_hat(run, other, "m", over=j),
        same_hat(run, other, "v", over=j),
    )


_HATS = ("the same m_hat", "the same v_hat", "v_hat is not negative")

# RAdam, where it is rectified.

radam = Run(get("radam"), "'", g)


def _rectified(*domain: Relational) -> Statement:
    claim = eq(radam("delta", t), radam("r", t) * adam("delta", t))
    return Statement(claim, (*_DOMAIN, *domain))


@Theorem(
    id="radam-rectified",
    title="Where RAdam is rectified its step is r times Adam's",
    says="Wherever its average of squares is longer than 5, RAdam's step is Adam's, on the same "
    "gradients, times the rectification r_t: where that is 1, it is Adam's.",
    statement=_rectified(gt(radam("rho", t), 5)),
    source="Liu et al. 2020, Algorithm 2, with the threshold 5 of the authors' code",
    space=among(*_DRAWN, steps(1, 14), reals(g=14), runs=(adam, radam)),
)
@near_miss(_rectified(), "Until then nothing is divided by.", at_first())
@near_miss(
    _rectified(gt(radam("rho", t), 4)),
    "With the threshold 4 of Algorithm 2 it would be rectified earlier.",
    at_first(beta2="3/4", t=6, g=(0,) * 6 + (1,)),
)
def RADAM(what: Statement) -> Steps:
    """The lines are Adam's, except for the factor r before the step."""
    return (
        *_hats(radam, adam),
        show("rectified", what.claim).identity(
            "The average of squares is long enough to divide by its root.",
            (radam.line("delta", t), radam.case("below", t), *_HATS, adam.line("delta", t)),
        ),
    )


# Cautious AdamW.

cautious = Run(get("cautious-adamw"), "'", g)
after = Run(ADAMW_AFTER, "", g)


@Theorem(
    id="cautious-adamw-step",
    title="Cautious AdamW's step is AdamW's, masked and scaled",
    says="The step of cautious AdamW is AdamW's, on the same gradients, times phi, which is 1 "
    "where it agrees with the gradient and 0 where it does not, and times k of the tensor.",
    statement=Statement(
        eq(cautious("delta", t), cautious("k", t) * cautious("phi", t) * after("delta", t)), _DOMAIN
    ),
    source="Liang et al. 2024, Algorithm 2",
    space=among(*_DRAWN, steps(1, 6), reals(g=6), runs=(after, cautious)),
)
@near_miss(
    eq(cautious("delta", t), cautious("phi", t) * after("delta", t)),
    "What stands still is made up for by the others, and one is added to their count.",
    at_first(),
)
def CAUTIOUS(what: Statement) -> Steps:
    """The lines are AdamW's, except for the mask before the step."""
    return (
        *_hats(cautious, after),
        show("masked", what.claim).identity(
            "What is masked and scaled is AdamW's step.",
            (cautious.line("delta", t), cautious.line("ratio", t), *_HATS, after.line("delta", t)),
        ),
    )


# AdaBelief.

belief = Run(get("adabelief", form="eps-root"), "'", g, {"eps_root": ZERO})
kept = Run(get("adabelief"), "''", g)


def _surprised(run: Run, mark: str) -> Run:
    return Run(ADAM, mark, lambda k: g(k) - run("m", k))


surprised, kept_surprised = _surprised(belief, "*"), _surprised(kept, "**")


def _by_surprises(run: Run, other: Run) -> Statement:
    step = -alpha * adam("m_hat", t) / (sqrt(other("v_hat", t)) + eps)
    return Statement(eq(run("delta", t), step), _DOMAIN)


@Theorem(
    id="adabelief-of-surprises",
    title="AdaBelief's first moment is Adam's, its second that of Adam on the surprises",
    says="With nothing added to v, AdaBelief divides Adam's corrected first moment by the root of "
    "Adam's corrected second moment of the surprises: of the gradients less their average so far.",
    statement=_by_surprises(belief, surprised),
    source="Zhuang et al. 2020, Algorithm 2",
    space=among(
        *_DRAWN, steps(1, 5), reals(g=5), runs=(adam, belief, kept, surprised, kept_surprised)
    ),
)
@near_miss(
    _by_surprises(kept, kept_surprised),
    "With epsilon kept in v, as in the paper, its second moment is larger.",
    at_first(),
)
def BELIEF(what: Statement) -> Steps:
    """The second moment is fed with g - m in place of g, and with nothing else."""
    run = meant(what, belief, kept)
    other = surprised if run is belief else kept_surprised
    return (
        same_state(run, adam, "m", over=j),
        same_state(run, other, "v", over=j),
        *corrected_not_negative(other),
        same_hat(run, adam, "m", over=j),
        same_hat(run, other, "v", over=j),
        show("by surprises", what.claim).identity(
            "The moments are those of the two.",
            (
                run.line("delta", t),
                "the same m_hat",
                "the same v_hat",
                f"v_hat{other.mark} is not negative",
            ),
        ),
    )


THEOREMS = (RADAM, CAUTIOUS, BELIEF)
