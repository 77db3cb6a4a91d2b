"""What names and numbers in a chain may stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, final

from adamref.documents.spans import Printed, Span, point, root
from adamref.documents.world import MAX_STEP, Key, World
from adamref.errors import CannotEvaluate
from adamref.expressions.effort import left_out, spend
from adamref.expressions.nodes import Name, Number

if TYPE_CHECKING:
    from adamref.documents.clock import Clock
    from adamref.documents.roles import Meaning, Notation
    from adamref.rules.rule import Rule


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
    exact : callable
        Returns the numbers that are givens: never rounded.
    folded : Rule or None
        The rule whose line the document's own size of a step is, alpha_t.
    sizes : frozenset of str
        The indices of the step sizes of the chain: alpha_t beside alpha is another.
    says_step : bool
        Whether anything says which step the chain is about.
    truncates : bool
        Whether its author always cuts digits off.
    """

    notation: Notation
    world: World
    t: int
    clock: Clock
    about: Meaning | None
    auxiliary: Mapping[str, tuple[Span, ...]]
    exact: Callable[[], frozenset[Fraction]]
    folded: Rule | None = None
    sizes: frozenset[str] = frozenset()
    says_step: bool = True
    truncates: bool = False

    def lookup(self, name: Name) -> Span:
        """Return the span of a name, as the author had it."""
        meaning = self.notation.meaning(name)
        if meaning.name == "alpha" and name.index and not self.world.alphas:
            return self._size(name, meaning)
        if meaning.kind == "hyper" and meaning.name in self.world.hypers:
            return point(self.world.hypers[meaning.name])
        if meaning.kind == "time":
            if not self.says_step:
                raise CannotEvaluate(name.text or name.base, "nothing says which step it is")
            return point(self.t)
        if meaning.kind == "field":
            found = self._field(meaning)
            if found is not None:
                return found
        for label in name.labels:
            if label in self.auxiliary:
                return self.auxiliary[label][0]
        raise CannotEvaluate(name.text or name.base, "nothing gives it a value")

    def knows(self, name: Name) -> bool:
        """Say whether something gives a name a value."""
        with suppress(CannotEvaluate):
            self.lookup(name)
            return True
        return False

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

    def _size(self, name: Name, meaning: Meaning) -> Span:
        """Return the step size of one step: what the document makes of it, or that of all."""
        if self.folded is not None:
            t = int(meaning.time) if meaning.time.isdigit() else self.t
            line = self.folded.line("alpha_t")
            made = self.world.line_candidates(line, self.folded, "", t, tainted=False)
            if made and (self.says_step or meaning.time.isdigit()):
                return made[0].span
        if (self.folded is not None or "" in self.sizes) or "alpha" not in self.world.hypers:
            raise CannotEvaluate(name.text or name.base, "nothing says what it is of alpha")
        return point(self.world.hypers["alpha"])

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
                with left_out():
                    found += [c.span for c in world.candidates(name, track, t) if not c.tainted]
        if world.first <= self.t <= MAX_STEP:
            found += [c.span for c in world.intermediates(track, self.t)]
        found += [span for spans in self.auxiliary.values() for span in spans]
        roots = [root(span) for span in found if span.low >= 0]
        positive = [magnitude(span) for span in (*found, *roots) if span is not None]
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
        spend(1 + len(self.world.authors) // 16)
        # The same digits may be a given and, elsewhere, a number the author rounded.
        is_given = number.value in self.exact() and not any(
            abs(span.low) == number.value and self.world.units.get(key) == number.unit
            for key, span in self.world.authors.items()
        )
        if is_given or (number.unit >= 1 and 0 < number.value < 10):
            return []
        if any(abs(span.low) == number.value for span in self.world.authors.values()):
            # It stands in the document: it is that number, and no rounding of another.
            return self._behind_printed(number)
        return self._rounded_from(number) if number.value else []

    def _behind_printed(self, number: Number) -> list[Span]:
        """Return the unrounded values behind a number that the document printed for a field."""
        found = []
        for key, span in self.world.authors.items():
            if abs(span.low) == number.value and key in self.world.units:
                shown = replace(as_printed(number), value=span.low, unit=self.world.units[key])
                found += [c.span for c in self.world.known.get(key, ()) if shown.fits(c.span)]
        return [magnitude(span) for span in found]

    def _rounded_from(self, number: Number) -> list[Span]:
        spend(1 + len(self.quantities) // 4)
        shown = as_printed(number)
        least, most = number.value - number.unit, number.value + number.unit
        return [
            span
            for span in (self.quantities if number.unit < 1 else self.whole_quantities)
            if span.low <= most and least <= span.high
            if shown.fits(span) in ("rounded", "truncated")
        ]


def as_printed(number: Number) -> Printed:
    """Return a number of an expression as it is printed there."""
    return Printed(number.value, number.unit, number.continued, number.text)


def magnitude(span: Span) -> Span:
    """Return the sizes of what is in a span."""
    if span.low >= 0:
        return span
    if span.high <= 0:
        return -span
    return Span(Fraction(0), max(-span.low, span.high))
