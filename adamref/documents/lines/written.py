"""The right line, in the letters of the one who wrote another."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
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


def with_previous(texts: Mapping[str, str], field: str) -> dict[str, str]:
    """Add how somebody writes a field at the step before, seen from one written at both."""
    known = dict(texts)
    now = known.get(field, "")
    for name, before in texts.items():
        at = texts.get(name.removesuffix(PREVIOUS), "")
        if not name.endswith(PREVIOUS) or not at or not now:
            continue
        same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(at, before, strict=False))
        )
        # The letters of the base end where an index begins.
        while same and at[same - 1] in "_{([":
            same -= 1
        if at[same:] and now.endswith(at[same:]):
            spelled = now.removesuffix(at[same:]) + before[same:]
            known.setdefault(field + PREVIOUS, spelled)
    return known


def right_line(rule: Rule, field: str, texts: Mapping[str, str], style: Style) -> str:
    """Write the line of a rule that defines a field; what its author has no letter for is put in.

    A state stays, and so does a corrected moment where the moment itself has no letter either.
    """
    expr = rule.line(field).expr
    kept = {*texts, *rule.states, field}
    kept |= {x for x in rule.fields if x.endswith("_hat") and x.removesuffix("_hat") not in texts}
    inner = {current(line.name): line.expr for line in rule.lines if line.name not in kept}
    with evaluate(False):
        while not inner.keys().isdisjoint(expr.free_symbols):
            expr = expr.xreplace(inner)
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
