"""An independent check of the derived bounds: Gappa proves what they come to on a box of operands.

From an order of operations a question for Gappa is written, format by format: *for all numbers of
the format in the box, with every operation rounded to nearest even in that format (subnormals
included, overflow not), the result differs from the real one by at most C.* C is the bound of
`adamref.theorems.rounded`, worked exactly with the largest sizes that interval arithmetic gives
for the box, and made larger by 2^-30 of itself. So Gappa checks, with its own theory of rounding
and its own intervals, one concrete instance of the bound for each order and format, IEEE roots
and quotients, and operands without errors; what the bound is elsewhere rests on the derivation
alone.

The boxes end a little above a power of two, where rounding errors are largest for their size:
there Gappa does not prove much less than C (`SHORT` of it), which is the control.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, final

from sympy import Expr, Integer, Rational, sqrt

from adamref.theorems.operations import (
    Operand,
    Operation,
    eta,
    k_power,
    k_quotient,
    k_root,
    operands,
    operations,
    u,
)
from adamref.theorems.rounded import after_rounding, of_product, of_quotient, of_root, of_sum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.numbers.formats import Format
    from adamref.theorems.operations import Value

NEEDS = "needs gappa, as in the package gappa of Debian"
SECONDS = 60
SHORT = Fraction(1, 3)
"""The share of a bound that must not be provable."""

Box: TypeAlias = "Mapping[str, tuple[Fraction, Fraction]]"
Range: TypeAlias = "tuple[Expr, Expr]"

_OVER = Fraction(65, 64)
_SIGNED, _POSITIVE = (-_OVER, _OVER), (Fraction(1, 2), _OVER)
BOX: Box = {
    **dict.fromkeys(("m", "g", "theta", "delta", "m_hat", "ratio"), _SIGNED),
    **dict.fromkeys(("v", "v_hat"), (Fraction(0), _OVER)),
    **dict.fromkeys(("b", "w", "keep", "decay"), (Fraction(0), Fraction(1))),
    **dict.fromkeys(("c", "s", "alpha", "denominator"), _POSITIVE),
    "power": (Fraction(0), Fraction(1)),
    "eps": (Fraction(0), Fraction(1, 64)),
    "eps_root": (Fraction(0), Fraction(1, 64)),
}
"""Where the operands lie; an order that takes a root of v_hat needs it away from 0."""

_ROOTS = {"v": (Fraction(1, 2), _OVER), "v_hat": (Fraction(1, 2), _OVER)}


def installed() -> bool:
    """Say whether Gappa is there."""
    return shutil.which("gappa") is not None


@final
@dataclass(frozen=True)
class Answer:
    """What Gappa says: "proved", "not proved" or "not run"; and its words."""

    status: str
    says: str = ""


def box_of(order: Value) -> Box:
    """Return where the operands of an order lie."""
    rooted = any(operation.kind == "root" for operation in operations(order))
    box = {**BOX, **(_ROOTS if rooted else {})}
    return {p.name: box[p.name] for p in operands(order) if not p.name.isdigit()}


def bound(order: Value, fmt: Format) -> Fraction:
    """Return what the derived bound of an order is at most on its box."""
    found = _sized(order, box_of(order), fmt)[1]
    exact = found if found.is_Rational else found.evalf(60) * (1 + Rational(1, 2**100))
    made = Rational(exact)
    return Fraction(int(made.p), int(made.q))


def question(order: Value, fmt: Format, share: Fraction = Fraction(1)) -> str:
    """Write the question whether the error is at most a share of the bound."""
    least = fmt.min_exponent - fmt.precision + 1
    lines = [f"@fl = float<{fmt.precision}, {least}, ne>;"]
    names: dict[Value, str] = {}
    real: dict[Value, str] = {}
    for part in operands(order):
        names[part] = real[part] = part.name
        if not part.name.isdigit() and not _is_real(part, order):
            lines.append(f"{part.name} = fl({part.name}_);")
    for number, operation in enumerate(operations(order), 1):
        names[operation] = f"x{number}"
        real[operation] = f"r{number}"
        written = _WRITTEN[operation.kind]
        lines.append(f"x{number} = fl({written.format(*(names[p] for p in operation.of))});")
        lines.append(f"r{number} = {written.format(*(real[p] for p in operation.of))};")
    inside = r" /\ ".join(
        f"{name} in [{_number(low)}, {_number(high)}]"
        for name, (low, high) in box_of(order).items()
    )
    limit = _number(_outward(bound(order, fmt) * share))
    claim = f"|{names[order]} - {real[order]}| <= {limit}"
    return "\n".join([*lines, f"{{ {inside} -> {claim} }}", ""])


def ask(script: str) -> Answer:
    """Give a question to Gappa."""
    if not installed():
        return Answer("not run", NEEDS)
    try:
        done = subprocess.run(  # noqa: S603  (the path is that of the installed program)
            [str(shutil.which("gappa"))],
            input=script,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer("not proved", f"no answer within {SECONDS} seconds")
    return Answer("proved" if done.returncode == 0 else "not proved", done.stderr.strip())


def _is_real(part: Operand, order: Value) -> bool:
    """Say whether an operand is a real number that the order rounds, not one of the format."""
    users = [operation for operation in operations(order) if part in operation.of]
    return all(operation.kind in {"stored", "power"} for operation in users)


_WRITTEN = {
    "product": "{} * {}",
    "sum": "{} + {}",
    "difference": "{} - {}",
    "quotient": "{} / {}",
    "root": "sqrt({})",
    "fma": "{} * {} + {}",
    "fms": "{} * {} - {}",
    "fnma": "{2} - {0} * {1}",
    "stored": "{}",
    "power": "{}",
}


def _number(value: Fraction) -> str:
    """Write a dyadic number for Gappa."""
    assert value.denominator & (value.denominator - 1) == 0, value
    return f"{value.numerator}b-{value.denominator.bit_length() - 1}"


def _outward(value: Fraction) -> Fraction:
    """Return a dyadic number a little above."""
    scale = Fraction(2) ** (60 + value.denominator.bit_length() - value.numerator.bit_length())
    return Fraction(int(value * (1 + Fraction(1, 2**30)) * scale) + 1) / scale


def _sized(value: Value, box: Box, fmt: Format) -> tuple[Range, Expr]:
    """Return the range of an exact value and the largest bound on its error."""
    if isinstance(value, Operand):
        if value.name.isdigit():
            return (Integer(int(value.name)),) * 2, Integer(0)
        low, high = (Rational(x.numerator, x.denominator) for x in box[value.name])
        return (low, high), Integer(0)
    assert isinstance(value, Operation)
    ranges, errors = zip(*(_sized(part, box, fmt) for part in value.of), strict=True)
    made = _range(value.kind, ranges)
    known = {
        u: Rational(1, 2**fmt.precision),
        eta: Rational(1, int(2 / fmt.smallest)),
        **dict.fromkeys((k_root, k_quotient, k_power), Rational(1, 2)),
    }
    before = _propagated(value.kind, ranges, errors)
    relative, absolute = (limit.subs(known) for limit in (value.relative, value.absolute))
    return made, after_rounding(_size(made), before, relative, absolute)


def _size(span: Range) -> Expr:
    return max(abs(span[0]), abs(span[1]))


def _propagated(kind: str, spans: tuple[Range, ...], errors: tuple[Expr, ...]) -> Expr:
    sizes = [_size(span) for span in spans]
    match kind:
        case "product":
            return of_product(sizes[0], errors[0], sizes[1], errors[1])
        case "sum" | "difference":
            return of_sum(*errors)
        case "quotient":
            return of_quotient(sizes[0], errors[0], spans[1][0], errors[1])
        case "root":
            return of_root(spans[0][0], errors[0]) if errors[0] != 0 else Integer(0)
        case "stored" | "power":
            return errors[0]
    return of_sum(of_product(sizes[0], errors[0], sizes[1], errors[1]), errors[2])


def _range(kind: str, spans: tuple[Range, ...]) -> Range:
    match kind, spans:
        case "product", (one, other):
            corners = [x * y for x in one for y in other]
            return min(corners), max(corners)
        case "quotient", (one, other):
            assert other[0] > 0, "a divisor of the box is positive"
            corners = [x / y for x in one for y in other]
            return min(corners), max(corners)
        case "sum", (one, other):
            return one[0] + other[0], one[1] + other[1]
        case "difference", (one, other):
            return one[0] - other[1], one[1] - other[0]
        case "root", (radicand,):
            return sqrt(radicand[0]), sqrt(radicand[1])
        case "stored" | "power", (number,):
            return number
    one, other, added = spans
    product = _range("product", (one, other))
    if kind == "fma":
        return _range("sum", (product, added))
    pair = (product, added) if kind == "fms" else (added, product)
    return _range("difference", pair)
