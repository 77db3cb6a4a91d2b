"""Which adapter an implementation needs, and which optimizer it is by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from adamref.errors import Ambiguous, UnknownName
from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.sessions.construct import by_methods, constructed, kinds, known
from adamref.oracle.observe.sessions.load import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.oracle.observe.adapters.adapter import Adapter

CHOICES = ("function", "torch", "optax", "keras", "class")
"""What ``--adapter`` takes."""

ADAPTERS = (*CHOICES, "fast", "sklearn")
"""All there are; the last two are found by themselves."""

_FIRST = {*"theta params param p w x weights weight parameters parameter var variable".split()}
_SECOND = {*"grad grads g gradient gradients dtheta dw dx dp".split()}
_THIRD = {*"state states s opt_state optimizer_state st cache memory".split()}

_OPTIMIZERS = (
    ("adam-l2", r"adam_?l2"),
    ("adamw", r"adamw(?!ithout)"),
    ("amsgrad", r"amsgrad|ams_grad"),
    ("adamax", r"adamax|ada_max"),
    ("nadam", r"nadam"),
    ("adam", r"adam"),
    ("rmsprop", r"rmsprop|rms_prop"),
    ("adagrad", r"adagrad|ada_grad"),
    ("heavy-ball", r"heavy_?ball"),
    ("momentum", r"momentum"),
    ("gradient-descent", r"sgd|gradient_?descent"),
)


def chosen(
    target: Any,
    adapter: str | None = None,
    args: Mapping[str, Any] | None = None,
    device: str | None = None,
) -> Adapter:
    """Return the adapter for an implementation.

    Parameters
    ----------
    target : object
        A function, a class, or what returns an optimizer when it is called.
    adapter : str, optional
        One of `ADAPTERS`; without it, found out.
    args : mapping, optional
        For the constructor, beside the hyperparameters.
    device : str, optional
        For torch or JAX.

    Raises
    ------
    UnknownName
        If there is no such adapter.
    Ambiguous
        If it cannot be found out.
    """
    if adapter is not None and adapter not in ADAPTERS:
        raise UnknownName("adapter", adapter, CHOICES)
    return _made(adapter or _found(target, args or {}), target, args or {}, device)


def optimizer_of(target: Any, args: Mapping[str, Any] | None = None) -> str:
    """Guess an optimizer from the name of an implementation and its arguments; else ``adam``.

    Of an object that a class or a factory makes, what it is made from counts as well.

    Parameters
    ----------
    target : str or object
        ``module:attribute``, or the object.
    args : mapping, optional

    >>> optimizer_of("torch.optim:AdamW"), optimizer_of("mine:step", {"amsgrad": True})
    ('adamw', 'amsgrad')
    """
    given = args or {}
    found = next((x for x in map(_by_name, _places(target)) if x), None)
    if found is None and not isinstance(target, str | type) and not _is_step(target):
        made = constructed(target, given, lambda made: bool(known(type(made))))
        bases = type(made).__mro__ if made is not None else ()
        found = next((x for x in (_by_name(base.__name__) for base in bases) if x), None)
    if given.get("amsgrad") is True:
        return "amsgrad"
    if found in {None, "adam"}:
        return "adam-l2" if given.get("weight_decay") else "adam"
    return str(found)


def _places(target: Any) -> list[str]:
    """Return the names that may say which optimizer it is, the most telling first."""
    whole = target if isinstance(target, str) else name_of(target)
    module, _, path = whole.rpartition(":")
    bases = [x.__name__ for x in target.__mro__] if isinstance(target, type) else []
    # step of the module adamw says no less than the class AdamW.
    return [path.rpartition(".")[2], *bases, module.rpartition(".")[2]]


def _by_name(name: str) -> str | None:
    return next((x for x, pattern in _OPTIMIZERS if re.search(pattern, name.lower())), None)


def _made(name: str, target: Any, args: Mapping[str, Any], device: str | None) -> Adapter:
    """Import an adapter when it is needed, and make it."""
    if name == "function":
        from adamref.oracle.observe.adapters.function import FunctionAdapter

        return FunctionAdapter(target, args)
    if name == "class":
        from adamref.oracle.observe.adapters.instance import ClassAdapter

        return ClassAdapter(target, args)
    if name == "fast":
        from adamref.oracle.observe.adapters.fast import FastAdapter

        return FastAdapter(target, args)
    if name == "sklearn":
        from adamref.oracle.observe.adapters.sklearn import SklearnAdapter

        return SklearnAdapter(target, args)
    if name == "torch":
        from adamref.oracle.observe.adapters.torch import TorchAdapter

        return TorchAdapter(target, args, device)
    if name == "optax":
        from adamref.oracle.observe.adapters.optax import OptaxAdapter

        return OptaxAdapter(target, args, device)
    from adamref.oracle.observe.adapters.keras import KerasAdapter

    return KerasAdapter(target, args)


def _found(target: Any, args: Mapping[str, Any]) -> str:
    kind = known(target) if isinstance(target, type) else None
    if kind:
        return kind
    found = by_methods(target)
    if len(found) > 1:
        raise Ambiguous(name_of(target), "it has init, update and step", found)
    if found:
        return found[0]
    if not callable(target):
        says = f"it is {type(target).__name__}, but should be a function or a class"
        raise Ambiguous(name_of(target), says, CHOICES)
    if _is_step(target):
        return "function"
    return _of_what_it_returns(target, args)


def _is_step(target: Callable[..., Any]) -> bool:
    first = list(names.parameters(target).named)[:3]
    return len(first) == 3 and all(
        name.lower() in known for name, known in zip(first, (_FIRST, _SECOND, _THIRD), strict=True)
    )


def _of_what_it_returns(target: Callable[..., Any], args: Mapping[str, Any]) -> str:
    """Construct it, and judge by what comes."""
    reasons: list[str] = []
    made = constructed(target, args, lambda made: len(kinds(made)) == 1, reasons)
    if made is not None:
        return kinds(made)[0]
    because = reasons[0] if reasons else "it is not known how to call it"
    raise Ambiguous(name_of(target), because, CHOICES)
