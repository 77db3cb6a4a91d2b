"""Checking the relations inside a chain, each on its own."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Link
from adamref.documents.spans import Span, evaluated, point, printed
from adamref.documents.statements import quoted
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Name, Node, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.documents.roles import Meaning, Notation
    from adamref.documents.source import Source
    from adamref.documents.statements import Part, Variant
    from adamref.documents.world import World


@final
@dataclass(frozen=True)
class Scope:
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

    def _field(self, meaning: Meaning) -> Span | None:
        track = meaning.parameter or (self.about.parameter if self.about else "")
        t = self.t
        index = meaning.time
        own = self.about is not None and meaning.name == self.about.name
        if index.isdigit():
            t = int(index)
        elif index in ("t-1", "prev", "old") or own or meaning.name == "theta":
            t -= 1
        key = (meaning.name, track, t)
        if key in self.world.authors:
            return self.world.authors[key]
        candidates = self.world.candidates(*key)
        return candidates[0].span if candidates else None

    def keeps(self, value: Fraction) -> bool:
        """Say whether a number in a chain is a given, which nobody rounded."""
        return value in self.exact


@final
@dataclass(frozen=True)
class Checked:
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
    """

    links: tuple[Link, ...]
    first: Span | None
    wide_first: Span | None
    value_of_last: Span | None
    wide_value_of_last: Span | None
    shown: tuple[Span, ...]
    first_numbers: tuple[Fraction, ...]

    @property
    def all_hold(self) -> bool:
        """Whether every relation holds."""
        return all(link.holds for link in self.links)


def check_links(variant: Variant, scope: Scope, source: Source) -> Checked:
    """Check every relation of a chain whose two sides have a value."""
    exact = [_try(part.node, scope, wide=False) for part in variant.parts]
    wide = [_try(part.node, scope, wide=True) for part in variant.parts]
    links = []
    start = _first_expression(variant)
    for i in range(start, len(variant.parts) - 1):
        left, right = exact[i], exact[i + 1]
        if left is None or right is None:
            continue
        part = variant.parts[i + 1]
        holds = _link_holds(variant, i, exact, wide, scope)
        links.append(Link(part.line, quoted(source, part.line), holds))
    expressions = [
        i for i in range(start, len(variant.parts))
        if exact[i] is not None and printed(variant.parts[i].node) is None
    ]
    first = expressions[0] if expressions else None
    return Checked(
        tuple(links),
        exact[first] if first is not None else None,
        wide[first] if first is not None else None,
        exact[-1],
        wide[-1],
        tuple(s for i in expressions if (s := exact[i]) is not None),
        tuple(n.value for n in numbers(variant.parts[first].node)) if first is not None else (),
    )


def _first_expression(variant: Variant) -> int:
    """Skip the names on the left, which are what the chain is about."""
    i = 0
    parts: tuple[Part, ...] = variant.parts
    while i < len(parts) - 1 and isinstance(parts[i].node, Name):
        i += 1
    return i


def _try(node: Node, scope: Scope, *, wide: bool, loose: bool = False) -> Span | None:
    try:
        return evaluated(node, scope.lookup, keeps=scope.keeps if wide else None, loose=loose)
    except CannotEvaluate:
        return None


def _link_holds(
    variant: Variant,
    i: int,
    exact: list[Span | None],
    wide: list[Span | None],
    scope: Scope,
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


def _all_wide(node: Node, scope: Scope) -> Span | None:
    """Evaluate with every decimal widened, givens too."""
    try:
        return evaluated(node, scope.lookup, keeps=lambda _value: False)
    except CannotEvaluate:
        return None


