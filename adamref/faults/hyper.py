"""Hyperparameters that are exchanged, ignored, or used where others belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.faults.fault import Fault

if TYPE_CHECKING:
    from adamref.faults.fault import Drive
    from adamref.faults.inputs import Inputs, Table

_OF_RATE = ("", ".complement", ".base", ".one-minus-base")


def _swapped(inputs: Inputs, _table: Table) -> Inputs | None:
    columns = {}
    for part in _OF_RATE:
        columns[f"beta1{part}"] = inputs.columns[f"beta2{part}"]
        columns[f"beta2{part}"] = inputs.columns[f"beta1{part}"]
    return inputs.changed("betas-swapped", columns)


def _rate(name: str, value: float) -> Drive:
    def drive(inputs: Inputs, _table: Table) -> Inputs | None:
        if (inputs.columns[name] == value).all():
            return None
        every = np.full(len(inputs.columns["g"]), value)
        rest = 1 - every
        parts = dict(zip(_OF_RATE, (every, rest, every, rest), strict=True))
        return inputs.changed(f"{name}={value}", {name + p: x for p, x in parts.items()})

    return drive


def _plain(name: str, value: float) -> Drive:
    def drive(inputs: Inputs, _table: Table) -> Inputs | None:
        if name not in inputs.columns or (inputs.columns[name] == value).all():
            return None
        return inputs.changed(f"{name}={value}", {name: np.full(len(inputs.columns["g"]), value)})

    return drive


def _ignored(name: str, value: float, drive: Drive, source: str) -> Fault:
    return Fault(
        f"{name.replace('_', '-')}-always-{value:g}",
        f"{name} is {value:g} whatever was asked for",
        "right only where that was asked for",
        source,
        drive=drive,
    )


def _scaled(name: str, factor: float) -> Drive:
    return lambda inputs, _table: inputs.changed(
        f"{name}*{factor}", {name: inputs.columns[name] * factor}
    )


FAULTS = (
    Fault(
        "betas-swapped",
        "beta1 and beta2 are exchanged",
        "wrong from the first step on; invisible where the betas are equal",
        drive=_swapped,
    ),
    *(_ignored("eps", x, _plain("eps", x), "keras-team/keras#8710, NVIDIA/apex#1186")
      for x in (1e-7, 1e-6, 1e-8, 1e-5, 1e-3)),
    *(_ignored("beta2", x, _rate("beta2", x),
               "LoganBooker/prodigy-plus-schedule-free#9, OpenNMT/OpenNMT-py#383")
      for x in (0.99, 0.999, 0.98, 0.95, 0.9)),
    *(_ignored("beta1", x, _rate("beta1", x), "OpenNMT/OpenNMT-py#383 (its kin)")
      for x in (0.9, 0.99, 0.0)),
    *(_ignored("alpha", x, _plain("alpha", x), "pytorch/pytorch#576")
      for x in (0.001, 0.01, 0.1, 1.0)),
    *(_ignored("weight_decay", x, _plain("weight_decay", x), "PaddlePaddle/Paddle#5836")
      for x in (0.01, 0.1)),
    Fault(
        "alpha-squared",
        "alpha is multiplied in twice",
        "steps are far too small",
        "stanfordnlp/GloVe#134 (in AdaGrad)",
        drive=lambda inputs, _table: inputs.changed(
            "alpha-squared", {"alpha": inputs.columns["alpha"] ** 2}
        ),
    ),
    Fault(
        "alpha-doubled",
        "the step is twice as large as it should be",
        "theta overshoots",
        drive=_scaled("alpha", 2.0),
    ),
    Fault(
        "alpha-halved",
        "the step is half as large as it should be",
        "theta lags",
        drive=_scaled("alpha", 0.5),
    ),
    Fault(
        "eps-as-root",
        "the square root of epsilon is used in its place",
        "at the default epsilon small gradients hardly move theta",
        "FluxML/Flux.jl#448 (its kin)",
        drive=lambda inputs, _table: inputs.changed(
            "eps-as-root", {"eps": np.sqrt(inputs.columns["eps"])}
        ),
    ),
)  # fmt: skip
