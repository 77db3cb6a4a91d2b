"""Hyperparameters that are exchanged, ignored, or used where others belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.faults.fault import Fault, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.faults.fault import Drive
    from adamref.faults.inputs import Inputs, Rows
    from adamref.numbers.arrays import Array

_OF_RATE = ("", ".complement", ".base", ".one-minus-base")


def _swapped(inputs: Inputs, _table: Rows) -> Inputs | None:
    columns = {}
    for part in _OF_RATE:
        columns[f"beta1{part}"] = inputs.columns[f"beta2{part}"]
        columns[f"beta2{part}"] = inputs.columns[f"beta1{part}"]
    return inputs.changed("betas-swapped", columns)


def _rate(name: str, value: float) -> Drive:
    def drive(inputs: Inputs, _table: Rows) -> Inputs | None:
        if (inputs.columns[name] == value).all():
            return None
        every = np.full(len(inputs.columns["g"]), value)
        rest = 1 - every
        parts = dict(zip(_OF_RATE, (every, rest, every, rest), strict=True))
        return inputs.changed(f"{name}={value}", {name + p: x for p, x in parts.items()})

    return drive


def _plain(name: str, value: float) -> Drive:
    def drive(inputs: Inputs, _table: Rows) -> Inputs | None:
        if name not in inputs.columns or (inputs.columns[name] == value).all():
            return None
        return inputs.changed(f"{name}={value}", {name: np.full(len(inputs.columns["g"]), value)})

    return drive


def _always(name: str, values: tuple[float, ...], seen_in: str, *, rate: bool = False) -> Fault:
    drive = _rate if rate else _plain
    return Fault(
        f"{name.replace('_', '-')}-always-{{value}}",
        f"{name} is {{value}} whatever was asked for",
        "right only where that was asked for",
        parameter=Parameter(
            "value", f"units of {name}", values, drive=lambda value: drive(name, value)
        ),
        seen_in=seen_in,
    )


def _changed(by: str, name: str, change: Callable[[Array], Array]) -> Drive:
    return lambda inputs, _table: inputs.changed(by, {name: change(inputs.columns[name])})


FAULTS = (
    Fault("betas-swapped", "beta1 and beta2 are exchanged",
          "wrong from the first step on; invisible where the betas are equal", drive=_swapped),
    _always("eps", (1e-7, 1e-6, 1e-8, 1e-5, 1e-3), "keras-team/keras#8710, NVIDIA/apex#1186"),
    _always("beta2", (0.99, 0.999, 0.98, 0.95, 0.9),
            "LoganBooker/prodigy-plus-schedule-free#9, OpenNMT/OpenNMT-py#383", rate=True),
    _always("beta1", (0.9, 0.99, 0.0), "OpenNMT/OpenNMT-py#383 (its kin)", rate=True),
    _always("alpha", (0.001, 0.01, 0.1, 1.0), "pytorch/pytorch#576"),
    _always("weight_decay", (0.01, 0.1), "PaddlePaddle/Paddle#5836"),
    Fault("alpha-squared", "alpha is multiplied in twice", "steps are far too small",
          drive=_changed("alpha-squared", "alpha", lambda x: x**2),
          seen_in="stanfordnlp/GloVe#134 (in AdaGrad)"),
    Fault("alpha-doubled", "the step is twice as large as it should be", "theta overshoots",
          drive=_changed("alpha-doubled", "alpha", lambda x: x * 2.0)),
    Fault("alpha-halved", "the step is half as large as it should be", "theta lags",
          drive=_changed("alpha-halved", "alpha", lambda x: x * 0.5)),
    Fault("eps-as-root", "the square root of epsilon is used in its place",
          "at the default epsilon small gradients hardly move theta",
          drive=_changed("eps-as-root", "eps", np.sqrt), seen_in="FluxML/Flux.jl#448 (its kin)"),
)  # fmt: skip
