"""What rounded operations do to errors, written from the theorems.

Do not edit: the formulas are those of theorems, by id. Change them there, and write this file
again: ``python -m adamref.theorems.bounds_writer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array

CHECKSUM = "24ee32cd3de09a98add0488186621f87a22c01cbe52db690721709b0177dacaf"
"""SHA-256 of the statements of the theorems on rounding, and on moments apart."""


def after_rounding(x: Array, a: Array, r: float, s: float) -> Array:
    """Return the bound of theorem rounding."""
    limit: Array = a * (r + 1) + r * x + s
    return limit


def of_product(x: Array, a: Array, y: Array, b: Array) -> Array:
    """Return the bound of theorem rounding-product."""
    limit: Array = a * b + a * y + b * x
    return limit


def of_sum(a: Array, b: Array) -> Array:
    """Return the bound of theorem rounding-sum."""
    limit: Array = a + b
    return limit


def of_root(x: Array, a: Array) -> Array:
    """Return the bound of theorem rounding-root."""
    limit: Array = a / (np.sqrt(x) + np.sqrt(-a + x))
    return limit


def of_small_root(a: Array) -> Array:
    """Return the bound of theorem rounding-root-near-zero."""
    limit: Array = np.sqrt(a)
    return limit


def of_quotient(ratio: Array, a: Array, y: Array, b: Array) -> Array:
    """Return the bound of theorem rounding-quotient."""
    limit: Array = (a + b * ratio) / (-b + y)
    return limit


def with_stored_coefficients(x: Array, y: Array, a: Array, b_off: float, w_off: float) -> Array:
    """Return the bound of theorem rounding-stored-coefficients-m."""
    limit: Array = a + b_off * x + w_off * y
    return limit


def of_m_in_beta_form(kept: Array, taken: Array, u: float, eta: float) -> Array:
    """Return the bound of theorem rounding-m-beta."""
    limit: Array = eta * (2 * u + 2) + (kept + taken) * (u**2 + 2 * u)
    return limit


def of_v_in_beta_form(kept: Array, taken: Array, u: float, eta: float, w_size: float) -> Array:
    """Return the bound of theorem rounding-v-beta."""
    limit: Array = (
        eta * (u + 1) * (w_size * (u + 1) + 2)
        + kept * (u**2 + 2 * u)
        + taken * (u**3 + 3 * u**2 + 3 * u)
    )
    return limit


def of_m_in_any_order(x: Array, y: Array, u: float, eta: float) -> Array:
    """Return the bound of theorem rounding-any-order-m-beta."""
    limit: Array = eta * (2 * u + 2) + x * (u**3 + 3 * u**2 + 3 * u) + y * (u**3 + 3 * u**2 + 3 * u)
    return limit


def of_v_in_any_order(x: Array, y: Array, u: float, eta: float, g_size: Array) -> Array:
    """Return the bound of theorem rounding-any-order-v-beta."""
    limit: Array = (
        eta * (g_size + 1) * (3 * u**3 + 9 * u**2 + 9 * u + 3)
        + x * (u**5 + 5 * u**4 + 10 * u**3 + 10 * u**2 + 5 * u)
        + y * (u**5 + 5 * u**4 + 10 * u**3 + 10 * u**2 + 5 * u)
    )
    return limit


def of_gradient(x: Array, a: Array, share: Array, y: Array) -> Array:
    """Return the bound of theorem rounding-gradient."""
    limit: Array = (a + share * x) / (-share + y)
    return limit


def most_of_first(y: Array, w: float, p: float, powers: float) -> Array:
    """Return the bound of theorem moments-apart."""
    limit: Array = powers * w**2 * y / p
    return limit
