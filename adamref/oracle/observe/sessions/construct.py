"""What an implementation is, by its base classes, its methods, or what it makes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Base classes by module and name, so that no framework is imported to ask.
_KNOWN = (
    ("torch", "torch.optim", ("Optimizer",)),
    ("keras", "keras", ("BaseOptimizer", "Optimizer")),
    ("fast", "adamref.fast", ("Optimizer",)),
    ("sklearn", "sklearn.neural_network._stochastic_optimizers", ("BaseOptimizer",)),
)


_HYPER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}


def known(kind: type) -> str | None:
    """Name the adapter of a class that has a known base, or None."""
    for adapter, module, bases in _KNOWN:
        for base in kind.__mro__:
            within = base.__module__ == module or base.__module__.startswith(module + ".")
            if within and base.__name__ in bases:
                return adapter
    return None


def by_methods(target: Any) -> tuple[str, ...]:
    """Name the adapters that an object has the methods for."""
    has = {name for name in ("init", "update", "step") if callable(getattr(target, name, None))}
    found = ("optax",) if {"init", "update"} <= has else ()
    # An instance is no class: step alone would have to start over.
    return (*found, "class") if "step" in has and isinstance(target, type) else found


def constructed(
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
        has = "init, update and step" if kinds(made) else "neither step, nor init and update"
        reasons.append(f"it returns {type(made).__name__}, which has {has}")
    return None


def kinds(made: Any) -> tuple[str, ...]:
    """Name the adapters that an object may need."""
    kind = known(type(made))
    return (kind,) if kind else by_methods(type(made)) or by_methods(made)


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
    _, keywords = _bound(target, args, "fast", 1)
    made = target([np.zeros(1)], **keywords)
    return made if known(type(made)) else None


def _with_array(target: Callable[..., Any], args: Mapping[str, Any]) -> Any:
    """Call it with an array."""
    _, keywords = _bound(target, args, "class", 1)
    return target(np.zeros(1), **keywords)
