"""Unevaluated sums of two float64 numbers: about 106 significant bits.

The building blocks are error-free: a sum or a product of two float64 numbers is, exactly, its
rounding and one more float64 number. They are written for whatever has the operators: Python's
floats, arrays, and lanes of a tape (`adamref.numbers.lanes`).

Sources: Knuth, TAOCP 2, section 4.2.2 (two_sum); Dekker 1971 (split, two_product). They need
round-to-nearest, no overflow and no underflow, which the callers see to.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

Floats: TypeAlias = Any
Pair: TypeAlias = tuple[Floats, Floats]

_SPLITTER = 2.0**27 + 1


def two_sum(a: Floats, b: Floats) -> Pair:
    """Return the rounded sum and its error; exact."""
    total = a + b
    of_b = total - a
    of_a = total - of_b
    return total, (a - of_a) + (b - of_b)


def split(a: Floats) -> Pair:
    """Split into two numbers of at most 26 bits each; exact."""
    scaled = a * _SPLITTER
    high = scaled - (scaled - a)
    return high, a - high


def two_product(a: Floats, b: Floats) -> Pair:
    """Return the rounded product and its error; exact."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = split(a), split(b)
    error = a_high * b_high - product + a_high * b_low + a_low * b_high + a_low * b_low
    return product, error


def two_square(a: Floats) -> Pair:
    """Return the rounded square and its error; exact."""
    square = a * a
    high, low = split(a)
    mixed = high * low
    return square, high * high - square + (mixed + mixed) + low * low


def nearest_pair(value: Fraction) -> tuple[float, float]:
    """Round a number to a pair; the error is at most ``2**-106`` of it, barring underflow."""
    high = float(value)
    return high, float(value - type(value)(high))
