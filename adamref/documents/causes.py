"""Looking for the mistake behind a wrong number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Cause
from adamref.documents.spans import Span, point
from adamref.errors import UnknownName
from adamref.numbers.rounding import Digits, plain
from adamref.rules import faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.spans import Printed
    from adamref.documents.world import Key, World

_DIGITS = 12


@final
@dataclass(frozen=True)
class Explanation:
    """The causes of a wrong number, and what they leave over."""

    causes: tuple[Cause, ...]
    unexplained: str | None


def explain(
    world: World, key: Key, claimed: Printed, right: Span | None, shown: Sequence[Span]
) -> Explanation:
    """Find what accounts for a wrong number.

    Parameters
    ----------
    world : World
        What is known before it.
    key : (str, str, int)
        What the number is for: field, parameter and step.
    claimed : Printed
        The wrong number.
    right : Span or None
        The right value.
    shown : sequence of Span
        Values of the expressions in the author's chain, exactly as written: a mistake that shows
        there is named even if the number printed is another one.

    Returns
    -------
    Explanation
        Causes that reproduce the number to its last digit, if any. Otherwise the causes that the
        chain shows, with the rest that they leave unexplained. Nothing is invented.
    """
    faulty = _faulty_values(world, *key)
    full = [
        Cause(fault_id, _sentence(says, value), reproduces=True)
        for fault_id, says, value in faulty
        if claimed.fits(value) is not None and (right is None or not value.meets(right))
    ]
    if full:
        return Explanation(_once(full), None)
    full = _slips(claimed, right)
    if full:
        return Explanation(tuple(full), None)
    for written in shown:
        if right is not None and written.meets(right):
            continue
        seen = [
            Cause(fault_id, _sentence(says, value), reproduces=False)
            for fault_id, says, value in faulty
            if value.meets(written)
        ]
        if seen:
            return Explanation(_once(seen), _rest(claimed, written))
    base = next((w for w in shown if right is not None and w.meets(right)), right)
    return Explanation((), None if base is None else _rest(claimed, base))


def _faulty_values(world: World, field: str, parameter: str, t: int) -> list[tuple[str, str, Span]]:
    """Work every fault of a line from the right values; then from what the author had."""
    found = []
    for fault in faults.of(field):
        try:
            rule = fault.applied(world.rule)
        except UnknownName:
            continue
        line = rule.line(field)
        made = world.line_candidates(line, rule, parameter, t, tainted=True)
        found += [(fault.id, fault.said(t), candidate.span) for candidate in made]
    stale = _stale_gradient(world, field, parameter, t)
    return found + stale


def _stale_gradient(
    world: World, field: str, parameter: str, t: int
) -> list[tuple[str, str, Span]]:
    """Work m or v from the gradient of the step before."""
    if field not in ("m", "v", "g"):
        return []
    earlier = world.candidates("g", parameter, t - 1)
    if not earlier:
        return []
    says = "the gradient of the step before was used"
    if field == "g":
        return [("gradient-stale", says, c.span) for c in earlier]
    with world.assuming(("g", parameter, t), earlier):
        line = world.rule.line(field)
        made = world.line_candidates(line, world.rule, parameter, t, tainted=True)
    return [("gradient-stale", says, c.span) for c in made]


def _slips(claimed: Printed, right: Span | None) -> list[Cause]:
    """Try slips of the pen: a lost sign, a shifted point, two digits exchanged."""
    if right is None:
        return []
    if claimed.value and claimed.fits(Span(-right.high, -right.low)) is not None:
        return [Cause("sign-lost", "the sign is the wrong way round", reproduces=True)]
    significant = str(abs(claimed.value / claimed.unit).numerator).strip("0")
    if len(significant) < 2:
        return []  # one digit fits too much to prove anything
    for shift in (1, -1, 2, -2, 3, -3):
        scale = point(10).low ** shift
        if claimed.fits(Span(*sorted((right.low * scale, right.high * scale)))) is not None:
            places = f"{abs(shift)} place{'s' if abs(shift) > 1 else ''}"
            side = "right" if shift > 0 else "left"
            says = f"the decimal point stands {places} too far to the {side}"
            return [Cause("decimal-point-shifted", says, reproduces=True)]
    return []


def _once(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Keep the first of each kind: others differ in which roundings were carried on."""
    kinds: dict[str, Cause] = {}
    for cause in causes:
        kinds.setdefault(cause.id, cause)
    return tuple(kinds.values())


def _sentence(says: str, value: Span) -> str:
    return f"{says}: that gives {value.text(_DIGITS)}"


def _rest(claimed: Printed, base: Span) -> str | None:
    """Return what is left between the number claimed and the value that can be explained."""
    difference = claimed.value - base.middle
    return plain(Digits(_DIGITS).round(difference)) if difference else None
