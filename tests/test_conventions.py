"""Which numbers each convention holds, by NumPy's own arithmetic."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mpf, sqrt

from adamref import rules, run
from adamref.conventions import held, scalars
from adamref.errors import OutOfDomain, UnknownName
from adamref.numbers import formats
from adamref.numbers.exact import exact
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64

CALLER = {
    "alpha": Fraction("0.1"),
    "beta1": Fraction("0.9"),
    "beta2": Fraction("0.999"),
    "eps": Fraction("1e-8"),
}


def test_literal_holds_the_callers_numbers():
    assert held(CALLER, "literal", BINARY32) == CALLER
    assert held(CALLER, "literal", None) == CALLER


@pytest.mark.parametrize(
    ("fmt", "kind"), [(BINARY16, np.float16), (BINARY32, np.float32), (BINARY64, np.float64)]
)
def test_rounded_holds_everything_in_the_format(fmt, kind):
    numbers = held(CALLER, "rounded", fmt)
    for name, text in {"alpha": "0.1", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}.items():
        assert numbers[name] == exact(kind(text))
    for name, text in {"beta1": "0.9", "beta2": "0.999"}.items():
        assert numbers[name + ".base"] == exact(kind(text))
        assert numbers[name + ".complement"] == exact(kind(1) - kind(text))


@pytest.mark.parametrize(
    ("fmt", "kind"), [(BINARY16, np.float16), (BINARY32, np.float32), (BINARY64, np.float64)]
)
def test_mixed_forms_the_rates_in_binary64_and_stores_them_in_the_format(fmt, kind):
    numbers = held(CALLER, "mixed", fmt)
    for name, rate in {"beta1": 0.9, "beta2": 0.999}.items():
        assert numbers[name] == exact(kind(rate))
        assert numbers[name + ".complement"] == exact(kind(1 - rate))
        assert numbers[name + ".base"] == exact(rate)


def test_mixed_in_binary32_is_not_rounded():
    """1 - 0.9 formed in binary64 lies three units from 1 - float32(0.9)."""
    mixed, rounded = (held(CALLER, x, BINARY32)["beta1.complement"] for x in ("mixed", "rounded"))
    assert mixed == exact(np.float32(0.1))
    assert rounded == exact(np.float32(1) - np.float32(0.9))
    assert BINARY32.distance(float(mixed), float(rounded)) == 3


def test_mixed_leaves_a_floats_step_size_alone():
    numbers = held({"alpha": Fraction(0.1), "eps": Fraction(1e-8)}, "mixed", BINARY32)
    assert numbers == {"alpha": Fraction(0.1), "eps": Fraction(1e-8)}


def test_mixed_holds_the_step_size_in_binary64():
    assert held(CALLER, "mixed", BINARY32)["alpha"] == exact(0.1)


def test_a_rate_may_round_to_one():
    numbers = held({"beta2": Fraction("0.9999")}, "rounded", BINARY16)
    assert numbers == {"beta2": 1, "beta2.complement": 0, "beta2.base": 1}
    kept = {"dtype": "float16", "convention": "rounded", "compute": "storage"}
    step = run(rules.ADAM, 0, [3], beta2="0.9999", **kept)[0]
    assert (step.v, np.isnan(step.v_hat)) == (0, True)


def test_bfloat16_is_binary32_cut_to_eight_bits():
    numbers = held(CALLER, "rounded", BFLOAT16)
    assert numbers["beta1"] == Fraction(230, 256)
    assert numbers["beta1.complement"] == Fraction(26, 256)
    assert numbers["beta2"] == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("convention", ["rounded", "mixed"])
def test_code_of_16_bits_holds_scalars_of_float32(dtype, convention):
    """In the format itself a beta may be 1, and 0/0 follow: code that is used is not like that."""
    trace = run(rules.ADAM, 0, [3] * 3, betas=(0.9, 0.9999), dtype=dtype, convention=convention)
    assert trace.about["hyper"] == f"{convention} to float32"
    own = held(CALLER | {"beta2": Fraction(0.9999)}, convention, BINARY32)
    assert float(trace[0].v) == formats.get(dtype).round(own["beta2.complement"] * 9)
    assert all(np.isfinite(step[name]) for step in trace for name in trace.fields)


def test_what_code_works_in_is_no_narrower_than_what_it_stores():
    assert scalars(BINARY32) is BINARY32
    assert scalars(BFLOAT16) is BINARY32
    assert scalars(BFLOAT16, "storage") is BFLOAT16
    assert scalars(BFLOAT16, "float64") is BINARY64
    with pytest.raises(OutOfDomain, match="compute = float32, but should be storage, or no narr"):
        scalars(BINARY64, "float32")
    with pytest.raises(UnknownName, match="known are storage, float32, float64"):
        scalars(BFLOAT16, "float8")
    with pytest.raises(OutOfDomain, match="absent where no dtype is given"):
        run(rules.ADAM, 0, [1], compute="storage")


def test_an_unknown_convention_is_refused():
    message = "convention 'exact' is unknown; known are literal, rounded, mixed"
    with pytest.raises(UnknownName, match=message):
        held(CALLER, "exact", BINARY32)
    with pytest.raises(UnknownName, match=message):
        run(rules.ADAM, 0, [1], convention="exact")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("convention", ["literal", "rounded", "mixed"])
def test_each_place_of_a_step_takes_its_own_number(dtype, convention):
    """Algorithm 1 by hand, with rate, complement and base of the power apart."""
    kind = np.dtype(dtype).type
    alpha, b1, b2, eps = 0.1, 0.9, 0.999, 1e-4
    rates = {"literal": lambda x: (exact(x), 1 - exact(x), exact(x))}
    rates["rounded"] = lambda x: tuple(exact(y) for y in (kind(x), kind(1) - kind(x), kind(x)))
    rates["mixed"] = lambda x: tuple(exact(y) for y in (kind(x), kind(1 - x), x))
    size, small = ((exact(kind(x)) if convention == "rounded" else exact(x)) for x in (alpha, eps))
    gradients = [-15, 0.25, 3]
    trace = run(
        rules.ADAM,
        0.5,
        gradients,
        dtype=dtype,
        convention=convention,
        compute="storage",
        alpha=alpha,
        betas=(b1, b2),
        eps=eps,
    )
    with mpmath.workdps(200):
        (r1, c1, p1), (r2, c2, p2) = (
            [mpf(y.numerator) / y.denominator for y in rates[convention](x)] for x in (b1, b2)
        )
        size, small = (mpf(x.numerator) / x.denominator for x in (size, small))
        theta, m, v = mpf(0.5), mpf(0), mpf(0)
        for t, (g, step) in enumerate(zip(gradients, trace, strict=True), 1):
            m, v = r1 * m + c1 * g, r2 * v + c2 * g**2
            theta -= size * (m / (1 - p1**t)) / (sqrt(v / (1 - p2**t)) + small)
            for name, want in (("m", m), ("v", v), ("theta", theta)):
                assert float(step[name]) == formats.get(dtype).round(exact(want))
