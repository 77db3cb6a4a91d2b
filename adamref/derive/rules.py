"""A rule as a section of a document: its lines with their sources, its defaults, its dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.rules.notation import LATEX, spelled
from adamref.typeset.tree import (
    Chapter,
    Display,
    Math,
    Numbered,
    Paragraph,
    Portion,
    Reference,
    Section,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adamref.rules.optimizer import Axis, Optimizer
    from adamref.rules.rule import Line, Rule
    from adamref.typeset.tree import Block, Inline


def rules_chapter(optimizers: Iterable[Optimizer]) -> Chapter:
    """Lay rules out, one a section."""
    return Chapter("Rules", tuple(map(rule_section, optimizers)))


def rule_section(optimizer: Optimizer) -> Section:
    """Lay a rule out in its usual dialect, and say what its other dialects are."""
    rule = optimizer.rule
    blocks: list[Block] = [
        Paragraph(("A step, from theta and the states of the step before:",)),
        Display(rule.latex()),
        Numbered(tuple((Paragraph(tuple(_line(rule, line))),) for line in rule.lines)),
        Paragraph(tuple(_defaults(rule)), "Published defaults"),
        *(Paragraph(tuple(_axis(axis)), f"Dialect, {axis.name}") for axis in optimizer.axes),
        *_reductions(optimizer),
        Paragraph((rule.source + ".",), "Source"),
    ]
    return Section(optimizer.title, optimizer.name, (Portion("", tuple(blocks)),))


def _line(rule: Rule, line: Line) -> Iterator[Inline]:
    yield from ("", Math(spelled(line.name, LATEX)))
    yield f": {line.says}" + ("" if line.source == rule.source else f" ({line.source})")
    if line.initial is None:
        yield "; given before the first step"
    elif line.initial:
        yield f"; {line.initial} before the first step"
    yield "."


def _defaults(rule: Rule) -> Iterator[Inline]:
    for at, (name, value) in enumerate(rule.defaults.items()):
        yield ", " if at else ""
        yield Math(f"{spelled(name, LATEX)} = {value}")
    yield "."


def _reductions(optimizer: Optimizer) -> Iterator[Block]:
    if optimizer.reductions:
        named = (part for one in optimizer.reductions for part in (", ", Reference(one)))
        yield Paragraph(("Theorems: ", *tuple(named)[1:], "."), "What it reduces to")


def _axis(axis: Axis) -> Iterator[Inline]:
    for at, value in enumerate(axis.values):
        says = f" ({axis.says[at]})" if at < len(axis.says) else ""
        yield f"{'; ' if at else ''}{value}{says}"
    yield "."
