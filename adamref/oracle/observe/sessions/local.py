"""An implementation in the caller's own process: closures, lambdas, notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from adamref.oracle.observe.sessions.session import Abilities, Held, Session, Start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.adapter import Adapter


@final
class LocalSession(Session):
    """An adapter as a session; a crash or a hang of the implementation is the caller's."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    def start(self, start: Start) -> Abilities:
        """Start over."""
        return self._adapter.start(start)

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""
        return self._adapter.step(grads, lr)

    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
        self._adapter.load(tensors)

    def close(self) -> None:
        """Do nothing: there is nothing to end."""
