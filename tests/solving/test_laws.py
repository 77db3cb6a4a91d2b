"""Laws of what varies: over steps, and over nothing that varies."""

from __future__ import annotations

import numpy as np
from sympy import Symbol

from adamref.solving.laws import RUNS, Laws


def test_what_does_not_grow_is_no_product_over_steps():
    """The number of a tensor that stays the same was told as the product of what is 1."""
    tensor, step = np.repeat(np.arange(12.0), 6), np.tile(np.arange(1.0, 7.0), 12)
    values = {"t": step, "beta1": np.full(72, 0.9), RUNS[0]: tensor, RUNS[1]: step}
    laws = Laws(np.arange(72), values, [1 - Symbol("beta1", real=True) ** Symbol("t", real=True)])
    number = 2 + tensor
    assert laws.so_far(number - 1e-9, number + 1e-9) is None
