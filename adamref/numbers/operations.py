"""The operations of a rule's program: what any arithmetic carries out, or refuses by name.

A program (`adamref.rules.program`) consists of these and of nothing else. An arithmetic has a
method for each, of the same name; what it cannot do it names in ``refused``, with the reason. A
test walks this table for every arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Kind:
    """An operation.

    Attributes
    ----------
    name : str
    operands : int
        How many it takes; a power has its exponent beside them.
    says : str
        What it is, of operands x, y and z.
    over : {"element", "tensor"}
        Whether an element's result depends on that element alone.
    """

    name: str
    operands: int
    says: str
    over: str = "element"


OPERATIONS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("add", 2, "x + y"),
        Kind("multiply", 2, "x*y"),
        Kind("divide", 2, "x/y"),
        Kind("negate", 1, "-x"),
        Kind("root", 1, "the square root of x"),
        Kind("power", 1, "x to a constant rational exponent"),
        Kind("magnitude", 1, "|x|"),
        Kind("signum", 1, "-1, 0 or 1, as the sign of x is"),
        Kind("larger", 2, "the greater of x and y"),
        Kind("smaller", 2, "the lesser of x and y"),
        Kind("chosen", 3, "y where x > 0, else z"),
        Kind("exponential", 1, "e to the power of x"),
        Kind("logarithm", 1, "the natural logarithm of x"),
        Kind("total", 1, "the sum of x over the elements of its tensor", over="tensor"),
    )
}
"""By name."""

REDUCTIONS = frozenset(kind.name for kind in OPERATIONS.values() if kind.over == "tensor")
"""The operations that need all elements of a tensor at once."""
