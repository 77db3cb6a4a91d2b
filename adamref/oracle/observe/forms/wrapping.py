"""A wrapper for what no adapter can call: a few lines to paste, with its own names filled in."""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any

from adamref.oracle.observe.calling.names import parameters
from adamref.oracle.observe.forms import words
from adamref.oracle.observe.forms.searching import methods_of
from adamref.oracle.observe.forms.words import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from inspect import Parameter

_HYPER = ("lr", "beta1", "beta2", "eps")
_OWN = ("step", "Adam", "np")
# ctypes has no public names for these.
_POINTER: type = ctypes.POINTER(ctypes.c_int).__mro__[1]
_FUNCTION: type = ctypes.CFUNCTYPE(None).__mro__[1]
_POINTERS = (ctypes.c_void_p, ctypes.Array, _POINTER)
_WHOLE = tuple(getattr(ctypes, f"c_{x}") for x in "int long longlong uint ulong size_t".split())


def wrapper(target: Any) -> str:
    """Return code for a module of its own, which `adamref check` takes.

    What its parameters are for is guessed from their names; whoever wrote it knows better.
    """
    module, name = _place(target)
    root, dot, rest = name.partition(".")
    head = f"import numpy as np\nfrom {module} import {root}\n"
    if root in _OWN:
        # What is pasted has the same name.
        head, name = head[:-1] + " as theirs\n", f"theirs{dot}{rest}"
    if isinstance(target, _FUNCTION):
        return head.replace("import", "import ctypes, ", 1).replace(",  ", ", ") + _of_c(
            target, name
        )
    if isinstance(target, type):
        return head + _of_class(target, name)
    return head + _of_function(target, name)


def _of_function(target: Any, name: str) -> str:
    named = parameters(target).named
    hyper = words.hypers(named)
    roles = _roles(named, hyper, needs_theta=True)
    given = _given(named, roles, hyper, {Role.THETA: "theta", Role.GRAD: "grad", Role.T: "t"})
    return (
        "def step(theta, grad, state, *, lr, beta1, beta2, eps):\n"
        "    m, v, t = state.values() if state else (0 * theta, 0 * theta, 0)\n"
        "    t += 1\n"
        f"    theta, m, v = {name}({given})\n"
        '    return theta, {"m": m, "v": v, "t": t}\n'
    )


def _of_class(target: type, name: str) -> str:
    named = parameters(target).named
    hyper = words.hypers(named)
    required = [n for n, x in named.items() if x.default is x.empty and n not in hyper.values()]
    roles = {n: Role.SHAPE if words.is_shape(n) else Role.THETA for n in required}
    values = {Role.SHAPE: "theta.shape", Role.THETA: "self.theta"}
    made = _given(named, roles, hyper, values)
    method, takes = next(iter(methods_of(target)), ("step", None))
    inner = parameters(takes).named if takes is not None else {}
    theirs = words.hypers(inner)
    roles = _roles(inner, theirs, needs_theta=False)
    given = _given(inner, roles, {}, {Role.THETA: "self.theta", Role.GRAD: "grad"})
    return (
        "class Adam:\n"
        "    def __init__(self, theta, lr, beta1, beta2, eps):\n"
        "        self.theta = theta\n"
        f"        self.of = {name}({made})\n"
        "    def step(self, grad):\n"
        f"        back = self.of.{method}({given})\n"
        "        self.theta = self.theta if back is None else back\n"
        "        return self.theta\n"
    )


def _roles(
    named: Mapping[str, Parameter], hyper: Mapping[str, str], *, needs_theta: bool
) -> dict[str, Role]:
    """Return the likeliest roles of parameters: what speaks of a gradient is one, if anything."""

    def spoken(roles: Mapping[str, Role]) -> bool:
        return any(role is Role.GRAD and "grad" in name.lower() for name, role in roles.items())

    known = list(words.bindings(named, list(hyper.values()), needs_theta=needs_theta))
    return next(filter(spoken, known), known[0])


def _of_c(target: Any, name: str) -> str:
    pointers, wholes = ["theta", "grad", "m", "v"], ["theta.size", "t"]
    numbers = [*_HYPER, "0.0"]
    given = []
    for kind in target.argtypes or ():
        if issubclass(kind, _POINTERS):
            given.append(f"{pointers.pop(0)}.ctypes.data_as({_c_name(kind)})" if pointers else "0")
        elif issubclass(kind, _WHOLE):
            given.append(wholes.pop(0) if wholes else "0")
        else:
            given.append(numbers.pop(0) if numbers else "0.0")
    if not given:
        given = [f"{x}.ctypes.data_as(ctypes.c_void_p)" for x in pointers] + wholes
        given += [f"ctypes.c_double({x})" for x in _HYPER]
    return (
        "def step(theta, grad, state, *, lr, beta1, beta2, eps):\n"
        "    m, v, t = state.values() if state else (0 * theta, 0 * theta, 0)\n"
        "    m, v, t = m.copy(), v.copy(), t + 1\n"
        f"    {name}({', '.join(given)})\n"
        '    return theta, {"m": m, "v": v, "t": t}\n'
    )


def _c_name(kind: Any) -> str:
    inner = getattr(kind, "_type_", None)
    if isinstance(inner, type) and issubclass(kind, _POINTER):
        return f"ctypes.POINTER(ctypes.{inner.__name__})"
    return "ctypes.c_void_p"


def _given(
    named: Mapping[str, Parameter],
    roles: Mapping[str, Role],
    hyper: Mapping[str, str],
    values: Mapping[Role, str],
) -> str:
    """Return the arguments of a call: by place where nothing else can be, else by name."""
    ours = {theirs: x for x, theirs in hyper.items()}
    moments = ["m", "v"]
    found = []
    for name, x in named.items():
        if name in ours:
            value = {"betas": "(beta1, beta2)", "weight_decay": "0.0"}.get(ours[name], ours[name])
        elif name in roles and (x.default is x.empty or roles[name] in values):
            value = values.get(roles[name]) or (moments.pop(0) if moments else "None")
        elif x.default is x.empty:
            value = "None"
        else:
            continue
        found.append(f"{name}={value}")
    return ", ".join(found)


def _place(target: Any) -> tuple[str, str]:
    """Return the module and the name under which a target is found."""
    module, name = getattr(target, "__module__", None), getattr(target, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str) and "<" not in name:
        return module, name
    for where, loaded in list(sys.modules.items()):
        names: Sequence[str] = [n for n, x in vars(loaded).items() if x is target]
        if names:
            return where, names[0]
    return "your_module", "your_function"
