"""Numbers that are kept or worked in fewer digits than they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.faults.fault import Fault
from adamref.faults.inputs import raised
from adamref.numbers import formats
from adamref.numbers.arrays import nearest

if TYPE_CHECKING:
    from adamref.faults.fault import Drive
    from adamref.faults.inputs import Inputs, Table
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format

_NARROWER = {
    "float64": ("float32", "bfloat16", "float16"),
    "float32": ("bfloat16", "float16"),
    "float16": (),
    "bfloat16": (),
}


def _wider(dtype: str) -> frozenset[str]:
    """Return the dtypes under check in which a rounding to a dtype is a mistake."""
    return frozenset(wide for wide, narrow in _NARROWER.items() if dtype in narrow)


def _rates(dtype: str, *names: str) -> Drive:
    """Round decay rates before anything is formed from them."""
    fmt = formats.get(dtype)

    def drive(inputs: Inputs, _table: Table) -> Inputs | None:
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

    def drive(inputs: Inputs, _table: Table) -> Inputs | None:
        if name not in inputs.columns:
            return None
        made = nearest(inputs.columns[name], fmt)
        return inputs.changed(f"{name}-in-{dtype}", {name: made})

    return drive


def _powers(fmt: Format, *, kept: bool, of: str = "beta") -> Drive:
    """Work beta**t in a narrower format: by a library's function, or as a product that is kept."""

    def correct(
        rate: str, base: Array, complement: Array, exponent: Array, from_one: bool
    ) -> Array:
        if not rate.startswith(of):
            return raised(rate, base, complement, exponent, from_one)
        power = _product(base, exponent, fmt) if kept else _power(base, exponent, fmt)
        return nearest(1 - power, fmt) if from_one else power

    by = "powers" if not kept else "running-powers"
    return lambda inputs, _table: inputs.corrected(f"{by}-{of}-in-{fmt.dtype}", correct)


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


def _corrections(fmt: Format, of: str = "beta") -> Drive:
    def correct(
        rate: str, base: Array, complement: Array, exponent: Array, from_one: bool
    ) -> Array:
        made = raised(rate, base, complement, exponent, from_one)
        return nearest(made, fmt) if rate.startswith(of) else made

    return lambda inputs, _table: inputs.corrected(f"corrections-{of}-in-{fmt.dtype}", correct)


def _gradients(dtype: str) -> Drive:
    fmt = formats.get(dtype)

    def drive(inputs: Inputs, _table: Table) -> Inputs | None:
        g = inputs.columns["g"]
        made = nearest(g, fmt)
        same = np.array_equal(made, g, equal_nan=True)
        return None if same else inputs.changed(f"g-in-{dtype}", {"g": made})

    return drive


def _of(dtype: str) -> tuple[Fault, ...]:
    fmt, wide = formats.get(dtype), _wider(dtype)
    lost = f"only the digits of {dtype} are right"

    def fault(name: str, says: str, source: str, **more: object) -> Fault:
        return Fault(f"{name}-in-{dtype}", says, lost, source, dtypes=wide, **more)  # type: ignore[arg-type]

    return (
        fault("betas", f"both decay rates are rounded to {dtype}",
              "tenstorrent/tt-metal#55935, mila-iqia/blocks#1176",
              drive=_rates(dtype, "beta1", "beta2")),
        fault("beta1", f"beta1 is rounded to {dtype}", "tenstorrent/tt-metal#55935",
              drive=_rates(dtype, "beta1")),
        fault("beta2", f"beta2 is rounded to {dtype}", "tenstorrent/tt-metal#55935",
              drive=_rates(dtype, "beta2")),
        fault("alpha", f"alpha is rounded to {dtype}", "PaddlePaddle/Paddle#78972",
              drive=_plain(dtype, "alpha")),
        fault("eps", f"epsilon is rounded to {dtype}",
              "google-deepmind/optax#1754 (to float16)", drive=_plain(dtype, "eps")),
        fault("weight-decay", f"weight_decay is rounded to {dtype}",
              "PaddlePaddle/Paddle#78972 (alpha)", drive=_plain(dtype, "weight_decay")),
        fault("gradient", f"gradients are rounded to {dtype}", "workofart/ml-by-hand#85 (theta)",
              drive=_gradients(dtype)),
        fault("powers", f"beta**t and 1 - beta**t are worked in {dtype}",
              "pytorch/pytorch#88173", drive=_powers(fmt, kept=False)),
        fault("running-powers", f"beta**t is kept as a running product in {dtype}",
              "PaddlePaddle/Paddle#58378", drive=_powers(fmt, kept=True)),
        fault("corrections", f"1 - beta**t is rounded to {dtype}",
              "mitsuba-renderer/drjit#411", drive=_corrections(fmt)),
        *(
            fault(f"{what}-of-{state}", f"{says} of {state} is worked in {dtype}",
                  "pytorch/pytorch#88173", drive=drive)
            for state, rate in (("m", "beta1"), ("v", "beta2"))
            for what, says, drive in (
                ("powers", f"{rate}**t", _powers(fmt, kept=False, of=rate)),
                ("corrections", f"1 - {rate}**t", _corrections(fmt, rate)),
            )
        ),
        fault("states", f"m and v are stored in {dtype}",
              "ooples/AiDotNet.Tensors#350 (suspected)",
              rounds=(("m", dtype), ("v", dtype), ("v_max", dtype))),
        fault("m", f"m is stored in {dtype}", "ooples/AiDotNet.Tensors#350 (suspected)",
              rounds=(("m", dtype),)),
        fault("v", f"v is stored in {dtype}", "ooples/AiDotNet.Tensors#350 (suspected)",
              rounds=(("v", dtype),)),
        fault("theta", f"theta is rounded to {dtype}", "Nerogar/OneTrainer#996, pytorch/ao#1124",
              rounds=(("theta", dtype),)),
        fault("update", f"the step is rounded to {dtype} before it is added",
              "workofart/ml-by-hand#85", rounds=(("delta", dtype),)),
    )  # fmt: skip


APPROXIMATE = Fault(
    "approximate-root",
    "the step is right to some bits only, as with an approximate reciprocal root",
    "every step is off by a little, to either side",
    "pytorch/pytorch#47476 (the operation); IEEE 754-2019, section 5.4.1",
)
"""Looked for last: it is told by the size of the errors, not by their values."""

FAULTS = (*_of("float32"), *_of("bfloat16"), *_of("float16"))
