"""Checking the relations inside a chain, each on its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Link
from adamref.documents.spans import Printed, Span, evaluated, point, printed, root
from adamref.documents.statements import Variant, left_names, quoted
from adamref.documents.world import MAX_STEP, Key, World
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Binary, Name, Negative, Node, Number, names, numbers, walk

if TYPE_CHECKING:
    from adamref.documents.clock import Clock
    from adamref.documents.roles import Meaning, Notation
    from adamref.documents.source import Source


@final
@dataclass(frozen=True)
class NameScope:
    """What the names in a chain stand for.

    Attributes
    ----------
    t : int
        The step that the chain is about.
    clock : Clock
        Says which step an index is.
    about : Meaning or None
        The field on its left.
    exact : frozenset of Fraction
        Numbers that are givens: never rounded.
    """

    notation: Notation
    world: World
    t: int
    clock: Clock
    about: Meaning | None
    auxiliary: Mapping[str, tuple[Span, ...]]
    exact: frozenset[Fraction]

    def lookup(self, name: Name) -> Span:
        """Return the span of a name, as the author had it."""
        meaning = self.notation.meaning(name)
        if meaning.kind == "hyper" and meaning.name in self.world.hypers:
            return point(self.world.hypers[meaning.name])
        if meaning.kind == "time":
            return point(self.t)
        if meaning.kind == "field":
            found = self._field(meaning)
            if found is not None:
                return found
        for label in name.labels:
            if label in self.auxiliary:
                return self.auxiliary[label][0]
        raise CannotEvaluate(name.text or name.base, "nothing gives it a value")

    def alternatives(self, leaf: Number | Name) -> tuple[Span, ...]:
        """Return what a number or a name may stand for, what is printed first.

        Behind a number may be the unrounded value of a quantity of this step that rounds to it; it
        is the one or the other, and nothing between. A given is exactly what is printed, and so is
        a whole number of one digit.
        """
        if isinstance(leaf, Number):
            return (point(leaf.value), *self._behind(leaf))
        value, meaning = self.lookup(leaf), self.notation.meaning(leaf)
        if meaning.kind != "field":
            return (value,)
        known = self.world.candidates(*self._key(meaning))
        return tuple(dict.fromkeys((value, *(c.span for c in known if not c.tainted))))

    def _field(self, meaning: Meaning) -> Span | None:
        key = self._key(meaning)
        if key in self.world.authors:
            return self.world.authors[key]
        candidates = self.world.candidates(*key)
        return candidates[0].span if candidates else None

    def _key(self, meaning: Meaning) -> Key:
        track = meaning.parameter or (self.about.parameter if self.about else "")
        t = self.t
        index = meaning.time
        own = self.about is not None and meaning.name == self.about.name
        if index.isdigit():
            t = self.clock.stated(meaning)
        elif index in ("t-1", "prev", "old") or own or meaning.name == "theta":
            t -= 1
        return meaning.name, track, t

    @cached_property
    def quantities(self) -> tuple[Span, ...]:
        """Values, without their signs, that a number in the chain may be a rounding of."""
        world = self.world
        track = self.about.parameter if self.about else ""
        found: list[Span] = []
        for t in (self.t - 1, self.t):
            if t < world.first - 1:
                continue
            for name in world.rule.fields:
                if self.about is not None and (name, t) == (self.about.name, self.t):
                    continue
                found += [c.span for c in world.candidates(name, track, t) if not c.tainted]
        if world.first <= self.t <= MAX_STEP:
            found += [c.span for c in world.intermediates(track, self.t)]
        found += [span for spans in self.auxiliary.values() for span in spans]
        roots = [root(span) for span in found if span.low >= 0]
        positive = [_magnitude(span) for span in (*found, *roots) if span is not None]
        return tuple(dict.fromkeys(positive))

    @cached_property
    def whole_quantities(self) -> tuple[Span, ...]:
        """Those of them that a whole number may stand for: not what is printed with decimals."""
        printed_so = [s.low for s in self.world.authors.values() if s.low.denominator != 1]
        return tuple(
            span
            for span in self.quantities
            if not any(abs(span.middle - x) < Fraction(1, 2) for x in printed_so)
        )

    def _behind(self, number: Number) -> list[Span]:
        # The same digits may be a given and, elsewhere, a number the author rounded.
        is_given = number.value in self.exact and not any(
            abs(span.low) == number.value and self.world.units.get(key) == number.unit
            for key, span in self.world.authors.items()
        )
        if is_given or (number.unit >= 1 and number.value < 10):
            return []
        if any(abs(span.low) == number.value for span in self.world.authors.values()):
            # It stands in the document: it is that number, and no rounding of another.
            return self._behind_printed(number)
        return self._rounded_from(number)

    def _behind_printed(self, number: Number) -> list[Span]:
        """Return the unrounded values behind a number that the document printed for a field."""
        found = []
        for key, span in self.world.authors.items():
            if abs(span.low) == number.value and key in self.world.units:
                shown = replace(_as_printed(number), value=span.low, unit=self.world.units[key])
                known = self.world.known.get(key, ())
                found += [c.span for c in known if not c.tainted and shown.fits(c.span)]
        return [_magnitude(span) for span in found]

    def _rounded_from(self, number: Number) -> list[Span]:
        as_printed = _as_printed(number)
        least, most = number.value - number.unit, number.value + number.unit
        return [
            span
            for span in (self.quantities if number.unit < 1 else self.whole_quantities)
            if span.low <= most and least <= span.high
            if as_printed.fits(span) in ("rounded", "truncated")
        ]


def _as_printed(number: Number) -> Printed:
    return Printed(number.value, number.unit, number.continued, number.text)


def _magnitude(span: Span) -> Span:
    if span.low >= 0:
        return span
    if span.high <= 0:
        return -span
    return Span(Fraction(0), max(-span.low, span.high))


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
        self._scope = scope
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
        leaves = [n for n in walk(self.node) if isinstance(n, Number | Name)]
        choices: list[tuple[Span, ...]] = []
        for leaf in leaves:
            if isinstance(leaf, Number) and leaf.value in results and leaf.unit < 1:
                choices.append((point(leaf.value), _as_printed(leaf).span))
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
        found = self._scope.alternatives(leaf)
        if isinstance(leaf, Number):
            behind = [span for side in earlier for span in side.inner]
            found += tuple(s for s in behind if _may_show(leaf, s))
        return tuple(dict.fromkeys(found))

    @cached_property
    def inner(self) -> tuple[Span, ...]:
        """The values of what stands inside the expression, without their signs."""
        scope = self._scope
        parts = [n for n in walk(self.node) if not isinstance(n, Number | Name)]
        found = [_value(part, scope.lookup, {}, loose=False) for part in parts[:_MOST_PARTS]]
        return tuple(_magnitude(span) for span in found if span is not None)

    def _worked(self, given: Mapping[int, Span], *, loose: bool) -> Span | None:
        return _value(self.node, self._scope.lookup, given, loose=loose)


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
    """Check every relation of a chain whose two sides have a value."""
    sides = [Side(part.node, scope) for part in variant.parts]
    links = []
    start = len(left_names(variant.parts))
    for i in range(start, len(variant.parts) - 1):
        if sides[i].exact is None or sides[i + 1].exact is None:
            continue
        part = variant.parts[i + 1]
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


def _may_show(number: Number, value: Span) -> bool:
    """Say whether a number may be a rounding of a value; a whole one neglects an epsilon only."""
    if number.unit < 1:
        return _as_printed(number).fits(value) is not None
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


def _gives(value: Span, number: Printed) -> bool:
    """Say whether the value behind other numbers than those printed is rounded to a number.

    It is not where 0.8999999 would be truncated to 0.8: the nines are what an epsilon left of 0.9.
    """
    how = number.fits(value)
    left_over = number.unit - abs(value.middle - number.value)
    return how is not None and (how != "truncated" or left_over > _NEGLIGIBLE * number.unit)


def _leads_to(left: Side, before: Sequence[Side], number: Printed | None, right: Side) -> bool:
    """Say whether one side leads to the other.

    A number on the right must be the left side, rounded or truncated where it is printed. In an
    expression on the right, what does not stand on the left is a result, and may be rounded: an
    author who writes ``0.5 + 0.1`` for ``0.5 + 0.0999…`` is right.
    """
    lefts = left.values(before[:-1])
    if number is not None:
        as_written = left.exact is not None and number.fits(left.exact) is not None
        return as_written or any(_gives(span, number) for span in lefts)
    written = {n.value for n in numbers(left.node)}
    new = {n.value for n in numbers(right.node)} - written
    worked = list(left.values(before[:-1]))
    rights = [*right.values(before), *right.values(before, results=new)]
    return any(a.meets(b) for a in worked for b in rights)
