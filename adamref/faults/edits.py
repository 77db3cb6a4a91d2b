"""Edits of a rule's lines that know no rule: they find the place, or return None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Expr, Pow, Symbol, evaluate

from adamref.faults.fault import remade
from adamref.rules import symbols
from adamref.rules.orders import Average, average

if TYPE_CHECKING:
    from adamref.faults.fault import Edit
    from adamref.rules.rule import Rule

_FIRST, _SECOND = ("m_hat", "m"), ("v_max", "v_hat", "v")


def replacing(line: str, make: Callable[[Rule], Expr | None]) -> Edit:
    """Return the edit that gives a line another right-hand side."""

    def edit(rule: Rule) -> Rule | None:
        if line not in rule.fields:
            return None
        with evaluate(False):
            made = make(rule)
            return None if made is None else rule.edited(**{line: made})

    return edit


def exchanging(pairs: Mapping[Expr, Expr], *lines: str) -> Edit:
    """Return the edit that replaces subexpressions in some lines, or in all."""

    def edit(rule: Rule) -> Rule | None:
        changed = {
            line.name: made
            for line in rule.lines
            if (not lines or line.name in lines)
            and (made := exchanged(line.expr, pairs)) != line.expr
        }
        return rule.edited(**changed) if changed else None

    return edit


def both(*edits: Edit) -> Edit:
    """Return some edits, one after another; None where one does not apply."""

    def edit(rule: Rule) -> Rule | None:
        made: Rule | None = rule
        for one in edits:
            made = None if made is None else one(made)
        return made

    return edit


def either(first: Edit, second: Edit) -> Edit:
    """Return an edit that is the first of two where that applies, else the second."""
    return lambda rule: first(rule) or second(rule)


def exchanged(expr: Expr, pairs: Mapping[Expr, Expr]) -> Expr:
    """Replace subexpressions, whole, from outside in; nothing is simplified."""
    if expr in pairs:
        return pairs[expr]
    if not expr.args:
        return expr
    parts = [exchanged(x, pairs) for x in expr.args]
    if all(a is b for a, b in zip(parts, expr.args, strict=True)):
        return expr
    return remade(expr, parts)


def averaging(name: str, make: Callable[[Average], Expr | None]) -> Edit:
    """Return the edit that gives a moment another average, made from the parts of the right one."""

    def made(rule: Rule) -> Expr | None:
        its = average(name, rule.line(name).expr) if name in rule.fields else None
        expr = None if its is None else make(its)
        return expr if its is None or expr is None or its.rest == 0 else expr + its.rest

    return replacing(name, made)


@final
@dataclass(frozen=True)
class StepParts:
    """What a step is made of: ``-size*first/below``, with the second moment below."""

    step: Expr
    first: Symbol
    second: Symbol
    below: Expr
    gradient: Symbol


def gradient(rule: Rule) -> Symbol:
    """Return the gradient that goes into the moments."""
    return symbols.g_total if "g_total" in rule.fields else symbols.g


def parts(rule: Rule) -> StepParts | None:
    """Return the places of a rule's step; None if it has no such step."""
    if "delta" not in rule.fields:
        return None
    step = rule.line("delta").expr
    used = {s.name for s in step.free_symbols}

    def among(names: tuple[str, ...]) -> Symbol | None:
        return next((symbols.current(name) for name in names if name in used), None)

    second = among(_SECOND)
    below = None if second is None else _divisor(step, second)
    if second is None or below is None:
        return None
    return StepParts(step, among(_FIRST) or gradient(rule), second, below, gradient(rule))


def _divisor(expr: Expr, second: Symbol) -> Expr | None:
    """Return what something is divided by, where that holds the second moment."""
    if isinstance(expr, Pow) and expr.exp == -1 and second in expr.base.free_symbols:
        return expr.base
    return next((found for x in expr.args if (found := _divisor(x, second)) is not None), None)


def below(make: Callable[[StepParts], Expr]) -> Edit:
    """Return the edit that divides the step by something else."""
    return stepping(lambda p: exchanged(p.step, {p.below: make(p)}))


def stepping(make: Callable[[StepParts], Expr]) -> Edit:
    """Return the edit that makes another step of the parts of the right one."""

    def made(rule: Rule) -> Expr | None:
        its = parts(rule)
        return None if its is None else make(its)

    return replacing("delta", made)
