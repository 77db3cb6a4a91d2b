"""Hyperparameters that are exchanged, ignored, or used where others belong."""

from __future__ import annotations

import numpy as np

from adamref.faults.fault import Fault, Parameter
from adamref.faults.inputs import Drive, Inputs, Rows, feeding

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
    return feeding(f"{name}={value}", name, lambda x, _table: np.full(len(x), value))


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
          drive=feeding("alpha-squared", "alpha", lambda x, _: x**2),
          seen_in="stanfordnlp/GloVe#134 (in AdaGrad)"),
    Fault("alpha-doubled", "the step is twice as large as it should be", "theta overshoots",
          drive=feeding("alpha-doubled", "alpha", lambda x, _: x * 2.0)),
    Fault("alpha-halved", "the step is half as large as it should be", "theta lags",
          drive=feeding("alpha-halved", "alpha", lambda x, _: x * 0.5)),
    Fault("eps-as-root", "the square root of epsilon is used in its place",
          "at the default epsilon small gradients hardly move theta",
          drive=feeding("eps-as-root", "eps", lambda x, _: np.sqrt(x)),
          seen_in="FluxML/Flux.jl#448 (its kin)"),
)  # fmt: skip
