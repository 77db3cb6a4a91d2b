"""Whether a state can be loaded: seen from throw-away steps of others of the same kind.

All states of the rule have to be visible, everything has to be writeable, and no step may depend on
anything beside: an entry that a step changes is given the value of a later step, and must not
matter.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np

from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.entries import named, same
from adamref.oracle.observe.sessions.session import Failed, Remark

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.oracle.observe.calling.adapter import Adapter
    from adamref.oracle.observe.sessions.session import Start

_Loads: TypeAlias = "tuple[bool, tuple[Remark, ...]]"


@final
class Loading:
    """What is known of loading states into what an adapter reaches.

    Parameters
    ----------
    make : callable
        Returns another adapter of the same implementation.
    """

    def __init__(self, make: Callable[[], Adapter]) -> None:
        self._make = make
        self._known: dict[Any, _Loads] = {}

    def loads(self, start: Start) -> _Loads:
        """Say whether a state can be loaded, and what there is to remark."""
        if not start.thetas:
            return False, ()
        asked = (start.dtype, start.optimizer, start.states, start.timed)
        found = self._known.get(asked)
        if found is None:
            try:
                with calling("looking at its state"):
                    found = self._looked(replace(start, thetas=start.thetas[:1]))
            except Failed:  # not everything can be copied, or written to
                return False, ()
            if start.thetas[0].size:
                self._known[asked] = found
        return found

    def _looked(self, start: Start) -> _Loads:
        first = self._stepped(start)
        shown, before = first.held(0), copy.deepcopy(dict(first.entries(0)))
        if not set(start.states) <= set(shown.states) or (start.timed and shown.t is None):
            return False, ()
        second = _again(self._stepped(start), start)
        after = second.entries(0)
        # Writing what is there already shows whether it can be written at all.
        first.load([shown])
        known = {*named(first.wanted, first.states, before).values(), *first.counters, "theta"}
        hidden = [
            name
            for name in after
            if name in before
            and not {name, name.strip("_")} & known
            and not same(before[name], after[name])
            and self._matters(name, second, start)
        ]
        if hidden:
            own = " and ".join([", ".join(start.states) or "theta"] + ["t"] * start.timed)
            says = f"its state has {', '.join(hidden)} beside {own}: no other can be loaded"
            return False, (Remark("hidden-state", "note", says),)
        return True, ()

    def _stepped(self, start: Start) -> Adapter:
        twin = self._make()
        twin.begun(start)
        return _again(twin, start)

    def _matters(self, name: str, second: Adapter, start: Start) -> bool:
        """Say whether a step depends on an entry: it is given that of a later state."""
        value = second.entries(0)[name]
        if same(value, second.theta(0)):
            return False
        third = self._stepped(start)
        third.put(0, name, copy.deepcopy(value), None)
        right, got = second.held(0), _again(third, start).held(0)
        return right.theta.tobytes() != got.theta.tobytes() or any(
            not same(x, got.states.get(n)) for n, x in right.states.items()
        )


def _again(adapter: Adapter, start: Start) -> Adapter:
    adapter.step([np.ones_like(start.thetas[0])])
    return adapter
