"""Laws of what varies: over steps, and over nothing that varies."""

from __future__ import annotations

import numpy as np
from sympy import Piecewise, Symbol

from adamref.solving.laws import RUNS, Laws


def test_what_does_not_grow_is_no_product_over_steps():
    """The number of a tensor that stays the same was told as the product of what is 1."""
    tensor, step = np.repeat(np.arange(12.0), 6), np.tile(np.arange(1.0, 7.0), 12)
    values = {"t": step, "beta1": np.full(72, 0.9), RUNS[0]: tensor, RUNS[1]: step}
    laws = Laws(np.arange(72), values, [1 - Symbol("beta1", real=True) ** Symbol("t", real=True)])
    number = 2 + tensor
    assert laws.so_far(number - 1e-9, number + 1e-9) is None


def test_what_is_multiplied_up_begins_with_one():
    """A rate that is held at a later step, 10/t, was told as the product of 1 - 1/t so far."""
    tensor, step = np.repeat(np.arange(12.0), 6), np.tile(np.arange(1.0, 7.0), 12)
    rate = 0.5 + tensor / 100
    values = {"t": step, "beta1": rate, RUNS[0]: tensor, RUNS[1]: step}
    laws = Laws(np.arange(72), values)
    for start, found in ((1.0, True), (10.0, False)):
        number = start * rate**step
        got = laws.so_far(number * (1 - 1e-9), number * (1 + 1e-9))
        assert (got is not None) == found


def test_conditions_on_the_step_are_no_parts_that_are_numbers():
    """A root of t > 1 was asked for."""
    t = Symbol("t", real=True)
    step = np.tile(np.arange(1.0, 7.0), 12)
    form = Piecewise((1 - 1 / t, t > 1), (0, True))
    laws = Laws(np.arange(72), {"t": step, "beta1": np.full(72, 0.9)}, [form])
    number = np.where(step > 1, 1 - 1 / step, 0)
    assert laws.part_of(number - 1e-9, number + 1e-9) is not None
