"""An adapter that reads and writes what somebody else made and runs."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, Any, Self, final

from adamref.oracle.observe.sessions.session import looked_for

if TYPE_CHECKING:
    from adamref.oracle.observe.sessions.session import Remark, Start


class Attached(ABC):
    """What is the adapter's own while somebody else takes the steps."""

    _start: Start
    wanted: tuple[str, ...]
    _said: list[tuple[Remark, ...]]
    _has_moved: list[bool]

    @final
    def attached(self, start: Start, **its: Any) -> Self:
        """Read and write from now on what somebody else made and runs.

        Parameters
        ----------
        start : Start
            Of which the tensors are those before the next step.
        **its : object
            What ``begin`` makes, by the names that it has here.
        """
        self._start, self.wanted = start, looked_for(start)
        self._said = [() for _ in start.thetas]
        self._has_moved = [True for _ in start.thetas]
        vars(self).update({f"_{name}": x for name, x in its.items()})
        return self
