"""What rounding errors come to over many steps, and what it costs to store coefficients."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Abs, Function, Integer, Sum, Symbol

from adamref.logic.facts import Always, empty, last_term
from adamref.logic.magnitudes import Magnitudes
from adamref.logic.relations import eq, ge, le, total
from adamref.logic.steps import Certificate, Step, Use, certificate, induction, magnitudes
from adamref.rules import ADAM
from adamref.theorems.operations import eta, u
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.simulated import SIMULATED, rounded
from adamref.theorems.spaces import Number, Point, Space, grid
from adamref.theorems.symbols import beta1, beta2, decay_rate, i, n, t

from .rounding import FORMATS, SOURCE, b, updated

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


w, k = (Symbol(name, real=True) for name in ("w", "k"))
computed, bound, ulp, x, x_ = (Symbol(s, real=True) for s in ("M", "B", "ulp", "x", "x'"))
M, B, P, d, e = (Function(name, real=True) for name in ("M", "B", "P", "d", "e"))
adam = Run(ADAM)
FINE = Fraction(1, 60)


def _composed(drawn: Any) -> Space:
    def strategy() -> SearchStrategy[Point]:
        from hypothesis import strategies as st

        return st.composite(drawn)()

    return Space(strategy)


# Coefficients.


def _stored(field: str, beta: Symbol) -> Theorem:
    """Make the record about the coefficients of a moment."""
    ours = updated(field, b, w)
    right = updated(field, beta, 1 - beta)
    state, taken = updated(field, 1, 0), updated(field, 0, 1)
    terms = ((computed - ours,), (b - beta, state), (w - (1 - beta), taken))

    def proof(statement: Statement) -> tuple[Step, ...]:
        return (
            magnitudes(
                "coefficients",
                statement.claim,
                "Each coefficient's own error is multiplied by what the coefficient multiplies.",
                terms,
            ),
        )

    def drawn(draw: DrawFn) -> Point:
        from hypothesis import strategies as st

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
    return Theorem(
        id=f"rounding-stored-coefficients-{field}",
        title=f"What coefficients that are stored rounded cost in {field}",
        says="Where b and w are held for beta and 1 - beta, the difference comes on top of the "
        "rounding error: |b - beta| times the state and |w - (1 - beta)| times what is put in.",
        statement=Statement(le(error, bound + cost + Abs(w - (1 - beta)) * Abs(taken)), domain),
        proof=proof,
        source=SOURCE,
        space=_composed(drawn),
        near_misses=(
            NearMiss(
                Statement(le(error, bound + cost), domain),
                "The weight of the gradient is left out: it is stored on its own, and need not be "
                "1 - b.",
                Point.of(**values, B=0, M=1),
            ),
        ),
        over=FORMATS,
    )


# Ulps.


def _ulps(draw: DrawFn) -> Point:
    from hypothesis import strategies as st

    fmt = draw(st.sampled_from(SIMULATED))
    digits = draw(st.integers(1, 2**fmt.precision))
    scale = draw(st.sampled_from((Fraction(1), Fraction(7, 3), fmt.smallest / 3)))
    value = digits * scale * draw(st.sampled_from((-1, 1)))
    unit, ulps = fmt.ulp(value), draw(st.sampled_from((Fraction(1, 2), Fraction(1), Fraction(2))))
    away = unit * ulps * draw(st.sampled_from((-1, 0, 1)))
    values = {"u": fmt.unit_roundoff, "eta": fmt.smallest / 2, "k": ulps, "ulp": unit}
    return Point({**values, "x": value, "x'": value + away})


def _ulps_proof(statement: Statement) -> tuple[Step, ...]:
    """Put the size of an ulp in."""
    unit = statement.domain[1].args[1]
    return (
        certificate(
            "ulps",
            statement.claim,
            "An ulp is at most 2 u |x|, or the least positive number, which is 2 eta.",
            (k * ulp - Abs(x_ - x), k * (unit - ulp)),
        ),
    )


_ulp_domain = (le(Abs(x_ - x), k * ulp), le(ulp, 2 * u * Abs(x) + 2 * eta), ge(k, 0))

ULPS = Theorem(
    id="rounding-within-ulps",
    title="An operation within k ulps satisfies the standard model with 2 k u",
    says="A result within k ulps of x, the ulp taken at x, is within 2 k u |x| + 2 k eta of it: "
    "one ulp is up to 2 u |x|, and half an ulp is IEEE rounding.",
    statement=Statement(le(Abs(x_ - x), 2 * k * u * Abs(x) + 2 * k * eta), _ulp_domain),
    proof=_ulps_proof,
    source="Muller et al. 2018, Handbook of Floating-Point Arithmetic, section 2.3.3",
    space=_composed(_ulps),
    near_misses=(
        NearMiss(
            Statement(le(Abs(x_ - x), k * u * Abs(x) + 2 * k * eta), _ulp_domain),
            "k u is not enough: just above a power of two an ulp is 2 u |x|.",
            Point({"x": 1, "x'": "5/4", "k": 1, "ulp": "1/4", "u": "1/8", "eta": "1/1024"}),
        ),
    ),
    over=FORMATS,
)

# The base of a power.


def _base_proof(statement: Statement) -> tuple[Step, ...]:
    """By induction: b^t - beta^t is b times the difference before, and b - beta times a power."""
    claim = statement.claim
    _error, _limit = claim.args
    powers = le(beta1**t, 1)
    return (
        induction(
            "powers",
            powers,
            "A power of a decay rate is at most 1.",
            t,
            0,
            ("no factor", "It is 1 at first.", Certificate()),
            (
                "one more factor",
                "Each factor is at most 1.",
                Certificate(
                    (1 - beta1 ** (t - 1), (1 - beta1) * beta1 ** (t - 1)),
                    ("induction hypothesis",),
                ),
            ),
        ),
        induction(
            "base",
            claim,
            "By induction over t.",
            t,
            0,
            (
                "both are 1",
                "Before the first step both powers are 1.",
                Magnitudes(((Integer(0),),)),
            ),
            (
                "one more power",
                (
                    "The difference so far is multiplied by b, which is at most 1; the new one "
                    "by a power."
                ),
                Magnitudes(
                    ((b, b ** (t - 1) - beta1 ** (t - 1)), (b - beta1, beta1 ** (t - 1))),
                    ((1 - b) * (t - 1) * Abs(b - beta1), (1 - beta1 ** (t - 1)) * Abs(b - beta1)),
                    ("induction hypothesis", Use("powers", {t: t - 1})),
                ),
            ),
        ),
    )


def _bases(draw: DrawFn) -> Point:
    from hypothesis import strategies as st

    rate = grid(0, 1 - FINE, FINE)
    near = grid(0, 1, FINE)
    return Point.of(beta1=draw(rate), b=draw(near), t=draw(st.integers(0, 6)))


_base = Abs(b**t - beta1**t)
_base_domain = (*decay_rate(beta1), ge(b, 0), le(b, 1), ge(t, 0))

BASE = Theorem(
    id="rounding-stored-base",
    title="What a decay rate that is stored rounded costs in its powers",
    says="Where b is held for beta, both at most 1, the power t is off by at most t |b - beta|.",
    statement=Statement(le(_base, t * Abs(b - beta1)), _base_domain),
    proof=_base_proof,
    source=SOURCE,
    space=_composed(_bases),
    near_misses=(
        NearMiss(
            Statement(le(_base, (t - 1) * Abs(b - beta1)), _base_domain),
            "The factor is t, not t - 1: at t = 1 the power is the rate itself.",
            Point.of(b=1, beta1="1/2", t=1),
        ),
    ),
    over=FORMATS,
)

# A power as a product that is kept from step to step.

_product = {
    "one": Always(eq(P(n), 1), n, Integer(0), Integer(0)),
    "factor": Always(eq(P(i), b * P(i - 1) * (1 + d(i)) + e(i)), i, Integer(1)),
    "relative": Always(le(Abs(d(i)), u), i, Integer(1)),
    "absolute": Always(le(Abs(e(i)), eta), i, Integer(1)),
}
_product_domain = (ge(b, 0), ge(u, 0), ge(eta, 0), ge(t, 0))
_underflows = total((b * (1 + u)) ** (t - i), i, 1, t)


def _products(draw: DrawFn) -> Point:
    from hypothesis import strategies as st

    fmt = draw(st.sampled_from(SIMULATED))
    rate = Fraction(draw(st.integers(0, 2**fmt.precision - 1)), 2**fmt.precision)
    unit, tiny = fmt.unit_roundoff, fmt.smallest / 2
    real = draw(st.integers(0, 2)) == 0
    pull = st.sampled_from((1, 1, -1)) if draw(st.booleans()) else st.just(1)
    held, relative, absolute = [Fraction(1)], [Fraction(0)], [Fraction(0)]
    for _ in range(6):
        before = rate * held[-1]
        lost = rounded(fmt, before) - before
        if not real:
            lost = before * unit * draw(pull)
        underflows = abs(lost) > unit * before
        relative.append(Fraction(0) if underflows or not before else lost / before)
        absolute.append(lost if underflows else Fraction(0))
        held.append(before + lost)
    rows = {"P": tuple(held), "d": tuple(relative), "e": tuple(absolute)}
    return Point({"b": rate, "u": unit, "eta": tiny, "t": draw(st.integers(0, 6))}, rows)


def _product_proof(statement: Statement) -> tuple[Step, ...]:
    """By induction: one more product brings its own two errors."""
    claim = statement.claim
    _error, limit = claim.args
    (underflows,) = limit.atoms(Sum)
    before = P(t - 1) - b ** (t - 1)
    return (
        induction(
            "product",
            claim,
            "By induction over t.",
            t,
            0,
            (
                "nothing multiplied",
                "Before the first step the product is 1, without an error.",
                Magnitudes(
                    ((Integer(0),),), (), (Use("one", {n: 0}), empty(underflows.subs(t, 0)))
                ),
            ),
            (
                "one more product",
                (
                    "The error so far is multiplied by the decay rate and by 1 + d; the rounding "
                    "adds d times "
                    "the power, and e."
                ),
                Magnitudes(
                    ((before, b), (before, b, d(t)), (b**t, d(t)), (e(t),)),
                    (),
                    (
                        Use("factor", {i: t}),
                        Use("relative", {i: t}),
                        Use("absolute", {i: t}),
                        "induction hypothesis",
                        last_term(underflows),
                    ),
                ),
            ),
        ),
    )


PRODUCT = Theorem(
    id="rounding-running-product",
    title="The rounding error of a power that is kept as a product",
    says="A power worked as a product of t rounded factors is within ((1 + u)^t - 1) b^t of it, "
    "and what underflow adds: the relative error grows with t.",
    statement=Statement(
        le(Abs(P(t) - b**t), ((1 + u) ** t - 1) * b**t + eta * _underflows),
        _product_domain,
        _product,
    ),
    proof=_product_proof,
    source=SOURCE,
    space=_composed(_products),
    near_misses=(
        NearMiss(
            Statement(
                le(Abs(P(t) - b**t), t * u * b**t + eta * _underflows), _product_domain, _product
            ),
            "t u is not quite enough: errors multiply.",
            Point.of(
                b=1, u="1/8", eta=0, t=2, P=(1, "9/8", "81/64"), d=(0, "1/8", "1/8"), e=(0, 0, 0)
            ),
        ),
    ),
    over=FORMATS,
)

# The moments of a trajectory.


def _accumulated(field: str, beta: Symbol) -> Theorem:
    """Make the record about a moment whose every update is off by a known bound."""
    line = adam.line(field, i).relation.rhs.replace(adam.function(field), M)
    weighted = total(beta ** (t - i) * B(i), i, 1, t)
    hypotheses = {
        "zero": Always(eq(M(n), 0), n, Integer(0), Integer(0)),
        "update": Always(le(Abs(M(i) - line), B(i)), i, Integer(1)),
    }
    error = Abs(M(t) - adam(field, t))

    def proof(statement: Statement) -> tuple[Step, ...]:
        claim = statement.claim
        _size, limit = claim.args
        (errors,) = limit.atoms(Sum)
        return (
            induction(
                "errors",
                claim,
                "By induction over t.",
                t,
                0,
                (
                    "no update",
                    "Both begin with 0.",
                    Magnitudes(
                        ((Integer(0),),),
                        (),
                        (Use("zero", {n: 0}), adam.start(field), empty(errors.subs(t, 0))),
                    ),
                ),
                (
                    "one more update",
                    "The error so far is multiplied by the decay rate; the update adds its own.",
                    Magnitudes(
                        ((M(t) - line.subs(i, t),), (beta, M(t - 1) - adam(field, t - 1))),
                        (),
                        (
                            adam.line(field, t),
                            Use("update", {i: t}),
                            "induction hypothesis",
                            last_term(errors),
                        ),
                    ),
                ),
            ),
        )

    def drawn(draw: DrawFn) -> Point:
        from hypothesis import strategies as st

        rate = draw(st.sampled_from([Fraction(r) for r in ("0", "0.9", "0.5", "0.999")]))
        row = [draw(grid(-3, 3, FINE)) for _ in range(7)]
        held, bounds = [Fraction(0)], [Fraction(0)]
        for gradient in row[1:]:
            taken = gradient if field == "m" else gradient**2
            off = draw(st.sampled_from((Fraction(0), Fraction(1, 8), Fraction(1, 2))))
            way = draw(st.sampled_from((1, 1, -1)))
            held.append(rate * held[-1] + (1 - rate) * taken + way * off)
            bounds.append(off)
        rows = {"g": tuple(row), "M": tuple(held), "B": tuple(bounds)}
        return Point({"beta1": rate, "beta2": rate, "t": draw(st.integers(0, 6))}, rows)

    domain = (*decay_rate(beta), ge(t, 0))
    shorter = total(beta ** (t - i + 1) * B(i), i, 1, t)
    space = Space(_composed(drawn).points, (adam,))
    return Theorem(
        id=f"rounding-accumulated-{field}",
        title=f"Rounding errors of {field} over a trajectory",
        says=f"Where every update of {field} is within B of what the rule makes of the state that "
        "is held, the state after t steps is within the sum of the B, each weighted with the power "
        "of beta by which it has decayed since.",
        statement=Statement(le(error, weighted), domain, hypotheses),
        proof=proof,
        source=SOURCE,
        space=space,
        near_misses=(
            NearMiss(
                Statement(le(error, shorter), domain, hypotheses),
                "The last update's error has not decayed yet.",
                Point.of(beta1="1/2", beta2="1/2", t=1, g=(0, 0), M=(0, 1), B=(0, 1)),
            ),
        ),
        over=FORMATS,
    )


THEOREMS = (
    _stored("m", beta1),
    _stored("v", beta2),
    ULPS,
    BASE,
    PRODUCT,
    _accumulated("m", beta1),
    _accumulated("v", beta2),
)
