"""Numbers of a dtype with all their digits, from a seeded generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array, Indices
    from adamref.rules.rule import Rule


@final
class Draw:
    """Numbers of a dtype; away from zero, so that nothing in a trial leaves the normal range."""

    def __init__(self, dtype: str, seed: int, rule: Rule) -> None:
        self._states = [name for name in rule.states if name != "theta"]
        self._nonnegative = rule.nonnegative
        self.has_states = bool(self._states)
        self._format = formats.get(dtype)
        self._random = np.random.default_rng(seed)

    def _numbers(self, shape: tuple[int, ...], low: float, high: float) -> Array:
        sizes = 2.0 ** self._random.uniform(low, high, shape)
        signs = np.where(self._random.random(shape) < 0.5, -1.0, 1.0)
        significand, exponent = np.frexp(sizes)
        bits = self._format.precision
        kept = np.round(np.ldexp(significand, bits))
        return np.asarray(signs * np.ldexp(kept, exponent - bits))

    def theta(self, shape: tuple[int, ...]) -> Array:
        """Draw parameters."""
        return self._numbers(shape, -3, 1)

    def gradient(self, shape: tuple[int, ...], low: int, high: int) -> Array:
        """Draw a gradient from 2**low to 2**high."""
        return self._numbers(shape, low, high)

    def state(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """Draw what any state may be."""
        made = {}
        for name in self._states:
            high = 1 if name in self._nonnegative else 0
            drawn = self._numbers(shape, -4, high)
            made[name] = np.abs(drawn) if high else drawn
        return made

    def of_sizes(self, exponents: Sequence[int]) -> Array:
        """Draw a number for each exponent; a subnormal one has the digits that there are."""
        signs = np.where(self._random.random(len(exponents)) < 0.5, -1.0, 1.0)
        drawn = np.ldexp(self._random.uniform(1, 1.875, len(exponents)), exponents)
        return nearest(signs * drawn, self._format)

    def places(self, count: int, kinds: int) -> Indices:
        """Draw for each element one of so many kinds: neighbours are of any, in any order."""
        return self._random.integers(0, kinds, count)
