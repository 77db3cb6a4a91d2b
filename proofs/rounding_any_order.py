"""How far an update of a moment is from the rule's, in whatever order it is computed.

Where the order is not known, as between two checkpoints, the bounds of all orders have to hold:
this is one that is above them all, as no coefficient is more than 1.
"""

from fractions import Fraction

from sympy import Abs, Expr, Integer, Symbol, expand

from adamref.bounds.operations import Value
from adamref.bounds.orders import ORDERS
from adamref.logic.relations import ge, le
from adamref.numbers.formats import BINARY16, Format
from adamref.theorems.operations import eta, u
from adamref.theorems.record import NearMiss
from adamref.theorems.rounded import Rounded
from adamref.theorems.simulated import SIMULATED, Numbers, real_point, space
from adamref.theorems.spaces import Draw, Point, Space, composed, st
from adamref.theorems.writing import ProofStep, Statement, Theorem, show

from .rounding import FORMATS, SOURCE, THREE, WRITTEN, after, b, g, m, v, w
from .rounding_of_operations import LEMMAS

_STATE = {"m": m, "v": v}
_TAKEN = {"m": g, "v": g**2}
FIVE = expand((1 + u) ** 5 - 1)
SIZES = {field: Abs(_STATE[field]) + Abs(_TAKEN[field]) for field in _STATE}
SHARE = {"m": THREE, "v": FIVE}
UNDERFLOW = {"m": 2 * (1 + u) * eta, "v": 3 * expand((1 + u) ** 3) * (1 + Abs(g)) * eta}
_SAID = {
    "m": "(1 + u)^3 - 1 times |m| + |g|, and two underflows",
    "v": "(1 + u)^5 - 1 times |v| + g^2, and a few underflows times 1 + |g|",
}

_NO_Z3 = {
    "smt": "of polynomials of the sixth degree in eight numbers z3 says that it does not know"
}

_RATES = (ge(b, 0), le(b, 1), ge(w, 0), le(w, 1))
_WHOLE, _CHANGE, _LESS_B, _LESS_W = (Symbol(x, real=True) for x in ("A", "D", "x", "y"))


def _after(field: str, name: str) -> Expr:
    """Return the exact update, with the coefficients that an order has."""
    kind = name.partition("-")[0]
    return after(field, {"lerp": "w", "back": "b"}.get(kind, "b, w"))


def _read(expr: Expr, field: str, target: Expr) -> Expr:
    """Write the sizes in a bound with as few absolute values as the signs of b and w allow."""
    state, taken = _STATE[field], _TAKEN[field]
    change = taken - state
    wholes = {x: _WHOLE for x in expr.atoms(Abs) if expand(x.args[0] ** 2 - target**2) == 0}
    known = {**wholes, Abs(change): _CHANGE, Abs(b): b, Abs(w): w, Abs(w * g): w * Abs(g)}
    for rate in (b, w):
        sizes = {state: Abs(state), taken: Abs(taken), change: _CHANGE}
        known |= {Abs(rate * x): rate * size for x, size in sizes.items()}
    return expand(expr.xreplace(known))


def _any_order(field: str, name: str) -> Theorem:
    """Make the record that an order is within the bound of all."""
    order, target, sizes = ORDERS[field][name], _after(field, name), SIZES[field]
    share = SHARE[field] * Abs(_STATE[field]) + SHARE[field] * Abs(_TAKEN[field])
    worked = Rounded(order)
    error = Abs(worked.computed() - target)
    rates = tuple(x for x in _RATES if x.free_symbols <= target.free_symbols)
    domain = (*worked.domain, *rates)
    change = _TAKEN[field] - _STATE[field]

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """Go through the operations; then take each coefficient for 1, which it is at most."""
        steps = worked.derivation(LEMMAS)
        said, bound = steps[-1].claim.args
        read = _read(bound, field, target)
        # What is at most 1 is 1 less something: then every coefficient of what is left is >= 0.
        limit, whole = statement.claim.args[1], read.subs({_WHOLE: sizes, _CHANGE: sizes})
        rest = expand((limit - whole).subs({b: 1 - _LESS_B, w: 1 - _LESS_W}, simultaneous=True))
        rests = [term.subs({_LESS_B: 1 - b, _LESS_W: 1 - w}) for term in rest.as_ordered_terms()]
        used: list[str] = []
        counted: list[ProofStep] = []
        for part_name, part, size in (("whole", target, _WHOLE), ("change", change, _CHANGE)):
            coefficient = read.coeff(size)
            if coefficient:
                used.append(part_name)
                counted.append(
                    show(
                        f"{part_name} in the bound",
                        le(coefficient * Abs(part), coefficient * sizes),
                    ).certificate(
                        "It is multiplied by what is not negative.",
                        (coefficient * (sizes - Abs(part)),),
                        (part_name,),
                    )
                )
        shown = {
            "whole": _whole(field, target),
            "change": show("change", le(Abs(change), sizes)).magnitudes(
                "A difference is no more than both sizes together.",
                ((_TAKEN[field],), (Integer(-1), _STATE[field])),
            ),
        }
        return (
            *steps,
            *(shown[x] for x in used),
            *counted,
            show("coefficients", le(whole, limit)).certificate(
                "No coefficient is more than 1.", rests
            ),
            show("sizes", le(bound, whole)).certificate(
                "No size is more than both together.",
                tuple(step.claim.args[1] - step.claim.args[0] for step in counted),
                tuple(step.name for step in counted),
            ),
            show("any order", statement.claim).magnitudes(
                "The bound of this order is at most that of all.",
                ((said.args[0],),),
                (whole - bound, limit - whole),
                (steps[-1].name, "sizes", "coefficients"),
            ),
        )

    return Theorem(
        id=f"rounding-any-order-{field}-{name}",
        title=f"One bound for the rounding error of {field} in any order: {WRITTEN[field][name]}",
        says=f"One update of {field}, computed as {WRITTEN[field][name]}, is within {_SAID[field]} "
        f"of the exact one. All {len(ORDERS[field])} orders of operations that are known have this "
        "bound, each by a theorem of its own: for one of them less may do. Here b and w are stored "
        "for beta and 1 - beta.",
        matters="Often one has two checkpoints of somebody else's run, but not the program. Then "
        "the order of operations is unknown, and a bound has to hold for all of them.",
        statement=Statement(le(error, share + UNDERFLOW[field]), domain),
        proof=proof,
        source=SOURCE,
        space=space(order, Numbers(weights=("b", "w"), positive=("v",))),
        near_misses=(
            NearMiss(
                Statement(le(error, share), domain),
                "Underflow is left out: half of the smallest number shows it.",
                _least(field, order, BINARY16),
                _leasts(field, order),
            ),
        ),
        over=FORMATS,
        not_applicable=_NO_Z3 if field == "v" else {},
    )


def _least(field: str, order: Value, fmt: Format) -> Point:
    """Return an update of nothing by so little that half of the smallest number is rounded to 0."""
    g_size, rate = Fraction(fmt.smallest), Fraction(1, 2)
    if field == "v":
        exponent = fmt.min_exponent - fmt.precision + 1
        g_size = Fraction(2) ** ((exponent + 1) // 2)
        rate = fmt.smallest / g_size**2 / 2
    return real_point(order, fmt, {"b": rate, "w": rate, field: Fraction(0), "g": g_size})


def _leasts(field: str, order: Value) -> Space:
    """Look among such updates."""

    def drawn(draw: Draw) -> Point:
        return _least(field, order, draw(st.sampled_from(SIMULATED)))

    return composed(drawn)


def _whole(field: str, target: Expr) -> ProofStep:
    """Show that an average is no more than both sizes together."""
    state, taken = _STATE[field], _TAKEN[field]
    decay, weight = (expand(target).coeff(x) for x in (state, taken))
    more = ((1 - decay) * Abs(state), (1 - weight) * Abs(taken))
    return show("whole", le(Abs(target), SIZES[field])).magnitudes(
        "No coefficient is more than 1.", ((decay, state), (weight, taken)), more
    )


THEOREMS = tuple(_any_order(field, name) for field in _STATE for name in ORDERS[field])
