"""Unevaluated sums of two float64 numbers, element by element: about 106 significant bits.

The building blocks are error-free: a sum or a product of two float64 numbers is, exactly, its
rounding and one more float64 number.

Sources: Knuth, TAOCP 2, section 4.2.2 (two_sum); Dekker 1971 (split, two_product). They need
round-to-nearest, no overflow and no underflow, which the callers see to.

Intermediate results are written over where they are done with: an array that is still in the cache
costs half of a new one. Of two factors the first is an array.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = Any
"""An array of float64, or one number."""
Pair: TypeAlias = tuple[Floats, Floats]

_SPLITTER = 2.0**27 + 1


def two_sum(a: Floats, b: Floats) -> Pair:
    """Return the rounded sum and its error; exact."""
    total = a + b
    of_b = total - a
    of_a = total - of_b
    error = np.subtract(a, of_a, out=of_a)
    error += np.subtract(b, of_b, out=of_b)
    return total, error


def split(a: Floats) -> Pair:
    """Split into two numbers of at most 26 bits each; exact."""
    if isinstance(a, float):
        scaled = _SPLITTER * a
        high = scaled - (scaled - a)
        return high, a - high
    scaled = a * _SPLITTER
    rest = scaled - a
    high = np.subtract(scaled, rest, out=scaled)
    return high, np.subtract(a, high, out=rest)


def two_product(a: Floats, b: Floats, parts_a: Pair, parts_b: Pair) -> Pair:
    """Return the rounded product and its error, given both factors split; exact."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = parts_a, parts_b
    error = a_high * b_high
    error -= product
    part = a_high * b_low
    error += part
    error += np.multiply(a_low, b_high, out=part)
    error += np.multiply(a_low, b_low, out=part)
    return product, error


def two_square(a: Floats, parts: Pair) -> Pair:
    """Return the rounded square and its error, given the number split; exact."""
    square = a * a
    high, low = parts
    error = high * high
    error -= square
    part = high * low
    part += part
    error += part
    error += np.multiply(low, low, out=part)
    return square, error


def nearest_pair(value: Fraction) -> tuple[float, float]:
    """Round a number to a pair; the error is at most ``2**-106`` of it, barring underflow."""
    high = float(value)
    return high, float(value - Fraction(high))
