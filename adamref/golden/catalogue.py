"""Every probe, family by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from adamref.errors import UnknownName
from adamref.golden import (
    families_dialects,
    families_driver,
    families_generic,
    families_ranges,
    families_steps,
)
from adamref.listing import Group, Listing

if TYPE_CHECKING:
    from adamref.golden.probe import Probe

_FAMILIES = (
    families_generic.generic,
    families_generic.defaults,
    families_steps.first_step,
    families_steps.near_eps,
    families_steps.constant,
    families_steps.sparse,
    families_steps.betas,
    families_steps.parameters,
    families_dialects.decay,
    families_dialects.schedule,
    families_dialects.shrinking,
    families_driver.several,
    families_driver.resume,
    families_driver.jumps,
    families_driver.vectors,
    families_driver.long,
    families_ranges.large,
    families_ranges.small,
    families_ranges.wide,
    families_ranges.not_finite,
)


@cache
def probes() -> Mapping[str, Probe]:
    """Return every probe by its name."""
    found: dict[str, Probe] = {}
    for family in _FAMILIES:
        for probe in family():
            assert probe.name not in found, f"two probes are called {probe.name}"
            found[probe.name] = probe
    return found


@cache
def every() -> Mapping[str, Probe]:
    """Return the probes of the suite, and those of the rules of other packages."""
    more = families_generic.elsewhere({probe.rule for probe in probes().values()})
    return {**probes(), **{probe.name: probe for probe in more}}


def chosen(names: Sequence[str]) -> list[Probe]:
    """Return the probes of some names, or all if none is given.

    Raises
    ------
    UnknownName
        If there is no such probe.
    """
    known = every()
    for name in names:
        if name not in known:
            raise UnknownName("probe", name, tuple(known))
    return [known[name] for name in names] if names else list(probes().values())


def listing() -> Listing:
    """Return the names of all probes with what they are, by family: the first word of a name."""
    families: dict[str, list[tuple[str, str]]] = {}
    for name, probe in every().items():
        families.setdefault(name.partition("-")[0], []).append((name, probe.says))
    return Listing("probes", tuple(Group(name, tuple(x)) for name, x in families.items()))
