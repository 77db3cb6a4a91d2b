"""Whether a state can be loaded into an implementation, as throw-away steps show.

All states of the rule have to be visible, everything has to be writeable, and no step may depend on
anything beside: an entry that a step changes is given the value of a later step, and must not
matter.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

import numpy as np

from adamref.numbers import formats
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.entries import same
from adamref.oracle.observe.calling.micro import Micro, counted, stated, takes_micro_batches
from adamref.oracle.observe.calling.values import floats, generic
from adamref.oracle.observe.digits import part_of
from adamref.oracle.observe.sessions.session import Failed, Remark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.names import Parameters
    from adamref.oracle.observe.digits import Part
    from adamref.oracle.observe.sessions.session import Held, Start


class Loadable(Protocol):
    """What is asked of an implementation that a state may be loaded into."""

    counters: ClassVar[tuple[str, ...]]

    def begun(self, start: Start) -> None:
        """Start over, without a look at what it can do."""

    def takes_as_micro_batches(self, micro: Micro) -> None:
        """Give it so many micro-batches a step."""

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""

    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""

    def held(self, i: int) -> Held:
        """Read a tensor."""

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return all that is held for a tensor, by its own names."""

    def which(self, entries: Mapping[str, Any]) -> Mapping[str, str]:
        """Return which entries are the states and the counter, t."""

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""


class Loads(NamedTuple):
    """What can be loaded.

    Attributes
    ----------
    can : bool
    remarks : tuple of Remark
        Why not, where that is known.
    beside : mapping of str to Part
        What belongs to theta in the state.
    """

    can: bool = False
    remarks: tuple[Remark, ...] = ()
    beside: Mapping[str, Part] = {}


def loads(adapter: Loadable, start: Start) -> Loads:
    """Say whether a state can be loaded, by trying it on the first tensor."""
    try:
        with calling("looking at its state"):
            return _looked(adapter, replace(start, thetas=(generic(start.thetas[0]),)))
    except Failed:  # not everything can be copied, or written to
        return Loads()


def micro_batches(
    adapter: Loadable, start: Start, takes: Parameters, args: Mapping[str, Any], gradient: str
) -> Micro:
    """Say of how many micro-batches a step is made, and whether one call is given them all.

    One by one if an argument says how many, and if theta moves with the last alone.

    Parameters
    ----------
    adapter : Loadable
    start : Start
    takes : Parameters
        Of what makes it.
    args : mapping
        What those are given.
    gradient : str
        What a step calls the gradients.
    """
    if takes_micro_batches(gradient):
        return Micro(counted(takes, args)[0], at_once=True)
    count = max(stated(takes, args).values(), default=1)
    if count == 1:
        return Micro()
    other = copy.copy(adapter)
    other.takes_as_micro_batches(Micro())
    ones = np.ones(3)
    try:
        other.begun(replace(start, thetas=(generic(ones),)))
        shown = [other.step([ones])[0] for _ in range(count)]
    except Failed:
        return Micro()
    waits = not any(np.any(x.theta != shown[0].theta) for x in shown[:-1])
    if not waits or np.all(shown[-1].theta == shown[0].theta):
        return Micro()
    return Micro(count, ticks=count if shown[-1].t == count else 1)


def twin(adapter: Loadable, start: Start, steps: int = 1) -> Loadable:
    """Return another of the same implementation, after some steps."""
    other = copy.copy(adapter)  # what was found out of its kind holds for it as well
    other.begun(start)
    for _ in range(steps):
        other.step([np.ones_like(start.thetas[0])])
    return other


def _looked(adapter: Loadable, start: Start) -> Loads:
    first = twin(adapter, start)
    shown, before = first.held(0), copy.deepcopy(dict(first.entries(0)))
    if not set(start.states) <= set(shown.states) or (start.timed and shown.t is None):
        return Loads()
    second = twin(adapter, start, steps=2)
    after = second.entries(0)
    # Writing what is there already shows whether it can be written at all.
    first.load([shown])
    known = {*first.which(before).values(), *first.counters, "theta"}
    others = [x for x in after if x in before and not {x, x.strip("_")} & known]
    changed = [x for x in others if not same(before[x], after[x])]
    hidden = [x for x in changed if _matters(x, adapter, second, start)]
    beside = {x: part for x in hidden if (part := _part(x, second, start))}
    hidden = [x for x in hidden if x not in beside]
    if hidden:
        own = " and ".join([", ".join(start.states) or "theta"] + ["t"] * start.timed)
        says = f"its state has {', '.join(hidden)} beside {own}: no other can be loaded"
        return Loads(remarks=(Remark("hidden-state", "note", says),))
    return Loads(can=True, beside=beside)


def _matters(name: str, adapter: Loadable, second: Loadable, start: Start) -> bool:
    """Say whether a step depends on an entry: it is given that of a later state."""
    value = second.entries(0)[name]
    if same(value, second.theta(0)):
        return False
    third = twin(adapter, start)
    third.put(0, name, copy.deepcopy(value), None)
    third.step([np.ones_like(start.thetas[0])])
    right, got = second.held(0), third.held(0)
    # What rounding took from theta may show in what it takes next alone.
    kept = not _part(name, second, start) or same(value, third.entries(0)[name])
    alike = kept and right.theta.tobytes() == got.theta.tobytes()
    return not (alike and all(same(x, got.states.get(n)) for n, x in right.states.items()))


def _part(name: str, adapter: Loadable, start: Start) -> Part | None:
    """Say what part of theta an entry holds, if any."""
    entry, theta = floats(adapter.entries(0).get(name)), adapter.held(0).theta
    return None if entry is None else part_of(entry, theta, formats.get(start.dtype))
