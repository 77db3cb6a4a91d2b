"""Recognising a written formula as a line of Adam, in one of its dialects."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, final

from adamref import rules
from adamref.errors import CannotEvaluate
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import Binary, Call, Name, Negative, Node, Number, walk
from adamref.numbers.multiprecision import Multiprecision
from adamref.rules.program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.documents.roles import Notation
    from adamref.rules.rule import Rule

_BITS = 200
_AGREE = Fraction(1, 2**150)  # of 200 bits; sums and roots of a dozen terms lose far less than 50
_T = 3

DIALECTS: dict[str, Rule] = {
    "paper": rules.ADAM,
    "eps-inside": rules.ADAM_EPS_INSIDE,
    "eps-hat": rules.ADAM_EPS_HAT,
    "no-bias-correction": rules.ADAM_UNCORRECTED,
    "no-bias-correction, eps-inside": rules.adam("eps-inside", bias_correction=False),
}

DECAYED: dict[str, Rule] = {
    "AdamW, decay before the step": rules.ADAMW,
    "AdamW, decay after the step": rules.ADAMW_AFTER,
    "Adam with the decay in the gradient (L2)": rules.ADAM_L2,
}


@final
@dataclass(frozen=True)
class Form:
    """A formula that was recognised."""

    field: str
    dialect: str


@cache
def _points() -> tuple[dict[str, Fraction], ...]:
    """Two points at which formulas are compared; the seed only makes them the same every time."""
    chosen = random.Random(20150507)  # noqa: S311
    names = (
        "alpha",
        "beta1",
        "beta2",
        "eps",
        "g",
        "m_prev",
        "v_prev",
        "m",
        "v",
        "m_hat",
        "v_hat",
        "theta_prev",
    )
    made = []
    for _ in range(2):
        values = {name: Fraction(chosen.randint(10**6, 10**7 - 1), 10**7) for name in names}
        made.append(values)
    return tuple(made)


@cache
def _lines(field: str) -> tuple[tuple[str, Program], ...]:
    """Return, for each dialect, the program that makes a field from the lines before it."""
    made = []
    for name, rule in DIALECTS.items():
        known = [line.name for line in rule.lines]
        if field not in known:
            continue
        wanted = [field]
        if field == "theta":
            wanted = [n for n in known if n in ("alpha_t", "delta", "theta")]
        elif field == "delta":
            wanted = [n for n in known if n in ("alpha_t", "delta")]
        made.append((name, Program((n, rule.line(n).expr) for n in wanted)))
    return tuple(made)


def recognise(left: Name, right: Node, notation: Notation) -> Form | None:
    """Say which line of Adam a formula is, and in which dialect; None if it is none.

    A formula is compared with a line at two random points to 150 bits: they agree only if they are
    the same function, up to a chance of about one in 2**140.
    """
    field = _field(left, notation)
    if field is None:
        return None
    if not any(isinstance(n, Name) for n in walk(right)):
        return None
    found = []
    for point in _points():
        try:
            value = _value(right, field, left, notation, point)
        except CannotEvaluate:
            return None
        matched = {name for name, program in _lines(field) if _same(value, program, field, point)}
        found.append(matched)
    for name in DIALECTS:
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
            before = meaning.name in {field, "theta"}
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


def _same(value: Any, program: Program, field: str, point: Mapping[str, Fraction]) -> bool:
    carrier = Multiprecision(_BITS)
    exacts = {name: point[name] for name in ("alpha", "beta1", "beta2", "eps")}
    exacts["t"] = Fraction(_T)
    values = {name: carrier.lift(x) for name, x in point.items() if name not in exacts}
    wanted = program.run(carrier, values, exacts)[field]
    if isinstance(value, float) or isinstance(wanted, float):
        return False
    one, other = carrier.to_exact(value), carrier.to_exact(wanted)
    return abs(one - other) <= _AGREE * abs(other)
