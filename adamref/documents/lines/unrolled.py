"""Closed forms of recurrences that a document writes in symbols of its own.

The recurrence is unrolled for the first steps with numbers drawn for all symbols: a closed form
that differs there is wrong, and one that agrees holds (`compare` says with what chance it could
not).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from adamref.documents.claims import Cause
from adamref.documents.lines.compare import close
from adamref.documents.lines.settings import Judged
from adamref.documents.lines.sums import other_powers, with_other_ends
from adamref.documents.lines.symbols import MAX_TERMS, moment
from adamref.documents.lines.trajectories import BALL
from adamref.errors import CannotEvaluate, Unworkable
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    names,
    walk,
)
from adamref.expressions.written import written
from adamref.numbers.rational import Rational

if TYPE_CHECKING:
    from adamref.documents.statements import Part

STEPS = 5
_EXACT = Rational(bits=1 << 12)


@final
@dataclass(frozen=True)
class _Recurrence:
    left: Name
    right: Node
    line: int


@final
class OwnRecurrences:
    """The recurrences that a document has written so far, by their letters."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], _Recurrence] = {}

    def beside(self, found: Judged | None, left: Name, part: Part) -> Judged | None:
        """Judge a line by the recurrence that the document has for it, where that says more.

        Parameters
        ----------
        found : Judged or None
            What is thought of it by the rule.
        left : Name
        part : Part
            What it is said to be.
        """
        own = self.judge(left, part.node, part.line)
        if own is None or found is None or found.verdict == "unread":
            return own or found
        told = any(cause.id == "sum-ends" for cause in found.causes)
        if found.verdict == "wrong" and own.expected and not told:
            return replace(found, because=own.because, expected=own.expected, causes=own.causes)
        return found

    def judge(self, left: Name, right: Node, line: int) -> Judged | None:
        """Judge a closed form beside its recurrence; None for anything else.

        Parameters
        ----------
        left : Name
        right : Node
        line : int
            Where it stands.
        """
        at, key = moment(left.index), (left.base + left.unusual, left.hat)
        if at is None or not at.letter:
            return None
        own = [n for n in names(right) if (n.base + n.unusual, n.hat) == key]
        shifts = [moment(n.index) for n in own]
        before = (at.letter, (at.shift or 0) - 1)
        if any(x is not None and (x.letter, x.shift) == before for x in shifts):
            self._known[key] = _Recurrence(left, right, line)
            return None
        known = self._known.get(key)
        has_sum = any(isinstance(x, Sum) for x in walk(right))
        if known is None or not has_sum or any(n.index != "0" for n in own):
            return None
        if not _is_of(right, known, at.letter):
            return None
        try:
            return _compared(known, left, right)
        except (CannotEvaluate, Unworkable):
            return None


def _is_of(node: Node, known: _Recurrence, counts: str) -> bool:
    """Say whether a closed form has all that the recurrence has at a step, and no other symbols.

    What was cut off where the layout could not read on has not.
    """
    used = names(node)
    sums = [x for x in walk(node) if isinstance(x, Sum)]
    own = {(n.key[0], n.hat) for n in (known.left, *names(known.right))}
    counting = {counts, *(x.index for x in sums)}
    series = {(n.key[0], n.hat) for n in names(known.right) if n.index == known.left.index}
    there = {(n.key[0], n.hat) for n in used if n.index}
    counted = all(any(x.index in (n.base, *n.index) for n in names(x.of)) for x in sums)
    plain = all((n.key[0], n.hat) in own or n.base in counting for n in used)
    return plain and counted and series <= there


def _compared(known: _Recurrence, left: Name, right: Node) -> Judged:
    if _agrees(known, left, right):
        because = f"it is what the recurrence in line {known.line} makes of its steps"
        return Judged("holds", because, "")
    latex = "\\" in "".join(n.text for n in names(right))
    for says, node in _changed(known, right):
        if _agrees(known, left, node):
            expected = f"{left.text.strip()} = {written(node, latex=latex)}"
            cause = Cause("sum-ends", says, reproduces=True)
            because = f"the recurrence in line {known.line} makes {expected}"
            return Judged("wrong", because, "", expected=expected, causes=(cause,))
    because = f"the recurrence in line {known.line} makes something else of its steps"
    return Judged("wrong", because, "")


def _changed(known: _Recurrence, right: Node) -> Iterator[tuple[str, Node]]:
    """Yield a closed form with one thing changed, and what was wrong if that is right."""
    yield from with_other_ends(right)
    yield from other_powers(right)
    for factor in _factors(known):
        said = factor.text.strip() if isinstance(factor, Name) else written(factor, latex=False)
        yield f"the factor {said} is missing", Binary("juxtaposed", factor, right)


def _factors(known: _Recurrence) -> Iterator[Node]:
    """Yield the factors in a recurrence that no step changes: 1 - beta."""
    letter = moment(known.left.index)
    for node in walk(known.right):
        if not isinstance(node, Binary) or node.sign not in ("*", "juxtaposed"):
            continue
        used = names(node.left)
        still = all((at := moment(n.index)) is None or not at.letter for n in used)
        if used and still and letter is not None and letter.letter not in {n.base for n in used}:
            yield node.left


def _agrees(known: _Recurrence, left: Name, right: Node) -> bool:
    starts = any((n.base, n.index) == (left.base, "0") for n in names(right))
    drawn = _Drawn(known.left, starts=starts)
    state = drawn.first
    for step in range(1, STEPS + 1):
        drawn.before[step - 1] = state
        with BALL.working():
            state = drawn.value(known.right, known.left, step)
            made = drawn.value(right, left, step)
        if not close(made, state):
            return False
    return True


@final
class _Drawn:
    """Numbers for the symbols of a recurrence: of those that change with the step, one for each."""

    def __init__(self, left: Name, *, starts: bool) -> None:
        self._left = left
        # The seed only makes them the same every time.
        self._random = random.Random(20150507)  # noqa: S311
        self._values: dict[object, Fraction] = {}
        with BALL.working():
            self.first = BALL.lift(self._of("first") if starts else Fraction(0))
        self.before: dict[int, Any] = {}

    def value(self, node: Node, left: Name, step: int) -> Any:
        """Work an expression for the step that its left side is about."""
        at = moment(left.index)
        assert at is not None
        count = step - (at.shift or 0)
        known: dict[str, Any] = {}
        ground = self._ground(node, {at.letter: count}, known)
        return evaluate(
            ground,
            BALL,
            lambda x: BALL.lift(x.value) if isinstance(x, Number) else known[x.base],
        )

    def _of(self, what: object, *, whole: bool = False) -> Fraction:
        if what not in self._values:
            number = Fraction(self._random.randint(10**6, 9 * 10**6), 10**7)
            self._values[what] = Fraction(self._random.randint(2, 4)) if whole else number
        return self._values[what]

    def _ground(
        self, node: Node, bound: Mapping[str, int], known: dict[str, Any], *, exponent: bool = False
    ) -> Node:
        """Put numbers in the place of counts, exponents and symbols."""

        def at(one: Node, *, power: bool = exponent) -> Node:
            return self._ground(one, bound, known, exponent=power)

        if isinstance(node, Number):
            return node
        if isinstance(node, Name):
            return self._name(node, bound, known, whole=exponent)
        if isinstance(node, Negative | Call):
            return replace(node, of=at(node.of))
        if isinstance(node, Sum):
            low, high = (_whole(at(x)) for x in (node.low, node.high))
            if high - low >= MAX_TERMS:
                raise CannotEvaluate("a sum", f"it has more than {MAX_TERMS} terms")
            made: Node = _number(Fraction(0))
            for i in range(low, high + 1):
                term = self._ground(node.of, {**bound, node.index: i}, known, exponent=exponent)
                made = Binary("+", made, term)
            return made
        if isinstance(node, Choice):
            raise CannotEvaluate("a choice", "it is no closed form")
        right = at(node.right, power=exponent or (isinstance(node, Binary) and node.sign == "^"))
        return replace(node, left=at(node.left), right=right)

    def _name(
        self, name: Name, bound: Mapping[str, int], known: dict[str, Any], *, whole: bool
    ) -> Node:
        if not name.index and not name.hat and name.base in bound:
            return _number(Fraction(bound[name.base]))
        step = _counted(name.index, bound)
        own = (name.base, name.hat) == (self._left.base, self._left.hat)
        if own and (step is not None or name.index == "0"):
            text = f"state {step or 0}"
            known[text] = self.before.get(step or 0)
            if known[text] is None:
                raise CannotEvaluate(name.text, "it is not known yet")
            return Name(text)
        what = (name.key[0], name.hat, name.prime, name.index if step is None else step)
        return _number(self._of(what, whole=whole and step is None))


def _counted(index: str, bound: Mapping[str, int]) -> int | None:
    """Work an index that counts: ``t``, ``t-i``, ``i+1``; None for any other."""
    if not index or not any(word in bound for word in index.replace("-", "+").split("+")):
        return None
    value, sign, word = 0, 1, ""
    for char in f"{index}+":
        if char not in "+-":
            word += char
            continue
        if word:
            if not word.isdigit() and word not in bound:
                raise CannotEvaluate(index, f"the index {word} is not known")
            value += sign * (int(word) if word.isdigit() else bound[word])
        sign, word = (-1 if char == "-" else 1), ""
    return value


def _number(value: Fraction) -> Number:
    return Number(value, Fraction(1), str(value))


def _whole(node: Node) -> int:
    value = evaluate(node, _EXACT, _exactly)
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise CannotEvaluate("a sum", "its ends are no whole numbers")
    return int(value)


def _exactly(leaf: Number | Name) -> Any:
    if isinstance(leaf, Number):
        return leaf.value
    raise CannotEvaluate(leaf.text, "it is no number")
