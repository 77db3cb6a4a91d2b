"""Generic values: where every fault shows, because nothing is special."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from adamref.golden.making import (
    DEFAULT,
    DEFAULT_ALPHA,
    GRADIENTS,
    NARROW,
    RULES,
    THETA,
    WIDE,
    probe,
    single,
)
from adamref.rules.family import training

if TYPE_CHECKING:
    from adamref.golden.probe import Probe

_SAYS = "Generic values: every single fault and every pair of faults leaves another trace."
_EVERY_FAULT = (
    "moment-without-complement",
    "beta-as-complement",
    "betas-swapped",
    "moment-forgets",
    "gradient-not-squared",
    "corrected-in-place",
    "power-missing",
    "product-for-power",
    "t-ahead",
    "t-behind",
    "correction-multiplied",
    "correction-by-power",
    "uncorrected",
    "correction-misses-root",
    "root-forgotten",
    "eps-inside-root",
    "eps-hat",
    "eps-subtracted",
    "eps-omitted",
    "step-multiplied",
    "step-from-wrong-moment",
    "step-sign",
)
# Eight bits or eleven do not show an epsilon of 0.0137 beside a root of about 1.
_TOO_FINE = {
    "bfloat16": {"eps-inside-root", "eps-hat", "eps-subtracted", "eps-omitted"},
    "float16": {"eps-inside-root"},
}
_OF_ADAM = "Generic values for a dialect: Adam itself leaves another trace."
_OF_RELATIVE = "Generic values for a relative of Adam, whose lines share Adam's symbols."
_OF_DIALECT: dict[str, tuple[str, ...]] = {
    "eps-hat": ("uncorrected", "eps-inside-root"),
    "eps-inside": ("eps-omitted",),
    "eps-root": ("eps-inside-root", "eps-omitted"),
    "uncorrected": ("betas-swapped", "eps-omitted"),
    "l2": ("decay-ignored", "decay-decoupled"),
    "adamw": ("decay-ignored", "decay-l2", "decay-without-alpha", "decay-order"),
    "adamw-after": ("decay-ignored", "decay-l2", "decay-without-alpha", "decay-order"),
    "amsgrad": ("maximum-order",),
    "amsgrad-v-hat": ("maximum-ignored", "maximum-order"),
}
_RELATIVES: dict[str, tuple[str, ...]] = {
    "momentum": ("moment-without-complement",),
    "heavy-ball": ("moment-forgets",),
    "rmsprop": ("eps-inside-root", "root-forgotten"),
    "rmsprop-inside": ("eps-omitted",),
    "adagrad": ("root-forgotten",),
    "adamax": ("uncorrected",),
    "nadam": ("uncorrected",),
}


def generic() -> Iterator[Probe]:
    """Yield Adam in every dtype and convention, its dialects, and its relatives."""
    for dtype in ("float64", "float32", *NARROW):
        for hyper in ("literal",) if dtype == "float64" else ("literal", "rounded", "mixed"):
            name = f"generic-{dtype}" + ("" if dtype == "float64" else f"-{hyper}")
            tensors = single(THETA, GRADIENTS)
            seen = [flag for flag in _EVERY_FAULT if flag not in _TOO_FINE.get(dtype, ())]
            yield probe(name, _SAYS, tensors, seen, dtype=dtype, hyper=hyper)
    for dtype in WIDE:
        for word in RULES:
            if word != "adam":
                yield _generic(word, dtype)


def elsewhere(known: Collection[str]) -> Iterator[Probe]:
    """Yield the usual dialect of every rule that has no probe yet: those of other packages."""
    for name in training():
        if name not in known:
            for dtype in WIDE:
                yield _generic(name, dtype)


def _generic(word: str, dtype: str) -> Probe:
    says, flags = _OF_RELATIVE, _RELATIVES.get(word, ())
    if word in _OF_DIALECT:
        says, flags = _OF_ADAM, _OF_DIALECT[word]
    tensors = single(THETA, GRADIENTS)
    return probe(f"generic-{word}-{dtype}", says, tensors, flags, dtype=dtype, word=word)


def defaults() -> Iterator[Probe]:
    """Yield what a constructor without hyperparameters must do."""
    says = "The default constructor: small gradients show its epsilon, theta0 = 0 its step size."
    gradients = ((2.0**-20, -(2.0**-24), 3.0), (2.0**-21, 2.0**-25, -1.0), (0.0, 2.0**-24, 0.5))
    # beta2 = 0.999 is 1 in bfloat16: no other convention has a meaning there.
    for dtype, hyper in (
        ("float64", "literal"),
        ("float32", "literal"),
        ("float32", "rounded"),
        ("float32", "mixed"),
        ("bfloat16", "literal"),
    ):
        yield probe(
            f"defaults-{dtype}" + (f"-{hyper}" if dtype == "float32" else ""),
            says,
            single((0.0, 0.0, 0.0), gradients),
            ("default-eps", "default-alpha", "eps-inside-root", "eps-hat"),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
            hyper=hyper,
            constructor="defaults",
        )
    yield probe(
        "defaults-float16",
        "An epsilon of 1e-8 is zero in binary16; a gradient of zero shows it.",
        single((0.5, -2.0), ((0.0, 1.0), (0.0, -0.5), (0.25, 0.75))),
        ("eps-underflow",),
        dtype="float16",
        kind="edge",
        values=DEFAULT,
        alpha=DEFAULT_ALPHA,
        constructor="defaults",
    )
