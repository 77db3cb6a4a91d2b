"""The gradient of a step that was taken, from the first moments before and after it.

Two checkpoints hold no gradient. It is known all the same, but for the roundings of one update:
then every other number of the step is determined, and can be held against what is there.
"""

from fractions import Fraction

from sympy import Abs, Expr, Integer, Symbol, expand

from adamref.bounds.operations import Value
from adamref.bounds.orders import ORDERS
from adamref.logic.relations import ge, gt, le
from adamref.theorems.operations import eta, u
from adamref.theorems.record import NearMiss
from adamref.theorems.rounded import Rounded
from adamref.theorems.simulated import SIMULATED, TOYS, Numbers, real_point, space
from adamref.theorems.spaces import Draw, Point, Space, composed, grid, st
from adamref.theorems.writing import ProofStep, Statement, Steps, Theorem, near_miss, show

from .rounding import FORMATS, SOURCE, THREE, after, b, g, m, w
from .rounding_of_operations import LEMMAS
from .rounding_stored import FINE

sizes = Abs(m) + Abs(g)
ANY_ORDER = THREE * sizes + 2 * (1 + u) * eta
"""What the error of an update is at most, in whatever order it is worked."""

_RATES = (ge(b, 0), le(b, 1), ge(w, 0), le(w, 1))
_WHOLE, _CHANGE, _LESS_B, _LESS_W = (Symbol(x, real=True) for x in ("A", "D", "x", "y"))
_SIZES = {m: Abs(m), g: Abs(g), g - m: _CHANGE}
_SMALLEST: dict[str, Fraction | float | str] = {
    "b": "1/2",
    "w": "1/2",
    "m": "0",
    "g": str(TOYS[0].smallest),
}


def _after(name: str) -> Expr:
    """Return the exact update, with the coefficients that an order has."""
    return after("m", {"beta": "b, w", "back": "b"}.get(name.partition("-")[0], "w"))


def _read(expr: Expr, target: Expr) -> Expr:
    """Write the sizes in a bound with as few absolute values as the signs of b and w allow."""
    wholes = {x: _WHOLE for x in expr.atoms(Abs) if expand(x.args[0] ** 2 - target**2) == 0}
    known = {**wholes, Abs(g - m): _CHANGE, Abs(b): b, Abs(w): w}
    for rate in (b, w):
        known |= {Abs(rate * x): rate * size for x, size in _SIZES.items()}
    return expr.xreplace(known)


def _any_order(name: str) -> Theorem:
    """Make the record that an order is within the bound of all."""
    order, target = ORDERS["m"][name], _after(name)
    worked = Rounded(order)
    error = Abs(worked.computed() - target)
    rates = tuple(x for x in _RATES if x.free_symbols <= target.free_symbols)
    domain = (*worked.domain, *rates)

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """Go through the operations; then take each coefficient for 1, which it is at most."""
        steps = worked.derivation(LEMMAS)
        said, bound = steps[-1].claim.args
        read = expand(_read(bound, target))
        # What is at most 1 is 1 less something: then every coefficient of what is left is >= 0.
        rest = expand(ANY_ORDER - read.subs({_WHOLE: sizes, _CHANGE: sizes}))
        rest = expand(rest.subs({b: 1 - _LESS_B, w: 1 - _LESS_W}, simultaneous=True))
        terms = [term.subs({_LESS_B: 1 - b, _LESS_W: 1 - w}) for term in rest.as_ordered_terms()]
        used = [steps[-1].name]
        for name_, part, size in (("whole", target, _WHOLE), ("change", g - m, _CHANGE)):
            coefficient = read.coeff(size)
            if coefficient:
                used.append(name_)
                terms.append(coefficient * (sizes - Abs(part)))
        shown = {
            "whole": _whole(target),
            "change": show("change", le(Abs(g - m), sizes)).magnitudes(
                "A difference is no more than both sizes together.", ((g,), (Integer(-1), m))
            ),
        }
        return (
            *steps,
            *(shown[x] for x in used[1:]),
            show("any order", statement.claim).certificate(
                "No coefficient is more than 1.", (bound - said, *terms), used
            ),
        )

    return Theorem(
        id=f"rounding-any-order-m-{name}",
        title=f"The rounding error of m, worked as {name}, within the bound of every order",
        says="One update of m is within 3u + 3u^2 + u^3 of the sizes of m and g together, and two "
        "underflows, whatever the order of its operations, as no coefficient is more than 1.",
        statement=Statement(le(error, ANY_ORDER), domain),
        proof=proof,
        source=SOURCE,
        space=space(order, Numbers(weights=("b", "w"))),
        near_misses=(
            NearMiss(
                Statement(le(error, THREE * sizes), domain),
                "Underflow is left out: half of the smallest number shows it.",
                real_point(order, TOYS[0], _SMALLEST),
                _least(order),
            ),
        ),
        over=FORMATS,
    )


def _least(order: Value) -> Space:
    """Look among updates of nothing by the smallest numbers, half of which is rounded to 0."""

    def drawn(draw: Draw) -> Point:
        fmt = draw(st.sampled_from(SIMULATED))
        times = Fraction(draw(st.integers(1, 3)))
        given = {**_SMALLEST, "g": times * fmt.smallest}
        return real_point(order, fmt, given)

    return composed(drawn)


def _whole(target: Expr) -> ProofStep:
    """Show that an average is no more than both sizes together."""
    decay, weight = (expand(target).coeff(x) for x in (m, g))
    more = ((1 - decay) * Abs(m), (1 - weight) * Abs(g))
    return show("whole", le(Abs(target), sizes)).magnitudes(
        "No coefficient is more than 1.", ((decay, m), (weight, g)), more
    )


A, R, G = (Symbol(name, real=True) for name in ("A", "R", "G"))
"""The two parts of a bound; the gradient for which the stored moment is b m + w G."""

_stored = b * m + w * G


def _gradients(draw: Draw) -> Point:
    values = {name: draw(grid(-3, 3, FINE)) for name in ("m", "g")}
    values |= {"b": draw(grid(0, 1, FINE)), "w": draw(grid(FINE, 1, FINE))}
    values["R"] = values["w"] * draw(grid(0, 1 - FINE, FINE))
    values["A"] = draw(grid(0, 1, FINE))
    most = values["A"] + values["R"] * abs(values["g"])
    away = most * draw(st.sampled_from([Fraction(n) for n in (-1, 0, "1/2", 1)]))
    stored = values["b"] * values["m"] + values["w"] * values["g"] + away
    solved = (stored - values["b"] * values["m"]) / values["w"]
    return Point({**values, "G": solved})


@Theorem(
    id="rounding-gradient",
    matters="Two checkpoints hold no gradient. With it as an interval every other number of the "
    "step can be judged.",
    title="The gradient of a step, from the first moments before and after it",
    says="Where the stored moment is within A + R |g| of b m + w g, and R is below w, the gradient "
    "is within (A + R |G|) / (w - R) of G, for which the stored moment is b m + w G.",
    statement=Statement(
        le(Abs(g - G), (A + R * Abs(G)) / (w - R)),
        (
            le(Abs(_stored - (b * m + w * g)), A + R * Abs(g)),
            ge(A, 0),
            ge(R, 0),
            gt(w, 0),
            gt(w - R, 0),
        ),
    ),
    source="the first moment's line solved for g (Kingma & Ba 2015, Algorithm 1)",
    space=composed(_gradients),
    over=FORMATS,
)
@near_miss(
    le(Abs(g - G), (A + R * Abs(G)) / w),
    "The error is a share of the gradient itself, not of the one that is solved for: "
    "R is lost from w.",
    Point.of(b=0, w=1, m=0, g=2, G=1, A=0, R="1/2"),
)
def GRADIENT(statement: Statement) -> Steps:
    """The gradient is at most |G| and the difference; what that adds is taken to the left."""
    off = Abs(g - G)
    return (
        show("no more than both", le(Abs(g), Abs(G) + off)).magnitudes(
            "The gradient is the one that is solved for, and the difference.", ((G,), (g - G,))
        ),
        show("the same", le(w * off, A + R * Abs(g))).certificate(
            "The difference, times w, is what the stored moment is off by.",
            (A + R * Abs(g) - Abs(_stored - (b * m + w * g)),),
        ),
        show("weighted", le(w * off, A + R * (Abs(G) + off))).certificate(
            "The size of the gradient is put in.",
            (A + R * Abs(g) - w * off, R * (Abs(G) + off - Abs(g))),
            ("the same", "no more than both"),
        ),
        show("gradient", statement.claim).certificate(
            "What multiplies the difference on the right is taken to the left, and divided by.",
            ((A + R * (Abs(G) + off) - w * off) / (w - R),),
            ("weighted",),
        ),
    )


THEOREMS = (*(_any_order(name) for name in ORDERS["m"]), GRADIENT)
