"""Every legitimate dialect is identified as itself, axis by axis, and deviates only where pinned."""

from __future__ import annotations

import numpy as np
import pytest

import planted
from adamref.oracle.dialects import dialects

FORMS = {
    "paper": {},
    "eps-hat": {"delta": lambda k: (k.lr * k.c2**0.5 / k.c1) * k.m / (np.sqrt(k.second) + k.eps)},
    "eps-inside": {"below": lambda k: np.sqrt(k.v_hat + k.eps)},
}
CORRECTIONS = {"on": {}, "off": {"m_hat": lambda k: k.m, "v_hat": lambda k: k.second}}
DECAYS = {
    "none": {},
    "l2": {},
    "decoupled-before": {},
    "decoupled-after": {
        "kept": lambda k: k.theta,
        "new": lambda k: (k.theta - k.delta) * (1 - k.lr * k.wd),
    },
}
MAXIMA = {
    "none": {},
    "v": {},
    "v_hat": {
        "greatest": lambda k: np.maximum(k.max0, k.v / (1 - k.b2**k.t)),
        "v_hat": lambda k: k.greatest,
    },
}
OPTIMIZERS = ("adam", "adam-l2", "adamw", "amsgrad")
PLANTABLE = [
    dialect
    for optimizer in OPTIMIZERS
    for dialect in dialects(optimizer, {}, [("literal", "float64")])
    if dialect.form in FORMS
]


def pieces_of(dialect):
    return {
        **FORMS[dialect.form],
        **CORRECTIONS[dialect.bias_correction],
        **DECAYS[dialect.weight_decay],
        **MAXIMA[dialect.amsgrad],
    }


def name_of(dialect):
    its = dialect
    return f"{its.optimizer}-{its.form}-{its.bias_correction}-{its.weight_decay}-{its.amsgrad}"


def few(dtype, optimizer):
    """A few probes that tell dialects apart."""
    found = [f"random-generic-{dtype}", f"schedule-{dtype}", f"random-state-{dtype}"]
    if optimizer == "amsgrad":
        found.append(f"shrinking-{dtype}")
    return found


def found_in(report):
    names = ("form", "bias_correction", "weight_decay", "amsgrad")
    return {name: report.dialect[name] for name in names}


def axes_of(dialect):
    return {
        "form": dialect.form,
        "bias_correction": dialect.bias_correction == "on",
        "weight_decay": dialect.weight_decay,
        "amsgrad": dialect.amsgrad,
    }


def checked(dialect, dtype, **options):
    names = options.pop("names", few(dtype, dialect.optimizer))
    pieces = pieces_of(dialect)
    return planted.checked(pieces, dtype, dialect.optimizer, names=names, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dialect", PLANTABLE, ids=name_of)
def test_a_dialect_is_identified_as_itself(dialect, dtype):
    report = checked(dialect, dtype)
    assert report.verdict == "conforms", str(report)
    assert found_in(report) == axes_of(dialect)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("at", [1, -1])
def test_a_dialect_with_a_hidden_state_is_identified(dtype, at):
    dialect = PLANTABLE[at]
    report = checked(dialect, dtype, visible=False, names=few(dtype, dialect.optimizer)[:2])
    assert report.verdict == "conforms", str(report)
    assert found_in(report) == axes_of(dialect)
