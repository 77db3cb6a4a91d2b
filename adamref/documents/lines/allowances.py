"""What the sentences around a line allow it to be: a line under an assumption, or a case of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from sympy import Expr, Piecewise, evaluate

from adamref.documents.dialects import dialects
from adamref.documents.lines.matching import candidates, matching
from adamref.documents.lines.settings import Judged
from adamref.expressions.nodes import names

if TYPE_CHECKING:
    from adamref.documents.lines.settings import Setting
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule

_WITHOUT_EPS = "without epsilon"
_NO_EPS = (("eps", Fraction(0)),)
_EPS_OPTIONAL = ("adagrad", "amsgrad", "rmsprop")
"""Whose steps were first published without epsilon, or are so as often as with it."""

_ASSUMED = {
    "constant": "for one gradient at all steps it is what {} is",
    "last": "for gradients of 0 before this step it is what {} is",
}


def allowed(line: WrittenLine, setting: Setting) -> Judged | None:
    """Judge a line by what the text around it allows; None if it is not so either."""
    optimizer, around = setting.optimizer, setting.around
    tried = list(candidates(line, optimizer))
    if around.without_eps or optimizer.name in _EPS_OPTIONAL:
        plain = [(label, rule, (*fixed, *_NO_EPS)) for label, rule, fixed in tried]
        if not _names(line, "eps") and matching(line, plain)[0] is not None:
            because = f"it is the line {line.field} with epsilon left out"
            return _found("dialect", because, line, optimizer, _WITHOUT_EPS)
    if around.from_zero and matching(replace(line, counted=0), tried)[0] is not None:
        because = f"it is the line {line.field}, its steps counted from 0"
        return _found("holds", because, line, optimizer)
    if around.gradients in _ASSUMED and matching(line, tried, around.gradients)[0] is not None:
        because = _ASSUMED[around.gradients].format(line.field)
        return _found("holds", because, line, optimizer)
    for other in around.others:
        by_it = _under(line, other)
        if by_it is not None and matching(by_it, list(candidates(by_it, other)))[0] is not None:
            because = f"it is the line {by_it.field} of {other.title}"
            return _found("holds", because, by_it, other)
    if around.cases:
        for one in (optimizer, *around.others):
            by_it = line if one is optimizer else _under(line, one)
            if by_it is None:
                continue
            cases = [(label, rule, ()) for label, rule in _cases(one)]
            if matching(by_it, cases)[0] is not None:
                because = f"it is the line {by_it.field} of {one.title} in one of its cases"
                return _found("holds", because, by_it, one)
    return None


def doubtful(line: WrittenLine, setting: Setting) -> str | None:
    """Say why a line that is none of the rule may yet be right; None if nothing says so.

    What is assumed of the gradients changes closed forms, and no recurrence that takes one in.
    """
    around = setting.around
    recurs = {line.field, "g"} <= {line.notation.meaning(x).name for x in names(line.right)}
    if around.gradients and around.gradients != "constant" and not recurs:
        return "the text assumes something of the gradients here"
    if around.others:
        return f"the text speaks of {around.others[0].title} here"
    used = {line.notation.meaning(x).name for x in names(line.right)}
    bare = line.field == "theta" and not used & {"m_hat", "v_hat", "eps"}
    # "SGD with momentum: θ = θ - v": a letter that stands for a moment elsewhere.
    return f"the text speaks of {around.ancestor} here" if bare and around.ancestor else None


def _found(
    verdict: str, because: str, line: WrittenLine, optimizer: Optimizer, dialect: str = ""
) -> Judged:
    return Judged(verdict, because, line.field, "", dialect or None, optimizer=optimizer.name)


def _names(line: WrittenLine, hyper: str) -> bool:
    return any(line.meaning(name).name == hyper for name in names(line.right))


def _under(line: WrittenLine, other: Optimizer) -> WrittenLine | None:
    """Read a line by another optimizer's rule."""
    richest = max(other.rules(), key=lambda rule: len(rule.defaults))
    notation = line.notation.under(richest)
    meant = notation.meaning(line.left)
    if meant.kind != "field":
        return None
    return replace(line, notation=notation, field=meant.name)


@cache
def _cases(optimizer: Optimizer) -> tuple[tuple[str, Rule], ...]:
    """Return the dialects of a rule that chooses, each with one of its choices made."""
    return tuple(
        (label, made)
        for label, rule in dialects(optimizer).items()
        if rule.lines and not rule.reduces
        for made in _chosen(rule)
    )


def _chosen(rule: Rule) -> Iterator[Rule]:
    most = max((len(p.args) for x in rule.lines for p in x.expr.atoms(Piecewise)), default=0)
    for case in range(most):
        yield replace(rule, lines=tuple(replace(x, expr=_made(x.expr, case)) for x in rule.lines))


def _made(expr: Expr, case: int) -> Expr:
    with evaluate(False):
        chosen = {p: p.args[min(case, len(p.args) - 1)].args[0] for p in expr.atoms(Piecewise)}
        return expr.xreplace(chosen)
