"""What storing costs: coefficients and the base of a power that are held rounded, and ulps.

0.9 is no binary number. What is stored instead is off a little, and so are its powers.
"""

from fractions import Fraction

from sympy import Abs, Integer, Symbol

from adamref.logic.relations import ge, le
from adamref.theorems.operations import eta, u
from adamref.theorems.simulated import SIMULATED
from adamref.theorems.spaces import Draw, Number, Point, composed, grid, st
from adamref.theorems.symbols import beta1, beta2, decay_rate, t
from adamref.theorems.writing import Statement, Steps, Theorem, Use, near_miss, show

from .rounding import FORMATS, SOURCE, b, updated

w, k = (Symbol(name, real=True) for name in ("w", "k"))
computed, bound, ulp, x, x_ = (Symbol(s, real=True) for s in ("M", "B", "ulp", "x", "x'"))
FINE = Fraction(1, 60)


def _stored(field: str, beta: Symbol) -> Theorem:
    """Make the record about the coefficients of a moment."""
    ours = updated(field, b, w)
    right = updated(field, beta, 1 - beta)
    state, taken = updated(field, 1, 0), updated(field, 0, 1)
    terms = ((computed - ours,), (b - beta, state), (w - (1 - beta), taken))

    def drawn(draw: Draw) -> Point:
        rate = grid(0, 1 - FINE, FINE)
        number = grid(-4, 4, FINE)
        found = {name: draw(rate) for name in (beta.name, "b", "w")}
        found |= {name: draw(number) for name in (field, "g")}
        put_in = found["g"] if field == "m" else found["g"] ** 2
        error = draw(st.sampled_from((Fraction(0), Fraction(1, 2))))
        away = error * draw(st.sampled_from((-1, 1)))
        updated_to = found["b"] * found[field] + found["w"] * put_in + away
        return Point.of(**found, B=error, M=updated_to)

    error = Abs(computed - right)
    cost = Abs(b - beta) * Abs(state)
    domain = (le(Abs(computed - ours), bound),)
    values: dict[str, Number]
    values = {"beta1": "1/2", "beta2": "1/2", "b": "1/2", "w": 1, "m": 0, "v": 0, "g": 1}

    @Theorem(
        id=f"rounding-stored-coefficients-{field}",
        title=f"What coefficients that are stored rounded cost in {field}",
        says=f"Where b and w are held for {beta} and 1 - {beta}, the difference comes on top of "
        f"the rounding error: |b - {beta}| times the state and |w - (1 - {beta})| times the "
        f"{'gradient' if field == 'm' else 'squared gradient'}.",
        letters={"M": "the moment that is stored", "B": "how far that is from what b and w give"},
        statement=Statement(le(error, bound + cost + Abs(w - (1 - beta)) * Abs(taken)), domain),
        source=SOURCE,
        space=composed(drawn),
        over=FORMATS,
    )
    @near_miss(
        le(error, bound + cost),
        "The weight of the gradient is left out: it is stored on its own, and need not be 1 - b.",
        Point.of(**values, B=0, M=1),
    )
    def theorem(statement: Statement) -> Steps:
        """Each coefficient's own error is multiplied by what the coefficient multiplies."""
        return show("coefficients", statement.claim).magnitudes(
            "Each coefficient's own error is multiplied by what the coefficient multiplies.", terms
        )

    return theorem


def _ulps(draw: Draw) -> Point:
    fmt = draw(st.sampled_from(SIMULATED))
    digits = draw(st.integers(1, 2**fmt.precision))
    scale = draw(st.sampled_from((Fraction(1), Fraction(7, 3), fmt.smallest / 3)))
    value = digits * scale * draw(st.sampled_from((-1, 1)))
    unit, ulps = fmt.ulp(value), draw(st.sampled_from((Fraction(1, 2), Fraction(1), Fraction(2))))
    away = unit * ulps * draw(st.sampled_from((-1, 0, 1)))
    values = {"u": fmt.unit_roundoff, "eta": fmt.smallest / 2, "k": ulps, "ulp": unit}
    return Point({**values, "x": value, "x'": value + away})


_ulp_domain = (le(Abs(x_ - x), k * ulp), le(ulp, 2 * u * Abs(x) + 2 * eta), ge(k, 0))


@Theorem(
    id="rounding-within-ulps",
    matters="Libraries state how accurate they are in ulps, and proofs need a relative error. "
    "This makes one of the other: a root that is good to one ulp counts as 2 u.",
    title="An operation within k ulps satisfies the standard model with 2 k u",
    says="A result within k ulps of x, the ulp taken at x, is within 2 k u |x| + 2 k eta of it: "
    "one ulp is up to 2 u |x|, and half an ulp is IEEE rounding.",
    letters={"ulp": "an ulp at x", "x'": "the result"},
    statement=Statement(le(Abs(x_ - x), 2 * k * u * Abs(x) + 2 * k * eta), _ulp_domain),
    source="Muller et al. 2018, Handbook of Floating-Point Arithmetic, section 2.3.3",
    space=composed(_ulps),
    over=FORMATS,
)
@near_miss(
    le(Abs(x_ - x), k * u * Abs(x) + 2 * k * eta),
    "k u is not enough: just above a power of two an ulp is 2 u |x|.",
    Point({"x": 1, "x'": "5/4", "k": 1, "ulp": "1/4", "u": "1/8", "eta": "1/1024"}),
)
def ULPS(statement: Statement) -> Steps:
    """Substitute the size of an ulp."""
    unit = statement.domain[1].args[1]
    return show("ulps", statement.claim).certificate(
        "An ulp is at most 2 u |x|, or the least positive number, which is 2 eta.",
        (k * ulp - Abs(x_ - x), k * (unit - ulp)),
    )


def _bases(draw: Draw) -> Point:
    rate = grid(0, 1 - FINE, FINE)
    near = grid(0, 1, FINE)
    return Point.of(beta1=draw(rate), b=draw(near), t=draw(st.integers(0, 6)))


_base = Abs(b**t - beta1**t)

_base_domain = (*decay_rate(beta1), ge(b, 0), le(b, 1), ge(t, 0))


@Theorem(
    id="rounding-stored-base",
    title="What a decay rate that is stored rounded costs in its powers",
    says="Where b is held for beta1, both at most 1, the power t is off by at most t |b - beta1|.",
    statement=Statement(le(_base, t * Abs(b - beta1)), _base_domain),
    source=SOURCE,
    space=composed(_bases),
    over=FORMATS,
)
@near_miss(
    le(_base, (t - 1) * Abs(b - beta1)),
    "The factor is t, not t - 1: at t = 1 the power is the rate itself.",
    Point.of(b=1, beta1="1/2", t=1),
)
def BASE(statement: Statement) -> Steps:
    """By induction: b^t - beta1^t is b times the difference before and b - beta1 times a power."""
    _error, _limit = statement.claim.args
    powers = le(beta1**t, 1)
    return (
        show("powers", powers).induction(
            (t, 0, "A power of a decay rate is at most 1."),
            show("no factor").certificate("It is 1 at first."),
            show("one more factor").certificate(
                "Each factor is at most 1.",
                (1 - beta1 ** (t - 1), (1 - beta1) * beta1 ** (t - 1)),
                ("induction hypothesis",),
            ),
        ),
        show("base", statement.claim).induction(
            (t, 0, "By induction over t."),
            show("both are 1").magnitudes(
                "Before the first step both powers are 1.", ((Integer(0),),)
            ),
            show("one more power").magnitudes(
                "The difference so far is multiplied by b, which is at most 1; the new one "
                "by a power.",
                ((b, b ** (t - 1) - beta1 ** (t - 1)), (b - beta1, beta1 ** (t - 1))),
                ((1 - b) * (t - 1) * Abs(b - beta1), (1 - beta1 ** (t - 1)) * Abs(b - beta1)),
                ("induction hypothesis", Use("powers", {t: t - 1})),
            ),
        ),
    )


THEOREMS = (_stored("m", beta1), _stored("v", beta2), ULPS, BASE)
