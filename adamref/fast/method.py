"""What an algorithm is: its states, what it works out once a step, and what it does to a block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]
    Hyper: TypeAlias = Mapping[str, Any]


@final
@dataclass(frozen=True, eq=False)
class Method:
    """An algorithm, for everything around it that algorithms share.

    Attributes
    ----------
    name : str
    states : tuple of str
        The arrays of theta's shape that it keeps.
    scalars : callable
        Of t, the hyperparameters and the running numbers: what all elements share, worked in
        float64.
    shared : int
        How many these are.
    block : callable
        ``block(theta, g, states, scalars, scratch)`` on one-dimensional arrays of one dtype: works
        a step in place, in the scratch arrays it is given, and allocates nothing.
    loop : callable
        ``loop(theta, g, *states, *scalars)``: the same element by element, for numba; the same
        operations in the same order, so the same bits.
    scratch : int
        How many scratch arrays a block needs.
    fixed : int
        How many of the scalars, from the first, depend on nothing that changes from step to step.
    running : mapping of str to float
        Numbers that a state keeps beside its arrays, and what they start as.
    """

    name: str
    states: tuple[str, ...]
    scalars: Callable[[int, Hyper, dict[str, float]], tuple[float, ...]]
    shared: int
    block: Callable[..., None]
    loop: Callable[..., None]
    scratch: int = 2
    fixed: int = 0
    running: Mapping[str, float] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name,)


def _named(name: str) -> Method:
    """Return a method by its name: it is the same one wherever it comes to."""
    from importlib import import_module  # the algorithms import this module

    found: Method = getattr(import_module(f"adamref.fast.{name}"), name.upper())
    return found
