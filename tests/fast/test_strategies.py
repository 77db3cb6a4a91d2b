"""The public strategies draw what is legal, and what is difficult is among it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from adamref import strategies
from adamref.errors import UnknownName
from algorithms import DTYPES, dtype_of


@pytest.mark.parametrize("name", DTYPES)
@given(data=st.data())
def test_numbers_are_finite_numbers_of_the_format(name, data):
    kind = dtype_of(name)
    x = data.draw(strategies.numbers(kind))
    assert np.isfinite(x)
    assert float(kind.type(x)) == x
    small = data.draw(strategies.numbers(kind, largest=2.0))
    assert abs(small) <= 2.0


@pytest.mark.parametrize(
    "wanted",
    [
        lambda x: 0 < abs(x) < 2.0**-126,
        lambda x: x == 0 and np.signbit(x),
        lambda x: abs(x) > 1e38,
        lambda x: 1e-30 < abs(x) < 1e-20,
    ],
    ids=["subnormal", "-0.0", "next to overflow", "a square that underflows"],
)
def test_what_is_difficult_is_drawn(wanted):
    assert wanted(find(strategies.numbers("float32"), wanted))


@given(hyper=strategies.hyperparameters())
def test_hyperparameters_are_legal(hyper):
    assert set(hyper) == {"lr", "beta1", "beta2", "eps", "weight_decay"}
    assert 0 <= hyper["beta1"] < 1
    assert 0 <= hyper["beta2"] < 1
    assert hyper["lr"] > 0
    assert min(hyper["eps"], hyper["weight_decay"]) >= 0


@pytest.mark.parametrize("name", DTYPES)
@settings(max_examples=settings().max_examples // 3)  # many numbers an example
@given(data=st.data(), shape=strategies.SHAPES)
def test_arrays_have_the_shape_and_dtype_asked_for(name, data, shape):
    kind = dtype_of(name)
    array = data.draw(strategies.arrays(kind, shape))
    assert (array.shape, array.dtype) == (shape, kind)
    assert np.isfinite(array.astype(float)).all()


def test_some_arrays_are_not_contiguous():
    found = find(strategies.arrays("float32", (3, 5)), lambda x: not x.flags.c_contiguous)
    assert found.shape == (3, 5)


@given(array=strategies.arrays("float32", (3, 5), strided=False))
def test_or_all_are(array):
    assert array.flags.c_contiguous


def test_unknown_names_are_refused():
    with pytest.raises(UnknownName, match="hyperparameter 'gamma' is unknown; known are lr"):
        find(strategies.hyperparameters(("gamma",)), lambda _: True)
    with pytest.raises(UnknownName, match="dtype 'int64' is unknown"):
        strategies.numbers("int64")
