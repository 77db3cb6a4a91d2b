"""Checking the relations inside a chain, each on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Link
from adamref.documents.dialects import rates
from adamref.documents.spans import Printed, Span, evaluated, point, printed, root
from adamref.documents.statements import Variant, left_names, quoted
from adamref.documents.world import MAX_STEP, Key, World
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Name, Node, Number, names, numbers

if TYPE_CHECKING:
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
    about : Meaning or None
        The field on its left.
    exact : frozenset of Fraction
        Numbers that are givens: never rounded.
    """

    notation: Notation
    world: World
    t: int
    about: Meaning | None
    auxiliary: Mapping[str, Span]
    exact: frozenset[Fraction]

    def lookup(self, name: Name) -> Span:
        """Return the span of a name, as the author had it."""
        key = name.base + (f"_{name.index}" if name.index else "")
        meaning = self.notation.meaning(name)
        if meaning.kind == "hyper" and meaning.name in self.world.hypers:
            return point(self.world.hypers[meaning.name])
        if meaning.kind == "time":
            return point(self.t)
        if meaning.kind == "field":
            found = self._field(meaning)
            if found is not None:
                return found
        for candidate in (key, name.base):
            if candidate in self.auxiliary:
                return self.auxiliary[candidate]
        raise CannotEvaluate(name.text or name.base, "nothing gives it a value")

    def wide_lookup(self, name: Name) -> Span:
        """Return the span of a name, unrounded values and what may be printed for them included."""
        value = self.lookup(name)
        meaning = self.notation.meaning(name)
        if meaning.kind != "field":
            return value
        sound = [c.span for c in self.world.candidates(*self._key(meaning)) if not c.tainted]
        if not any(value.meets(span) for span in sound):
            return value
        return Span(min(s.low for s in (value, *sound)), max(s.high for s in (value, *sound)))

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
            t = int(index)
        elif index in ("t-1", "prev", "old") or own or meaning.name == "theta":
            t -= 1
        return meaning.name, track, t

    @cached_property
    def quantities(self) -> tuple[Span, ...]:
        """Values, without their signs, that a number in the chain may be a rounding of."""
        world, hypers = self.world, self.world.hypers
        track = self.about.parameter if self.about else ""
        found: list[Span] = []
        for t in (self.t - 1, self.t):
            if t < world.first - 1:
                continue
            for name in world.rule.fields:
                if self.about is not None and (name, t) == (self.about.name, self.t):
                    continue
                found += [c.span for c in world.candidates(name, track, t) if not c.tainted]
            if 1 <= t <= MAX_STEP:
                powers = [hypers[rate] ** t for rate in rates(world.rule)]
                found += [point(1 - power) for power in powers] + [point(p) for p in powers]
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

    def widen(self, number: Number) -> Span:
        """Say what a printed number may stand for.

        A given is exactly what is printed, and so is a whole number of one digit: rounding to it
        would hide half of any value. A number that some quantity of this step rounds to may be
        either of the two; any other decimal may be a rounding of something in between that the
        document does not show.
        """
        value = point(number.value)
        # The same digits may be a given and, elsewhere, a number the author rounded.
        is_given = number.value in self.exact and not any(
            abs(span.low) == number.value and self.world.units.get(key) == number.unit
            for key, span in self.world.authors.items()
        )
        if is_given or (number.unit >= 1 and number.value < 10):
            return value
        as_printed = Printed(number.value, number.unit, number.continued, number.text)
        least, most = number.value - number.unit, number.value + number.unit
        matched = [
            span
            for span in (self.quantities if number.unit < 1 else self.whole_quantities)
            if span.low <= most and least <= span.high and as_printed.fits(span) is not None
        ]
        if matched:
            ends = [value.low, *(m.low for m in matched), *(m.high for m in matched)]
            return Span(min(ends), max(ends))
        return value if number.unit >= 1 else as_printed.span

    @staticmethod
    def widen_all(number: Number) -> Span:
        """Say what a printed number may stand for if any decimal may be rounded, givens too."""
        if number.unit >= 1:
            return point(number.value)
        return Printed(number.value, number.unit, number.continued, number.text).span


def _magnitude(span: Span) -> Span:
    if span.low >= 0:
        return span
    if span.high <= 0:
        return -span
    return Span(Fraction(0), max(-span.low, span.high))


@final
@dataclass(frozen=True)
class CheckedChain:
    """A chain with its relations checked.

    Attributes
    ----------
    links : tuple of Link
    first : Span or None
        The value of its first expression that has one, exactly as written.
    wide_first : Span or None
        The same with every decimal widened to what may have been rounded to it.
    value_of_last, wide_value_of_last : Span or None
        The same of its last part.
    shown : tuple of Span
        The exact values of all its expressions.
    first_numbers : tuple of Fraction
        The numbers that stand in its first expression.
    whole : bool
        Whether all of its expressions are arithmetic of whole numbers, with whole results.
    """

    links: tuple[Link, ...]
    first: Span | None
    wide_first: Span | None
    value_of_last: Span | None
    wide_value_of_last: Span | None
    shown: tuple[Span, ...]
    first_numbers: tuple[Fraction, ...]
    whole: bool = False

    @property
    def all_hold(self) -> bool:
        """Whether every relation holds."""
        return all(link.holds for link in self.links)


def check_links(variant: Variant, scope: NameScope, source: Source) -> CheckedChain:
    """Check every relation of a chain whose two sides have a value."""
    exact = [_try(part.node, scope, wide=False) for part in variant.parts]
    wide = [_try(part.node, scope, wide=True) for part in variant.parts]
    links = []
    start = len(left_names(variant.parts))
    for i in range(start, len(variant.parts) - 1):
        left, right = exact[i], exact[i + 1]
        if left is None or right is None:
            continue
        part = variant.parts[i + 1]
        holds = _link_holds(variant, i, exact, wide, scope)
        links.append(Link(part.line, quoted(source, part.line), holds))
    expressions = [
        i
        for i in range(start, len(variant.parts))
        if exact[i] is not None and printed(variant.parts[i].node) is None
    ]
    first = expressions[0] if expressions else None
    return CheckedChain(
        tuple(links),
        exact[first] if first is not None else None,
        wide[first] if first is not None else None,
        exact[-1],
        wide[-1],
        tuple(s for i in expressions if (s := exact[i]) is not None),
        tuple(n.value for n in numbers(variant.parts[first].node)) if first is not None else (),
        bool(expressions) and all(_is_whole(variant.parts[i].node, exact[i]) for i in expressions),
    )


def _is_whole(node: Node, value: Span | None) -> bool:
    return (
        value is not None
        and value.is_point
        and value.low.denominator == 1
        and not names(node)
        and all(n.value.denominator == 1 and n.unit >= 1 for n in numbers(node))
    )


def _try(node: Node, scope: NameScope, *, wide: bool, loose: bool = False) -> Span | None:
    try:
        if wide:
            return evaluated(node, scope.wide_lookup, widen=scope.widen, loose=loose)
        return evaluated(node, scope.lookup, loose=loose)
    except CannotEvaluate:
        return None


def _link_holds(
    variant: Variant,
    i: int,
    exact: list[Span | None],
    wide: list[Span | None],
    scope: NameScope,
) -> bool:
    """Say whether one side leads to the other, rounding allowed.

    A number on the right must be the left side, rounded or truncated where it is printed; on the
    left each decimal that is not a given may itself have been rounded. Between two expressions the
    decimals of the right one may be rounded as well, givens included: an author who writes
    ``0.5 + 0.1`` for ``0.5 + 0.0999…`` is right.
    """
    left, right = variant.parts[i].node, variant.parts[i + 1].node
    number = printed(right, variant.relations[i])
    for loose in (False, True):
        lefts = (
            (exact[i], wide[i])
            if not loose
            else (
                _try(left, scope, wide=False, loose=True),
                _try(left, scope, wide=True, loose=True),
            )
        )
        if number is not None:
            if any(span is not None and number.fits(span) for span in lefts):
                return True
            continue
        rights = (
            exact[i + 1] if not loose else _try(right, scope, wide=False, loose=True),
            wide[i + 1],
            _all_wide(right, scope),
        )
        if any(a is not None and b is not None and a.meets(b) for a in lefts for b in rights):
            return True
    return False


def _all_wide(node: Node, scope: NameScope) -> Span | None:
    """Evaluate with every decimal widened, givens too."""
    try:
        return evaluated(node, scope.lookup, widen=scope.widen_all)
    except CannotEvaluate:
        return None
