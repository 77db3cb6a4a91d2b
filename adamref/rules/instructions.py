"""The instructions of a rule's program, and what exact numbers they ask for by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, final

from sympy import Add, Expr, Mul, Rational, Symbol

from adamref.errors import CannotEvaluate
from adamref.numbers.operations import REDUCTIONS

if TYPE_CHECKING:
    from adamref.numbers.carrier import Carrier
    from adamref.numbers.exact import Extended

COMPLEMENT = ".complement"
BASE = ".base"


@final
@dataclass(frozen=True)
class MethodCall:
    """One instruction: a carrier's method, and where its operands are (register numbers)."""

    method: str
    operands: tuple[int, ...]
    exponent: Fraction | None = None

    def carried_out(self, carrier: Carrier, registers: Sequence[Any]) -> Any:
        """Do it in a carrier."""
        operands = [registers[i] for i in self.operands]
        if self.method in REDUCTIONS:
            # A tensor of this one element.
            operands = [operands]
        if self.exponent is not None:
            operands.append(self.exponent)
        return getattr(carrier, self.method)(*operands)

    def of_all(self, carrier: Carrier, columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Do it for all elements of a tensor: a column an operand."""
        do = getattr(carrier, self.method)
        if self.method in REDUCTIONS:
            return [do(*columns)] * len(columns[0])
        more = () if self.exponent is None else (self.exponent,)
        return [do(*row, *more) for row in zip(*columns, strict=True)]


@final
@dataclass(frozen=True)
class Power:
    """An input raised to an exponent that depends on exact inputs only, such as ``beta**t``."""

    base: str | Fraction
    exponent: Expr
    from_one: bool

    def among(self, exacts: Mapping[str, Extended], at: int) -> Raised:
        """Say how it follows from exact numbers of these names."""
        base = self.base
        if isinstance(base, str) and base not in exacts:
            base = base.removesuffix(BASE)
        exponent = self.exponent.name if isinstance(self.exponent, Symbol) else self.exponent
        return Raised(at, self.from_one, base, exponent)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names in its exponent."""
        return frozenset(s.name for s in self.exponent.free_symbols)


class Raised(NamedTuple):
    """A power whose base and exponent are known: where it goes, and what they are or are called."""

    at: int
    from_one: bool
    base: str | Fraction
    exponent: str | Expr

    def carried_out(self, carrier: Carrier, exacts: Mapping[str, Extended]) -> Any:
        """Do it in a carrier."""
        _, from_one, base, exponent = self
        raised = carrier.one_minus_power if from_one else carrier.exact_power
        number = exacts[base] if isinstance(base, str) else base
        if isinstance(exponent, str):
            times = exacts[exponent]
            return raised(number, times if isinstance(times, Fraction) else Fraction(times))
        return raised(number, evaluate_exactly(exponent, exacts))


def evaluate_exactly(expr: Expr, exacts: Mapping[str, Extended]) -> Fraction:
    """Evaluate an exponent, a polynomial in t and hyperparameters, in exact rationals.

    Raises
    ------
    CannotEvaluate
        If it is something else, as a root of t.
    """
    if isinstance(expr, Symbol):
        value = exacts[expr.name]
        return value if isinstance(value, Fraction) else Fraction(value)
    if isinstance(expr, Rational):
        return Fraction(expr.p, expr.q)
    parts = [evaluate_exactly(a, exacts) for a in expr.args]
    if isinstance(expr, Add):
        return sum(parts, Fraction(0))
    if not isinstance(expr, Mul):
        raise CannotEvaluate(f"the exponent {expr}", "it is no polynomial")
    product = Fraction(1)
    for part in parts:
        product *= part
    return product


def exact_input(name: str, exacts: Mapping[str, Extended]) -> Extended | None:
    """Return what is given for an input; None if nothing is."""
    if name in exacts:
        return exacts[name]
    if name.endswith(COMPLEMENT):
        rate = exacts.get(name.removesuffix(COMPLEMENT))
        return None if rate is None else 1 - rate
    return exacts.get(name.removesuffix(BASE))
