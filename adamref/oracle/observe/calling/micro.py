"""A training step: it is given the gradients of several micro-batches, and steps by their mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.oracle.observe.calling.names import Parameters

_COUNTS = (
    "accumulate", "accumulation_steps", "gradient_accumulation_steps", "micro_batches",
    "n_micro_batches", "num_micro_batches",
)  # fmt: skip
_GIVEN = re.compile(r"(^|_)(micro|micro_?batch|minibatch|batch)(es)?_(grad|gradient)s?$")

_USUAL = 4
"""Micro-batches of a step that does not say how many it takes."""


def takes_micro_batches(name: str) -> bool:
    """Say whether an argument is, by its name, the gradients of several micro-batches.

    >>> takes_micro_batches("micro_batch_gradients"), takes_micro_batches("grads")
    (True, False)
    """
    return bool(_GIVEN.search(name.lower()))


def counted(takes: Parameters, args: Mapping[str, Any]) -> tuple[int, dict[str, int]]:
    """Return how many micro-batches a step is given, and the argument that says so, if any."""
    name = next((x for x in _COUNTS if x in takes.named), None)
    if name is None:
        return _USUAL, {}
    said = args.get(name, takes.named[name].default)
    count = said if isinstance(said, int) and said > 1 else _USUAL
    return count, {name: count}


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

    >>> parted(np.array([0.75, -2.0]), 4).tolist()
    [[6.0, -16.0], [-6.0, 16.0], [6.0, -16.0], [-3.0, 8.0]]
    """
    factors = np.array(weights(count)).reshape(-1, *(1,) * g.ndim)
    with np.errstate(all="ignore"):
        made = g[None] * factors.astype(g.dtype)
    return np.where(np.isfinite(g), made, g).astype(g.dtype)
