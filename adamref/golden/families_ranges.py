"""The ends of the formats: large, tiny and subnormal gradients, NaN and infinities."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.golden.making import DEFAULT, DEFAULT_ALPHA, GENERIC, WIDE, probe, single
from adamref.numbers import formats

if TYPE_CHECKING:
    from adamref.golden.probe import Probe
    from adamref.numbers.formats import Format


def large() -> Iterator[Probe]:
    """Yield gradients whose square the format does not hold."""
    about_1e20 = formats.BINARY32.round(Fraction(10) ** 20)
    for dtype, g in (
        ("float32", about_1e20), ("bfloat16", 2.0**66), ("float64", 2.0**520), ("float16", 2.0**10),
    ):  # fmt: skip
        yield probe(
            f"large-{dtype}",
            "Gradients like 1e20 in binary32: g*g overflows, ((1 - beta2)*g)*g does not.",
            single((0.5, 0.5), ((g, 1.0), (-g / 2, 0.5), (g / 4, -1.0))),
            ("square-overflow",),
            dtype=dtype,
            kind="edge",
            values={**GENERIC, "beta2": "0.999"},
        )
    for dtype in WIDE:
        g = 1.9375 * 2.0 ** formats.get(dtype).max_exponent
        yield probe(
            f"opposite-{dtype}",
            "Gradients near the largest number with opposite signs: their difference overflows.",
            single((0.5,), ((g,), (-g,), (-g,), (g,))),
            ("lerp-overflow",),
            dtype=dtype,
            kind="edge",
        )


def small() -> Iterator[Probe]:
    """Yield gradients whose square underflows or is subnormal, and subnormal gradients."""
    for dtype in (*WIDE, "bfloat16", "float16"):
        fmt = formats.get(dtype)
        half = (fmt.min_exponent - fmt.precision) // 2
        g = 2.0 ** (half - 4)
        yield probe(
            f"tiny-{dtype}",
            "Gradients whose square underflows to zero, with an epsilon that is smaller yet.",
            single((0.0, 0.0), ((g, 1.0), (g / 2, -0.5), (-g, 0.25))),
            ("square-underflow",),
            dtype=dtype,
            kind="edge",
            values={**GENERIC, "eps": repr(g / 8)},
        )
        yield _subnormal(dtype, fmt)


def _subnormal(dtype: str, fmt: Format) -> Probe:
    g = 2.0 ** ((fmt.min_exponent - 2) // 2)
    least = float(fmt.smallest)
    return probe(
        f"subnormal-{dtype}",
        "A v that is subnormal, and gradients that are: hardware may flush them to zero.",
        single((0.0, 0.0, 0.0), ((g, 5 * least, 1.0), (-g, 3 * least, 0.5), (g, -least, -1.0))),
        ("subnormal-flushed",),
        dtype=dtype,
        kind="edge",
        values={**GENERIC, "eps": repr(g / 4)},
    )


def wide() -> Iterator[Probe]:
    """Yield gradients from 1e-12 to 1e12 beside each other."""
    for dtype in WIDE:
        fmt = formats.get(dtype)
        first = tuple(fmt.round(Fraction(10) ** e) for e in range(-12, 13, 4))
        second = tuple(-x / 2 for x in first)
        yield probe(
            f"wide-{dtype}",
            "|g| from 1e-12 to 1e12 beside each other: elements do not mix.",
            single((0.0,) * len(first), (first, second, first)),
            ("moments-shared", "eps-hat"),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
        )


def not_finite() -> Iterator[Probe]:
    """Yield a NaN, which must reach its own element and no other, and infinities."""
    nan, inf = math.nan, math.inf
    for dtype in WIDE:
        for word in ("adam", "amsgrad"):
            yield probe(
                f"nan-{word}-{dtype}",
                "A NaN among the gradients: its element is lost, and no other.",
                single((0.5, -0.25, 1.0), ((1.0, nan, 0.5), (0.5, 1.0, -1.0), (-1.0, 2.0, 1.5))),
                ("nan-spread", "nan-hidden"),
                dtype=dtype,
                word=word,
            )
        yield probe(
            f"inf-{dtype}",
            "Infinite gradients: m and v are infinite, and inf/inf is NaN, in their elements only.",
            single((0.5, -0.25, 1.0), ((1.0, inf, -inf), (0.5, 1.0, -1.0))),
            ("inf-hidden",),
            dtype=dtype,
            kind="edge",
        )
