"""Edits of a rule's lines that know no rule: they find the place, or return None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Add, Expr, Mul, Pow, evaluate

from adamref.rules import symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sympy import Symbol

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
    return expr.func(*parts, evaluate=False)


@final
@dataclass(frozen=True)
class Average:
    """What a moment consists of: ``beta*before + (1 - beta)*what``, and what is added to that."""

    beta: Symbol
    before: Symbol
    what: Expr
    rest: tuple[Expr, ...]
    gradient: Symbol

    @property
    def root(self) -> Expr | None:
        """That of which the square is averaged; None if it is no square."""
        square = isinstance(self.what, Pow) and self.what.exp == 2
        return self.what.base if square else None


def average(rule: Rule, name: str) -> Average | None:
    """Return the parts of a moment that is an exponentially weighted average; None if it is not."""
    if name not in rule.fields:
        return None
    before, terms = symbols.previous(name), _terms(rule.line(name).expr)
    if len(terms) < 2:
        return None
    past, new, *rest = terms
    with evaluate(False):
        for beta in (symbols.beta1, symbols.beta2):
            is_new = isinstance(new, Mul) and len(new.args) == 2 and new.args[0] == 1 - beta
            if past == beta * before and is_new:
                return Average(beta, before, new.args[1], tuple(rest), gradient(rule))
    return None


def _terms(expr: Expr) -> list[Expr]:
    """Return the terms of a sum, of one within the first place too: x + y + z is (x + y) + z."""
    if not isinstance(expr, Add):
        return [expr]
    return [*_terms(expr.args[0]), *expr.args[1:]]


def averaging(name: str, make: Callable[[Average], Expr | None]) -> Edit:
    """Return the edit that gives a moment another average, made from the parts of the right one."""

    def made(rule: Rule) -> Expr | None:
        its = average(rule, name)
        expr = None if its is None else make(its)
        return Add(expr, *its.rest) if its and its.rest and expr is not None else expr

    return replacing(name, made)


@final
@dataclass(frozen=True)
class Parts:
    """What a step is made of: ``-size*first/below``, with the second moment below."""

    step: Expr
    first: Symbol
    second: Symbol
    below: Expr
    gradient: Symbol


def gradient(rule: Rule) -> Symbol:
    """Return the gradient that goes into the moments."""
    return symbols.g_total if "g_total" in rule.fields else symbols.g


def parts(rule: Rule) -> Parts | None:
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
    return Parts(step, among(_FIRST) or gradient(rule), second, below, gradient(rule))


def _divisor(expr: Expr, second: Symbol) -> Expr | None:
    """Return what something is divided by, where that holds the second moment."""
    if isinstance(expr, Pow) and expr.exp == -1 and second in expr.base.free_symbols:
        return expr.base
    return next((found for x in expr.args if (found := _divisor(x, second)) is not None), None)


def below(make: Callable[[Parts], Expr]) -> Edit:
    """Return the edit that divides the step by something else."""
    return stepping(lambda p: exchanged(p.step, {p.below: make(p)}))


def stepping(make: Callable[[Parts], Expr]) -> Edit:
    """Return the edit that makes another step of the parts of the right one."""

    def made(rule: Rule) -> Expr | None:
        its = parts(rule)
        return None if its is None else make(its)

    return replacing("delta", made)
