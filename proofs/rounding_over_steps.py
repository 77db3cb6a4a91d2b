"""What rounding errors come to over many steps.

Each step adds a rounding error, and the averages forget the old ones.
"""

from fractions import Fraction

from sympy import Abs, Function, Integer, Sum, Symbol

from adamref.logic.facts import Always, empty, last_term
from adamref.logic.relations import eq, ge, le, total
from adamref.rules import ADAM
from adamref.theorems.operations import eta, u
from adamref.theorems.simulated import SIMULATED, rounded
from adamref.theorems.spaces import Draw, Point, Space, composed, grid, st
from adamref.theorems.symbols import beta1, beta2, decay_rate, i, n, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

from .rounding import FORMATS, SOURCE, b
from .rounding_stored import FINE

M, V, B, P, d, e = (Function(name, real=True) for name in ("M", "V", "B", "P", "d", "e"))
adam = Run(ADAM)

_product = {
    "one": Always(eq(P(n), 1), n, Integer(0), Integer(0)),
    "factor": Always(eq(P(i), b * P(i - 1) * (1 + d(i)) + e(i)), i, Integer(1)),
    "relative": Always(le(Abs(d(i)), u), i, Integer(1)),
    "absolute": Always(le(Abs(e(i)), eta), i, Integer(1)),
}

_product_domain = (ge(b, 0), ge(u, 0), ge(eta, 0), ge(t, 0))

_underflows = total((b * (1 + u)) ** (t - i), i, 1, t)


def _products(draw: Draw) -> Point:
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


@Theorem(
    id="rounding-running-product",
    title="The rounding error of a power that is kept as a product",
    says="A power computed as a product of t rounded factors is within ((1 + u)^t - 1) b^t of it, "
    "and what underflow adds: the relative error grows with t.",
    letters={
        "P": "the product that is kept",
        "d": "the relative error of a rounding",
        "e": "what an underflow adds to it",
    },
    statement=Statement(
        le(Abs(P(t) - b**t), ((1 + u) ** t - 1) * b**t + eta * _underflows),
        _product_domain,
        _product,
    ),
    source=SOURCE,
    space=composed(_products),
    over=FORMATS,
)
@near_miss(
    le(Abs(P(t) - b**t), t * u * b**t + eta * _underflows),
    "t u is not quite enough: errors multiply.",
    Point.of(b=1, u="1/8", eta=0, t=2, P=(1, "9/8", "81/64"), d=(0, "1/8", "1/8"), e=(0, 0, 0)),
)
def PRODUCT(statement: Statement) -> Steps:
    """By induction: one more product brings its own two errors."""
    _error, limit = statement.claim.args
    (underflows,) = limit.atoms(Sum)
    before = P(t - 1) - b ** (t - 1)
    return show("product", statement.claim).induction(
        (t, 0, "By induction over t."),
        show("nothing multiplied").magnitudes(
            "Before the first step the product is 1, without an error.",
            ((Integer(0),),),
            uses=(Use("one", {n: 0}), empty(underflows.subs(t, 0))),
        ),
        show("one more product").magnitudes(
            "The error so far is multiplied by the decay rate and by 1 + d; the rounding adds d "
            "times the power, and e.",
            ((before, b), (before, b, d(t)), (b**t, d(t)), (e(t),)),
            uses=(
                Use("factor", {i: t}),
                Use("relative", {i: t}),
                Use("absolute", {i: t}),
                "induction hypothesis",
                last_term(underflows),
            ),
        ),
    )


def _accumulated(field: str, beta: Symbol) -> Theorem:
    """Make the record about a moment whose every update is off by a known bound."""
    held = {"m": M, "v": V}[field]
    line = adam.line(field, i).relation.rhs.replace(adam.function(field), held)
    weighted = total(beta ** (t - i) * B(i), i, 1, t)
    hypotheses = {
        "zero": Always(eq(held(n), 0), n, Integer(0), Integer(0)),
        "update": Always(le(Abs(held(i) - line), B(i)), i, Integer(1)),
    }
    error = Abs(held(t) - adam(field, t))

    def drawn(draw: Draw) -> Point:
        rate = draw(st.sampled_from([Fraction(r) for r in ("0", "0.9", "0.5", "0.999")]))
        row = [draw(grid(-3, 3, FINE)) for _ in range(7)]
        stored, bounds = [Fraction(0)], [Fraction(0)]
        for gradient in row[1:]:
            taken = gradient if field == "m" else gradient**2
            off = draw(st.sampled_from((Fraction(0), Fraction(1, 8), Fraction(1, 2))))
            way = draw(st.sampled_from((1, 1, -1)))
            stored.append(rate * stored[-1] + (1 - rate) * taken + way * off)
            bounds.append(off)
        rows = {"g": tuple(row), held.__name__: tuple(stored), "B": tuple(bounds)}
        return Point({"beta1": rate, "beta2": rate, "t": draw(st.integers(0, 6))}, rows)

    domain = (*decay_rate(beta), ge(t, 0))
    shorter = total(beta ** (t - i + 1) * B(i), i, 1, t)
    space = Space(composed(drawn).points, (adam,))

    @Theorem(
        id=f"rounding-accumulated-{field}",
        title=f"Rounding errors of {field} over a trajectory",
        says=f"Where every update of {field} is within B of what the rule makes of the state that "
        "is held, the state after t steps is within the sum of the B, each weighted with the power "
        f"of {beta} by which it has decayed since.",
        letters={held.__name__: "the state that is held", "B": "how far an update may be off"},
        statement=Statement(le(error, weighted), domain, hypotheses),
        source=SOURCE,
        space=space,
        over=FORMATS,
    )
    @near_miss(
        le(error, shorter),
        "The last update's error has not decayed yet.",
        Point.of(
            beta1="1/2",
            beta2="1/2",
            t=1,
            g=(0, 0),
            B=(0, 1),
            **{held.__name__: (0, 1)},
        ),
    )
    def theorem(statement: Statement) -> Steps:
        """By induction over t: the decay rate shrinks old errors, and a new one is added."""
        _size, limit = statement.claim.args
        (errors,) = limit.atoms(Sum)
        return show("errors", statement.claim).induction(
            (t, 0, "By induction over t."),
            show("no update").magnitudes(
                "Both begin with 0.",
                ((Integer(0),),),
                uses=(Use("zero", {n: 0}), adam.start(field), empty(errors.subs(t, 0))),
            ),
            show("one more update").magnitudes(
                "The error so far is multiplied by the decay rate; the update adds its own.",
                ((held(t) - line.subs(i, t),), (beta, held(t - 1) - adam(field, t - 1))),
                uses=(
                    adam.line(field, t),
                    Use("update", {i: t}),
                    "induction hypothesis",
                    last_term(errors),
                ),
            ),
        )

    return theorem


THEOREMS = (PRODUCT, _accumulated("m", beta1), _accumulated("v", beta2))
