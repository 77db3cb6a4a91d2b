"""Which faults are planted: those for which a target has a place, and what is known of each.

What no probe tells from a legitimate dialect is no fault, and what no probe tells from the right
rule cannot be seen by any test: that is worked out as for the catalogue's own page
(`adamref.mutation.separation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from adamref import faults, rules
from adamref.mutation.separation import ProbeSetting
from adamref.oracle.judge.dialects import Dialect
from adamref.rules.family import family

if TYPE_CHECKING:
    from adamref.faults import Fault
    from adamref.mutation.orders import KnownUse

Standing: TypeAlias = Literal["core", "edge", "dialect", "equivalent", "undetectable"]

_WIDE = ("float32", "float64")
"""The dtypes in which every fault that has a place in a narrower one has one too."""


@final
@dataclass(frozen=True)
class Home:
    """Of what a target is in some of its configurations.

    Attributes
    ----------
    dialect : Dialect
    dtype : str
    is_used : bool
        Whether any test uses it so.
    """

    dialect: Dialect
    dtype: str
    is_used: bool


@final
@dataclass(frozen=True)
class Planned:
    """A fault that may be planted.

    Attributes
    ----------
    fault : Fault
    family : str
        The catalogue's chapter.
    home : Home or None
        The first that has a place for it.
    standing : str
        ``core``: told by a probe of ordinary numbers; ``edge``: only where these leave the normal
        range, or t passes 2**24; ``dialect``: also a legitimate way; ``undetectable``.
    because : str
        Why it is none that a test could tell.
    probes : tuple of str
        Those of the home that tell it.
    needs : frozenset of str
        What each of them asks for: a second tensor, a gradient that is missing, ….
    """

    fault: Fault
    family: str
    home: Home | None
    standing: Standing
    because: str = ""
    probes: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()


def homes(
    known: Sequence[KnownUse], takes: Sequence[str], optimizer: str, decoupled: str = ""
) -> list[Home]:
    """Return what a target is in the tests, and what else its arguments say that it can be.

    Parameters
    ----------
    known : sequence of KnownUse
    takes : sequence of str
        The names of its arguments.
    optimizer : str
        What it is by its name; may be empty.
    decoupled : str
        ``adamw`` where weight decay is decoupled in all of its kind.
    """
    found: dict[tuple[str, str], Home] = {}
    for one in sorted(known, key=lambda x: -x.steps):
        if one.dialect is not None:
            key = one.dialect.optimizer, one.configuration.dtype
            found.setdefault(key, Home(one.dialect, one.configuration.dtype, is_used=True))
    if not found:
        return []
    wide = {name for name, dtype in found if dtype in _WIDE}
    found = {key: x for key, x in found.items() if key[1] in _WIDE or key[0] not in wide}
    dtype = next(iter(found))[1]
    names = {name for name, _ in found}
    more = []
    decays = any("weight_decay" in _rule(n) for n in names)
    if {"weight_decay", "wd"} & set(takes) and not decays:
        more.append("adamw" if "adamw" in (optimizer, decoupled) else "adam-l2")
    if "amsgrad" in takes and "amsgrad" not in names:
        more.append("amsgrad")
    of_adam = names <= {"adam", "adam-l2", "adamw", "amsgrad"}
    for name in more if of_adam else ():
        usual = tuple(rules.optimizer(name).rule.dialect.items())
        found[name, dtype] = Home(Dialect(name, usual), dtype, is_used=False)
    order = list(family())
    return sorted(found.values(), key=lambda x: (not x.is_used, order.index(x.dialect.optimizer)))


def planned(
    where: Sequence[Home],
    *,
    lacks: Mapping[str, str] = MappingProxyType({}),
    every_value: bool = False,
    only: Sequence[str] = (),
) -> list[Planned]:
    """Return the faults for which some home has a place, each once, in the catalogue's order.

    Parameters
    ----------
    where : sequence of Home
        Those that are used first.
    lacks : mapping of str to str
        What a call of the target never sees, each with a sentence of why.
    every_value : bool
        Whether one is planted with every value of its parameter, or with that which most probes
        tell.
    only : sequence of str
        The ids of those that are asked for; all if empty.
    """
    left = {case.id for case in faults.cases()}
    left &= {*only, *(x.told_as for x in faults.every() if x.id in only)} if only else left
    told: dict[str, Planned] = {}
    chapters = {
        x.id: name for name, some in faults.families().items() for y in some for x in y.cases
    }
    for home in where:
        axes = dict(home.dialect.axes)
        setting = ProbeSetting(home.dialect.optimizer, home.dtype, axes, frozenset(left))
        for id_ in setting.faults:
            told[id_] = _told(id_, chapters[id_], home, setting)
        for id_ in setting.placed - setting.faults.keys():
            told.setdefault(id_, _unseen(id_, chapters[id_], home))
        left -= setting.faults.keys()
    found: list[Planned] = []
    for fault in faults.every():
        ones = [told[case.id] for case in fault.cases if case.id in told]
        if fault.told_as and fault.told_as in told and not ones:
            says = (
                f"it differs from {fault.told_as} in lines that an implementation keeps to itself"
            )
            its = told[fault.told_as].home
            ones = [Planned(fault, chapters[fault.id], its, "equivalent", says)]
        if ones and not every_value:
            asked = [x for x in ones if x.fault.id in only]
            ones = asked or [max(ones, key=lambda x: len(x.probes))]
        found += ones
    return [_held_to(x, lacks) for x in found if not only or x.fault.id in only]


def _held_to(one: Planned, lacks: Mapping[str, str]) -> Planned:
    """Return a fault as undetectable where all that tells it is what no call sees."""
    says = next((x for need, x in lacks.items() if need in one.needs), None)
    return one if says is None else replace(one, standing="undetectable", because=says)


def _told(id_: str, chapter: str, home: Home, setting: ProbeSetting) -> Planned:
    fault = faults.get(id_)
    core, edge = (tuple(setting.separating(id_, kind)) for kind in ("core", "edge"))
    if alike := setting.dialects_alike(id_):
        says = f"it is also a legitimate dialect: {alike[0]}"
        return Planned(fault, chapter, home, "dialect", says, core)
    kind: Standing = "core" if core else "edge"
    return Planned(fault, chapter, home, kind, "", core or edge, setting.needs(id_))


def _unseen(id_: str, chapter: str, home: Home) -> Planned:
    says = f"no probe tells it from a right {home.dialect.optimizer} in {home.dtype}"
    return Planned(faults.get(id_), chapter, home, "undetectable", says)


def _rule(name: str) -> Mapping[str, object]:
    return rules.optimizer(name).rule.defaults


__all__ = ["Home", "Planned", "Standing", "homes", "planned"]
