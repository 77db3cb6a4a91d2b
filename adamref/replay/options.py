"""The names that a replay takes."""

from __future__ import annotations

import math

OPTIMIZERS = ("adam", "adamw", "amsgrad", "adam-l2")
"""By which rules a step is judged; adam-l2 as adam, as its decay is a part of the gradient."""

HYPER = ("lr", "beta1", "beta2", "eps", "weight_decay")
"""The numbers of a group, as frameworks call them."""


def domain(name: str) -> str:
    """Say what a number of a group should be."""
    return "in [0, 1)" if name.startswith("beta") else "finite, and at least 0"


def may_be(name: str, x: float) -> bool:
    """Say whether a number of a group can be that."""
    return 0 <= x < (1 if name.startswith("beta") else math.inf)
