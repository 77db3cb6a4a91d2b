"""What numbers an implementation holds for its hyperparameters.

A decay rate enters a step in four places, and an implementation may hold a different number in
each: the rate itself, its complement ``1 - beta`` in the recurrence, the base of the power in the
correction, and the step size. Three conventions are met in practice:

literal
    The caller's number everywhere, ``1 - beta`` exact: what a float64 implementation holds.
rounded
    Every hyperparameter rounded to the format first, the complement formed from the rounded rate
    and rounded again.
mixed
    As PyTorch does: the rate and its complement are formed in float64 and then rounded to the
    format; the base of the power and whatever is no decay rate (step size, epsilon, weight decay)
    stay float64.

Code of a 16-bit format keeps its hyperparameters as scalars of float32, in which it works too:
PyTorch's kernels for bfloat16 and float16 do. In bfloat16 itself 0.999 would be 1, in float16 1e-8
would be 0. So rounded and mixed round to float32 there (`scalars`), unless storage is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from adamref.errors import OutOfDomain, UnknownName
from adamref.numbers import formats
from adamref.numbers.formats import BINARY32, BINARY64, Format
from adamref.rules.instructions import BASE, COMPLEMENT

if TYPE_CHECKING:
    from adamref.numbers.exact import Extended

CONVENTIONS = ("literal", "rounded", "mixed")
COMPUTES = ("storage", "float32", "float64")
"""In what a format of storage is worked: itself, or a wider one."""


def scalars(fmt: Format, compute: str | None = None) -> Format:
    """Return the format in which code of a format holds its hyperparameters.

    Parameters
    ----------
    fmt : Format
        Of theta.
    compute : {"storage", "float32", "float64"}, optional
        In what the code works; float32 at least if not given.

    Raises
    ------
    UnknownName
        If it is none of these.
    OutOfDomain
        If it is narrower than the format itself.
    """
    if compute is None:
        return BINARY32 if fmt.precision < BINARY32.precision else fmt
    if compute not in COMPUTES:
        raise UnknownName("arithmetic to compute in", compute, COMPUTES)
    found = fmt if compute == "storage" else formats.get(compute)
    if found.precision < fmt.precision:
        raise OutOfDomain("compute", compute, f"storage, or no narrower than {fmt.dtype}")
    return found


def held(hyper: Mapping[str, Fraction], convention: str, fmt: Format | None) -> dict[str, Extended]:
    """Return every exact number a rule's program asks for, under a convention.

    Parameters
    ----------
    hyper : mapping of str to Fraction
        The hyperparameters as the caller gave them.
    convention : {"literal", "rounded", "mixed"}
        See the module's docstring.
    fmt : Format or None
        The format of rounded and mixed.

    Raises
    ------
    UnknownName
        If there is no such convention.
    """
    if convention not in CONVENTIONS:
        raise UnknownName("hyperparameter convention", convention, CONVENTIONS)
    numbers: dict[str, Extended] = dict(hyper)
    if convention == "literal" or fmt is None:
        return numbers
    for name, value in hyper.items():
        numbers[name] = _stored(fmt if convention == "rounded" else BINARY64, value)
        if name.startswith("beta"):
            rate = numbers[name]
            numbers[name] = _stored(fmt, rate)
            complement = _stored(BINARY64, 1 - rate) if convention == "mixed" else 1 - rate
            numbers[name + COMPLEMENT] = _stored(fmt, complement)
            numbers[name + BASE] = rate
    return numbers


@lru_cache(maxsize=1024)
def _stored(fmt: Format, value: Extended) -> Extended:
    return fmt.exact(fmt.round(value))
