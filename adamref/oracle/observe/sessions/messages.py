"""The process protocol: requests and answers, as JSON objects, and what they mean.

`host` speaks it as any program does, with additions that other programs may make as well:
``controls``, ``defaults`` and ``remarks`` in the answer to init; ``dtypes`` and ``remarks`` of a
tensor. A tensor of an answer may have any state of the rule, by adamref's name; which these are is
said at init where they are not Adam's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from adamref.oracle.observe.calling.values import DTYPES, dtype_remarks, fitted
from adamref.oracle.observe.sessions import wire
from adamref.oracle.observe.sessions.session import (
    ABILITIES,
    SCALARS,
    Abilities,
    Held,
    Remark,
    Severity,
    Start,
    looked_for,
    shortened,
)

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.wire import Style


def init(start: Start, style: Style = "hexadecimal") -> dict[str, Any]:
    """Return the request to start over."""
    written = [wire.write(x, style) for x in start.thetas]
    pairs = zip(start.thetas, written, strict=True)
    # To others an array is a list, which lies in no order in memory.
    by_columns = {"order": "F"} if style == "packed" else {}
    tensors = [
        {"shape": list(x.shape), "theta": numbers, **(by_columns if _lies_by_columns(x) else {})}
        for x, numbers in pairs
    ]
    hyper = {name: wire.write_number(x, style) for name, x in start.hyper.items()}
    request: dict[str, Any] = {"op": "init", "dtype": start.dtype, "optimizer": start.optimizer}
    request |= {"tensors": tensors, "hyper": hyper}
    usual = {x.name: x.default for x in fields(Start)}
    said = {"defaults": start.defaults, "states": start.states, "timed": start.timed}
    if style == "packed":
        said["loads"] = start.loads
    return request | {name: x for name, x in said.items() if x != usual[name]}


def read_init(request: Mapping[str, Any]) -> Start:
    """Return what a request to start over says."""
    thetas = tuple(
        np.array(_array(x["theta"], x["shape"]), order=x.get("order", "C"))
        for x in request["tensors"]
    )
    hyper = {name: float.fromhex(x) for name, x in request["hyper"].items()}
    said = {name: request[name] for name in ("defaults", "timed", "loads") if name in request}
    if "states" in request:
        said["states"] = tuple(request["states"])
    return Start(request["dtype"], request["optimizer"], thetas, hyper, **said)


def step(grads: Sequence[Array | None], lr: float | None, style: Style) -> dict[str, Any]:
    """Return the request to take a step."""
    written = [None if g is None else wire.write(g, style) for g in grads]
    request: dict[str, Any] = {"op": "step", "grads": written}
    return request if lr is None else {**request, "lr": wire.write_number(lr, style)}


def read_grads(grads: Sequence[Any], start: Start) -> list[Array | None]:
    """Return the gradients of a request to take a step."""
    pairs = zip(grads, start.thetas, strict=True)
    return [
        None
        if g is None
        else np.array(_array(g, theta.shape), order="F" if _lies_by_columns(theta) else "C")
        for g, theta in pairs
    ]


def _lies_by_columns(x: Array) -> bool:
    """Say whether an array lies in memory column by column, as Fortran has it."""
    return bool(x.flags.f_contiguous and not x.flags.c_contiguous)


def load(tensors: Sequence[Held], style: Style) -> dict[str, Any]:
    """Return the request to go on from other states."""
    return {"op": "load", "tensors": [_loaded(held, style) for held in tensors]}


def _loaded(held: Held, style: Style) -> dict[str, Any]:
    arrays = {"theta": held.theta, **held.states}
    found: dict[str, Any] = {name: wire.write(x, style) for name, x in arrays.items()}
    if held.t is not None:
        found["t"] = held.t
    if held.beside:
        found["beside"] = {n: wire.write(x, style) for n, x in held.beside.items()}
    return {**found, "dtypes": dict(held.dtypes)} if held.dtypes else found


def abilities(found: Abilities) -> dict[str, Any]:
    """Return the answer to init."""
    return {
        "ok": True,
        "can": sorted(found.can),
        "controls": sorted(found.controls),
        "defaults": {name: wire.write_number(x) for name, x in found.defaults.items()},
        "remarks": [vars(x) for x in found.remarks],
        "groups": [{n: wire.write_number(x) for n, x in one.items()} for one in found.groups],
        "micro_batches": found.micro_batches,
    }


def read_abilities(answer: Mapping[str, Any], start: Start) -> Abilities:
    """Return what the answer to init says; what it does not say is assumed.

    Raises
    ------
    Failed
        If it is none of the protocol.
    """
    confirm("init", answer)
    can = _names("can", answer.get("can", []))
    # Shapes are in the request, and whoever answers takes them.
    can = (can & set(ABILITIES)) | ({"shapes"} if "controls" not in answer else set())
    controls = _names("controls", answer.get("controls", list(start.hyper)))
    given = _mapping("defaults", answer.get("defaults", {}))
    defaults = {str(name): wire.read_number(f"defaults.{name}", x) for name, x in given.items()}
    remarks = _remarks(answer.get("remarks", []))
    listed = answer.get("groups", [])
    if not isinstance(listed, list):
        raise wire.garbage("groups", listed, "a list of objects")
    groups = tuple(
        {str(n): wire.read_number(f"groups.{n}", x) for n, x in _mapping("a group", one).items()}
        for one in listed
    )
    controls &= set(start.hyper)
    parts = wire.read_whole("micro_batches", answer.get("micro_batches", 1))
    return Abilities(frozenset(can), frozenset(controls), defaults, remarks, groups, parts)


def wants_decimals(answer: Mapping[str, Any]) -> bool:
    """Say whether a program asks to be started again, with decimals in the request."""
    return "ok" not in answer and answer.get("numbers") == "decimal"


def confirm(what: str, answer: Mapping[str, Any]) -> None:
    """Hold an answer to be ``{"ok": true}``.

    Raises
    ------
    Failed
    """
    if answer.get("ok") is not True:
        raise wire.garbage(f"the answer to {what}", dict(answer), '{"ok": true}')


def held(found: Held, style: Style) -> dict[str, Any]:
    """Return a tensor of the answer to step."""
    answer: dict[str, Any] = {"theta": wire.write(found.theta, style)}
    answer.update({name: wire.write(x, style) for name, x in found.states.items()})
    answer["dtypes"] = dict(found.dtypes)
    answer["remarks"] = [vars(x) for x in found.remarks]
    if found.beside:
        answer["beside"] = {name: wire.write(x, style) for name, x in found.beside.items()}
    return answer if found.t is None else {**answer, "t": found.t}


def read_loaded(tensor: Mapping[str, Any], shape: tuple[int, ...]) -> Held:
    """Return a tensor of a request to load."""
    others = ("t", "dtypes", "beside")
    arrays = {name: _array(x, shape) for name, x in tensor.items() if name not in others}
    beside = {name: _array(x, shape) for name, x in tensor.get("beside", {}).items()}
    dtypes = tensor.get("dtypes", {})
    return Held(arrays.pop("theta"), arrays, tensor.get("t"), dtypes, beside=beside)


def read_step(answer: Mapping[str, Any], start: Start) -> list[Held]:
    """Return what the answer to step says.

    Raises
    ------
    Failed
        If it is none of the protocol, or its arrays do not fit.
    """
    tensors = answer.get("tensors")
    count = len(start.thetas)
    if not isinstance(tensors, list) or len(tensors) != count:
        raise wire.garbage("tensors in the answer to step", tensors, f"a list of {count}")
    pairs = zip(tensors, start.thetas, strict=True)
    return [_read_held(f"tensors[{i}]", x, y.shape, start) for i, (x, y) in enumerate(pairs)]


def _read_held(where: str, tensor: Any, shape: tuple[int, ...], start: Start) -> Held:
    dtype = start.dtype
    found = _mapping(where, tensor)
    said = {
        str(name): shortened(str(kind))
        for name, kind in _mapping(f"{where}.dtypes", found.get("dtypes", {})).items()
    }
    arrays: dict[str, Array] = {}
    dtypes: dict[str, str] = {}
    remarks = _remarks(found.get("remarks", []))
    for name in ("theta", *looked_for(start)):
        if found.get(name) is None and name != "theta":
            continue
        named = said.get(name, dtype)
        kind = named if named in DTYPES else dtype
        flat, kind = wire.read(f"{where}.{name}", found.get(name), kind, sure=name in said)
        dtypes[name] = str(said.get(name, kind))
        if name not in said:
            remarks += dtype_remarks(name, kind, dtype)
        arrays[name] = fitted(name, flat, shape)
        if name not in SCALARS and flat.size != arrays[name].size:
            says = f"{name} has {flat.size} numbers, but should have {arrays[name].size}"
            remarks += (Remark("wrong-shape", "deviation", says),)
    t = found.get("t")
    steps = None if t is None else wire.read_whole(f"{where}.t", t)
    beside = {}
    for name, values in _mapping(f"{where}.beside", found.get("beside", {})).items():
        flat, kind = wire.read(f"{where}.beside.{name}", values, "float64")
        dtypes[name] = str(said.get(name, kind))
        beside[name] = fitted(name, flat, shape)
    return Held(arrays.pop("theta"), arrays, steps, dtypes, remarks, beside)


def style_of(written: Any) -> Style:
    """Say how a request has its numbers, in which it is answered."""
    return "packed" if isinstance(written, dict) else "hexadecimal"


def _array(written: Any, shape: Sequence[int]) -> Array:
    """Return what `wire.write` wrote, but in decimals."""
    if style_of(written) == "packed":
        return wire.unpacked("a request", written).reshape(shape)
    return np.array([float.fromhex(x) for x in written]).reshape(shape)


def _names(what: str, value: Any) -> set[str]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise wire.garbage(what, value, "a list of names")
    return set(value)


def _mapping(what: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wire.garbage(what, value, "an object")
    return value


_MOST_REMARKS = 1000


def _remarks(value: Any) -> tuple[Remark, ...]:
    if not isinstance(value, list) or len(value) > _MOST_REMARKS:
        raise wire.garbage("remarks", value, f"a list of at most {_MOST_REMARKS}")
    found = []
    for entry in value:
        fields = _mapping("a remark", entry)
        severity = fields.get("severity", "note")
        if severity not in get_args(Severity):
            raise wire.garbage(
                "the severity of a remark", severity, " or ".join(get_args(Severity))
            )
        said = [shortened(str(fields.get(name, ""))) for name in ("id", "says")]
        found.append(Remark(said[0], severity, said[1]))
    return tuple(found)
