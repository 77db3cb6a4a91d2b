"""What all formats say of a mutation alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.mutation.result import FaultRun, Mutation, ShownBy, TargetUse

NOT_PLANTED = ("dialect", "equivalent", "undetectable")
"""The verdicts of what was not planted."""


def headline(found: Mutation) -> str:
    """Say how many of how many faults the tests notice."""
    if found.baseline == "failed":
        return f"{found.target}: nothing was planted: {found.because}"
    total = found.killed + found.survived
    core = sum(x.core for x in found.of("survived"))
    some = f"{found.survived} survive" + (
        f", {core} of them core" if core != found.survived else ""
    )
    late = len(found.of("timeout"))
    more = f" ({late} by not ending)" if late else ""
    left = len(found.of("not-run"))
    rest = f"; {left} were not planted, as the time was up" if left else ""
    of = f"{found.killed} of {total} planted faults{more}"
    return f"{found.target}: the tests notice {of}: {some}{rest}"


def apart(found: Mutation) -> str:
    """Say what was left out; empty where nothing was."""
    words = {"dialect": "also a legitimate dialect", "equivalent": "the same to a test as another",
             "undetectable": "beyond any test of this interface"}  # fmt: skip
    counts = [(len(found.of(x)), said) for x, said in words.items()]
    said = [f"{n} {what}" for n, what in counts if n]
    return f"Not planted: {', '.join(said)}." if said else ""


def of_tests(found: Mutation) -> str:
    """Say how many tests there are, and what they use the target as."""
    uses = "; ".join(map(used, found.uses))
    reach = f"{found.reaching} of {found.tests} tests take a step of it" if found.tests else ""
    return ". ".join(x for x in (reach, f"It is used as {uses}" if uses else "") if x) + "."


def used(one: TargetUse) -> str:
    """Name a way in which it is used."""
    options = f" with {', '.join(one.options)}" if one.options else ""
    unusual = [x for x in one.dialect.values() if x not in {"paper", "on", "none"}]
    dialect = f" ({', '.join(unusual)})" if unusual else ""
    return f"{one.optimizer or 'no known optimizer'}{dialect} in {one.dtype}{options}"


def shown(one: ShownBy | None) -> str:
    """Say what shows a fault."""
    if one is None:
        return "no probe of ordinary length"
    if not one.steps:
        return f"probe {one.probe}" if one.probe else "no probe of ordinary length"
    steps = f"{one.steps} step{'s' * (one.steps != 1)}"
    elements = f"{one.elements} element{'s' * (one.elements != 1)}"
    off = (
        f"off by {one.difference_ulp:.3g} ulp" if math.isfinite(one.difference_ulp) else "no number"
    )
    return f"{steps} of {elements} of {one.probe}: {one.field} is {off}"


def survivors(found: Mutation) -> list[FaultRun]:
    """Return those that pass, core ones first."""
    return sorted(found.of("survived"), key=lambda x: not x.core)


def sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]
