"""What is kept of each implementation between its steps: by the object, or by the state it gave."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import Any, final

from adamref.mutation.remembered import StepMemory

_MOST_STATES = 4096


@final
class OfObjects:
    """Memories of objects that keep their state themselves."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, StepMemory]] = {}

    def of(self, instance: Any) -> StepMemory:
        """Return that of an object."""
        key = id(instance)
        found = self._known.get(key)
        if found is None:
            try:
                held: Any = weakref.ref(instance, lambda _: self._known.pop(key, None))
            except TypeError:  # it cannot be referred to so: it is kept
                held = instance
            found = self._known[key] = held, StepMemory()
        return found[1]


@final
class OfStates:
    """Memories of functions, to which their own state is handed back: the last few thousand."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, StepMemory] = OrderedDict()

    def of(self, state: bytes) -> StepMemory:
        """Return a copy of that which left a state; an empty one if none did."""
        found = self._known.get(state)
        return StepMemory() if found is None else found.copied()

    def keep(self, state: bytes, memory: StepMemory) -> None:
        """Note who left a state."""
        self._known[state] = memory
        self._known.move_to_end(state)
        while len(self._known) > _MOST_STATES:
            self._known.popitem(last=False)
