"""The fault catalogue: every mistake that can be named, in documents and in implementations.

A fault is one entry. `adamref check` runs all of them; `adamref audit` those that edit a single
line of the rule that a document works by; the flags of the golden vectors point to them. Other
packages add to them by the entry point group ``adamref.faults``: a `Fault`, or several.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from adamref import elsewhere
from adamref.errors import UnknownName
from adamref.faults import (
    corrections,
    decay,
    driver,
    epsilon,
    gradients,
    hyper,
    moments,
    precision,
    steps,
)
from adamref.faults.fault import Fault, Parameter, Slip

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

GROUP = "adamref.faults"
"""The entry points that other packages name their faults by."""

_OWN: Mapping[str, tuple[Fault, ...]] = {
    "Moments": moments.FAULTS,
    "The step": steps.FAULTS,
    "Bias corrections": corrections.FAULTS,
    "Epsilon": epsilon.FAULTS,
    "Weight decay and AMSGrad's maximum": decay.FAULTS,
    "Gradients": gradients.FAULTS,
    "Hyperparameters": hyper.FAULTS,
    "Counters, tensors, restarts, schedules, vectors": driver.FAULTS,
    "Precision": precision.FAULTS,
}


@lru_cache(maxsize=1)
def families() -> Mapping[str, tuple[Fault, ...]]:
    """Return every fault by family, in the order in which equally good explanations are preferred.

    Raises
    ------
    CannotLoad
        If an entry point cannot be loaded, is no fault, or has the id of another.
    """
    # Looked for when first asked: the packages that are found import this one.
    found = dict(_OWN)
    taken = {fault.id for family in _OWN.values() for fault in family}
    for entry, fault in elsewhere.each(
        GROUP, lambda x: isinstance(x, Fault), "fault", lambda x: (x.id,), taken
    ):
        family = f"From elsewhere: {entry.name}"
        found[family] = (*found.get(family, ()), fault)
    return found


def every() -> tuple[Fault, ...]:
    """Return every fault, each once, whatever its parameter."""
    return tuple(fault for family in families().values() for fault in family)


@lru_cache(maxsize=1)
def cases() -> tuple[Fault, ...]:
    """Return every fault with every value of its parameter."""
    return tuple(case for fault in every() for case in fault.cases)


@lru_cache(maxsize=1)
def _own() -> Mapping[str, Fault]:
    """Return the faults of this package by id: no other package is asked for them."""
    own = (*(fault for family in _OWN.values() for fault in family), precision.APPROXIMATE)
    return {case.id: case for fault in own for case in fault.cases}


def get(id_: str) -> Fault:
    """Return a fault by its id, for a value of its parameter if it has one.

    Raises
    ------
    UnknownName
        If there is none.
    """
    own = _own().get(id_)
    if own is not None:
        return own
    for fault in cases():
        if fault.id == id_:
            return fault
    raise UnknownName("fault", id_, tuple(fault.id for fault in cases()))


@lru_cache(maxsize=64)
def of_one_line(rule: Rule) -> tuple[Slip, ...]:
    """Return the faults that edit exactly one line of a rule, each with what it makes of it.

    Where several make the same of a line, the first is taken.
    """
    right = {line.name: line for line in rule.lines}
    found: dict[object, Slip] = {}
    for fault in cases():
        made = None if fault.drive else fault.applied(rule)
        if made is None or [line.name for line in made.lines] != list(right):
            continue
        changed = [line for line in made.lines if line != right[line.name]]
        if len(changed) == 1:
            (line,) = changed
            found.setdefault((line.name, line.expr.doit()), Slip(fault, line.name, made))
    return tuple(found.values())


__all__ = [
    "GROUP",
    "Fault",
    "Parameter",
    "Slip",
    "cases",
    "every",
    "families",
    "get",
    "of_one_line",
]
