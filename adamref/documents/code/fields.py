"""Variables that are fields of one rule alone, seen from what they are made of.

Lion's c is made of m and the gradient, AMSGrad's maximum of itself and v, whatever they are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Call, Name, Node, names
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from adamref.documents.code.statements import Assignment
    from adamref.documents.code.variables import Variables
    from adamref.rules.optimizer import Optimizer

_COMMON = frozenset(
    ("m", "v", "m_hat", "v_hat", "g", "g_total", "theta", "theta_decayed", "delta", "b")
)
_MOMENTS = ("m", "v")
_SELF = "itself"


def fields_of(
    assignments: Sequence[Assignment], variables: Variables, optimizer: Optimizer
) -> dict[str, str]:
    """Return the variables that are made as only a field of this optimizer is, with that field."""
    known = made_of(optimizer)
    found: dict[str, str] = {}
    for one in assignments:
        signed = isinstance(one.value, Call) and one.value.function == "sign"
        if one.value is not None and not signed and one.target.base not in found:
            needs = frozenset(_needs(one.target.base, one.value, variables))
            if needs in known and variables.meaning(one.target).name not in ("theta", "g"):
                found[one.target.base] = known[needs]
    return found


def stored_later(assignments: Sequence[Assignment], variables: Variables) -> dict[str, Name]:
    """Return the variables in which a moment is worked before it is stored, with that moment.

    ``mi = b1 * m[i] + …``, and later ``m[i] = mi``.
    """
    found: dict[str, Name] = {}
    for at, one in enumerate(assignments):
        if not isinstance(one.value, Name) or variables.meaning(one.target).name not in _MOMENTS:
            continue
        base, state = one.value.base, one.target
        worked = [x for x in assignments if x.target.base == base]
        its = [x for x in assignments[:at] if x in worked and x.value is not None]
        once = len(worked) == len(its) == 1 and base not in variables.corrected
        if once and state.base in {n.base for n in names(its[0].value or state)}:
            found[base] = state
    return found


@cache
def kept_behind(optimizer: Optimizer) -> frozenset[str]:
    """Return the states that another line of a rule takes as they were, as Lion's c takes m."""
    return frozenset(
        state
        for state in optimizer.rule.states
        if state != "theta"
        for line in optimizer.rule.lines
        if line.name != state and state + PREVIOUS in {x.name for x in line.expr.free_symbols}
    )


def _needs(base: str, value: Node, variables: Variables) -> Iterator[str]:
    for name in names(value):
        meaning = variables.meaning(name)
        if name.base == base:
            yield _SELF
        elif meaning.kind in ("field", "other"):
            yield meaning.name


@cache
def made_of(optimizer: Optimizer) -> dict[frozenset[str], str]:
    """Return what fields that only this optimizer has are made of, of moments and gradients."""
    found: dict[frozenset[str], str] = {}
    common: set[frozenset[str]] = set()
    for rule in optimizer.rules():
        for line in rule.lines:
            symbols = {x.name.removesuffix(PREVIOUS) for x in line.expr.free_symbols}
            used = symbols & {*rule.fields, "g"}
            needs = frozenset(
                _SELF if x == line.name else "g" if x == "g_total" else x for x in used
            )
            if line.name in _COMMON:
                common.add(needs)
            elif needs & {"m", "v", "v_hat", "m_hat"} and "theta" not in needs:
                found.setdefault(needs, line.name)
    return {needs: name for needs, name in found.items() if needs not in common}
