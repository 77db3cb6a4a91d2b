"""An exact step of arrays, and what balls make of each element of it."""

from __future__ import annotations

from fractions import Fraction
from unittest import mock

import numpy as np

from adamref import rules
from adamref.golden import blocks
from adamref.golden.exact import exact_step
from adamref.numbers import formats
from adamref.numbers.exact import exact as exactly
from adamref.problem import Problem
from adamref.rules.hyper import COMMON
from adamref.stepper import settled
from algorithms import dtype_of

DECIMAL = {"lr": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
LITERAL = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
GENERIC = {"lr": "0.013", "beta1": "0.83", "beta2": "0.97", "eps": "0.0137"}
NARROW = ("float16", "bfloat16", "float32")
DTYPES = (*NARROW, "float64")


def in_balls(arrays, hypers, *, t, optimizer="adam", form="paper", weight_decay=0, **_):
    """Return what the stepper makes of every element, one by one."""
    names = {"lr": "alpha"}
    exacts = {names.get(n, n): COMMON[names.get(n, n)].read(x) for n, x in hypers.items()}
    rule = rules.get(optimizer, form=form)
    if "weight_decay" in rule.defaults:
        exacts["weight_decay"] = COMMON["weight_decay"].read(weight_decay)
    exacts["t"] = Fraction(t)
    fields = [name for name in arrays if name != "grad"]
    targets = {name: formats.get(arrays[name].dtype) for name in fields}
    found = {name: np.empty(arrays[name].size, arrays[name].dtype) for name in fields}
    flat = {name: a.ravel() for name, a in arrays.items()}
    for i in range(flat["grad"].size):
        state = {name: (exactly(float(flat[name][i])),) for name in fields}
        gradient = ((exactly(float(flat["grad"][i])),),)
        (step,), _ = settled(Problem(rule, (), state, gradient, (exacts,), {}, t), targets)
        for name in fields:
            found[name][i] = step[name][0][0]
    return found


def stepped(arrays, hypers, **options):
    """Work the step, and see that the same tape compiled gives the same bits."""
    got = exact_step(**arrays, **hypers, **options)
    with mock.patch.object(blocks, "_WORTH_COMPILING", 0):
        compiled = exact_step(**arrays, **hypers, **options)
    for one, other in zip(got, compiled, strict=True):
        assert one is other is None or one.tobytes() == other.tobytes()
    return got


def agree(arrays, hypers, **options):
    """Assert that both give the same numbers, to the bit but for the sign of a zero; say so."""
    got = stepped(arrays, hypers, **options)
    want = in_balls(arrays, hypers, **options)
    for name, right in want.items():
        result = getattr(got, name)
        assert result.dtype == arrays[name].dtype
        assert result.shape == arrays[name].shape
        one, other = result.ravel().astype(float), right.astype(float)
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        i = int(np.argmin(same))
        assert same.all(), (
            f"{name}[{i}] = {one[i].hex()}, but should be {other[i].hex()} "
            f"[{ {n: float(a.ravel()[i]) for n, a in arrays.items()} }, {hypers}, {options}]"
        )
    return bool(want)


def state_of(numbers, dtype, maximum=False):
    """Make arrays of a dtype of four (or five) columns of numbers; v is not negative."""
    theta, grad, m, v, *more = (np.asarray(x, dtype=np.float64) for x in numbers)
    arrays = {"theta": theta, "grad": grad, "m": m, "v": np.abs(v)}
    if maximum:
        arrays["v_max"] = np.abs(more[0])
    with np.errstate(over="ignore"):
        return {name: a.astype(dtype_of(dtype)) for name, a in arrays.items()}


def random_state(seed, count, dtype, maximum=False):
    rng = np.random.default_rng(seed)
    return state_of(
        rng.standard_normal((5, count)) * [[1], [1], [0.3], [0.1], [0.2]], dtype, maximum
    )
