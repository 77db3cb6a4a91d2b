"""A training step: it is given the gradients of several micro-batches, and steps by their mean.

They come at once, as an array with an axis of micro-batches in front, or one by one: then the
parameters move with the last of them alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.oracle.observe.sessions.session import Failed, Remark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.oracle.observe.calling.names import Parameters

_COUNT = re.compile(
    r"(^|_)accum(ulat(e|ed|ion))?(_(steps|batches|grad_batches|every))?$"
    r"|^(n|num|number_of)?_?micro_?(batch(es)?|steps)$|^every_k(_schedule)?$"
)
_GIVEN = re.compile(r"(^|_)(micro|micro_?batch|minibatch|batch)(es)?_(grad|gradient)s?$")

_USUAL = 4
"""Micro-batches of a step that does not say how many it takes."""


@final
@dataclass(frozen=True)
class Micro:
    """What makes a step.

    Attributes
    ----------
    count : int
        How many micro-batches; 1 where there are none.
    at_once : bool
        Whether one call is given all of them.
    ticks : int
        By how much the counter of the implementation goes on in a step.
    """

    count: int = 1
    at_once: bool = False
    ticks: int = 1

    def parts(self, g: np.ndarray[Any, Any] | None) -> list[np.ndarray[Any, Any] | None]:
        """Return what each call of a step is given for a gradient."""
        if g is None or self.count == 1:
            return [g] if self.at_once else [g] * self.count
        made = parted(g, self.count)
        return [made] if self.at_once else list(made)

    def told(self) -> tuple[Remark, ...]:
        """Say what is given, where that is no gradient."""
        if self.count == 1:
            return ()
        factors = ", ".join(str(x) for x in weights(self.count))
        how = "" if self.at_once else ", one by one"
        says = (
            f"It is given the gradients of {self.count} micro-batches{how}, whose mean is that of "
            f"the probe: {factors} times it"
        )
        return (Remark("micro-batches", "note", says),)


def takes_micro_batches(name: str) -> bool:
    """Say whether an argument is, by its name, the gradients of several micro-batches.

    >>> takes_micro_batches("micro_batch_gradients"), takes_micro_batches("grads")
    (True, False)
    """
    return bool(_GIVEN.search(name.lower()))


def stated(takes: Parameters, args: Mapping[str, Any]) -> dict[str, int]:
    """Return the argument that says how many micro-batches make a step; empty if none does."""
    for name, parameter in takes.named.items():
        said = args.get(name, parameter.default)
        if _COUNT.search(name.lower()) and type(said) is int and said > 1:
            return {name: said}
    return {}


def counted(takes: Parameters, args: Mapping[str, Any]) -> tuple[int, dict[str, int]]:
    """Return how many micro-batches a step is given, and the argument that says so.

    Where none says so, there is no such argument, and the number is a usual one.
    """
    if said := stated(takes, args):
        return max(said.values()), said
    found = [x for x in takes.named if _COUNT.search(x.lower())]
    return _USUAL, dict.fromkeys(found[:1], _USUAL)


def weights(count: int) -> list[int]:
    """Return by what the mean is multiplied in each micro-batch, of at least two.

    >>> weights(2), weights(4)
    ([4, -2], [8, -8, 8, -4])
    """
    ahead = [2 * count * (-1) ** i for i in range((count - 2) // 2 * 2)]
    return [*[0] * (count % 2), *ahead, 2 * count, -count]


def parted(g: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    """Return gradients, along the first axis, whose mean is exactly a given one.

    Each is a multiple of it by a power of two, and so is each of their sums from the first on, as
    it is where each is divided first: nothing is rounded, if their number is such a power. None
    alone is their mean, or their sum. What is not finite is so in all.

    Raises
    ------
    Failed
        If a multiple of what is finite overflows: no mean would be what was asked for.

    >>> parted(np.array([0.75, -2.0]), 4).tolist()
    [[6.0, -16.0], [-6.0, 16.0], [6.0, -16.0], [-3.0, 8.0]]
    """
    factors = np.array(weights(count)).reshape(-1, *(1,) * g.ndim)
    with np.errstate(all="ignore"):
        made = g[None] * factors.astype(g.dtype)
    if (np.isfinite(g) & ~np.isfinite(made).all(axis=0)).any():
        raise Failed("refusal", f"the sum of {count} micro-batches would overflow {g.dtype}")
    return np.where(np.isfinite(g), made, g).astype(g.dtype)
