"""The legitimate ways to be an Adam, axis by axis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, final

from adamref import rules
from adamref.conventions import CONVENTIONS
from adamref.errors import OutOfDomain, UnknownName
from adamref.rules.adam import FORMS, MAXIMA, WEIGHT_DECAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.rules.rule import Rule

AXES: Mapping[str, tuple[str, ...]] = {
    "form": FORMS,
    "bias_correction": ("on", "off"),
    "weight_decay": WEIGHT_DECAYS,
    "amsgrad": MAXIMA,
    "hyper": CONVENTIONS,
    "moments": ("beta", "lerp"),
}
"""The axes that can be pinned, with their values."""

OPTIMIZERS = ("adam", "adam-l2", "adamw", "amsgrad")

_DECAYS = {
    "adam": ("none",),
    "adam-l2": ("l2",),
    "adamw": ("decoupled-before", "decoupled-after"),
    "amsgrad": ("none",),
}
_MAXIMA = {"amsgrad": ("v", "v_hat")}


@final
@dataclass(frozen=True)
class Dialect:
    """One value on each axis.

    Attributes
    ----------
    optimizer, form, bias_correction, weight_decay, amsgrad : str
        As `adamref.rules.get` takes them.
    hyper : {"literal", "rounded", "mixed"}
        The hyperparameter convention.
    held : str
        The dtype that the convention rounds hyperparameters to.
    """

    optimizer: str
    form: str
    bias_correction: str
    weight_decay: str
    amsgrad: str
    hyper: str = "literal"
    held: str = "float32"

    @property
    def rule(self) -> Rule:
        """The rule of this dialect."""
        return _rule(replace(self, hyper="", held=""))

    @property
    def numbers(self) -> tuple[str, str]:
        """What its hyperparameters are: the convention and its dtype."""
        return self.hyper, self.held

    @property
    def unusual(self) -> int:
        """How many axes have another value than the paper's."""
        return (
            (self.form != "paper")
            + 2 * (self.form == "eps-root")
            + 3 * (self.bias_correction != "on")
            + (self.weight_decay == "decoupled-after")
            + (self.amsgrad == "v_hat")
        )


@lru_cache(maxsize=256)
def _rule(dialect: Dialect) -> Rule:
    axes: dict[str, Any] = {
        "form": dialect.form,
        "bias_correction": dialect.bias_correction == "on",
        "weight_decay": dialect.weight_decay,
        "maximum": dialect.amsgrad,
    }
    return rules.get(dialect.optimizer, **axes)


def read_pins(pins: Sequence[str]) -> dict[str, str]:
    """Read ``AXIS=VALUE`` pins; a bare name pins the form.

    Raises
    ------
    UnknownName, OutOfDomain
        If there is no such axis or value, or an axis is pinned twice.
    """
    found: dict[str, str] = {}
    for pin in pins:
        axis, equals, value = pin.partition("=")
        if not equals:
            axis, value = "form", pin
        axis = axis.strip().replace("-", "_")
        if axis not in AXES:
            raise UnknownName("axis of the dialect", axis, tuple(AXES))
        value = {"true": "on", "false": "off"}.get(value.strip().lower(), value.strip())
        if value not in AXES[axis]:
            raise UnknownName(f"dialect {axis}", value, AXES[axis])
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
    every = dialects(optimizer, {}, [(hyper, "float32") for hyper in CONVENTIONS])
    for axis, value in pins.items():
        has = dict.fromkeys(getattr(x, axis, value) for x in every)
        if value not in has:
            can = f"what {optimizer} can be: {', '.join(has)}"
            raise OutOfDomain("dialect", f"{axis}={value}", can)
    if not dialects(optimizer, pins, [(hyper, "float32") for hyper in CONVENTIONS]):
        both = " ".join(f"{axis}={value}" for axis, value in pins.items())
        raise OutOfDomain("dialect", both, f"what {optimizer} can be at once")


def dialects(
    optimizer: str, pins: Mapping[str, str], conventions: Sequence[tuple[str, str]]
) -> list[Dialect]:
    """Return every dialect of an optimizer that the pins allow, the usual ones first.

    Parameters
    ----------
    optimizer : str
        adam, adam-l2, adamw or amsgrad.
    pins : mapping of str to str
        Axes with their values.
    conventions : sequence of (str, str)
        Which conventions, each with the dtype that it rounds to.
    """
    found = []
    for form, correction, decay, maximum, (hyper, held) in product(
        FORMS,
        AXES["bias_correction"],
        _DECAYS[optimizer],
        _MAXIMA.get(optimizer, ("none",)),
        conventions,
    ):
        if not _is_none(form, correction, maximum):
            found.append(Dialect(optimizer, form, correction, decay, maximum, hyper, held))
    allowed = [x for x in found if all(getattr(x, a, v) == v for a, v in pins.items())]
    return sorted(allowed, key=lambda x: x.unusual)


def _is_none(form: str, correction: str, maximum: str) -> bool:
    """Say whether there is no such rule."""
    no_hat = correction == "off" or form == "eps-hat"
    return (form == "eps-hat" and correction == "off") or (maximum == "v_hat" and no_hat)
