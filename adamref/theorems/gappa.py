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
from itertools import product
from typing import TYPE_CHECKING, TypeAlias, final

from sympy import Expr, Integer, Rational, sqrt

from adamref.bounds.operations import carry_out, operations, over_the_reals, variables
from adamref.theorems.operations import absolute, eta, k_power, k_quotient, k_root, relative, u
from adamref.theorems.rounded import after_rounding, propagated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.bounds.operations import Operand, Operation, Value
    from adamref.numbers.formats import Format

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
class GappaAnswer:
    """What Gappa says: "proved", "not proved" or "not run"; and its words."""

    status: str
    says: str = ""


def box_of(order: Value) -> Box:
    """Return where the operands of an order lie."""
    rooted = any(operation.kind == "root" for operation in operations(order))
    box = {**BOX, **(_ROOTS if rooted else {})}
    return {p.name: box[p.name] for p in variables(order)}


def bound(order: Value, fmt: Format) -> Fraction:
    """Return what the derived bound of an order is at most on its box."""
    found = _sized(order, fmt)
    exact = found if found.is_Rational else found.evalf(60) * (1 + Rational(1, 2**100))
    made = Rational(exact)
    return Fraction(int(made.p), int(made.q))


def question(order: Value, fmt: Format, share: Fraction = Fraction(1)) -> str:
    """Write the question whether the error is at most a share of the bound."""
    least = fmt.min_exponent - fmt.precision + 1
    lines = [f"@fl = float<{fmt.precision}, {least}, ne>;"]
    lines += [f"{x.name} = fl({x.name}_);" for x in variables(order) if not _is_real(x, order)]
    numbers = {operation: number for number, operation in enumerate(operations(order), 1)}

    def written(operation: Operation, parts: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        number, form = numbers[operation], _WRITTEN[operation.kind]
        computed, real = (form.format(*names) for names in zip(*parts, strict=True))
        lines.extend((f"x{number} = fl({computed});", f"r{number} = {real};"))
        return f"x{number}", f"r{number}"

    computed, real = carry_out(order, lambda part: (part.name, part.name), written)[order]
    inside = r" /\ ".join(
        f"{name} in [{_number(low)}, {_number(high)}]"
        for name, (low, high) in box_of(order).items()
    )
    limit = _number(_outward(bound(order, fmt) * share))
    claim = f"|{computed} - {real}| <= {limit}"
    return "\n".join([*lines, f"{{ {inside} -> {claim} }}", ""])


def ask(script: str) -> GappaAnswer:
    """Give a question to Gappa."""
    if not installed():
        return GappaAnswer("not run", NEEDS)
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
        return GappaAnswer("not proved", f"no answer within {SECONDS} seconds")
    return GappaAnswer("proved" if done.returncode == 0 else "not proved", done.stderr.strip())


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


def _sized(order: Value, fmt: Format) -> Expr:
    """Return the largest bound on the error of an order, on its box."""
    box = box_of(order)
    known = {
        u: Rational(1, 2**fmt.precision),
        eta: Rational(1, int(2 / fmt.smallest)),
        **dict.fromkeys((k_root, k_quotient, k_power), Rational(1, 2)),
    }

    def held(part: Operand) -> tuple[Range, Expr]:
        low, high = box[part.name] if part.number is None else (Fraction(part.number),) * 2
        return (Rational(low), Rational(high)), Integer(0)

    def do(operation: Operation, parts: tuple[tuple[Range, Expr], ...]) -> tuple[Range, Expr]:
        spans, errors = zip(*parts, strict=True)
        assert operation.kind != "quotient" or spans[1][0] > 0, "a divisor of the box is positive"
        # Monotone in each operand: the ends are found in the corners.
        corners = [over_the_reals(operation.kind, ends, sqrt) for ends in product(*spans)]
        made = min(corners), max(corners)
        sizes, least = [_size(span) for span in spans], [span[0] for span in spans]
        before = propagated(operation.kind, sizes, errors, least)
        grown, added = (limit(operation).subs(known) for limit in (relative, absolute))
        return made, after_rounding(_size(made), before, grown, added)

    return carry_out(order, held, do)[order][1]


def _size(span: Range) -> Expr:
    return max(abs(span[0]), abs(span[1]))
