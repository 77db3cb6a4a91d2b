"""The legitimate ways to be an optimizer, axis by axis, in the numbers that they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, final

from adamref import rules
from adamref.conventions import CONVENTIONS
from adamref.errors import OutOfDomain, UnknownName
from adamref.rules.family import axes as known_axes
from adamref.rules.stored import STORED, as_stored

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

BESIDE: Mapping[str, tuple[str, ...]] = {
    "hyper": CONVENTIONS,
    "moments": ("beta", "lerp"),
    "stored": STORED,
}
"""Axes that are no rule's: which numbers stand for the hyperparameters, how moments are updated,
and what is kept of them."""


@final
@dataclass(frozen=True)
class Dialect:
    """A rule, and what numbers its hyperparameters are.

    Attributes
    ----------
    optimizer : str
    axes : tuple of (str, str)
        A value on each of its axes.
    hyper : {"literal", "rounded", "mixed"}
        The hyperparameter convention.
    held : str
        The dtype that the convention rounds hyperparameters to.
    stored : str
        What is kept of its averages (`adamref.rules.stored`).
    """

    optimizer: str
    axes: tuple[tuple[str, str], ...] = ()
    hyper: str = "literal"
    held: str = "float32"
    stored: str = "moments"

    @property
    def rule(self) -> Rule:
        """The rule of this dialect."""
        return _rule(self.optimizer, self.axes, self.stored)

    @property
    def numbers(self) -> tuple[str, str]:
        """What its hyperparameters are: the convention and its dtype."""
        return self.hyper, self.held

    @property
    def unusual(self) -> int:
        """How unusual its axes are."""
        return rules.optimizer(self.optimizer).unusual(dict(self.axes))

    def on(self, axis: str) -> str:
        """Return its value on an axis; empty where it has none."""
        beside = {"hyper": self.hyper, "stored": self.stored}
        return {**beside, **dict(self.axes)}.get(axis, "")


@lru_cache(maxsize=1024)
def _rule(optimizer: str, axes: tuple[tuple[str, str], ...], stored: str) -> Rule:
    made = as_stored(rules.get(optimizer, **dict(axes)), stored)
    assert made is not None, f"{optimizer} keeps nothing {stored}"
    return made


def read_pins(pins: Sequence[str]) -> dict[str, str]:
    """Read ``AXIS=VALUE`` pins; a bare name pins the form.

    Raises
    ------
    UnknownName, OutOfDomain
        If no optimizer has such an axis or value, or an axis is pinned twice.
    """
    known = {**known_axes(), **BESIDE}
    found: dict[str, str] = {}
    for pin in pins:
        axis, equals, value = pin.partition("=")
        if not equals:
            axis, value = "form", pin
        axis = axis.strip().replace("-", "_")
        if axis not in known:
            raise UnknownName("axis of the dialect", axis, tuple(known))
        value = {"true": "on", "false": "off"}.get(value.strip().lower(), value.strip())
        if value not in known[axis]:
            raise UnknownName(f"dialect {axis}", value, known[axis])
        if found.setdefault(axis, value) != value:
            raise OutOfDomain(f"dialect {axis}", value, f"pinned once; it is {found[axis]} too")
    return found


def refuse_no_dialect(optimizer: str, pins: Mapping[str, str]) -> None:
    """Refuse pins that no dialect of an optimizer has.

    Raises
    ------
    OutOfDomain
        If one of them is another optimizer's, or there is no rule that has them all.
    """
    every = dialects(optimizer, {}, _ANY)
    for axis, value in pins.items():
        has = dict.fromkeys(x.on(axis) for x in every if x.on(axis))
        if axis not in BESIDE and value not in has:
            can = f"what {optimizer} can be: {', '.join(has) or 'it has no such axis'}"
            raise OutOfDomain("dialect", f"{axis}={value}", can)
    if not dialects(optimizer, pins, _ANY):
        both = " ".join(f"{axis}={value}" for axis, value in pins.items())
        raise OutOfDomain("dialect", both, f"what {optimizer} can be at once")


_ANY = tuple((hyper, "float32") for hyper in CONVENTIONS)


def dialects(
    optimizer: str,
    pins: Mapping[str, str],
    conventions: Sequence[tuple[str, str]],
    stored: str = "moments",
) -> list[Dialect]:
    """Return every dialect of an optimizer that the pins allow, the usual ones first.

    Parameters
    ----------
    optimizer : str
        One of `adamref.rules.family`.
    pins : mapping of str to str
        Axes with their values; those that are no axis of its rule are passed over.
    conventions : sequence of (str, str)
        Which conventions, each with the dtype that it rounds to.
    stored : str
        What is kept of averages, one of `adamref.rules.stored.STORED`.
    """
    return [
        Dialect(optimizer, tuple(rule.dialect.items()), hyper, held, stored)
        for rule in rules.optimizer(optimizer).rules(pins)
        if as_stored(rule, stored) is not None
        for hyper, held in conventions
        if pins.get("hyper", hyper) == hyper
    ]
