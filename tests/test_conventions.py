"""Which numbers each convention holds, by NumPy's own arithmetic."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mpf, sqrt

from adamref import rules, run
from adamref.conventions import held
from adamref.errors import UnknownName
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
    step = run(rules.ADAM, 0, [3], beta2="0.9999", dtype="float16", convention="rounded")[0]
    assert (step.v, np.isnan(step.v_hat)) == (0, True)


def test_bfloat16_is_binary32_cut_to_eight_bits():
    numbers = held(CALLER, "rounded", BFLOAT16)
    assert numbers["beta1"] == Fraction(230, 256)
    assert numbers["beta1.complement"] == Fraction(26, 256)
    assert numbers["beta2"] == 1


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
