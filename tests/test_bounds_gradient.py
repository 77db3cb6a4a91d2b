"""The gradient that is solved for from two first moments: the real one lies within its slack."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref.bounds import exactly
from adamref.bounds.gradients import gradient
from adamref.numbers.formats import BFLOAT16, BINARY32

_RATES = st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 0.999])
_NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**60),
                     max_value=2.0**60)  # fmt: skip


def _updated(order: str, m: np.float32, g: np.float32, b: np.float32, w: np.float32) -> np.float32:
    match order:
        case "beta":
            return b * m + w * g
        case "lerp":
            return m + w * (g - m)
        case _:
            return g - (g - m) * b


@settings(max_examples=300, deadline=None)
@given(rate=_RATES, m=_NUMBERS, g=_NUMBERS, order=st.sampled_from(["beta", "lerp", "back"]))
def test_it_holds_the_real_gradient_in_every_order(
    rate: float, m: float, g: float, order: str
) -> None:
    b, w = np.float32(rate), np.float32(1 - rate)
    with np.errstate(all="ignore"):
        after = _updated(order, np.float32(m), np.float32(g), b, w)
    found = gradient(
        np.array([m]), np.array([float(after)]), b=exactly(b), w=exactly(w), fmt=BINARY32
    )
    assert abs(found.value[0] - np.float32(g)) <= found.slack[0]


def test_it_is_known_to_a_few_dozen_ulps() -> None:
    m, g = np.array([0.25]), np.array([1.0])
    after = np.float32(0.9) * np.float32(m) + np.float32(0.1) * np.float32(g)
    found = gradient(
        m, after.astype(float), b=exactly(np.float32(0.9)), w=exactly(np.float32(0.1)), fmt=BINARY32
    )
    assert found.slack[0] < 64 * 2.0**-24


@pytest.mark.parametrize("rate", [0.999, 0.9])
def test_what_is_stored_narrower_says_less(rate: float) -> None:
    given = {"b": exactly(np.float32(rate)), "w": exactly(np.float32(1 - rate)), "fmt": BINARY32}
    m = np.array([0.25])
    wide = gradient(m, m, **given)
    narrow = gradient(m, m, **given, stored=BFLOAT16)
    half = 2.0**-10  # of bfloat16 at a quarter
    # The share of g is taken from the weight that is divided by: some roundings of float32.
    more, weight = narrow.slack[0] - wide.slack[0], float(given["w"].value)
    assert half / weight <= more <= half / (weight - 4 * 2.0**-24)


def test_nothing_is_known_where_the_weight_is_lost_in_roundings() -> None:
    """In bfloat16 arithmetic three roundings are more than the weight of 1 - 0.999."""
    m = np.array([0.25])
    found = gradient(m, m, b=exactly(0.999), w=exactly(0.001), fmt=BFLOAT16)
    assert np.isinf(found.slack[0])
