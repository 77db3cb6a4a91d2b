"""The legitimate variants of an optimizer, as a document may work by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from adamref.rules.family import family
from adamref.rules.symbols import current

if TYPE_CHECKING:
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Line, Rule

PAPER = "paper"


@cache
def dialects(optimizer: Optimizer) -> Mapping[str, Rule]:
    """Return every dialect by what tells it from the usual one, which is called ``paper``."""
    usual = optimizer.rule.dialect
    made: dict[str, Rule] = {}
    for rule in optimizer.rules():
        apart = {axis: value for axis, value in rule.dialect.items() if value != usual[axis]}
        off = [f"no-{axis.replace('_', '-')}" for axis, value in apart.items() if value == "off"]
        others = [
            value if axis == "form" else f"{axis.replace('_', '-')} {value}"
            for axis, value in apart.items()
            if value != "off"
        ]
        made.setdefault(", ".join((*off, *others)) or PAPER, rule)
    return made


@cache
def extensions(optimizer: Optimizer) -> tuple[tuple[frozenset[str], str, Rule], ...]:
    """Return the rules of other names that share the axes and have a hyperparameter more.

    Each with the hyperparameters that it has more, and its name: Adam with weight decay is AdamW,
    or Adam with L2 regularisation.
    """
    made = []
    for other in family().values():
        more = frozenset(other.rule.defaults) - frozenset(optimizer.rule.defaults)
        if other.make is optimizer.make and other is not optimizer and more:
            made += [
                (more, other.title + ("" if label == PAPER else f" ({label})"), rule)
                for label, rule in dialects(other).items()
            ]
    return tuple(made)


@cache
def rests_on(rule: Rule, name: str) -> tuple[Line, ...]:
    """Return the lines of a step that a field rests on, in their order, its own the last."""
    known = {line.name: line for line in rule.lines}
    wanted: set[str] = set()

    def follow(one: str) -> None:
        if one in known and one not in wanted:
            wanted.add(one)
            for symbol in known[one].expr.free_symbols:
                follow(symbol.name)

    follow(name)
    return tuple(line for line in rule.lines if line.name in wanted)


@cache
def symbols_of(rule: Rule, name: str) -> frozenset[str]:
    """Return the names of all symbols that a field rests on within a step."""
    return frozenset(s.name for x in rests_on(rule, name) for s in x.expr.free_symbols)


def rates(rule: Rule) -> tuple[str, ...]:
    """Return the names of a rule's decay rates."""
    return tuple(name for name in rule.defaults if name.startswith("beta"))


def moments(rule: Rule) -> tuple[str, ...]:
    """Return the states of a rule beside the parameter."""
    return tuple(name for name in rule.states if name != "theta")


def differing(rule: Rule, other: Rule, name: str) -> bool:
    """Say whether a field is worked in another way in another rule that has it."""
    lines = {(x.name, x.expr) for x in rests_on(rule, name)}
    return name in other.fields and lines != {(x.name, x.expr) for x in rests_on(other, name)}


@cache
def readings(optimizer: Optimizer) -> tuple[Optimizer, ...]:
    """Return an optimizer, and what it is where the author's gradient holds the penalty's."""
    if "g_total" not in optimizer.rule.fields:
        return (optimizer,)

    def summed(axes: Mapping[str, str]) -> Rule | None:
        rule = optimizer.make(axes)
        if rule is None or "g_total" not in rule.fields:
            return rule
        rule = rule.substituted(current("g_total"), current("g"))
        return replace(rule, lines=tuple(x for x in rule.lines if x.name != "g_total"))

    return optimizer, replace(optimizer, make=summed)
