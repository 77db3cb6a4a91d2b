"""States that are kept otherwise than the rule has them: the same step, from other numbers.

Some keep a moment already corrected for its bias (torch-optimi), some leave out the factor
1 - beta and multiply by it at the step, some keep the root of the second moment. Each is the rule
with another variable for an average, and its lines are rewritten for it: over the reals they make
the same theta.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sympy import Symbol, evaluate, sqrt

from adamref.rules import symbols
from adamref.rules.orders import average
from adamref.rules.symbols import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from sympy import Expr

    from adamref.rules.orders import Average
    from adamref.rules.rule import Rule

STORED = ("moments", "corrected", "scaled", "root", "corrected m", "corrected v", "scaled m")
"""What is kept of an average x: itself, x/(1 - beta**t), x/(1 - beta); of a square, its root. With
a name, of that alone."""


@lru_cache(maxsize=1024)
def as_stored(rule: Rule, how: str) -> Rule | None:
    """Return a rule that keeps its averages in a way of `STORED`; None where that changes nothing.

    The states keep their names; a line ``x_hat = x/(1 - beta**t)`` of a corrected one is the state.

    Source: torch-optimi, `adam`, parameter decouple_lr and its debiased moments, for ``corrected``;
    the others are algebra.
    """
    if how == "moments":
        return rule
    made = rule
    how, _, only = how.partition(" ")
    for line in rule.lines:
        one = average(line.name, line.expr) if only in ("", line.name) else None
        if one is not None and one.rest == 0 and isinstance(one.rate, Symbol):
            made = _KINDS[how](made, line.name, one)
    return None if made == rule else made


def _corrected(rule: Rule, name: str, one: Average) -> Rule:
    """Keep x/(1 - beta**t): an average whose newest value weighs (1 - beta)/(1 - beta**t)."""
    x, before = symbols.current(name), symbols.previous(name)
    with evaluate(False):
        whole = 1 - one.rate**t
        weight = (1 - one.rate) / whole
        made = (1 - weight) * before + weight * one.put_in
        known = x / whole, (1 - one.rate ** (t - 1))
        return _kept(rule, name, made, (whole * x, known[1] * before), (known[0], x))


def _scaled(rule: Rule, name: str, one: Average) -> Rule:
    """Keep x/(1 - beta): a sum, of which the step takes its share."""
    x, before = symbols.current(name), symbols.previous(name)
    with evaluate(False):
        made = one.rate * before + one.put_in
        return _kept(rule, name, made, ((1 - one.rate) * x, (1 - one.rate) * before))


def _rooted(rule: Rule, name: str, one: Average) -> Rule:
    """Keep the root of an average of squares."""
    if one.root is None:
        return rule
    x, before = symbols.current(name), symbols.previous(name)
    with evaluate(False):
        made = sqrt(one.rate * before**2 + (1 - one.rate) * one.root**2)
        return _kept(rule, name, made, (x**2, before**2))


_KINDS: dict[str, Callable[[Rule, str, Average], Rule]] = {
    "corrected": _corrected,
    "scaled": _scaled,
    "root": _rooted,
}


def _kept(
    rule: Rule,
    name: str,
    line: Expr,
    stands_for: tuple[Expr, Expr],
    simpler: tuple[Expr, Expr] | None = None,
) -> Rule:
    """Return a rule in which a state has another line, and others read it as it is meant.

    Parameters
    ----------
    line : sympy.Expr
        That makes it.
    stands_for : tuple of sympy.Expr
        What the rule's own state is in terms of it, now and a step before.
    simpler : tuple of sympy.Expr, optional
        What the other lines may have of it, and what that is.
    """
    x, before = symbols.current(name), symbols.previous(name)
    lines = []
    for own in rule.lines:
        expr = own.expr
        if own.name == name:
            expr = line
        elif simpler is not None and expr == simpler[0]:
            expr = simpler[1]
        else:
            expr = _read(expr, x, before, stands_for)
        lines.append(replace(own, expr=expr))
    return replace(rule, lines=tuple(lines))


def _read(expr: Expr, x: Symbol, before: Symbol, stands_for: tuple[Expr, Expr]) -> Expr:
    with evaluate(False):
        return expr.xreplace({x: stands_for[0], before: stands_for[1]})
