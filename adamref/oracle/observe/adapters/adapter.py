"""What an adapter is: an implementation in this process, behind one interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Abilities, Held, Start


class Adapter(ABC):
    """An implementation that can be called; every method raises `Failed` if it gives no answer.

    Attributes
    ----------
    name : str
        What ``--adapter`` calls it.
    """

    name: ClassVar[str]

    @abstractmethod
    def start(self, start: Start) -> Abilities:
        """Start over."""

    @abstractmethod
    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step: a gradient a tensor, None where it is missing."""

    @abstractmethod
    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
