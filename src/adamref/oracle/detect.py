"""Which adapter an implementation needs, and which optimizer it is by its name."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from adamref.errors import Ambiguous, UnknownName
from adamref.oracle.adapters import names
from adamref.oracle.adapters.calls import calling
from adamref.oracle.load import name_of
from adamref.oracle.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.oracle.adapters.adapter import Adapter

CHOICES = ("function", "torch", "optax", "keras", "class")
"""What ``--adapter`` takes."""

ADAPTERS = (*CHOICES, "fast", "sklearn")
"""All there are; the last two are found by themselves."""

# Base classes by module and name, so that no framework is imported to ask.
_KNOWN = (
    ("torch", "torch.optim", ("Optimizer",)),
    ("keras", "keras", ("BaseOptimizer", "Optimizer")),
    ("fast", "adamref.fast", ("Optimizer",)),
    ("sklearn", "sklearn.neural_network._stochastic_optimizers", ("BaseOptimizer",)),
)

_FIRST = {*"theta params param p w x weights weight parameters parameter var variable".split()}
_SECOND = {*"grad grads g gradient gradients dtheta dw dx dp".split()}
_THIRD = {*"state states s opt_state optimizer_state st cache memory".split()}

_HYPER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}

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
        made = _constructed(target, given, lambda made: bool(_known(type(made))))
        kinds = type(made).__mro__ if made is not None else ()
        found = next((x for x in (_by_name(kind.__name__) for kind in kinds) if x), None)
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
        from adamref.oracle.adapters.function import FunctionAdapter

        return FunctionAdapter(target, args)
    if name == "class":
        from adamref.oracle.adapters.instance import ClassAdapter

        return ClassAdapter(target, args)
    if name == "fast":
        from adamref.oracle.adapters.fast import FastAdapter

        return FastAdapter(target, args)
    if name == "sklearn":
        from adamref.oracle.adapters.sklearn import SklearnAdapter

        return SklearnAdapter(target, args)
    if name == "torch":
        from adamref.oracle.adapters.torch import TorchAdapter

        return TorchAdapter(target, args, device)
    if name == "optax":
        from adamref.oracle.adapters.optax import OptaxAdapter

        return OptaxAdapter(target, args, device)
    from adamref.oracle.adapters.keras import KerasAdapter

    return KerasAdapter(target, args)


def _found(target: Any, args: Mapping[str, Any]) -> str:
    known = _known(target) if isinstance(target, type) else None
    if known:
        return known
    found = _by_methods(target)
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


def _known(kind: type) -> str | None:
    for adapter, module, bases in _KNOWN:
        for base in kind.__mro__:
            within = base.__module__ == module or base.__module__.startswith(module + ".")
            if within and base.__name__ in bases:
                return adapter
    return None


def _by_methods(target: Any) -> tuple[str, ...]:
    """Name the adapters that an object has the methods for."""
    has = {name for name in ("init", "update", "step") if callable(getattr(target, name, None))}
    found = ("optax",) if {"init", "update"} <= has else ()
    # An instance is no class: step alone would have to start over.
    return (*found, "class") if "step" in has and isinstance(target, type) else found


def _is_step(target: Callable[..., Any]) -> bool:
    first = list(names.parameters(target).named)[:3]
    return len(first) == 3 and all(
        name.lower() in known for name, known in zip(first, (_FIRST, _SECOND, _THIRD), strict=True)
    )


def _of_what_it_returns(target: Callable[..., Any], args: Mapping[str, Any]) -> str:
    """Construct it, and judge by what comes."""
    reasons: list[str] = []
    made = _constructed(target, args, lambda made: len(_kinds(made)) == 1, reasons)
    if made is not None:
        return _kinds(made)[0]
    because = reasons[-1] if reasons else "it is not known how to call it"
    raise Ambiguous(name_of(target), because, CHOICES)


def _constructed(
    target: Callable[..., Any],
    args: Mapping[str, Any],
    fits: Callable[[Any], bool],
    reasons: list[str] | None = None,
) -> Any:
    """Call it in all ways that are known, until what it returns fits; None if nothing does."""
    reasons = [] if reasons is None else reasons
    for attempt in (_alone, _with_tensors, _with_arrays, _with_array):
        try:
            with calling("construction"):
                made = attempt(target, args)
        except Failed as failure:
            reasons.append(f"it cannot be constructed ({failure.says})")
            continue
        if made is None:
            continue
        if fits(made):
            return made
        has = "init, update and step" if _kinds(made) else "neither step, nor init and update"
        reasons.append(f"it returns {type(made).__name__}, which has {has}")
    return None


def _kinds(made: Any) -> tuple[str, ...]:
    known = _known(type(made))
    return (known,) if known else _by_methods(type(made)) or _by_methods(made)


def _bound(target: Callable[..., Any], args: Mapping[str, Any], adapter: str, skip: int) -> Any:
    takes = names.parameters(target, skip=skip)
    return takes, names.arguments(takes, _HYPER, args, adapter, "adam").keywords


def _alone(target: Callable[..., Any], args: Mapping[str, Any]) -> Any:
    """Call it with hyperparameters alone: a factory, as optax has them."""
    takes, keywords = _bound(target, args, "optax", 0)
    return target(**keywords) if set(takes.required) <= set(keywords) else None


def _with_tensors(target: Callable[..., Any], args: Mapping[str, Any]) -> Any:
    """Call it with torch's parameters, if its module knows torch."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    _, keywords = _bound(target, args, "torch", 1)
    return target([torch.nn.Parameter(torch.zeros(1))], **keywords)


def _with_arrays(target: Callable[..., Any], args: Mapping[str, Any]) -> Any:
    """Call it with a list of arrays; only a known class takes them."""
    import numpy as np

    _, keywords = _bound(target, args, "fast", 1)
    made = target([np.zeros(1)], **keywords)
    return made if _known(type(made)) else None


def _with_array(target: Callable[..., Any], args: Mapping[str, Any]) -> Any:
    """Call it with an array."""
    import numpy as np

    _, keywords = _bound(target, args, "class", 1)
    return target(np.zeros(1), **keywords)
