"""The right line, in the letters of the one who wrote another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sympy import Expr, Symbol, evaluate
from sympy.printing.str import StrPrinter

from adamref.rules.notation import ATOM, LATEX, TEXT, Style, render, symbolic_names
from adamref.rules.symbols import PREVIOUS, current

if TYPE_CHECKING:
    from adamref.documents.lines.differences import Departure
    from adamref.rules.rule import Rule

CODE = Style("code", " * ")
"""What a program is written in."""


def style_of(texts: Mapping[str, str], *, code: bool) -> Style:
    """Return in what style somebody writes, seen from how the symbols are written."""
    if code:
        return CODE
    marked = any("\\" in text for text in texts.values())
    return LATEX if marked else TEXT


def right_line(rule: Rule, field: str, texts: Mapping[str, str], style: Style) -> str:
    """Write the line of a rule that defines a field; a step that has no name is put into it."""
    expr = rule.line(field).expr
    if field == "theta" and "delta" not in texts:
        with evaluate(False):
            expr = expr.xreplace({current("delta"): rule.line("delta").expr})
    return f"{in_letters(current(field), texts, style)} = {in_letters(expr, texts, style)}"


def in_letters(expr: Expr, texts: Mapping[str, str], style: Style) -> str:
    """Write an expression, its symbols as somebody has them."""
    if style is CODE:
        known = {
            s: Symbol(texts.get(s.name, s.name.removesuffix(PREVIOUS))) for s in expr.free_symbols
        }
        with evaluate(False):
            return str(StrPrinter({"order": "none"}).doprint(expr.xreplace(known)))
    usual = symbolic_names(style)

    def names(symbol: Symbol) -> tuple[str, int]:
        return (texts[symbol.name], ATOM) if symbol.name in texts else usual(symbol)

    return str(render(expr, names, style))


def said(found: Departure, texts: Mapping[str, str], style: Style) -> str:
    """Say what stands in a line that should not, in a few words."""
    if found.fault is not None:
        return found.fault.says
    assert found.old is not None
    assert found.new is not None
    old, new = (in_letters(x, texts, style) for x in (found.old, found.new))
    if found.new == 1:
        return f"the exponent {old} is missing" if found.as_exponent else f"{old} is missing"
    if found.as_exponent:
        return f"the exponent is {new} where {old} should stand"
    return f"{new} stands where {old} should"
