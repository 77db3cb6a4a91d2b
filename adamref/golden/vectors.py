"""A probe as a document: what stands in its file, and the way back.

Every float stands twice: hexadecimal, and the shortest decimal that reads back as it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adamref.golden.drawn import MODULUS, MULTIPLIER, Drawn
from adamref.golden.flags import NOTES
from adamref.golden.numerals import hexadecimal, read, shortest
from adamref.golden.probe import Listed, Probe, Tensor, Vector
from adamref.golden.worked import Moment, worked
from adamref.numbers.arrays import rounded_up, ulp
from adamref.numbers.formats import BINARY64, Format
from adamref.version import VERSION

SCHEMA = "adamref.golden-probe/2"
WITHOUT_BOUNDS = "adamref.golden-probe/1"
"""Of files without a bound beside each number; all else in them means the same."""

GENERATOR = f"adamref {VERSION}"

Document = dict[str, Any]
Errors = Mapping[tuple[int, int], Mapping[str, NDArray[np.float64]]]
"""By step, from 1, and tensor: how far right implementations may be off, field by field."""

Bounding = Callable[[Probe], Errors]
"""What bounds them (`adamref.tolerances.golden.errors_of`)."""


def document(probe: Probe, bounding: Bounding | None = None) -> Document:
    """Work a probe and return what its file holds. Every value is certified.

    Without ``bounding`` it is what files held before there were bounds in them.
    """
    fmt = probe.format
    errors = None if bounding is None else bounding(probe)
    trace = [_moment(m, fmt, errors) for m in worked(probe) if m.step in probe.recorded]
    schema = {"schema": WITHOUT_BOUNDS if errors is None else SCHEMA}
    return {**inputs(probe), **schema, "trace": trace}


def inputs(probe: Probe) -> Document:
    """Return what a probe's file holds but for the trace."""
    fmt = probe.format
    return {
        "schema": SCHEMA,
        "generator": GENERATOR,
        "name": probe.name,
        "class": probe.kind,
        "says": probe.says,
        "flags": list(probe.flags),
        "notes": {flag: NOTES[flag].as_json() for flag in probe.flags},
        "rule": probe.rule,
        "dialect": dict(probe.the_rule.dialect),
        "dtype": probe.dtype,
        "hyper": probe.hyper,
        "constructor": probe.constructor,
        "alpha": _both(map(float, probe.alpha), BINARY64),
        "hyperparameters": {name: _one(value) for name, value in probe.hypers.items()},
        "steps": probe.steps,
        "tensors": [_tensor(tensor, fmt) for tensor in probe.tensors],
    }


def _one(value: float) -> dict[str, str]:
    return {"hex": hexadecimal(value), "dec": shortest(value, BINARY64)}


def _both(values: Iterable[float], fmt: Format) -> dict[str, list[str]]:
    listed = [float(x) for x in values]
    return {
        "hex": [hexadecimal(x) for x in listed],
        "dec": [shortest(x, fmt) for x in listed],
    }


def _tensor(tensor: Tensor, fmt: Format) -> Document:
    return {
        "size": len(tensor.theta),
        "t": tensor.t,
        "theta": _both(tensor.theta, fmt),
        "state": {name: _both(values, fmt) for name, values in tensor.state.items()},
        "gradients": _gradients(tensor.gradients, fmt),
    }


def _gradients(gradients: Listed | Drawn, fmt: Format) -> Document:
    if isinstance(gradients, Drawn):
        return {"drawn": {"multiplier": MULTIPLIER, "modulus": MODULUS, **asdict(gradients)}}
    return {"listed": [None if g is None else _both(g, fmt) for g in gradients]}


def _moment(moment: Moment, fmt: Format, errors: Errors | None) -> Document:
    taken = moment.taken
    where: Document = {"step": moment.step, "tensor": moment.tensor}
    if taken is None:
        return {**where, "t": None, "fields": {}}
    fields: Document = {n: _both(np.ravel(value), fmt) for n, value in taken.values.items()}
    if errors is not None:
        its = errors[moment.step, moment.tensor]
        for name, value in taken.values.items():
            fields[name]["bound"] = _bounds(np.ravel(value), its.get(name), fmt)
    return {**where, "t": taken.t, "fields": fields}


def _bounds(values: Any, off: NDArray[np.float64] | None, fmt: Format) -> list[str]:
    """Write how far a right number may be from each, which was rounded once itself.

    What is given is exact. What is no number has to be none; where something may overflow on the
    way nothing is known.
    """
    if off is None:
        return ["0"] * len(values)
    wide = np.asarray(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        bound = np.where(np.isfinite(wide), off + ulp(wide, fmt) / 2, np.inf)
    bound = np.where(np.isnan(wide), 0.0, bound)
    return [f"{rounded_up(float(x)):g}" for x in bound]


def probe_of(found: Mapping[str, Any]) -> Probe:
    """Return the probe that a document is about, from its hexadecimal numbers.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is no such document.
    """
    return Probe(
        name=found["name"],
        kind=found["class"],
        says=found["says"],
        rule=found["rule"],
        dtype=found["dtype"],
        values={name: repr(read(x["hex"])) for name, x in found["hyperparameters"].items()},
        alpha=tuple(repr(read(x)) for x in found["alpha"]["hex"]),
        tensors=tuple(_tensor_of(tensor) for tensor in found["tensors"]),
        steps=found["steps"],
        recorded=tuple(dict.fromkeys(moment["step"] for moment in found["trace"])),
        flags=tuple(found["flags"]),
        axes=dict(found["dialect"]),
        hyper=found["hyper"],
        constructor=found["constructor"],
    )


def _tensor_of(found: Mapping[str, Any]) -> Tensor:
    return Tensor(
        theta=_vector(found["theta"]),
        gradients=_gradients_of(found["gradients"]),
        state={name: _vector(values) for name, values in found["state"].items()},
        t=found["t"],
    )


def _gradients_of(found: Mapping[str, Any]) -> Listed | Drawn:
    if "drawn" in found:
        formula = found["drawn"]
        return Drawn(formula["seed"], formula["low"], formula["span"])
    return tuple(None if g is None else _vector(g) for g in found["listed"])


def _vector(found: Mapping[str, Any]) -> Vector:
    return tuple(read(text) for text in found["hex"])
