"""Passes over a block that algorithms share, in place: each line one operation, rounded once.

The compiled loops of the algorithms do the same operations in the same order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from adamref.fast.method import Array


def average(m: Array, g: Array, beta: Any, weight: Any, scratch: Array) -> None:
    """Update an average of gradients: ``beta*m + weight*g``."""
    np.multiply(m, beta, m)
    np.multiply(g, weight, scratch)
    np.add(m, scratch, m)


def average_square(v: Array, g: Array, beta: Any, weight: Any, scratch: Array) -> None:
    """Update an average of squares: ``beta*v + weight*(g*g)``, not ``(weight*g)*g``."""
    np.multiply(g, g, scratch)
    np.multiply(scratch, weight, scratch)
    np.multiply(v, beta, v)
    np.add(v, scratch, v)


def descend(theta: Array, step: Array, v: Array, eps: Any, scratch: Array) -> None:
    """Subtract ``step / (sqrt(v) + eps)`` from theta; step is written over."""
    np.sqrt(v, scratch)
    np.add(scratch, eps, scratch)
    np.divide(step, scratch, step)
    np.subtract(theta, step, theta)
