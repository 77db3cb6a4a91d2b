"""A fault of the catalogue: a mistake as an edit of the rule, or of what is fed into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, final

from sympy import Expr, Symbol, evaluate

from adamref.rules import symbols

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.faults.inputs import Inputs, Table
    from adamref.rules.rule import Rule

ALGORITHM = "Kingma & Ba 2015, Algorithm 1"

Edit: TypeAlias = "Callable[[Rule], Rule | None]"
Drive: TypeAlias = "Callable[[Inputs, Table], Inputs | None]"


@final
@dataclass(frozen=True)
class Fault:
    """A mistake.

    Attributes
    ----------
    id : str
        A name that never changes.
    says : str
        What was done instead of the right thing, as a sentence without its full stop.
    effect : str
        How it shows.
    source : str
        Where it was seen, or what it contradicts.
    edit : callable or None
        Returns a rule with the mistake; None for a rule that has no place for it.
    drive : callable or None
        Returns other inputs; None where a table has no place for it.
    rounds : tuple of (str, str)
        Lines whose value is stored in a narrower dtype.
    dtypes : frozenset of str
        The dtypes under check for which it is a mistake; empty: all.
    limit : bool
        Whether it shows on edge probes only.
    """

    id: str
    says: str
    effect: str
    source: str = ALGORITHM
    edit: Edit | None = None
    drive: Drive | None = None
    rounds: tuple[tuple[str, str], ...] = ()
    dtypes: frozenset[str] = frozenset()
    limit: bool = False

    def __hash__(self) -> int:
        return hash(self.id)


def replacing(line: str, make: Callable[[Rule], Expr | None]) -> Edit:
    """Return the edit that gives a line another right-hand side."""

    def edit(rule: Rule) -> Rule | None:
        if line not in rule.fields:
            return None
        with evaluate(False):
            made = make(rule)
            return None if made is None else rule.edited(**{line: made})

    return edit


def exchanging(*lines: str, pairs: Callable[[], dict[Expr, Expr]]) -> Edit:
    """Return the edit that replaces subexpressions in some lines, or in all."""

    def edit(rule: Rule) -> Rule | None:
        with evaluate(False):
            changed = {}
            for line in rule.lines:
                if lines and line.name not in lines:
                    continue
                made = exchanged(line.expr, pairs())
                if made != line.expr:
                    changed[line.name] = made
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


def exchanged(expr: Expr, pairs: dict[Expr, Expr]) -> Expr:
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
class Parts:
    """What a step of a rule consists of: ``-size*first/(sqrt(second) + eps)``."""

    size: Symbol
    first: Symbol
    second: Symbol
    gradient: Symbol


def parts(rule: Rule) -> Parts:
    """Return the symbols that a dialect has in each place."""
    used = {s.name for s in rule.line("delta").expr.free_symbols}

    def among(*names: str) -> Any:
        return next((symbols.current(name) for name in names if name in used), None)

    return Parts(
        size=among("alpha_t") or symbols.alpha,
        first=among("m_hat", "m"),
        second=among("v_max", "v_hat", "v"),
        gradient=symbols.g_total if "g_total" in rule.fields else symbols.g,
    )


def step(rule: Rule, below: Callable[[Parts], Expr]) -> Expr:
    """Return the step with another denominator."""
    p = parts(rule)
    return -1 * (p.size * p.first / below(p))


def adams(rule: Rule) -> bool:
    """Say whether a rule is one of Adam's own, with all the usual places."""
    return {"m", "v", "delta"} <= set(rule.fields)
