"""Gradients by formula, for probes too long to list them.

Integer arithmetic only, so that a few lines in any language give the same numbers, also where the
only number is a binary64 (no product reaches 2**46)::

    x = 16807*x mod (2**31 - 1)      k = 2*(x mod 128) - 127
    x = 16807*x mod (2**31 - 1)      e = low + x mod span
    g = k * 2**e

step by step, and within a step element by element; x starts at the seed. k is odd and below 128,
so that g is exact in every format, bfloat16 included, and never zero.

Source: the generator is that of Park & Miller 1988, "Random number generators: good ones are hard
to find".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

MULTIPLIER = 16807
MODULUS = 2**31 - 1


@final
@dataclass(frozen=True)
class Drawn:
    """Gradients by formula.

    Attributes
    ----------
    seed : int
        In [1, 2**31 - 2].
    low : int
        The least exponent e.
    span : int
        How many exponents occur, at least 1.
    """

    seed: int
    low: int
    span: int = 1

    def gradients(self, steps: int, size: int) -> tuple[tuple[float, ...], ...]:
        """Return the gradients of the first steps, each with ``size`` elements. Exact."""
        numbers = self._numbers()
        return tuple(
            tuple(self._element(next(numbers), next(numbers)) for _ in range(size))
            for _ in range(steps)
        )

    def _element(self, first: int, second: int) -> float:
        return math.ldexp(2 * (first % 128) - 127, self.low + second % self.span)

    def _numbers(self) -> Iterator[int]:
        x = self.seed
        while True:
            x = MULTIPLIER * x % MODULUS
            yield x
