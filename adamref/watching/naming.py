"""By which rule an optimizer of a framework is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref import rules
from adamref.oracle.observe.sessions.optimizers import optimizer_named

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array


def rule_named(optimizer: object) -> str:
    """Return the rule that the class of an optimizer, or one that it derives from, is named for.

    What frameworks call SGD has a momentum, or none. What is named for nothing is taken for Adam.

    >>> class FusedAdamW: ...
    >>> rule_named(FusedAdamW())
    'adamw'
    """
    found = optimizer_named([kind.__name__ for kind in type(optimizer).__mro__]) or "adam"
    return "sgd" if found == "gradient-descent" else found


def begun(rule: str, name: str, after: Array) -> Array:
    """Return what a state that a step made was before it: what the rule begins with, or else 0."""
    line = rules.optimizer(rule).states.get(name)
    initial = 0 if line is None or not isinstance(line.initial, int) else line.initial
    return np.full_like(after, initial)
