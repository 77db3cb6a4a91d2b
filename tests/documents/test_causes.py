"""The mistake behind a wrong number: every fault is found, and nothing is invented."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from adamref import audit, faults
from adamref.rules import ADAM

ALPHA, B1, B2, EPS = Fraction("0.013"), Fraction("0.83"), Fraction("0.97"), Fraction("0.0137")
W, G1, G2 = Fraction("0.5"), Fraction(-3, 2), Fraction("-0.7")


def right_values():
    """Work two steps of Algorithm 1 by hand: the values of t = 1, then those of t = 2."""
    steps, m, v, w = [], Fraction(0), Fraction(0), W
    for t, g in ((1, G1), (2, G2)):
        before = {"m_prev": m, "v_prev": v, "theta_prev": w, "g": g, "t": t}
        m = B1 * m + (1 - B1) * g
        v = B2 * v + (1 - B2) * g**2
        m_hat, v_hat = m / (1 - B1**t), v / (1 - B2**t)
        with mpmath.workdps(50):
            root = mpmath.sqrt(mpmath.mpf(v_hat.numerator) / v_hat.denominator)
            step = (mpmath.mpf(str(float(ALPHA))) * m_hat.numerator / m_hat.denominator) / (
                root + mpmath.mpf("0.0137")
            )
            w = w - Fraction(int(mpmath.floor(step * 10**45)), 10**45)
        steps.append({**before, "m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat, "theta": w})
    return steps


FIRST, SECOND = right_values()
ORDER = ("m", "v", "m_hat", "v_hat", "theta")


def root(x):
    with mpmath.workdps(50):
        return Fraction(
            int(mpmath.floor(mpmath.sqrt(mpmath.mpf(x.numerator) / x.denominator) * 10**45)), 10**45
        )


def wrong_values():
    """What each fault makes of the second step, each formula typed here once more."""
    s = SECOND
    m0, v0, w0, g, m, v, mh, vh, t = (
        s[n] for n in ("m_prev", "v_prev", "theta_prev", "g", "m", "v", "m_hat", "v_hat", "t")
    )
    down = {
        "root-forgotten": mh / (vh + EPS),
        "eps-inside-root": mh / root(vh + EPS),
        "eps-omitted": mh / root(vh),
        "both-uncorrected": m / (root(v) + EPS),
        "step-with-m": m / (root(vh) + EPS),
        "step-with-v": mh / (root(v) + EPS),
        "step-with-gradient": g / (root(vh) + EPS),
        "step-multiplied": mh * (root(vh) + EPS),
        "without-denominator": mh,
        "eps-squared-inside-root": mh / root(vh + EPS**2),
        "eps-inside-and-outside": mh / (root(vh + EPS) + EPS),
        "eps-subtracted": mh / (root(vh) - EPS),
        "eps-scaled-by-correction": mh / (root(vh) + EPS * (1 - B2**2)),
        "eps-scaled-by-root-of-correction": mh / (root(vh) + EPS * root(1 - B2**2)),
        "eps-divided-by-correction": mh / (root(vh) + EPS / (1 - B2**2)),
        "eps-multiplied": mh / (root(vh) * (1 + EPS)),
        "eps-in-numerator": mh / root(vh) + EPS / ALPHA,
    }
    made = {
        "m-without-complement": B1 * m0 + g,
        "m-decay-and-complement-swapped": (1 - B1) * m0 + B1 * g,
        "m-with-beta2": B2 * m0 + (1 - B2) * g,
        "m-forgets-its-past": (1 - B1) * g,
        "m-past-undecayed": m0 + (1 - B1) * g,
        "m-gradient-subtracted": B1 * m0 - (1 - B1) * g,
        "m-of-square": B1 * m0 + (1 - B1) * g**2,
        "m-times-alpha": B1 * m0 + (1 - B1) * ALPHA * g,
        "v-without-complement": B2 * v0 + g**2,
        "v-decay-and-complement-swapped": (1 - B2) * v0 + B2 * g**2,
        "v-with-beta1": B1 * v0 + (1 - B1) * g**2,
        "v-forgets-its-past": (1 - B2) * g**2,
        "v-past-undecayed": v0 + (1 - B2) * g**2,
        "v-gradient-subtracted": B2 * v0 - (1 - B2) * g**2,
        "v-without-square": B2 * v0 + (1 - B2) * g,
        "v-complement-squared": B2 * v0 + ((1 - B2) * g) ** 2,
        "v-of-m": B2 * v0 + (1 - B2) * m**2,
        "v-centred": B2 * v0 + (1 - B2) * (g - m) ** 2,
        "v-centred-on-old-m": B2 * v0 + (1 - B2) * (g - m0) ** 2,
        "v-of-magnitude": B2 * v0 + (1 - B2) * abs(g),
        "v-as-maximum": max(B2 * v0, g**2),
        "v-summed": v0 + g**2,
        "m-used-before-update": m0 / (1 - B1**t),
        "nesterov-unannounced": (B1 * m + (1 - B1) * g) / (1 - B1**t),
        "nesterov-with-two-corrections": B1 * m / (1 - B1**3) + (1 - B1) * g / (1 - B1**2),
        "correction-of-m-rooted": m / root(1 - B1**t),
        "v-used-before-update": v0 / (1 - B2**t),
        "correction-misses-root": v / (1 - B2**t) ** 2,
        "m_hat-power-t-plus-one": m / (1 - B1**3),
        "m_hat-power-t-minus-one": m / (1 - B1),
        "m_hat-without-power": m / (1 - B1),
        "m_hat-product-for-power": m / (1 - B1 * t),
        "m_hat-with-beta2": m / (1 - B2**t),
        "m_hat-by-power-alone": m / B1**t,
        "m_hat-multiplied": m * (1 - B1**t),
        "m_hat-uncorrected": m,
        "v_hat-power-t-plus-one": v / (1 - B2**3),
        "v_hat-power-t-minus-one": v / (1 - B2),
        "v_hat-without-power": v / (1 - B2),
        "v_hat-product-for-power": v / (1 - B2 * t),
        "v_hat-with-beta1": v / (1 - B1**t),
        "v_hat-by-power-alone": v / B2**t,
        "v_hat-multiplied": v * (1 - B2**t),
        "v_hat-uncorrected": v,
        "without-alpha": w0 - mh / (root(vh) + EPS),
        "plain-gradient-step": w0 - ALPHA * g,
        "update-added": w0 + ALPHA * mh / (root(vh) + EPS),
        "update-forgotten": w0,
        "decay-unasked": w0 * (1 - ALPHA / 100) - ALPHA * mh / (root(vh) + EPS),
        "parameter-forgotten": -ALPHA * mh / (root(vh) + EPS),
    }
    return {**made, **{name: w0 - ALPHA * ratio for name, ratio in down.items()}}


def decimal(value):
    return f"{float(value):.10f}"


def document(field, value):
    """Two steps, right up to the field at t = 2, which has another value."""
    lines = [
        "alpha = 0.013, beta1 = 0.83, beta2 = 0.97, epsilon = 0.0137, w_0 = 0.5",
        "g_1 = -1.5",
        *(f"{name.replace('theta', 'w')}_1 = {decimal(FIRST[name])}" for name in ORDER),
        "g_2 = -0.7",
    ]
    for name in ORDER:
        shown = value if name == field else SECOND[name]
        lines.append(f"{name.replace('theta', 'w')}_2 = {decimal(shown)}")
        if name == field:
            break
    return "\n".join(lines)


LINES = {slip.fault.id: slip.line for slip in faults.of_one_line(ADAM)}
IDLE = {"eps-as-maximum", "eps-floor-of-v"} | {x for x in LINES if x.startswith("v-floored")}
"""A maximum that does nothing at these numbers."""


def field_of(name):
    return "theta" if LINES[name] == "delta" else LINES[name]


def test_this_table_has_every_fault():
    assert set(wrong_values()) == LINES.keys() - IDLE


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LINES if name not in IDLE])
def test_every_fault_is_named_by_the_number_it_gives(name):
    field = field_of(name)
    found = audit(document(field, wrong_values()[name]))
    for claim in found.claims:
        assert len({c.id for c in claim.causes}) == len(claim.causes), "a cause is listed twice"
    assert found.first_wrong is not None
    first = found.claims[found.first_wrong]
    assert (first.field, first.t, first.verdict) == (field, 2, "wrong")
    assert first.unexplained is None
    assert name in [cause.id for cause in first.causes]
    assert all(cause.reproduces for cause in first.causes)


@pytest.mark.parametrize("field", ORDER)
def test_a_number_that_no_fault_gives_has_no_cause_and_all_of_it_is_unexplained(field):
    found = audit(document(field, SECOND[field] + Fraction("0.0123456")))
    first = found.claims[found.first_wrong]
    assert first.field == field
    assert first.causes == ()
    # Ten printed decimals are off by at most 5e-11. What is worked from such a number is at most
    # 1/(1 - beta2^2) times as far off, the greatest factor of any line here, and the number that is
    # planted is printed with ten decimals too.
    off = Fraction(5, 10**11) * (1 / (1 - B2**2) + 1)
    assert abs(Fraction(first.unexplained) - Fraction("0.0123456")) <= off


@pytest.mark.parametrize(
    ("made", "cause"),
    [
        (lambda x: -x, "sign-lost"),
        (lambda x: x * 10, "decimal-point-shifted"),
        (lambda x: x / 100, "decimal-point-shifted"),
    ],
)
def test_slips_of_the_pen_are_named(made, cause):
    found = audit(document("m", made(SECOND["m"])))
    first = found.claims[found.first_wrong]
    assert [c.id for c in first.causes] == [cause]


def test_the_gradient_of_the_step_before_is_named():
    stale = B1 * SECOND["m_prev"] + (1 - B1) * G1
    found = audit(document("m", stale))
    assert [c.id for c in found.claims[found.first_wrong].causes] == ["gradient-stale"]


def test_of_a_chain_the_mistake_that_shows_is_named_even_if_the_number_is_another():
    """The division by 1 - beta1^2 at t = 1 shows; the number is off besides."""
    found = audit(
        "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, w_0 = 0.5\n"
        "g_1 = -15\nm_1 = -1.5\nm_hat_1 = -1.5/(1 - 0.9^2) = -7.99\n"
    )
    first = found.claims[found.first_wrong]
    assert [(c.id, c.reproduces) for c in first.causes] == [("m_hat-power-t-plus-one", False)]
    assert first.unexplained == "-0.0952631578947"  # -7.99 + 1.5/0.19, to twelve digits
