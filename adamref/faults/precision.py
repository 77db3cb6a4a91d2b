"""Numbers that are kept or worked in fewer digits than they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from adamref.faults.fault import Fault, Parameter
from adamref.faults.inputs import Drive, Inputs, Rows, feeding, raised
from adamref.numbers import formats
from adamref.numbers.arrays import Array, nearest

if TYPE_CHECKING:
    from adamref.numbers.formats import Format

_DTYPES = ("float32", "bfloat16", "float16")


def wider(dtype: str) -> frozenset[str]:
    """Return the dtypes under check in which a rounding to a dtype is a mistake."""
    return frozenset({"float64", "float32"} - {dtype})


def _rates(dtype: str, *names: str) -> Drive:
    """Round decay rates before anything is formed from them."""
    fmt = formats.get(dtype)

    def drive(inputs: Inputs, _table: Rows) -> Inputs | None:
        columns: dict[str, Array] = {}
        for name in names:
            rate = nearest(inputs.columns[name], fmt)
            complement = nearest(1 - rate, fmt)
            columns |= {name: rate, f"{name}.complement": complement, f"{name}.base": rate}
            columns[f"{name}.one-minus-base"] = 1 - rate
        return inputs.changed(f"{'-'.join(names)}-in-{dtype}", columns)

    return drive


def _plain(dtype: str, name: str) -> Drive:
    fmt = formats.get(dtype)
    return feeding(f"{name}-in-{dtype}", name, lambda x, _table: nearest(x, fmt))


def _powers(dtype: str, *, kept: bool = False, of: str = "beta") -> Drive:
    """Work beta**t in a narrower format: by a library's function, or as a product that is kept."""
    fmt = formats.get(dtype)

    def correct(
        rate: str, base: Array, complement: Array, exponent: Array, from_one: bool
    ) -> Array:
        if not rate.startswith(of):
            return raised(rate, base, complement, exponent, from_one)
        power = _product(base, exponent, fmt) if kept else _power(base, exponent, fmt)
        return nearest(1 - power, fmt) if from_one else power

    by = "powers" if not kept else "running-powers"
    return lambda inputs, _table: inputs.corrected(f"{by}-{of}-in-{dtype}", correct)


def _power(base: Array, exponent: Array, fmt: Format) -> Array:
    return nearest(np.power(nearest(base, fmt), exponent), fmt)


def _product(base: Array, exponent: Array, fmt: Format) -> Array:
    """Multiply step by step; a running product below 2000 steps, beyond that the power itself."""
    out = _power(base, exponent, fmt)
    for rate in np.unique(base):
        at = (base == rate) & (exponent >= 0) & (exponent <= 2000)
        if not at.any():
            continue
        held, products = float(nearest(np.array(rate), fmt)), [1.0]
        for _ in range(int(exponent[at].max())):
            products.append(float(nearest(np.array(products[-1] * held), fmt)))
        out[at] = np.array(products)[exponent[at].astype(int)]
    return out


def _corrections(dtype: str, of: str = "beta") -> Drive:
    fmt = formats.get(dtype)

    def correct(
        rate: str, base: Array, complement: Array, exponent: Array, from_one: bool
    ) -> Array:
        made = raised(rate, base, complement, exponent, from_one)
        return nearest(made, fmt) if rate.startswith(of) else made

    return lambda inputs, _table: inputs.corrected(f"corrections-{of}-in-{dtype}", correct)


def _fault(
    name: str,
    says: str,
    seen_in: str,
    drive: Callable[[str], Drive] | None = None,
    *lines: str,
) -> Fault:
    return Fault(
        f"{name}-in-{{dtype}}",
        f"{says} {{dtype}}",
        "only the digits of {dtype} are right",
        parameter=Parameter(
            "dtype", "a format", _DTYPES, drive=drive, dtypes=wider,
            rounds=lambda dtype: tuple((line, dtype) for line in lines),
        ),
        seen_in=seen_in,
        contradicts="the dtype under check",
    )  # fmt: skip


_TT, _PADDLE, _TORCH = (
    "tenstorrent/tt-metal#55935", "PaddlePaddle/Paddle#78972", "pytorch/pytorch#88173"
)  # fmt: skip
_STATES = "ooples/AiDotNet.Tensors#350 (suspected)"

APPROXIMATE = Fault(
    "approximate-root",
    "the step is right to some bits only, as with an approximate reciprocal root",
    "every step is off by a little, to either side",
    seen_in="pytorch/pytorch#47476 (the operation)",
    contradicts="IEEE 754-2019, section 5.4.1",
)
"""Looked for last: it is told by the size of the errors, not by their values."""

FAULTS = (
    _fault("betas", "both decay rates are rounded to", f"{_TT}, mila-iqia/blocks#1176",
           lambda x: _rates(x, "beta1", "beta2")),
    _fault("beta1", "beta1 is rounded to", _TT, lambda x: _rates(x, "beta1")),
    _fault("beta2", "beta2 is rounded to", _TT, lambda x: _rates(x, "beta2")),
    _fault("alpha", "alpha is rounded to", _PADDLE, lambda x: _plain(x, "alpha")),
    _fault("eps", "epsilon is rounded to", "google-deepmind/optax#1754 (to float16)",
           lambda x: _plain(x, "eps")),
    _fault("weight-decay", "weight_decay is rounded to", f"{_PADDLE} (alpha)",
           lambda x: _plain(x, "weight_decay")),
    _fault("gradient", "gradients are rounded to", "workofart/ml-by-hand#85 (theta)",
           lambda x: _plain(x, "g")),
    _fault("powers", "beta**t and 1 - beta**t are worked in", _TORCH, _powers),
    _fault("running-powers", "beta**t is kept as a running product in", "PaddlePaddle/Paddle#58378",
           lambda x: _powers(x, kept=True)),
    _fault("corrections", "1 - beta**t is rounded to", "mitsuba-renderer/drjit#411", _corrections),
    _fault("powers-of-m", "beta1**t of m is worked in", _TORCH, lambda x: _powers(x, of="beta1")),
    _fault("corrections-of-m", "1 - beta1**t of m is worked in", _TORCH,
           lambda x: _corrections(x, "beta1")),
    _fault("powers-of-v", "beta2**t of v is worked in", _TORCH, lambda x: _powers(x, of="beta2")),
    _fault("corrections-of-v", "1 - beta2**t of v is worked in", _TORCH,
           lambda x: _corrections(x, "beta2")),
    _fault("states", "m and v are stored in", _STATES, None, "m", "v", "v_max"),
    _fault("m", "m is stored in", _STATES, None, "m"),
    _fault("v", "v is stored in", _STATES, None, "v"),
    _fault("theta", "theta is rounded to", "Nerogar/OneTrainer#996, pytorch/ao#1124", None,
           "theta"),
    _fault("update", "the step is added after it is rounded to", "workofart/ml-by-hand#85", None,
           "delta"),
)  # fmt: skip
