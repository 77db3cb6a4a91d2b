"""The inputs that all contenders of a measurement share; drawn from one seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SEED = 20150507
HYPERS = {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
"""As decimals; a contender that works in floats takes the floats next to them."""
STEP = 10
"""The t of the measured single step."""
CHECKED = 4
"""How many of the new parameters each contender shows, to be compared with the others'."""

_DECIMALS = 6


def bits_for(digits: int) -> int:
    """Return the precision that all contenders of a trajectory work with.

    16 bits more than the digits have, so that the rounding errors of some thousand operations
    stay below the last digit.
    """
    return math.ceil(digits * math.log2(10)) + 16


def decimals(parameters: int, steps: int) -> tuple[list[str], list[list[str]]]:
    """Draw the parameters and the gradients of a trajectory, as decimals between -1 and 1."""
    drawn = np.random.default_rng(SEED).integers(
        -(10**_DECIMALS) + 1, 10**_DECIMALS, size=(steps + 1, parameters)
    )
    theta, *gradients = [[f"{int(x)}e-{_DECIMALS}" for x in row] for row in drawn]
    return theta, gradients


def arrays(case: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Draw theta, grad, m and v of a single step; a shorter draw is the beginning of a longer."""
    names = ("theta", "grad", "m", "v")
    normal = {
        name: np.random.default_rng([SEED, i]).standard_normal(case["elements"])
        for i, name in enumerate(names)
    }
    drawn = normal | {"m": normal["m"] / 10, "v": normal["v"] ** 2 / 100}
    return {name: values.astype(case["dtype"]) for name, values in drawn.items()}
