"""Weight decay, AMSGrad, and schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adamref.golden.making import GENERIC, GRADIENTS, THETA, WIDE, probe, single

if TYPE_CHECKING:
    from adamref.golden.probe import Probe

_FALLING = ("0.02", "0.011", "0.006", "0.003", "0.0017", "0.0009")
_TOO_FINE = ("decay-ignored", "decay-order")
"""What eight bits do not show."""
_WARMUP = ("0.001", "0.004", "0.016", "0.016", "0.005", "0.0005")


def decay() -> Iterator[Probe]:
    """Yield weight decay under a schedule of alpha, which the decoupled kinds must follow."""
    flags = {
        "l2": ("decay-ignored", "decay-decoupled", "schedule-ignored"),
        "adamw": ("decay-ignored", "decay-l2", "decay-without-alpha", "decay-order"),
        "adamw-after": ("decay-ignored", "decay-l2", "decay-without-alpha", "decay-order"),
    }
    large = (4.0, -16.0, 0.25)
    for word, hunted in flags.items():
        for dtype in (*WIDE, "bfloat16"):
            yield probe(
                f"decay-{word}-{dtype}",
                "Weight decay with parameters of different sizes, under a falling step size.",
                single(large, GRADIENTS),
                [flag for flag in hunted if dtype in WIDE or flag not in _TOO_FINE],
                dtype=dtype,
                word=word,
                alpha=_FALLING,
            )


def schedule() -> Iterator[Probe]:
    """Yield an alpha that changes at each step."""
    for dtype in WIDE:
        yield probe(
            f"schedule-{dtype}",
            "A step size that rises and falls: each step uses its own.",
            single(THETA, GRADIENTS),
            ("schedule-ignored",),
            dtype=dtype,
            alpha=_WARMUP,
        )


def shrinking() -> Iterator[Probe]:
    """Yield gradients that shrink, so that AMSGrad's maximum is older than v."""
    gradients = tuple((4.0 * 2.0**-i, (-1.0) ** i * 2.0**-i, 3.0 * 2.0**-i) for i in range(7))
    hunted = {
        "amsgrad": ("maximum-ignored", "maximum-order", "maximum-fed-back"),
        "amsgrad-v-hat": ("maximum-ignored", "maximum-order", "maximum-fed-back"),
    }
    for word, flags in hunted.items():
        for dtype in (*WIDE, "bfloat16"):
            yield probe(
                f"shrinking-{word}-{dtype}",
                "Shrinking gradients: AMSGrad keeps dividing by the greatest v it has seen.",
                single((0.0, 0.0, 0.5), gradients),
                flags,
                dtype=dtype,
                word=word,
                values={**GENERIC, "beta2": "0.7"},
            )
