"""Whose value a name stands for at a step: the author's indices against the rule's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, final

from adamref.errors import CannotEvaluate
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    names,
)
from adamref.numbers.rational import Rational
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from adamref.documents.roles import Meaning
    from adamref.rules.rule import Rule

MAX_TERMS = 64
_EXACT = Rational(bits=1 << 12)
_COUNTERS = ("t", "k", "i", "n", "T", "N", "j", "s", "tau")
PLAIN_RATES = ("beta", "rho", "gamma")
"""Letters that are the decay rate of what is averaged, where there is nothing to tell two apart."""

_BEFORE = ("old", "prev", "previous", "before", "last")
_AFTER = ("new", "next")


@final
@dataclass(frozen=True)
class StepIndex:
    """What an index says of the step.

    Attributes
    ----------
    letter : str
        That it counts from; empty for a number, or for no index at all.
    shift : int or None
        What is added to it; None for no index.
    """

    letter: str
    shift: int | None


NO_MOMENT = StepIndex("", None)


def moment(index: str) -> StepIndex | None:
    """Read an index: ``t``, ``k+1``, ``3``, ``old``; None for one that says no step."""
    if not index or index.startswith("@"):
        return NO_MOMENT
    if index in _BEFORE:
        return StepIndex("t", -1)
    if index in _AFTER:
        return StepIndex("t", 0)
    if index.isdigit():
        return StepIndex("", int(index))
    found = re.fullmatch(r"([a-zA-Z])(?:([-+])(\d{1,3}))?", index)
    if found is None:
        return None
    shift = int(f"{found[2]}{found[3]}") if found[2] else 0
    return StepIndex(found[1], shift)


class NameReading(Protocol):
    """How names are read: those of a document, or of a program."""

    @property
    def rule(self) -> Rule:
        """What they are read by."""

    def meaning(self, name: Name) -> Meaning:
        """Say what a name stands for."""

    def under(self, rule: Rule) -> NameReading:
        """Return how they are read by another rule."""


@final
@dataclass(frozen=True)
class WrittenLine:
    """An assignment of a document: a field, and what it is said to be.

    Attributes
    ----------
    field : str
    left : Name
    right : Node
    notation : NameReading
    counted : int
        Where the step is counted otherwise, the number that the author has at the first.
    renamed : tuple of (str, str)
        Fields for which the author has the letter of another.
    gradient : str
        What is taken for the gradient whatever its name says; may be empty.
    """

    field: str
    left: Name
    right: Node
    notation: NameReading
    counted: int = 1
    renamed: tuple[tuple[str, str], ...] = ()
    gradient: str = ""
    _meanings: dict[Name, Meaning] = attribute(init=False, default_factory=dict, compare=False)
    _grounds: dict[tuple[int, int], Node] = attribute(
        init=False, default_factory=dict, compare=False
    )

    def meaning(self, name: Name) -> Meaning:
        """Say what a name stands for."""
        if name not in self._meanings:
            self._meanings[name] = self._meant(name)
        return self._meanings[name]

    def _meant(self, name: Name) -> Meaning:
        meaning = self.notation.meaning(name)
        if self.gradient and name.base == self.gradient and not name.hat:
            return replace(meaning, kind="field", name="g", time=meaning.time or name.index)
        if meaning.kind == "other" and name.base == "epsilon" and name.hat:
            return replace(meaning, kind="hyper", name="eps")
        other = dict(self.renamed).get(meaning.name)
        return meaning if other is None else replace(meaning, kind="field", name=other)

    @property
    def moment(self) -> StepIndex:
        """The step that the left side speaks of."""
        return moment(self.meaning(self.left).time) or NO_MOMENT

    def at(self, t: int, count: int) -> Node:
        """Return the right side with numbers for all indices and counts (`grounded`)."""
        if (t, count) not in self._grounds:
            self._grounds[t, count] = grounded(self, t, count)
        return self._grounds[t, count]


def own_rate(field: str) -> str:
    """Return the decay rate that belongs to a field."""
    return "beta2" if field.startswith("v") else "beta1"


def grounded(line: WrittenLine, t: int, count: int) -> Node:
    """Write numbers for all indices and counts: a name is a field at a step, or no field.

    Parameters
    ----------
    line : WrittenLine
    t : int
        The step that the left side is about.
    count : int
        What the author's letter for the step is there.

    Raises
    ------
    CannotEvaluate
        If a name is no symbol that is known, or an index no step.
    """
    return _Ground(line, t, count).at(line.right, {})


def letters(line: WrittenLine, t: int) -> dict[str, str]:
    """Return how a line writes the symbols of the rule, by their names.

    Raises
    ------
    CannotEvaluate
        If a name is no symbol that is known, or an index no step.
    """
    ground = _Ground(line, t, t)
    ground.at(line.right, {})
    counted, more = line.moment.letter, line.moment.shift or 0
    count = {"t": f"{counted}{more:+d}" if more else counted} if counted else {}
    return {line.field: line.left.text.strip(), **ground.letters, **count}


@final
class _Ground:
    def __init__(self, line: WrittenLine, t: int, count: int) -> None:
        self._line, self._t, self._count = line, t, count
        self._left = line.moment
        self.letters: dict[str, str] = {}
        own = [n for n in names(line.right) if self._meaning(n).name == line.field]
        # m_j := m_j - …: the index tells parameters apart, and no steps.
        self._no_steps = any(
            self._left.shift is not None and n.index == line.left.index for n in own
        )
        gradients = {m.time for n in names(line.right) if (m := self._meaning(n)).name == "g"}
        self._one_gradient = len(gradients) < 2
        self._shift = 0 if line.field not in ("theta", "delta") else self._lag(line)

    def _meaning(self, name: Name) -> Meaning:
        return self._line.meaning(name)

    def _lag(self, line: WrittenLine) -> int:
        """Return by how much theta is counted ahead of the moments: theta_(t+1) of m_t."""
        shifts = []
        for name in names(line.right):
            meaning = self._meaning(name)
            read = moment(meaning.time)
            if meaning.kind != "field" or meaning.name in ("theta", "g") or read is None:
                continue
            if read.letter == self._left.letter and read.shift is not None:
                shifts.append(read.shift - (self._left.shift or 0))
        return 1 if shifts and max(shifts) == -1 else 0

    def at(self, node: Node, bound: Mapping[str, int]) -> Node:
        if isinstance(node, Number):
            return node
        if isinstance(node, Name):
            return self._name(node, bound)
        if isinstance(node, Negative | Call):
            return replace(node, of=self.at(node.of, bound))
        if isinstance(node, Sum):
            return self._sum(node, bound)
        if isinstance(node, Choice):
            return self._choice(node, bound)
        if isinstance(node, Binary) and (plain := self._without_place(node)) is not None:
            return self.at(plain, bound)
        return self._pair(node, bound)

    def _choice(self, node: Choice, bound: Mapping[str, int]) -> Node:
        cases = tuple(
            (
                self.at(value, bound),
                replace(said, left=self.at(said.left, bound), right=self.at(said.right, bound)),
            )
            for value, said in node.cases
        )
        return replace(node, cases=cases, otherwise=self.at(node.otherwise, bound))

    def _pair(self, node: Binary | Largest, bound: Mapping[str, int]) -> Node:
        return replace(node, left=self.at(node.left, bound), right=self._right(node, bound))

    def _without_place(self, node: Binary) -> Node | None:
        """Read ``g(w)`` and ``g(w)^2``, which look like products, as the gradient at a place."""
        place, power = node.right, None
        raised = place if isinstance(place, Binary) and not place.grouped else None
        if raised is not None and raised.sign == "^":
            place, power = raised.left, raised.right
        by_count = node.sign == "^" and self._is_count(node.right)
        if by_count and isinstance(node.left, Name) and self._meaning(node.left).kind == "field":
            raise CannotEvaluate(node.left.text, "an index of it stands above")
        if node.sign != "juxtaposed":
            return None
        if self._is_count(place) and self._meaning(_last(node.left)).kind == "field":
            raise CannotEvaluate(_last(node.left).text, "it is multiplied by a count of steps")
        if not isinstance(place, Name) or self._meaning(place).name != "theta":
            return None
        before: Binary | None = None
        factor = node.left
        if isinstance(factor, Binary) and factor.sign in ("juxtaposed", "*"):
            before, factor = factor, factor.right
        if not isinstance(factor, Name) or self._meaning(factor).name != "g":
            return None
        made: Node = factor if power is None else Binary("^", factor, power)
        return made if before is None else Binary(before.sign, before.left, made, before.grouped)

    def _right(self, node: Binary | Largest, bound: Mapping[str, int]) -> Node:
        """Read an operand; in an exponent of a decay rate a letter alone is the step."""
        right = node.right
        if isinstance(node, Binary) and node.sign == "^" and isinstance(right, Name):
            counts = right.base in _COUNTERS and not right.index and right.base not in bound
            if counts and self._line.moment.letter in ("", right.base, "t"):
                return _whole(self._count)
        return self.at(right, bound)

    def _is_count(self, node: Node) -> bool:
        """Say whether a count of steps, and no symbol besides, stands there."""
        kinds = {self._meaning(name).kind for name in names(node)}
        return kinds == {"time"}

    def _sum(self, node: Sum, bound: Mapping[str, int]) -> Node:
        low, high = (self._exactly(self.at(x, bound)) for x in (node.low, node.high))
        if not high - low < MAX_TERMS:
            raise CannotEvaluate("a sum", f"it has more than {MAX_TERMS} terms")
        made: Node = _whole(0)
        for i in range(low, high + 1):
            made = Binary("+", made, self.at(node.of, {**bound, node.index: i}))
        return made

    @staticmethod
    def _exactly(node: Node) -> int:
        value = evaluate(node, _EXACT, _no_name)
        if not isinstance(value, Fraction) or value.denominator != 1:
            raise CannotEvaluate("a sum", "its ends are no whole numbers")
        return int(value)

    def _name(self, name: Name, bound: Mapping[str, int]) -> Node:
        if not name.index and not name.hat and name.base in bound:
            return _whole(bound[name.base])
        meaning = self._meaning(name)
        counts = name.base == self._left.letter and not name.index and not name.hat
        if meaning.kind == "time" or (counts and meaning.kind == "other"):
            self.letters.setdefault("t", name.text.strip())
            return _whole(self._count)
        if meaning.kind == "other" and name.base in PLAIN_RATES and not (name.index or name.hat):
            return self._hyper(own_rate(self._line.field), name)
        if meaning.kind == "hyper":
            return self._hyper(meaning.name, name)
        if meaning.kind != "field":
            raise CannotEvaluate(name.text or name.base, "it is no symbol of the rule")
        step = self._step(meaning, name, bound)
        if not bound and step in (self._t, self._t - 1):
            spelled = meaning.name + PREVIOUS * (step < self._t)
            self.letters.setdefault(spelled, name.text.strip())
        return Name(meaning.name, str(step), text=name.text)

    def _hyper(self, meant: str, name: Name) -> Name:
        self.letters.setdefault(meant, name.text.strip())
        return Name(meant, text=name.text)

    def _step(self, meaning: Meaning, name: Name, bound: Mapping[str, int]) -> int:
        t, field = self._t, meaning.name
        inplace = field in {self._line.field, "theta"}
        if self._no_steps:
            return t - 1 if inplace else t
        if bound and (inside := self._bound(meaning.time, bound)) is not None:
            # Of m_(t+1) that is made of g_t, the first gradient is g_0.
            return inside + (self._t - self._count if field == "g" else 0)
        read = moment(meaning.time)
        if read is None:
            raise CannotEvaluate(name.text, f"the index {meaning.time} says no step")
        if field == "g" and self._one_gradient:
            # Whether the first gradient is g_0 or g_1 is a matter of taste.
            return t
        if read.shift is None:
            return t - 1 if inplace else t
        left = self._left
        if not read.letter:
            return self._numbered(meaning, name, read.shift)
        if left.shift is None:
            return t + min(read.shift, 0)
        if left.letter and read.letter != left.letter:
            raise CannotEvaluate(name.text, f"the index {meaning.time} says no step")
        if not left.letter:
            return t + read.shift
        return t + read.shift - left.shift + self._ahead(meaning)

    def _bound(self, index: str, bound: Mapping[str, int]) -> int | None:
        """Work an index that counts with a sum: ``i``, ``t-i``, ``i+1``; None for any other."""
        terms = re.findall(r"([-+]?)(\w+)", index)
        if not any(word in bound for _, word in terms):
            return None
        known = {**bound, self._left.letter or "t": self._count}
        value = 0
        for sign, word in terms:
            if not word.isdigit() and word not in known:
                raise CannotEvaluate(index, f"the index {word} is not known")
            value += (-1 if sign == "-" else 1) * (int(word) if word.isdigit() else known[word])
        return value

    def _numbered(self, meaning: Meaning, name: Name, number: int) -> int:
        """Return the step of an index that is a number."""
        left = self._left
        if left.shift is None:  # m = … m_0: a worked step is meant
            return self._t - (meaning.name in (self._line.field, "theta"))
        if left.letter and number == 0:
            return 0
        if not left.letter:
            return self._t + number - left.shift + self._ahead(meaning)
        if meaning.name == self._line.field:
            raise CannotEvaluate(name.text, f"the index {number} says no step")
        return self._t

    def _ahead(self, meaning: Meaning) -> int:
        return 0 if meaning.name in ("theta", "g") else self._shift


def _last(node: Node) -> Name:
    """Return the last factor of a product, if it is a name; else one that is no symbol."""
    while isinstance(node, Binary) and node.sign in ("juxtaposed", "*"):
        node = node.right
    return node if isinstance(node, Name) else Name("")


def _whole(value: int) -> Number:
    return Number(Fraction(value), Fraction(1), str(value))


def _no_name(node: Number | Name) -> Any:
    if isinstance(node, Number):
        return node.value
    raise CannotEvaluate(node.text, "it is no number")
