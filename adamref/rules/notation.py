"""Writing an expression the way its author wrote it: in Unicode text or in LaTeX.

SymPy's own printers sort terms; here the order of the rule's source is kept, and a symbol may be
written as its name, with a time index, or as the number that stands for it in a worked step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

from sympy import (
    Abs,
    Add,
    Expr,
    Ge,
    Gt,
    Le,
    Lt,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    cos,
    exp,
    log,
    sign,
    sin,
)

from adamref.rules.symbols import PREVIOUS, Total, spelling

CASES, SUM, PRODUCT, POWER, ATOM = 0, 1, 2, 3, 4
"""How tightly a written expression binds."""

Names: TypeAlias = Callable[[Symbol], tuple[str, int]]
"""Says how a symbol is written, and how tightly what is written binds."""

_SUBSCRIPTS = str.maketrans("0123456789+-t", "₀₁₂₃₄₅₆₇₈₉₊₋ₜ")
_RAISED = "0123456789-t"
_SUPERSCRIPTS = str.maketrans(_RAISED, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵗ")
_FUNCTIONS = {
    exp: "exp", log: "log", sin: "sin", cos: "cos", Max: "max", Min: "min", sign: "sign",
}  # fmt: skip
_OPERATORS = {"sign"}
"""Functions for which LaTeX has no command."""
_RELATIONS = {Gt: (">", ">"), Ge: ("≥", r"\geq"), Lt: ("<", "<"), Le: ("≤", r"\leq")}


@final
@dataclass(frozen=True)
class Style:
    """What differs between text and LaTeX."""

    name: str
    times: str

    def fraction(self, top: str, bottom: str, bottom_binding: int) -> tuple[str, int]:
        """Write a quotient."""
        if self.name == "latex":
            return rf"\frac{{{top}}}{{{bottom}}}", ATOM
        if bottom_binding <= PRODUCT:
            bottom = f"({bottom})"
        return f"{top}/{bottom}", PRODUCT

    def root(self, inside: str, binding: int) -> str:
        """Write a square root."""
        if self.name == "latex":
            return rf"\sqrt{{{inside}}}"
        return f"√{inside}" if binding == ATOM else f"√({inside})"

    def power(self, base: str, exponent: str, simple: bool) -> str:
        """Write a power."""
        if self.name == "latex":
            return f"{base}^{{{exponent}}}"
        if all(character in _RAISED for character in exponent):
            return base + exponent.translate(_SUPERSCRIPTS)
        return f"{base}^{exponent}" if simple else f"{base}^({exponent})"

    def brackets(self, inside: str) -> str:
        """Put round brackets around."""
        return rf"\left({inside}\right)" if self.name == "latex" else f"({inside})"

    def index(self, name: str, time: str) -> str:
        """Add a time index to a name."""
        if self.name == "latex":
            return f"{name}_{{{time}}}"
        return name + time.translate(_SUBSCRIPTS)

    def function(self, name: str, arguments: list[str]) -> str:
        """Write a function of arguments."""
        inside = ", ".join(arguments)
        if self.name == "latex":
            command = rf"\operatorname{{{name}}}" if name in _OPERATORS else rf"\{name}"
            return rf"{command}\left({inside}\right)"
        return f"{name}({inside})"

    def total(self, inside: str, binding: int) -> str:
        """Write the sum over the elements of a tensor."""
        if self.name == "latex":
            return rf"\sum {inside}" if binding >= PRODUCT else rf"\sum \left({inside}\right)"
        return f"Σ{inside}" if binding == ATOM else f"Σ({inside})"

    def relation(self, one: str, kind: type, other: str) -> str:
        """Write an inequality."""
        return f"{one} {_RELATIONS[kind][self.name == 'latex']} {other}"

    def cases(self, cases: list[tuple[str, str]], otherwise: str) -> tuple[str, int]:
        """Write what holds under conditions, and what else."""
        if self.name == "latex":
            rows = [rf"{value} & \text{{if }} {condition}" for value, condition in cases]
            rows.append(rf"{otherwise} & \text{{otherwise}}")
            return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", ATOM
        parts = [f"{value} if {condition}" for value, condition in cases]
        return ", ".join([*parts, f"else {otherwise}"]), CASES

    def magnitude(self, inside: str) -> str:
        """Write an absolute value."""
        return rf"\left|{inside}\right|" if self.name == "latex" else f"|{inside}|"


TEXT = Style("text", "·")
LATEX = Style("latex", r" \cdot ")


def spelled(name: str, style: Style, time: str = "t") -> str:
    """Write the name of a field or hyperparameter; a field with its time index."""
    known = spelling(name)
    written = known.latex if style is LATEX else known.text
    return style.index(written, time) if known.timed else written


def symbolic_names(style: Style, time: str = "t", before: str = "t-1") -> Names:
    """Write every symbol as its name, at a step and the step before it."""

    def names(symbol: Symbol) -> tuple[str, int]:
        name = symbol.name
        if name.endswith(PREVIOUS):
            return spelled(name.removesuffix(PREVIOUS), style, before), ATOM
        return spelled(name, style, time), ATOM

    return names


def render(expr: Expr, names: Names, style: Style) -> str:
    """Write an unevaluated SymPy expression, in the order in which it was built."""
    return _write(expr, names, style)[0]


def _write(expr: Expr, names: Names, style: Style) -> tuple[str, int]:
    if isinstance(expr, Symbol):
        return names(expr)
    if isinstance(expr, Rational):
        return _number(expr, style)
    if isinstance(expr, Add):
        return _sum(expr, names, style), SUM
    if isinstance(expr, Mul):
        return _product(expr, names, style)
    if isinstance(expr, Pow):
        return _power(expr, names, style)
    if isinstance(expr, Abs):
        return style.magnitude(_write(expr.args[0], names, style)[0]), ATOM
    if isinstance(expr, Piecewise):
        return _cases(expr, names, style)
    if isinstance(expr, Total):
        return style.total(*_write(expr.args[0], names, style)), POWER
    arguments = [_bracketed(a, names, style, SUM) for a in expr.args]
    return style.function(_FUNCTIONS.get(expr.func, expr.func.__name__), arguments), ATOM


def _cases(expr: Piecewise, names: Names, style: Style) -> tuple[str, int]:
    *cases, (otherwise, _) = expr.args
    written = []
    for value, condition in cases:
        one, other = (_write(x, names, style)[0] for x in condition.args)
        kind = style.relation(one, condition.func, other)
        written.append((_write(value, names, style)[0], kind))
    return style.cases(written, _write(otherwise, names, style)[0])


def _number(value: Rational, style: Style) -> tuple[str, int]:
    if value.q == 1:
        return str(value), ATOM if value >= 0 else SUM
    from fractions import Fraction

    from adamref.numbers.exact import terminates
    from adamref.numbers.rounding import plain

    if terminates(Fraction(value.p, value.q)):
        return plain(Fraction(value.p, value.q)), ATOM if value >= 0 else SUM
    sign = "-" if value < 0 else ""
    return sign + style.fraction(str(abs(value.p)), str(value.q), ATOM)[0], PRODUCT


def _bracketed(expr: Expr, names: Names, style: Style, least: int) -> str:
    written, binding = _write(expr, names, style)
    return style.brackets(written) if binding < least else written


def _sum(expr: Add, names: Names, style: Style) -> str:
    parts: list[str] = []
    for term in expr.args:
        positive = _without_sign(term)
        if positive is not None:
            written = _bracketed(positive, names, style, PRODUCT)
            parts.append(f"- {written}" if parts else f"-{written}")
        else:
            written = _bracketed(term, names, style, PRODUCT if parts else SUM)
            parts.append(f"+ {written}" if parts else written)
    return " ".join(parts)


def _without_sign(term: Expr) -> Expr | None:
    """Return x where a term is -x, else None."""
    if isinstance(term, Rational) and term < 0:
        return -term
    if isinstance(term, Mul) and isinstance(term.args[0], Rational) and term.args[0] < 0:
        rest = term.args[1:] if term.args[0] == -1 else (-term.args[0], *term.args[1:])
        return rest[0] if len(rest) == 1 else Mul(*rest, evaluate=False)
    return None


def in_reading_order(expr: Expr) -> Expr:
    """Return an evaluated expression with its terms in the order people write them.

    SymPy keeps ``-24 + 18*w`` inside; this gives ``18*w - 24``.
    """
    if isinstance(expr, Add):
        terms = [in_reading_order(term) for term in expr.as_ordered_terms()]
        return Add(*terms, evaluate=False)
    if isinstance(expr, Mul | Pow):
        return expr.func(*(in_reading_order(a) for a in expr.args), evaluate=False)
    return expr


def _product(expr: Mul, names: Names, style: Style) -> tuple[str, int]:
    positive = _without_sign(expr)
    if positive is not None:
        return "-" + _bracketed(positive, names, style, PRODUCT), SUM
    factors = _factors(expr)
    above = [a for a in factors if _reciprocal(a) is None]
    below = [r for a in factors if (r := _reciprocal(a)) is not None]
    if not below:
        return style.times.join(_bracketed(a, names, style, POWER) for a in above), PRODUCT
    divisor = below[0] if len(below) == 1 else Mul(*below, evaluate=False)
    bottom, binding = _write(divisor, names, style)
    if len(above) == 1:
        top, top_binding = _write(above[0], names, style)
        if style is TEXT and top_binding < PRODUCT:
            top = style.brackets(top)
    else:
        top = style.times.join(_bracketed(a, names, style, POWER) for a in above) or "1"
    return style.fraction(top, bottom, binding)


def _factors(expr: Mul) -> tuple[Expr, ...]:
    """Return the factors; those of a plain product that comes first are the product's own."""
    first, *rest = expr.args
    if not isinstance(first, Mul) or _without_sign(first) is not None:
        return tuple(expr.args)
    inner = _factors(first)
    if any(_reciprocal(x) is not None for x in inner):
        return tuple(expr.args)
    return (*inner, *rest)


def _reciprocal(factor: Expr) -> Expr | None:
    """Return x where a factor is 1/x, else None."""
    if isinstance(factor, Pow) and factor.exp == -1:
        return factor.base
    if isinstance(factor, Rational) and factor.p == 1 and factor.q != 1:
        return Rational(factor.q)
    return None


def _power(expr: Pow, names: Names, style: Style) -> tuple[str, int]:
    if expr.exp == Rational(1, 2):
        inside, binding = _write(expr.base, names, style)
        return style.root(inside, binding), ATOM
    if expr.exp == -1:
        bottom, binding = _write(expr.base, names, style)
        return style.fraction("1", bottom, binding)
    base = _bracketed(expr.base, names, style, ATOM)
    exponent, binding = _write(expr.exp, names, style)
    return style.power(base, exponent, binding == ATOM), POWER
