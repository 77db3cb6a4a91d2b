"""Recognising a written formula as a line of an optimizer, in one of its dialects."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, final

from adamref.documents.dialects import dialects, rests_on
from adamref.errors import CannotEvaluate
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import Binary, Call, Name, Negative, Node, Number, walk
from adamref.numbers.multiprecision import Multiprecision
from adamref.rules.program import Program
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from adamref.documents.roles import Notation
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule

_BITS = 200
_AGREE = Fraction(1, 2**150)  # of 200 bits; sums and roots of a dozen terms lose far less than 50
_T = 3


@final
@dataclass(frozen=True)
class Form:
    """A formula that was recognised."""

    field: str
    dialect: str


@cache
def _points(optimizer: Optimizer) -> tuple[dict[str, Fraction], ...]:
    """Two points at which formulas are compared; the seed only makes them the same every time."""
    chosen = random.Random(20150507)  # noqa: S311
    rules = dialects(optimizer).values()
    names = sorted(
        {name for rule in rules for name in rule.defaults}
        | {name for rule in rules for name in rule.fields}
        | {name + PREVIOUS for rule in rules for name in rule.states}
    )
    made = []
    for _ in range(2):
        values = {name: Fraction(chosen.randint(10**6, 10**7 - 1), 10**7) for name in names}
        made.append(values)
    return tuple(made)


@cache
def _lines(optimizer: Optimizer, field: str) -> tuple[tuple[str, Rule, Program], ...]:
    """Return, for each dialect, the program that makes a field from the moments before it.

    Authors write the moments and their corrections on lines of their own; what stands between
    those and the parameter they write into one.
    """
    made = []
    for name, rule in dialects(optimizer).items():
        if field not in rule.fields:
            continue
        apart = {*rule.states, *(f for f in rule.fields if f.endswith("_hat"))} - {field}
        inner = replace(rule, lines=tuple(x for x in rule.lines if x.name not in apart))
        program = Program((x.name, x.expr) for x in rests_on(inner, field))
        made.append((name, rule, program))
    return tuple(made)


def recognise(left: Name, right: Node, notation: Notation, optimizer: Optimizer) -> Form | None:
    """Say which line of an optimizer a formula is, and in which dialect; None if it is none.

    A formula is compared with a line at two random points to 150 bits: they agree only if they are
    the same function, up to a chance of about one in 2**140.
    """
    field = _field(left, notation)
    if field is None:
        return None
    if not any(isinstance(n, Name) for n in walk(right)):
        return None
    found = []
    for point in _points(optimizer):
        try:
            value = _value(right, field, left, notation, point)
        except CannotEvaluate:
            return None
        matched = {
            name
            for name, rule, program in _lines(optimizer, field)
            if _same(value, program, rule, field, point)
        }
        found.append(matched)
    for name in dialects(optimizer):
        if all(name in matched for matched in found):
            return Form(field, name)
    return None


def _field(name: Name, notation: Notation) -> str | None:
    meaning = notation.meaning(name)
    return meaning.name if meaning.kind == "field" and meaning.name != "g" else None


def _value(
    right: Node, field: str, left: Name, notation: Notation, point: Mapping[str, Fraction]
) -> Any:
    carrier = Multiprecision(_BITS)

    def leaf(node: Number | Name) -> Any:
        if isinstance(node, Number):
            return carrier.lift(node.value)
        return carrier.lift(_symbol(node))

    def _symbol(name: Name) -> Fraction:
        meaning = notation.meaning(name)
        if meaning.kind == "hyper":
            if meaning.name not in point:
                raise CannotEvaluate(name.text, "it is no symbol of the rule")
            return point[meaning.name]
        if meaning.kind == "time":
            return Fraction(_T)
        if meaning.kind == "field":
            before = meaning.name in {field, "theta"} or meaning.time in ("t-1", "prev", "old")
            wanted = meaning.name + "_prev" if before else meaning.name
            if wanted in point:
                return point[wanted]
        raise CannotEvaluate(name.text, "it is no symbol of the rule")

    def exponents(node: Node) -> Node:
        """Write the step into exponents: the author's t, t+1 or the number of the left side."""
        if isinstance(node, Binary) and node.sign == "^":
            base = node.left
            is_decay = isinstance(base, Name) and notation.meaning(base).name.startswith("beta")
            if is_decay and _is_step(node.right, left):
                three = Number(Fraction(_T), Fraction(1), str(_T))
                return Binary("^", base, three, node.grouped)
        return node

    return evaluate(_mapped(right, exponents), carrier, leaf)


def _is_step(exponent: Node, left: Name) -> bool:
    text = _spelled(exponent)
    if isinstance(exponent, Binary):
        text = f"{_spelled(exponent.left)}{exponent.sign}{_spelled(exponent.right)}"
    index = left.index.split(",")[-1]
    return text in ("t", "k", "i", "n") or (text == index and text != "")


def _spelled(node: Node) -> str:
    if isinstance(node, Name):
        return node.base
    return str(node.value) if isinstance(node, Number) else ""


def _mapped(node: Node, change: Any) -> Node:
    node = change(node)
    if isinstance(node, Binary):
        return replace(node, left=_mapped(node.left, change), right=_mapped(node.right, change))
    if isinstance(node, Negative | Call):
        return replace(node, of=_mapped(node.of, change))
    return node


def _same(
    value: Any, program: Program, rule: Rule, field: str, point: Mapping[str, Fraction]
) -> bool:
    carrier = Multiprecision(_BITS)
    exacts = {name: point[name] for name in rule.defaults}
    exacts["t"] = Fraction(_T)
    values = {name: carrier.lift(x) for name, x in point.items() if name not in exacts}
    wanted = program.run(carrier, values, exacts)[field]
    if isinstance(value, float) or isinstance(wanted, float):
        return False
    one, other = carrier.to_exact(value), carrier.to_exact(wanted)
    return abs(one - other) <= _AGREE * abs(other)
