"""Checking the relations inside a chain, each on its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Link
from adamref.documents.scope import NameScope, as_printed, magnitude
from adamref.documents.spans import Printed, Span, evaluated, has_no_value, point, printed
from adamref.documents.statements import Variant, left_names, quoted
from adamref.errors import CannotEvaluate
from adamref.expressions.effort import spend
from adamref.expressions.nodes import Binary, Name, Negative, Node, Number, names, numbers, walk

if TYPE_CHECKING:
    from adamref.documents.source import Source


@final
class Side:
    """One side of a relation: an expression, and the values that it may have.

    Parameters
    ----------
    node : Node
    scope : NameScope
    """

    def __init__(self, node: Node, scope: NameScope) -> None:
        self.node = node
        self.scope = scope
        self.exact = self._worked({}, loose=False)

    def values(
        self, earlier: Sequence[Side] = (), *, results: Collection[Fraction] = ()
    ) -> Iterator[Span]:
        """Work the expression from what is printed, then from what may stand behind its numbers.

        Parameters
        ----------
        earlier : sequence of Side
            The sides before it: what stands inside them was worked out as well.
        results : collection of Fraction
            Numbers in it that the author has only just worked out, and rounded: all that they may
            have been rounded from counts.
        """
        if self.exact is None:
            return
        yield self.exact
        leaves: list[Number | Name] = []
        choices: list[tuple[Span, ...]] = []
        for leaf in (n for n in walk(self.node) if isinstance(n, Number | Name)):
            if isinstance(leaf, Name) and not self.scope.knows(leaf):
                continue  # it stands in a case that is not the one
            leaves.append(leaf)
            if isinstance(leaf, Number) and leaf.value in results and leaf.unit < 1:
                choices.append((point(leaf.value), as_printed(leaf).span))
            else:
                choices.append(self._alternatives(leaf, earlier))
        for loose in (False, True):
            for choice in _least_changed(choices):
                given = {id(leaf): span for leaf, span in zip(leaves, choice, strict=True)}
                value = self._worked(given, loose=loose)
                if value is not None:
                    yield value
            if not _may_be_loose(self.node):
                return

    def _alternatives(self, leaf: Number | Name, earlier: Sequence[Side]) -> tuple[Span, ...]:
        found = self.scope.alternatives(leaf)
        if isinstance(leaf, Number):
            behind = dict.fromkeys(span for side in earlier for span in side.inner)
            spend(len(behind))
            found += tuple(s for s in behind if _may_show(leaf, s))
        return tuple(dict.fromkeys(found))

    @cached_property
    def inner(self) -> tuple[Span, ...]:
        """The values of what stands inside the expression, without their signs."""
        scope = self.scope
        parts = [n for n in walk(self.node) if not isinstance(n, Number | Name)]
        found = [_value(part, scope.lookup, {}, loose=False) for part in parts[:_MOST_PARTS]]
        return tuple(magnitude(span) for span in found if span is not None)

    def _worked(self, given: Mapping[int, Span], *, loose: bool) -> Span | None:
        return _value(self.node, self.scope.lookup, given, loose=loose)


@final
@dataclass(frozen=True)
class CheckedChain:
    """A chain with its relations checked.

    Attributes
    ----------
    links : tuple of Link
    begins : Side or None
        Its first expression that has a value.
    ends : Side
        Its last part.
    shown : tuple of Span
        The exact values of all its expressions.
    first_numbers : tuple of Fraction
        The numbers that stand in its first expression.
    whole : bool
        Whether all of its expressions are arithmetic of whole numbers, with whole results.
    """

    links: tuple[Link, ...]
    begins: Side | None
    ends: Side
    shown: tuple[Span, ...]
    first_numbers: tuple[Fraction, ...]
    whole: bool = False

    @property
    def first(self) -> Span | None:
        """The value of its first expression, exactly as written."""
        return self.begins.exact if self.begins is not None else None

    @property
    def value_of_last(self) -> Span | None:
        """The value of its last part, exactly as written."""
        return self.ends.exact

    @property
    def all_hold(self) -> bool:
        """Whether every relation holds."""
        return all(link.holds for link in self.links)


def check_links(variant: Variant, scope: NameScope, source: Source) -> CheckedChain:
    """Check every relation of a chain whose two sides have a value, or one has and one cannot."""
    sides = [Side(part.node, scope) for part in variant.parts]
    links = []
    start = len(left_names(variant.parts))
    for i in range(start, len(variant.parts) - 1):
        part = variant.parts[i + 1]
        if sides[i].exact is None or sides[i + 1].exact is None:
            one_is_known = sides[i].exact is not None or sides[i + 1].exact is not None
            nodes = variant.parts[i].node, part.node
            if one_is_known and any(map(has_no_value, nodes)):
                links.append(Link(part.line, quoted(source, part.line), holds=False))
            continue
        number = printed(part.node, variant.relations[i])
        holds = _leads_to(sides[i], sides[: i + 1], number, sides[i + 1])
        links.append(Link(part.line, quoted(source, part.line), holds))
    expressions = [
        side
        for side, part in zip(sides[start:], variant.parts[start:], strict=True)
        if side.exact is not None and printed(part.node) is None
    ]
    first = expressions[0] if expressions else None
    return CheckedChain(
        tuple(links),
        first,
        sides[-1],
        tuple(side.exact for side in expressions if side.exact is not None),
        tuple(n.value for n in numbers(first.node)) if first is not None else (),
        bool(expressions) and all(_is_whole(side) for side in expressions),
    )


def of_another_step(variant: Variant, scope: NameScope, checked: CheckedChain) -> bool:
    """Say whether a chain that is false of the step at hand is true of another that it may mean.

    "After ten updates 1 - beta1^t is 0.65" counts in words that are not read.
    """
    used = [name for part in variant.parts for name in names(part.node)]
    if checked.all_hold or not any(scope.notation.meaning(n).kind == "time" for n in used):
        return False
    number = printed(variant.parts[-1].node, variant.relations[-1])
    for t in range(1, _MOST_STEPS + 1) if number is not None else ():
        spend(1)
        value = Side(variant.parts[-2].node, replace(scope, t=t)).exact
        if number is not None and value is not None and number.fits(value) is not None:
            return True
    return False


_MOST_STEPS = 200


def _may_show(number: Number, value: Span) -> bool:
    """Say whether a number may be a rounding of a value; a whole one neglects an epsilon only."""
    if number.unit < 1:
        return as_printed(number).fits(value) is not None
    return abs(value.middle - number.value) <= _NEGLIGIBLE * number.value


_NEGLIGIBLE = Fraction(1, 10**6)
_MOST_PARTS = 40
_MOST_CHOICES = 256


def _value(
    node: Node, lookup: Callable[[Name], Span], given: Mapping[int, Span], *, loose: bool
) -> Span | None:
    def leaf(one: Number | Name) -> Span:
        if id(one) in given:
            return given[id(one)]
        return point(one.value) if isinstance(one, Number) else lookup(one)

    try:
        return evaluated(node, leaf, loose=loose)
    except CannotEvaluate:
        return None


def _least_changed(choices: Sequence[tuple[Span, ...]]) -> Iterator[tuple[Span, ...]]:
    """Choose a value for each leaf: as printed, all unrounded, then every mixture of few changes.

    Of the many mixtures of a long expression those are tried that change the fewest numbers, or
    leave the fewest.
    """
    yield tuple(options[0] for options in choices)
    free = [i for i, options in enumerate(choices) if len(options) > 1]
    tried = 0
    for count in sorted(range(1, len(free) + 1), key=lambda n: min(n - 1, len(free) - n)):
        for changed in itertools.combinations(free, count):
            others = [
                options[1:] if i in changed else options[:1] for i, options in enumerate(choices)
            ]
            for choice in itertools.product(*others):
                yield choice
                tried += 1
                if tried >= _MOST_CHOICES:
                    return


def _may_be_loose(node: Node) -> bool:
    """Say whether one of two habits of handwriting may make a difference: ``-15^2``, ``1/2w``."""
    return any(
        (isinstance(n, Negative) and isinstance(n.of, Binary) and n.of.sign == "^")
        or (isinstance(n, Binary) and n.sign == "juxtaposed")
        for n in walk(node)
    )


def _is_whole(side: Side) -> bool:
    value = side.exact
    return (
        value is not None
        and value.is_point
        and value.low.denominator == 1
        and not names(side.node)
        and all(n.value.denominator == 1 and n.unit >= 1 for n in numbers(side.node))
    )


def _gives(value: Span, number: Printed, scope: NameScope) -> bool:
    """Say whether the value behind other numbers than those printed is rounded to a number.

    It is not where 0.8999999 would be truncated to 0.8: the nines are what an epsilon left of 0.9,
    and only who always cuts digits off leaves them out.
    """
    how = number.fits(value)
    left_over = number.unit - abs(value.middle - number.value)
    plain = how != "truncated" or left_over > _NEGLIGIBLE * number.unit
    return how is not None and (plain or scope.truncates)


def _leads_to(left: Side, before: Sequence[Side], number: Printed | None, right: Side) -> bool:
    """Say whether one side leads to the other.

    A number on the right must be the left side, rounded or truncated where it is printed. In an
    expression on the right, what does not stand on the left is a result, and may be rounded: an
    author who writes ``0.5 + 0.1`` for ``0.5 + 0.0999…`` is right.
    """
    lefts = left.values(before[:-1])
    if number is not None:
        as_written = left.exact is not None and number.fits(left.exact) is not None
        return as_written or any(_gives(span, number, left.scope) for span in lefts)
    written = {n.value for n in numbers(left.node)}
    new = {n.value for n in numbers(right.node)} - written
    worked = tuple(dict.fromkeys(left.values(before[:-1])))
    rights = dict.fromkeys([*right.values(before), *right.values(before, results=new)])
    spend(len(worked) * len(rights) // 16)
    return any(a.meets(b) for a in worked for b in rights)
