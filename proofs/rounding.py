"""How far a rounded first moment is from the rule's, order of operations by order of operations.

The same line of the rule can be computed in several orders. Each has its own error, and its own
theorem.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from sympy import Abs, Expr, Symbol

from adamref.bounds.orders import ORDERS
from adamref.logic.relations import le
from adamref.numbers.formats import BINARY32
from adamref.rules import ADAM
from adamref.theorems.operations import eta, u
from adamref.theorems.points import Point
from adamref.theorems.record import NearMiss, Statement, Theorem, in_coq
from adamref.theorems.rounded import Rounded
from adamref.theorems.simulated import TOYS, Numbers, real_point, space
from adamref.theorems.writing import ProofStep, show

from .rounding_of_operations import LEMMAS

Proof = Callable[[Statement], tuple[ProofStep, ...]]

FORMATS = "binary16, bfloat16, binary32, binary64"
SOURCE = "Higham 2002, section 2.2: forward error analysis in the standard model"
MATTERS = (
    "A program that is right is off by its rounding, and by no more. What is off by more has "
    "another mistake: this is the line between the two."
)
ONE, TWO, THREE = u, 2 * u + u**2, 3 * u + 3 * u**2 + u**3
"""What one, two and three roundings make of a term: (1 + u)^k - 1."""

b, w, m, v, g = (Symbol(name, real=True) for name in ("b", "w", "m", "v", "g"))
_STATES = {"m_prev": m, "v_prev": v, "g": g}


def updated(field: str, decay: Expr, weight: Expr) -> Expr:
    """Return the rule's own line for a moment, with other coefficients for beta and 1 - beta."""
    expr = ADAM.line(field).expr
    (rate,) = (symbol for symbol in expr.free_symbols if symbol.name.startswith("beta"))
    expr = expr.replace(lambda part: part.is_Add and part.free_symbols == {rate}, lambda _: weight)
    values = {
        symbol: _STATES[symbol.name] for symbol in expr.free_symbols if symbol.name in _STATES
    }
    return expr.subs({rate: decay, **values}, simultaneous=True)


def decayed(field: str) -> Expr:
    """Return what a moment keeps of its state."""
    return updated(field, b, 0)


def put_in(field: str) -> Expr:
    """Return what a moment takes in."""
    return updated(field, 0, w)


def after(field: str, stored: str) -> Expr:
    """Return the exact update where both coefficients are stored, or only b, or only w."""
    return updated(field, *{"b, w": (b, w), "w": (1 - w, w), "b": (b, 1 - b)}[stored])


def statement_of(field: str, name: str, target: Expr, bound: Expr) -> Statement:
    """State that an order of operations gives its target but for a bound."""
    worked = Rounded(ORDERS[field][name])
    return Statement(le(Abs(worked.computed() - target), bound), worked.domain)


def derived(field: str, name: str) -> Proof:
    """Return the proof about an order, operation by operation."""

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """Go through the operations in their order: each adds a rounding to the errors so far."""
        *before, last = Rounded(ORDERS[field][name]).derivation(LEMMAS)
        return (*before, replace(last, claim=statement.claim))

    return proof


def relaxed(field: str, name: str) -> Proof:
    """Return a proof that ends with the sizes of both products instead of that of their sum."""
    one, other = decayed(field), put_in(field)
    more = u * (Abs(one) + Abs(other) - Abs(one + other))

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """Go through the operations, and bound the last sum by the sizes of its two products."""
        steps = Rounded(ORDERS[field][name]).derivation(LEMMAS)
        triangle = show("triangle", le(Abs(one + other), Abs(one) + Abs(other))).magnitudes(
            "A sum is at most as large as its terms are together.", ((one,), (other,))
        )
        together = show("both products", statement.claim).magnitudes(
            "The error of the last rounding is bounded by the sizes of both products.",
            ((steps[-1].claim.args[0].args[0],),),
            (more,),
            (steps[-1].name, "triangle"),
        )
        return (*steps, triangle, together)

    return proof


WRITTEN = {
    "m": {
        "beta": "b m + w g",
        "beta-fma-state": "fma(b, m, w g)",
        "beta-fma-gradient": "fma(w, g, b m)",
        "lerp": "m + w (g - m)",
        "lerp-fma": "fma(w, g - m, m)",
        "back": "g - (g - m) b",
        "back-fma": "fma(-(g - m), b, g)",
    },
    "v": {
        "beta": "b v + w (g g)",
        "weight-first": "b v + (w g) g",
        "beta-fma-state": "fma(b, v, w (g g))",
        "beta-fma-gradient": "fma(w, g g, b v)",
        "weight-first-fma-state": "fma(b, v, (w g) g)",
        "weight-first-fma-gradient": "fma(w g, g, b v)",
        "lerp": "v + w (g g - v)",
        "lerp-fma": "fma(w, g g - v, v)",
        "lerp-fused-change": "v + w fma(g, g, -v)",
        "lerp-fma-fused-change": "fma(w, fma(g, g, -v), v)",
        "back": "g g - (g g - v) b",
        "back-fma": "fma(-(g g - v), b, g g)",
    },
}
"""How an update is written in each order of operations."""


def record(
    field: str,
    name: str,
    stored: str,
    bound: Expr,
    near_misses: tuple[NearMiss, ...],
    *,
    proof: Proof | None = None,
    kernel: tuple[str, ...] = (),
) -> Theorem:
    """Make the record of an order of operations."""
    rate = {"m": "beta1", "v": "beta2"}[field]
    return Theorem(
        id=f"rounding-{field}-{name}",
        title=f"The rounding error of {field}, computed as {WRITTEN[field][name]}",
        says=f"One update of {field} computed as {WRITTEN[field][name]}, each operation rounded to "
        "nearest, is within this bound of what the rule gives for the same state, the same "
        f"gradient g and the coefficients that are stored, b for {rate} and w for 1 - {rate}.",
        matters=MATTERS,
        statement=statement_of(field, name, after(field, stored), bound),
        proof=derived(field, name) if proof is None else proof,
        source=SOURCE,
        space=space(ORDERS[field][name], Numbers(weights=("b", "w"), positive=("v",))),
        near_misses=near_misses,
        over=FORMATS,
        kernel=in_coq("Rounding", *kernel),
    )


def exceeded_at(
    field: str, name: str, stored: str, bound: Expr, says: str, point: Point
) -> NearMiss:
    """Make a near-miss: another bound, and a real computation that exceeds it."""
    return NearMiss(statement_of(field, name, after(field, stored), bound), says, point)


def with_last(
    field: str, name: str, stored: str, rest: Expr, operands: Mapping[str, str]
) -> Theorem:
    """Make the record of an order whose last rounding is bounded by the size of the exact result.

    The near-miss leaves that rounding out; with the operands given, a computation exceeds it.
    """
    says = "The last rounding is left out: numbers of three significant bits show it."
    point = real_point(ORDERS[field][name], TOYS[0], operands)
    missed = exceeded_at(field, name, stored, rest, says, point)
    return record(field, name, stored, u * Abs(after(field, stored)) + rest, (missed,))


def _as_beta(beta1: str, times: str, state: str, gradient: str) -> NearMiss:
    """Make the near-miss that lerp satisfies the bound of the beta form."""
    order = ORDERS["m"]["lerp"]
    held = {
        "w": BINARY32.round(1 - Fraction(beta1)),
        "m": float.fromhex(state),
        "g": float.fromhex(gradient),
    }
    products = Abs(decayed("m").subs(b, 1 - w)) + Abs(put_in("m"))
    return exceeded_at(
        "m",
        "lerp",
        "w",
        TWO * products + 2 * (1 + u) * eta,
        f"The bound of the beta form does not hold for lerp: in binary32, at beta1 = {beta1}, it "
        f"is exceeded by a factor of {times}.",
        real_point(order, BINARY32, held),
    )


def _beta_form() -> Theorem:
    products, underflow = Abs(decayed("m")) + Abs(put_in("m")), 2 * (1 + u) * eta
    point = real_point(
        ORDERS["m"]["beta"], TOYS[0], {"b": "5/8", "w": "3/8", "m": "7/4", "g": "1/4"}
    )
    says = (
        "A product is rounded itself, and again in the sum: one rounding is not enough. Numbers of "
        "three significant bits show it."
    )
    return record(
        "m",
        "beta",
        "b, w",
        TWO * products + underflow,
        (exceeded_at("m", "beta", "b, w", ONE * products + underflow, says, point),),
        proof=relaxed("m", "beta"),
        kernel=("m_rounding_error", "m_rounding_error_u_refuted"),
    )


def _lerp() -> Theorem:
    made = with_last(
        "m",
        "lerp",
        "w",
        TWO * (1 + u) * Abs(w * (g - m)) + (1 + u) * eta,
        {"w": "1/2", "m": "-5/2", "g": "-2"},
    )
    exceeded = (
        _as_beta("0.9", "1.3", "0x1.eb9c04p-3", "0x1.400fe4p+10"),
        _as_beta("0.01", "98", "0x1.02961ap+0", "-0x1.00064p-24"),
    )
    return replace(made, near_misses=(*made.near_misses, *exceeded))


_once = ONE * (1 + u)

THEOREMS = (
    _beta_form(),
    with_last(
        "m",
        "beta-fma-state",
        "b, w",
        _once * Abs(put_in("m")) + (2 + u) * eta,
        {"b": "5/8", "w": "1/4", "m": "7/2", "g": "1/16"},
    ),
    with_last(
        "m",
        "beta-fma-gradient",
        "b, w",
        _once * Abs(decayed("m")) + (2 + u) * eta,
        {"b": "1/4", "w": "5/8", "m": "1/16", "g": "7/2"},
    ),
    _lerp(),
    with_last(
        "m",
        "lerp-fma",
        "w",
        _once * Abs(w * (g - m)) + eta,
        {"w": "1/2", "m": "-5/2", "g": "-2"},
    ),
    with_last(
        "m",
        "back",
        "b",
        TWO * (1 + u) * Abs(b * (g - m)) + (1 + u) * eta,
        {"b": "1/8", "m": "-5/16", "g": "-5/4"},
    ),
    with_last(
        "m",
        "back-fma",
        "b",
        _once * Abs(b * (g - m)) + eta,
        {"b": "1/8", "m": "-5/16", "g": "-5/4"},
    ),
)
