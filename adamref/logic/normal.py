"""The normal form that decides identities.

An expression is taken apart into a rational function of *atoms*: symbols, values of unknown
functions, roots, absolute values, maxima, powers with an unknown exponent, and sums. Atoms that
satisfy a polynomial equation (a root squared is its radicand) are reduced by it. Two expressions
are equal if the numerator of their difference is the zero polynomial. What is not decided equal may
still be equal; nothing is decided equal that is not.

Every division is recorded, for whoever asks to show that it is not by zero.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, final

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Poly,
    Pow,
    Rational,
    Sum,
    Symbol,
    cancel,
    expand,
    factor_list,
    fraction,
    together,
)
from sympy.core.function import AppliedUndef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HALF = Rational(1, 2)


@cache
def _index(depth: int) -> Dummy:
    return Dummy("k" + "'" * depth, integer=True)


class Undecided(ValueError):
    """The normal form has no answer, and says why."""


@final
class Atoms:
    """The atoms of some expressions that are looked at together.

    Parameters
    ----------
    nonzero : callable
        Says whether an expression is known not to be zero; it is asked for bases of powers.
    nonnegative : callable
        Says whether an expression is known to be >= 0; it is asked for what stands in ``|x|``.
    holds : callable
        Says whether an integer expression is known to be >= 0; it is asked for exponents.

    Attributes
    ----------
    relations : dict of Dummy to (int, Expr)
        Atom a, exponent k and expression e with ``a**k = e``.
    maxima : dict of Dummy to (Expr, Expr)
        A maximum and the two of which it is one.
    divisors : list of Expr
        What was divided by, as it stood in the expressions.
    squared : set of Dummy
        Roots whose square was taken for their radicand, which holds where that is >= 0.
    """

    def __init__(
        self,
        nonzero: Callable[[Expr], bool],
        nonnegative: Callable[[Expr], bool],
        holds: Callable[[Expr, tuple[Expr, ...]], bool],
    ) -> None:
        self._nonzero = nonzero
        self._nonnegative = nonnegative
        self._holds = holds
        self._known: dict[object, Dummy] = {}
        self._least: dict[tuple[Expr, Expr], int] = {}
        self.meaning: dict[Dummy, Expr] = {}
        self.relations: dict[Dummy, tuple[int, Expr]] = {}
        self.maxima: dict[Dummy, tuple[Expr, Expr]] = {}
        self.divisors: list[Expr] = []
        self.squared: set[Dummy] = set()

    def prepare(self, expressions: Iterable[Expr]) -> None:
        """Look for powers, so that β^t and β^(t-1) come out in terms of one atom."""
        for expression in expressions:
            self._collect(expression)

    def of(self, expr: Expr) -> Expr:
        """Write an expression as a rational function of atoms."""
        return self._rational(expr, ())

    def reduced(self, expr: Expr) -> Expr:
        """Return the numerator of a rational function of atoms, reduced by their relations."""
        current = expr
        for _ in range(40):
            top, _bottom = fraction(cancel(together(current)))
            top = changed = expand(top)
            for atom, (power, value) in self.relations.items():
                if changed.has(atom):
                    if Poly(changed, atom).degree() >= power:
                        self.squared.add(atom)
                    changed = _lowered(changed, atom, power, value)
            for atom, (one, other) in self.maxima.items():
                if changed.has(atom):
                    square = expand((one + other) * atom - one * other)
                    changed = _lowered(changed, atom, 2, square)
            if expand(changed - top) == 0:
                return changed
            current = changed
        raise Undecided("the relations of the atoms do not come to an end")

    # Taking expressions apart.

    def _rational(self, expr: Expr, ranges: tuple[Expr, ...]) -> Expr:
        if expr.is_Rational or isinstance(expr, Symbol):
            return expr
        if isinstance(expr, Add | Mul):
            return expr.func(*(self._rational(a, ranges) for a in expr.args))
        if isinstance(expr, Pow):
            return self._power(expr, ranges)
        if isinstance(expr, Sum):
            return self._sum(expr, ranges)
        if isinstance(expr, Abs):
            return self._magnitude(expr.args[0], ranges)
        if isinstance(expr, Max | Min):
            return self._greatest(expr, ranges)
        if isinstance(expr, AppliedUndef):
            arguments = tuple(expand(a) for a in expr.args)
            return self._atom((expr.func, arguments), expr.func(*arguments))
        return self._atom(expr, expr)

    def _atom(self, key: object, meaning: Expr) -> Dummy:
        if key not in self._known:
            atom = Dummy(str(meaning), real=True)
            self._known[key] = atom
            self.meaning[atom] = meaning
        return self._known[key]

    def _power(self, expr: Pow, ranges: tuple[Expr, ...]) -> Expr:
        base, exponent = expr.base, expand(expr.exp)
        if exponent.is_Integer:
            if exponent < 0:
                self.divisors.append(base)
            return self._rational(base, ranges) ** exponent
        if exponent.is_Rational:
            if exponent.q != 2:
                raise Undecided(f"a power with exponent {exponent}")
            if exponent < 0:
                self.divisors.append(base)
            return self._root(base, ranges) ** exponent.p
        if not exponent.is_integer:
            return self._atom(expr, expr)
        return self._integer_power(base, exponent, ranges)

    def _root(self, radicand: Expr, ranges: tuple[Expr, ...]) -> Expr:
        """Write a root: what is squared in the radicand comes out of it as an absolute value."""
        value = cancel(together(self._rational(radicand, ranges)))
        outside: Expr = Integer(1)
        inside: Expr = Integer(1)
        for part, sign in zip(fraction(value), (1, -1), strict=True):
            constant, factors = factor_list(part)
            root = _exact_root(constant)
            outside *= Integer(1) if root is None else root**sign
            inside *= constant**sign if root is None else Integer(1)
            for factor, power in factors:
                outside *= self._absolute(factor) ** (sign * (power // 2))
                inside *= factor ** (sign * (power % 2))
        if inside == 1:
            return outside
        inside = cancel(inside)
        atom = self._atom(("root", inside), Pow(self.restored(inside), _HALF, evaluate=False))
        self.relations[atom] = (2, inside)
        return outside * atom

    def _magnitude(self, inside: Expr, ranges: tuple[Expr, ...]) -> Expr:
        value = cancel(together(self._rational(inside, ranges)))
        result: Expr = Integer(1)
        for part, sign in zip(fraction(value), (1, -1), strict=True):
            constant, factors = factor_list(part)
            result *= abs(constant) ** sign
            for factor, power in factors:
                result *= self._absolute(factor) ** (sign * power)
        return result

    def _absolute(self, factor: Expr) -> Expr:
        positive = _signed(factor)
        meaning = self.restored(positive)
        if self._nonnegative(meaning):
            return positive
        if self._nonnegative(expand(-meaning)):
            return -positive
        atom = self._atom(("abs", positive), Abs(meaning, evaluate=False))
        self.relations[atom] = (2, expand(positive**2))
        return atom

    def _greatest(self, expr: Expr, ranges: tuple[Expr, ...]) -> Expr:
        first, *rest = (self._rational(a, ranges) for a in expr.args)
        for so_far, other in enumerate(rest, start=2):
            key = (expr.func, frozenset((first, other)))
            atom = self._atom(key, expr.func(*expr.args[:so_far]))
            self.maxima[atom] = (first, other)
            first = atom
        return first

    def _sum(self, expr: Sum, ranges: tuple[Expr, ...]) -> Expr:
        """Write a sum as a combination of sums of monomials: sums are linear."""
        if len(expr.limits) != 1:
            raise Undecided(f"{expr} has more than one index")
        index, low, high = expr.limits[0]
        # Equal sums look equal wherever they stand: the index is the first name that is not taken.
        # It is no symbol of a theorem, about which something might be known.
        name = next(free for free in map(_index, count()) if free not in expr.free_symbols)
        function = expr.function.subs(index, name)
        within = (*(r for r in ranges if not r.has(name)), name - low, high - name)
        if expand(high - low + 1) == 0:
            return Integer(0)
        try:
            inside = cancel(together(self._rational(function, within)))
        except Undecided:
            return self._atom(expr, expr)
        top, bottom = fraction(inside)
        moving = [a for a in top.free_symbols | bottom.free_symbols if self._depends(a, name)]
        below = Poly(bottom, *moving).terms() if moving else [((), bottom)]
        if len(below) > 1:
            return self._atom(("sum", inside, low, high), expr)
        ((under, constant),) = below
        result: Expr = Integer(0)
        terms = Poly(top, *moving).terms() if moving else [((), top)]
        for powers, coefficient in terms:
            monomial: Expr = Integer(1)
            for atom, above, divided in zip(moving, powers, under, strict=True):
                monomial *= atom ** (above - divided)
            shift, monomial = self._anchored(monomial, name, low, high, within)
            restored = self.restored(monomial)
            meaning = Sum(restored, (name, low, high))
            if monomial == 1 and self._holds(high - low + 1, ranges):
                summed: Expr = high - low + 1
            else:
                summed = self._atom(("sum", restored, expand(low), expand(high)), meaning)
            result += coefficient * shift * summed
        return result / constant

    def _depends(self, atom: Symbol, index: Symbol) -> bool:
        return atom == index or (atom in self.meaning and index in self.meaning[atom].free_symbols)

    def _anchored(
        self, monomial: Expr, index: Symbol, low: Expr, high: Expr, within: tuple[Expr, ...]
    ) -> tuple[Expr, Expr]:
        """Take out of a power what all terms of the sum share, so that equal sums look equal."""
        shared: Expr = Integer(1)
        kept: Expr = Integer(1)
        for factor in Mul.make_args(monomial):
            base, power = factor.as_base_exp()
            meaning = self.meaning.get(base)
            if isinstance(meaning, Pow) and meaning.exp.has(index) and meaning.exp.is_integer:
                slope = expand(meaning.exp).coeff(index)
                least = expand(meaning.exp.subs(index, high if slope < 0 else low))
                linear = not expand(meaning.exp - slope * index).has(index)
                if not (least.is_Integer and linear):
                    kept *= factor
                    continue
                allowed = least > 0 or (least < 0 and self._nonzero(meaning.base))
                if allowed:
                    shared *= self._rational(meaning.base, within) ** (least * power)
                    kept *= self._atom_of_power(meaning.base, expand(meaning.exp - least)) ** power
                    continue
            kept *= factor
        return shared, kept

    # Powers with an unknown integer exponent.

    def _collect(self, expr: Expr) -> None:
        for power in expr.atoms(Pow):
            exponent = expand(power.exp)
            if exponent.is_integer and not exponent.is_Integer:
                for base, e in _factors(power.base, exponent):
                    part, offset, times = _split(e)
                    if times > 0:
                        key = (base, part)
                        least = math.floor(Rational(offset, times))
                        self._least[key] = min(self._least.get(key, least), least)

    def _integer_power(self, base: Expr, exponent: Expr, ranges: tuple[Expr, ...]) -> Expr:
        result: Expr = Integer(1)
        for factor, e in _factors(base, exponent):
            result *= self._one_power(factor, e, ranges)
        return result

    def _one_power(self, base: Expr, exponent: Expr, ranges: tuple[Expr, ...]) -> Expr:
        if base == 1:
            return Integer(1)
        if exponent.is_Integer:
            if exponent < 0:
                self.divisors.append(base)
            return self._rational(base, ranges) ** exponent
        if base == 0 and self._holds(exponent - 1, ranges):
            return Integer(0)
        inside = self._rational(base, ranges)
        if self._nonzero(base):
            # With a base that is not 0 every exponent may be split: b^(t-i) = b^t / b^i.
            result: Expr = Integer(1)
            for part in Add.make_args(exponent):
                if part.is_Integer:
                    result *= inside**part
                else:
                    number, symbols = part.as_coeff_Mul()
                    result *= self._atom_of_power(base, symbols) ** number
            return result
        part, offset, times = _split(exponent)
        if times < 0:
            raise Undecided(f"{base} may be 0, and stands with the exponent {exponent}")
        key = (base, part)
        least = self._least.get(key, math.floor(Rational(offset, times)))
        least = min(least, math.floor(Rational(offset, times)))
        if offset - times * least != 0 and not self._holds(part + least, ranges):
            raise Undecided(f"{base} may be 0, and {part + least} is not known to be >= 0")
        atom = self._atom_of_power(base, part + least)
        return atom**times * inside ** (offset - times * least)

    def _atom_of_power(self, base: Expr, exponent: Expr) -> Dummy:
        return self._atom(("power", base, expand(exponent)), Pow(base, exponent))

    def restored(self, expr: Expr) -> Expr:
        """Put the meanings of atoms back in."""
        current = expr
        while any(s in self.meaning for s in current.free_symbols):
            current = current.subs(
                {s: self.meaning[s] for s in current.free_symbols if s in self.meaning}
            )
        return current


def _factors(base: Expr, exponent: Expr) -> list[tuple[Expr, Expr]]:
    """Split (x*y/z)^n into x^n, y^n and z^-n, for an integer n."""
    made: list[tuple[Expr, Expr]] = []
    for factor in Mul.make_args(base):
        inner, power = factor.as_base_exp()
        if power.is_Integer and power != 1:
            made.append((inner, expand(exponent * power)))
        elif factor.is_Rational and factor.q != 1:
            if factor.p != 1:
                made.append((Integer(factor.p), exponent))
            made.append((Integer(factor.q), expand(-exponent)))
        else:
            made.append((factor, exponent))
    return made


def _split(exponent: Expr) -> tuple[Expr, int, int]:
    """Write an exponent as times*part + offset, part primitive and without a constant."""
    offset, rest = exponent.as_coeff_Add()
    numbers = [term.as_coeff_Mul()[0] for term in Add.make_args(rest)]
    times = math.gcd(*(int(abs(number)) for number in numbers))
    leading = max(
        Add.make_args(rest), key=lambda term: (str(term.as_coeff_Mul()[1]) == "t", str(term))
    )
    if leading.as_coeff_Mul()[0] < 0:
        times = -times
    return expand(rest / times), int(offset), times


def _lowered(expr: Expr, atom: Dummy, power: int, value: Expr) -> Expr:
    """Replace atom**power by a value, in every higher power too."""
    poly = Poly(expr, atom)
    result: Expr = Integer(0)
    for (degree,), coefficient in poly.terms():
        whole, rest = divmod(degree, power)
        result += coefficient * value**whole * atom**rest
    return result


def _signed(expr: Expr) -> Expr:
    """Return x or -x, always the same of the two."""
    other = expand(-expr)
    return min(expand(expr), other, key=lambda e: (e.could_extract_minus_sign(), str(e)))


def _exact_root(inside: Expr) -> Expr | None:
    """Return the root of a rational number that is a square."""
    if inside.is_Rational and inside >= 0:
        top, bottom = math.isqrt(inside.p), math.isqrt(inside.q)
        if top * top == inside.p and bottom * bottom == inside.q:
            return Rational(top, bottom)
    return None
