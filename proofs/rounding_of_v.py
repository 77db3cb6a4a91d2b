"""How far a rounded second moment is from the rule's, for each order of operations.

As for m; the square adds one operation, and more orders.
"""

from collections.abc import Mapping

from sympy import Abs, Expr

from adamref.bounds.orders import ORDERS
from adamref.theorems.operations import eta, u
from adamref.theorems.simulated import TOYS, real_point
from adamref.theorems.writing import Theorem

from . import rounding
from .rounding import ONE, THREE, TWO, b, decayed, g, put_in, record, relaxed, v, w, with_last

kept, taken = Abs(decayed("v")), Abs(put_in("v"))
square = ONE * g**2 + eta
"""What the rounding of g^2 is at most."""
change = g**2 - v


def _beta_form(
    name: str, size: Expr, operands: Mapping[str, str], kernel: tuple[str, ...] = ()
) -> Theorem:
    """Make the record of a form in which g^2 goes through three roundings; size multiplies one."""
    underflow = (1 + u) * (2 + (1 + u) * Abs(size)) * eta
    says = "The product with g^2 is rounded three times, not twice: five significant bits show it."
    point = real_point(ORDERS["v"][name], TOYS[1], operands)
    return record(
        "v",
        name,
        "b, w",
        TWO * kept + THREE * taken + underflow,
        (rounding.exceeded_at("v", name, "b, w", TWO * (kept + taken) + underflow, says, point),),
        proof=relaxed("v", name),
        kernel=kernel,
    )


def _fused_state(size: Expr) -> Expr:
    """Bound fma(b, v, …): what is put in is rounded twice, and size multiplies the first result."""
    return (1 + u) * TWO * taken + ((1 + u) ** 2 * Abs(size) + 2 + u) * eta


def _fused_gradient(size: Expr) -> Expr:
    """Bound fma(…, …, b v): b v and one factor are rounded, and size multiplies that factor."""
    return ONE * (1 + u) * (kept + taken) + ((1 + u) * (1 + Abs(size)) + 1) * eta


THEOREMS = (
    _beta_form(
        "beta",
        w,
        {"b": "5/8", "w": "11/32", "v": "1", "g": "7/2"},
        ("v_rounding_error", "v_rounding_error_u_refuted"),
    ),
    _beta_form("weight-first", g, {"b": "3/4", "w": "9/16", "v": "27/256", "g": "-31/32"}),
    with_last(
        "v",
        "beta-fma-state",
        "b, w",
        _fused_state(w),
        {"b": "3/4", "w": "3/8", "v": "3", "g": "5/64"},
    ),
    with_last(
        "v",
        "beta-fma-gradient",
        "b, w",
        _fused_gradient(w),
        {"b": "3/8", "w": "1/2", "v": "3/2", "g": "-3"},
    ),
    with_last(
        "v",
        "weight-first-fma-state",
        "b, w",
        _fused_state(g),
        {"b": "3/4", "w": "1/2", "v": "3", "g": "-5/128"},
    ),
    with_last(
        "v",
        "weight-first-fma-gradient",
        "b, w",
        _fused_gradient(g),
        {"b": "5/8", "w": "5/8", "v": "7/2", "g": "7/2"},
    ),
    with_last(
        "v",
        "lerp",
        "w",
        (1 + u) * ((1 + u) ** 2 * Abs(w) * square + TWO * Abs(w * change) + eta),
        {"w": "1/8", "v": "5/8", "g": "3/8"},
    ),
    with_last(
        "v",
        "lerp-fma",
        "w",
        (1 + u) * Abs(w) * ((1 + u) * square + u * Abs(change)) + eta,
        {"w": "1/8", "v": "5/2", "g": "-5/8"},
    ),
    with_last(
        "v",
        "lerp-fused-change",
        "w",
        (1 + u) * (TWO * Abs(w * change) + ((1 + u) * Abs(w) + 1) * eta),
        {"w": "1/8", "v": "7/2", "g": "5/4"},
    ),
    with_last(
        "v",
        "lerp-fma-fused-change",
        "w",
        (1 + u) * Abs(w) * (u * Abs(change) + eta) + eta,
        {"w": "1/8", "v": "7/2", "g": "5/4"},
    ),
    with_last(
        "v",
        "back",
        "b",
        (1 + u) * (square * (1 + (1 + u) ** 2 * Abs(b)) + TWO * Abs(b * change) + eta),
        {"b": "1/8", "v": "1", "g": "3/4"},
    ),
    with_last(
        "v",
        "back-fma",
        "b",
        (1 + u) * (square + Abs(b) * ((1 + u) * square + u * Abs(change))) + eta,
        {"b": "1/8", "v": "1", "g": "3/4"},
    ),
)
