"""Bias correction is unbiased; without it the moments are not.

To be unbiased is to be right on average, whatever the noise. The corrected moments are; nothing is
assumed of the gradients but that they have a common mean.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sympy import Expr, Function, Integer, Symbol

from adamref.logic.facts import Always
from adamref.logic.relations import eq, ge
from adamref.rules import ADAM
from adamref.theorems import spaces
from adamref.theorems.expectations import Mean
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Drawn, Point, Space, Strategy, points, rates, st, steps
from adamref.theorems.symbols import beta1, beta2, decay_rate, i, t
from adamref.theorems.writing import Run, Steps, Use, show

from .powers import below_one

mean = Mean(Run(ADAM))
mu, nu = Symbol("mu", real=True), Symbol("nu", real=True)
level, spread = Function("level", real=True), Function("spread", real=True)

# The distributions of the search: two sequences of gradients, equally likely.
OUTCOMES = (
    Run(ADAM, mark="+", gradient=lambda k: level(k) + spread(k)),
    Run(ADAM, mark="-", gradient=lambda k: level(k) - spread(k)),
)
LONGEST = 8
DRAWN = " The gradients are level + spread or level - spread, equally likely."
# (level, spread) with level^2 + spread^2 = 5^2.
DIRECTIONS = ((5, 0), (0, 5), (-5, 0), (3, 4))


def statement(name: str, claimed: Expr, *, same: bool = True) -> Statement:
    """State what the expectation of a moment or its correction is, for gradients that are alike."""
    first = name.startswith("m")
    rate, put_in, constant = (beta1, "g", mu) if first else (beta2, "g**2", nu)
    said = "the same mean" if first else "the same second moment"
    alike = Always(eq(mean(put_in, i), constant), i, Integer(1))
    claim = eq(mean(name, t), claimed)
    return Statement(claim, (*decay_rate(rate), ge(t, 1)), {said: alike} if same else {})


def _alike(what: Statement, at: Any) -> tuple[Use, ...]:
    """Use what the statement supposes of the gradient at a step."""
    return tuple(Use(said, {i: at}) for said in what.hypotheses)


def sixteenths() -> Strategy:
    """Draw multiples of 1/16: expectations of these are exact in binary arithmetic too."""
    usual = st.sampled_from((Fraction(0), Fraction(1), Fraction(-1), Fraction(10**6)))
    return usual | st.integers(-800, 800).map(lambda k: Fraction(k, 16))


def row(entries: Strategy, longest: int) -> Strategy:
    """Draw a sequence with values at 0 ... longest."""
    return st.lists(entries, min_size=longest + 1, max_size=longest + 1).map(tuple)


def alike_means() -> Drawn:
    """Draw gradients whose means are all mu, and some whose means are not; the spread is any."""
    found = st.shared(sixteenths(), key="mu")
    constant = found.map(lambda x: (x,) * (LONGEST + 1))
    varying = row(sixteenths(), LONGEST)
    return {"mu": found}, {"level": constant | constant | varying, "spread": varying}


def alike_squares() -> Drawn:
    """Draw gradients whose second moments are all nu, though their means vary, and any others."""
    size = st.shared(sixteenths(), key="size")
    turned = st.tuples(size, row(st.sampled_from(DIRECTIONS), LONGEST)).map(
        lambda drawn: tuple(tuple(drawn[0] * d[k] for d in drawn[1]) for k in (0, 1))
    )
    anywhere = st.tuples(row(sixteenths(), LONGEST), row(sixteenths(), LONGEST))
    pair = st.shared(turned | turned | anywhere, key="level and spread")
    return {"nu": size.map(lambda x: (5 * x) ** 2)}, {
        "level": pair.map(lambda both: both[0]),
        "spread": pair.map(lambda both: both[1]),
    }


def drawn(gradients: Callable[[], Strategy], outcomes: tuple[Run, ...] = OUTCOMES) -> Space:
    """Return the space of some gradients, with expectations over outcomes."""
    return Space(gradients, outcomes, spaces.expectations(*outcomes), (mean,))


def _space(alike: Any) -> Space:
    return drawn(points(rates("beta1", "beta2"), steps(1, LONGEST), alike))


def _corrected(
    name: str, constant: Expr, alike: Any, says: str, source: str, not_plain: Point
) -> Theorem:
    """Make the record of a corrected moment; not_plain refutes it of the moment itself."""
    moment, put_in = ("first", "g") if name == "m" else ("second", "g**2")
    value = "mean" if name == "m" else "second moment"
    rate = "beta1" if name == "m" else "beta2"

    @Theorem(
        id=f"unbiased-{name}-hat",
        title=f"The corrected {moment} moment is unbiased",
        matters="It is what the correction is for: an estimate that is right on average from the "
        "first step on, though the moment itself starts at 0.",
        says=says,
        letters={constant.name: f"the {value} of every gradient"},
        statement=statement(f"{name}_hat", constant),
        source=source,
        space=_space(alike),
        kernel=in_coq(
            "Unbiased",
            *(
                f"{name}_{what}"
                for what in ("hat_unbiased", "unbiased_refuted", "hat_unbiased_varying_refuted")
            ),
        ),
    )
    @near_miss(
        statement(name, constant),
        f"Without the correction the expectation is 1 - {rate}^t times the {value}." + DRAWN,
        not_plain,
    )
    @near_miss(
        statement(f"{name}_hat", mean(put_in, t), same=False),
        f"If the {value} varies with the step, the expectation is not that of the latest "
        "gradient." + DRAWN,
        Point({rate: "1/2", "t": 2}, {"level": (0, 0, 1), "spread": (0, 0, 0)}),
    )
    def theorem(what: Statement) -> Steps:
        """By induction: the moment has the common mean times what the correction removes."""
        first = what.claim.lhs.func.__name__.startswith("E_m")
        moment, rate = ("m", beta1) if first else ("v", beta2)
        grown = eq(mean(moment, t), (1 - rate**t) * what.claim.rhs)
        return (
            show("the bias", grown).induction(
                (
                    t,
                    1,
                    (
                        "The expectation of the moment obeys the moment's own recurrence; by "
                        "induction over t."
                    ),
                ),
                show("one gradient").identity(
                    f"After one step the moment is 1 - {rate} times the new value.",
                    (mean.line(moment, 1), mean.start(moment), *_alike(what, 1)),
                ),
                show("one more gradient").identity(
                    f"{rate} (1 - {rate}^(t-1)) + (1 - {rate}) = 1 - {rate}^t.",
                    (mean.line(moment, t), "induction hypothesis", *_alike(what, t)),
                ),
            ),
            show("the correction", what.claim).identity(
                f"Dividing by 1 - {rate}^t, which is not 0, removes exactly that factor.",
                (mean.line(f"{moment}_hat", t), "the bias", below_one(rate)),
            ),
        )

    return theorem


_UNCORRECTED = {
    "m": "This is what the correction is for. With beta1 = 0.9 and gradients of 1 the first m is "
    "0.1, a tenth of what it is to estimate.",
    "v": "With beta2 = 0.999 and gradients of 1 the first v is 0.001. Whoever corrects m alone "
    "makes a first step that is 31.6 times too long.",
}


def _uncorrected(name: str, constant: Expr, alike: Any) -> Theorem:
    moment = "first" if name == "m" else "second"
    rate = "beta1" if name == "m" else "beta2"
    return Theorem(
        id=f"uncorrected-{name}-unbiased",
        matters=_UNCORRECTED[name],
        title=f"The {moment} moment without correction is unbiased",
        says=f"The claim that the expectation of {name} itself is the gradients' {moment} moment. "
        "It fails for gradients that are 1 with certainty; hence the correction." + DRAWN,
        letters={constant.name: f"the {moment} moment of every gradient"},
        statement=statement(name, constant),
        source="a lecture note, which asks for it as the condition of being unbiased",
        space=_space(alike),
        verdict="REFUTED",
        counterexample=Point(
            {rate: "1/2", constant.name: 1, "t": 1}, {"level": (1, 1), "spread": (0, 0)}
        ),
        kernel=in_coq("Unbiased", f"{name}_unbiased_refuted"),
    )


THEOREMS = (
    _corrected(
        "m",
        mu,
        alike_means,
        "If all gradients have the same mean, the expectation of m_hat is that mean, at every "
        "step. They need not be independent.",
        "Kingma & Ba 2015, section 3 (there for v)",
        Point.of(beta1="9/10", mu=1, t=1, level=(1, 1), spread=(0, 0)),
    ),
    _corrected(
        "v",
        nu,
        alike_squares,
        "If all squared gradients have the same mean, the expectation of v_hat is that mean, at "
        "every step. The gradients need not be independent, nor have the same mean themselves.",
        "Kingma & Ba 2015, section 3, equations 2 to 4",
        Point.of(beta2="999/1000", nu=1, t=1, level=(0, 0), spread=(1, 1)),
    ),
    _uncorrected("m", mu, alike_means),
    _uncorrected("v", nu, alike_squares),
)
