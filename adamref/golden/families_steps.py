"""First steps, the size of epsilon, constant and vanishing gradients, theta small and large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adamref.golden.drawn import Drawn
from adamref.golden.making import DEFAULT, DEFAULT_ALPHA, GENERIC, THETA, WIDE, probe, single

if TYPE_CHECKING:
    from adamref.golden.probe import Probe

_FORMS = ("adam", "eps-hat", "eps-inside", "eps-root")


def first_step() -> Iterator[Probe]:
    """Yield the first step alone, where m_hat = g and v_hat = g**2 whatever the betas."""
    gradients = ((2.0**-7, -0.375, 1.0, -40.0, 1000.0),)
    for dtype in WIDE:
        yield probe(
            f"first-step-{dtype}",
            "The first step alone: m_hat is g and v_hat its square, whatever the betas.",
            single((0.0,) * 5, gradients),
            ("uncorrected", "t-ahead", "t-behind", "correction-multiplied"),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
        )


def near_eps() -> Iterator[Probe]:
    """Yield gradients about the size of epsilon, the only place where its place shows clearly."""
    scales = (-3, -1, 0, 1, 3)
    large = tuple((-1.0) ** i * 2.0 ** (e - 6) for i, e in enumerate(scales))
    small = tuple((-1.0) ** i * 2.0 ** (e - 27) for i, e in enumerate(scales))
    flags = {
        "adam": ("eps-hat", "eps-inside-root", "eps-omitted", "eps-subtracted"),
        "eps-hat": ("uncorrected", "eps-inside-root", "eps-omitted"),
        "eps-inside": ("eps-omitted",),
        "eps-root": ("eps-inside-root", "eps-omitted"),
    }
    for dtype in WIDE:
        for word in _FORMS:
            first = large
            yield probe(
                f"near-eps-{word}-{dtype}",
                "Gradients from an eighth to eight times epsilon: where epsilon stands shows.",
                single((0.0,) * 5, (first, first, tuple(-x for x in first))),
                flags[word],
                dtype=dtype,
                word=word,
            )
        yield probe(
            f"near-eps-defaults-{dtype}",
            "Gradients about the default epsilon of 1e-8.",
            single((0.0,) * 5, (small, small, tuple(-x for x in small))),
            ("eps-hat", "eps-inside-root", "eps-omitted"),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
        )


def constant() -> Iterator[Probe]:
    """Yield a constant gradient: every step has the same size, if t is right."""
    for dtype in WIDE:
        yield probe(
            f"constant-{dtype}",
            "A constant gradient: m_hat and v_hat stay what they were at the first step, and "
            "every step is -alpha*g/(|g| + eps).",
            single((0.0, 1.0), ((0.75, -20.0),) * 12),
            ("power-missing", "product-for-power", "t-ahead", "uncorrected", "moment-forgets"),
            dtype=dtype,
            recorded=(1, 2, 3, 6, 12),
        )


def sparse() -> Iterator[Probe]:
    """Yield gradients that are zero at times, and one that always is."""
    gradients = (
        (1.0, 0.0, 0.0, 0.5), (0.0, 0.0, 0.0, -0.25), (0.0, 2.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.75), (-0.5, 0.0, 0.0, 0.0), (0.0, -1.0, 0.0, 1.0),
    )  # fmt: skip
    theta = (0.0, 0.0, 0.0, 0.0)
    for dtype in WIDE:
        yield probe(
            f"sparse-{dtype}",
            "Zeros among the gradients: the moments decay and theta moves on all the same.",
            single(theta, gradients),
            ("zero-gradient-skipped",),
            dtype=dtype,
        )
        yield probe(
            f"zero-gradient-{dtype}",
            "Nothing but zeros, epsilon above zero: theta stays where it is, and is not NaN.",
            single((0.5, 0.0), ((0.0, 0.0),) * 3),
            ("t-behind",),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
        )
        yield probe(
            f"eps-zero-{dtype}",
            "Epsilon 0 is allowed where no gradient is zero.",
            single((0.0, 0.0, 0.5), ((1.0, -0.5, 3.0), (0.25, 1.5, -2.0), (-0.75, 1.0, 1.0))),
            ("root-forgotten", "uncorrected"),
            dtype=dtype,
            values={**GENERIC, "eps": "0"},
        )
        yield probe(
            f"eps-zero-gradient-zero-{dtype}",
            "Epsilon 0 and a gradient of 0: 0/0 is NaN, in that element only.",
            single((0.5, 0.5), ((0.0, 1.0), (0.0, -0.5))),
            ("zero-over-zero",),
            dtype=dtype,
            kind="edge",
            values={**GENERIC, "eps": "0"},
        )


def betas() -> Iterator[Probe]:
    """Yield beta1 = 0, and beta1 = beta2."""
    for dtype in WIDE:
        yield probe(
            f"beta1-zero-{dtype}",
            "beta1 = 0: m is the gradient, and 0**t is 0 for every t; 64 steps, as an integer "
            "power once failed at 64.",
            single(THETA, Drawn(seed=1959, low=-6)),
            ("zero-power", "uncorrected", "beta-as-complement"),
            dtype=dtype,
            values={**GENERIC, "beta1": "0"},
            steps=64,
            recorded=(1, 2, 3, 10, 63, 64),
        )
        yield probe(
            f"betas-equal-{dtype}",
            "beta1 = beta2: |m_hat| <= sqrt(v_hat), so no step exceeds alpha; what differs here "
            "is not an exchange of the betas.",
            single(THETA, Drawn(seed=1963, low=-6)),
            ("power-missing", "gradient-not-squared", "corrected-in-place"),
            dtype=dtype,
            values={**GENERIC, "beta1": "0.9", "beta2": "0.9"},
            steps=12,
            recorded=(1, 2, 3, 6, 12),
        )


def parameters() -> Iterator[Probe]:
    """Yield theta0 = 0, where no step is absorbed, and theta0 large."""
    gradients = ((1.0, -0.5), (0.75, 0.25), (-2.0, 1.25), (0.5, 0.5))
    for dtype in (*WIDE, "bfloat16"):
        yield probe(
            f"theta-zero-{dtype}",
            "theta0 = 0: theta is the sum of the steps, to all of its digits.",
            single((0.0, 0.0), gradients),
            ("step-sign", "step-multiplied", "eps-omitted"),
            dtype=dtype,
        )
    for dtype, at, alpha in (
        ("float64", 2.0**50, "0.11"), ("float32", 2.0**20, "0.055"), ("bfloat16", 64.0, "0.22"),
    ):  # fmt: skip
        yield probe(
            f"theta-large-{dtype}",
            "theta0 large: each step is below half an ulp of theta, and all together are not.",
            single((1.25 * at,), ((1.0,),) * 32),
            ("update-absorbed",),
            dtype=dtype,
            alpha=alpha,
            recorded=(1, 2, 3, 10, 32),
        )
