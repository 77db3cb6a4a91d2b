"""Looking for the mistake behind a wrong number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from adamref import faults
from adamref.documents.claims import Cause
from adamref.documents.spans import Printed, Span, places, point
from adamref.numbers.rounding import Digits, plain

if TYPE_CHECKING:
    from fractions import Fraction

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
    fits: dict[str, list[_Found]] = {}
    for found in faulty:
        how = claimed.fits(found.value)
        if how is not None and (right is None or _shows(claimed, found.value, right)):
            fits.setdefault(how, []).append(found)
    # What gives the number exactly is not doubted for what must be rounded or cut to give it.
    full = next((fits[how] for how in ("exact", "rounded", "truncated") if how in fits), None)
    if full:
        return Explanation(_causes(full, reproduces=True), None)
    with world.assuming(key, None):
        sound = [c.span for c in world.candidates(*key) if not c.tainted]
    rights = [right, *sound] if right is not None else sound
    for one in rights:
        if slips := _slips(claimed, one):
            return Explanation(tuple(slips), None)
    for written in shown:
        if right is not None and written.meets(right):
            continue
        seen = [found for found in faulty if found.value.meets(written)]
        if seen:
            return Explanation(_causes(seen, reproduces=False), _rest(claimed, written))
    made = next((w for w in shown if _leads(w, claimed, rights)), None)
    base = made or right
    says = "" if made is None else f"the expression is right and gives {made.text(_DIGITS)}"
    slip = (Cause("arithmetic-slip", says, reproduces=False),) if made is not None else ()
    return Explanation(slip, None if base is None else _rest(claimed, base))


def _leads(written: Span, claimed: Printed, rights: Sequence[Span]) -> bool:
    """Say whether an expression gives the right value, as far as its numbers were rounded."""
    return any(abs(written.middle - one.middle) <= claimed.unit for one in rights)


@final
@dataclass(frozen=True)
class _Found:
    """What a fault makes of a line; whether by a maximum or magnitude, which may do nothing."""

    id: str
    says: str
    value: Span
    bounded: bool = False


def _faulty_values(world: World, field: str, parameter: str, t: int) -> list[_Found]:
    """Work every fault of a line from the right values; then from what the author had."""
    found = []
    wanted = ("delta", "theta") if field == "theta" else (field,)
    for slip in faults.of_one_line(world.rule):
        if slip.line not in wanted:
            continue
        line = slip.rule.line(field)
        made = world.line_candidates(line, slip.rule, parameter, t, tainted=True)
        if made:
            says, bounded = slip.said(world.rule, t), slip.is_bounded
            found += [_Found(slip.fault.id, says, x.span, bounded) for x in made]
    return found + _stale_gradient(world, field, parameter, t)


def _stale_gradient(world: World, field: str, parameter: str, t: int) -> list[_Found]:
    """Work m or v from the gradient of the step before."""
    earlier = world.candidates("g", parameter, t - 1) if field in ("m", "v", "g") else []
    if not earlier:
        return []
    fault, made = faults.get("gradient-stale"), earlier
    if field != "g":
        with world.assuming(("g", parameter, t), earlier):
            line = world.rule.line(field)
            made = world.line_candidates(line, world.rule, parameter, t, tainted=True)
    return [_Found(fault.id, fault.says, c.span) for c in made]


def _shows(claimed: Printed, value: Span, right: Span) -> bool:
    """Say whether a value accounts for what is printed where the right one does not.

    The two differ by what the printed places can show, or it comes far nearer to the number.
    """
    apart, off = value.middle - right.middle, value.middle - claimed.value
    nearer = 2 * abs(off) <= abs(right.middle - claimed.value)
    return not value.meets(right) and (2 * abs(apart) >= claimed.unit or nearer)


def _causes(found: Sequence[_Found], *, reproduces: bool) -> tuple[Cause, ...]:
    """Name each kind once: others differ in which roundings were carried on.

    A maximum or a magnitude that does nothing is not named beside what is the same without it.
    """
    plain_values = {x.value for x in found if not x.bounded}
    kinds: dict[str, Cause] = {}
    for x in found:
        if not (x.bounded and x.value in plain_values):
            says = f"{x.says}: that gives {x.value.text(_DIGITS)}"
            kinds.setdefault(x.id, Cause(x.id, says, reproduces=reproduces))
    return tuple(kinds.values())


def _slips(claimed: Printed, right: Span | None) -> list[Cause]:
    """Try slips of the pen: a lost sign, a shifted point, two digits exchanged."""
    if right is None:
        return []
    if claimed.value and claimed.fits(-right) is not None:
        return [Cause("sign-lost", "the sign is the wrong way round", reproduces=True)]
    significant = str(abs(claimed.value / claimed.unit).numerator).strip("0")
    if len(significant) < 2:
        return []  # one digit fits too much to prove anything
    if (miswritten := _miswritten(claimed, right)) is not None:
        return [miswritten]
    for shift in (1, -1, 2, -2, 3, -3):
        scale = point(10).low ** shift
        if claimed.fits(Span(*sorted((right.low * scale, right.high * scale)))) is not None:
            places = f"{abs(shift)} place{'s' if abs(shift) > 1 else ''}"
            side = "right" if shift > 0 else "left"
            says = f"the decimal point stands {places} too far to the {side}"
            return [Cause("decimal-point-shifted", says, reproduces=True)]
    return []


def _miswritten(claimed: Printed, right: Span) -> Cause | None:
    """Recognise a number with one digit that is another, or two that stand exchanged."""
    written = claimed.value / claimed.unit
    scaled = right.middle / claimed.unit
    if written * scaled <= 0:
        return None
    for meant in dict.fromkeys((round(abs(scaled)), int(abs(scaled)))):
        one, other = str(abs(int(written))), str(meant)
        width = max(len(one), len(other))
        one, other = one.rjust(width, "0"), other.rjust(width, "0")
        differing = [i for i in range(width) if one[i] != other[i]]
        shown = plain(Digits(_DIGITS).round(meant * claimed.unit * (1 if scaled > 0 else -1)))
        if len(differing) == 1:
            at = differing[0]
            says = f"{one[at]} stands where {other[at]} belongs, in {shown}"
            return Cause("digit-wrong", says, reproduces=True)
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            i, k = differing
            if (one[i], one[k]) == (other[k], other[i]):
                says = f"the digits {other[i]} and {other[k]} of {shown} are exchanged"
                return Cause("digits-exchanged", says, reproduces=True)
    return None


def _rest(claimed: Printed, base: Span) -> str | None:
    """Return what is left between the number claimed and the value that can be explained."""
    difference = claimed.value - base.middle
    return plain(Digits(_DIGITS).round(difference)) if difference else None


def rounded_too_far(
    habit: tuple[Fraction, Printed] | None, rights: Sequence[Span]
) -> Explanation | None:
    """Say that a number is right but for digits that the author's others have.

    ``habit`` is their unit and the number as it is printed; None where it has all digits.
    """
    if habit is None:
        return None
    unit, number = habit
    right = next((value for value in rights if number.fits(value)), None)
    if right is None:
        return None
    if unit == number.unit:
        says = f"{right.text()} was cut off at {places(number)}, where the others are rounded"
        return Explanation((Cause("cut-off", says, reproduces=True),), None)
    says = (
        f"{right.text()} was rounded at {places(number)}, where the numbers beside it have "
        f"what is right at {places(replace(number, unit=unit))}"
    )
    return Explanation((Cause("rounded-too-far", says, reproduces=True),), None)
