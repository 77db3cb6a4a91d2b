"""What implementations call their hyperparameters.

A hyperparameter that an implementation has no name for does not reach it; that is reported, and
never an error.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.oracle.observe.sessions.session import Start

_PAIR = "betas"

# Theirs to ours, wherever it occurs.
_ALIASES = {
    **dict.fromkeys(
        ("lr", "learning_rate", "alpha", "step_size", "stepsize", "learning_rate_init", "eta"), "lr"
    ),
    **dict.fromkeys(("beta1", "beta_1", "b1"), "beta1"),
    **dict.fromkeys(("beta2", "beta_2", "b2"), "beta2"),
    **dict.fromkeys(("eps", "epsilon"), "eps"),
    "eps_root": "eps_root",
    **dict.fromkeys(("weight_decay", "wd", "lambda_"), "weight_decay"),
    **dict.fromkeys(("psi", "momentum_decay"), "psi"),
}

# Theirs to ours where the optimizer gives a name another meaning.
_ALL = ("torch", "keras", "optax", "fast", "function", "class")
_MOMENTUM = {"momentum": "beta1"}
_RHO = {"rho": "beta2", "decay": "beta2"}
_OF_OPTIMIZER: dict[str, dict[str, dict[str, str]]] = {
    "rmsprop": {
        "torch": {"alpha": "beta2"},
        "keras": {"rho": "beta2"},
        "optax": {"decay": "beta2"},
        "function": _RHO,
        "class": _RHO,
    },
    "momentum": dict.fromkeys(_ALL, _MOMENTUM),
    "heavy-ball": dict.fromkeys(_ALL, _MOMENTUM),
}

# Ours to theirs for an implementation that takes any keyword.
_CANONICAL = {
    "optax": {"lr": "learning_rate", "beta1": "b1", "beta2": "b2"},
    "keras": {"lr": "learning_rate", "beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon"},
    "torch": {"beta1": _PAIR, "beta2": _PAIR},
    "fast": {"beta1": _PAIR, "beta2": _PAIR},
}

# Two of one name: whoever has lr and alpha does not mean the step size by alpha.
_FIRST_CHOICE = ("lr", "learning_rate", "learning_rate_init", "beta1", "beta2", "eps")


@final
@dataclass(frozen=True)
class Parameters:
    """What a callable takes.

    Attributes
    ----------
    named : mapping of str to inspect.Parameter
        All that can be passed by name.
    takes_any : bool
        Whether it takes any keyword (``**kwargs``).
    """

    named: Mapping[str, inspect.Parameter]
    takes_any: bool

    @property
    def required(self) -> tuple[str, ...]:
        """The names without a default."""
        return tuple(name for name, x in self.named.items() if x.default is x.empty)


@final
@dataclass(frozen=True)
class Arguments:
    """What a callable is given.

    Attributes
    ----------
    keywords : mapping
    controls : frozenset of str
        The hyperparameters among them, by adamref's names.
    """

    keywords: Mapping[str, Any]
    controls: frozenset[str]


def parameters(target: Callable[..., Any], skip: int = 0) -> Parameters:
    """Return what a callable takes, without its first parameters.

    What a class hands on to its bases (``**kwargs`` of ``__init__``) counts as its own.
    """
    named: dict[str, inspect.Parameter] = {}
    takes_any = False
    for i, callable_ in enumerate(_signatures(target)):
        try:
            found = list(inspect.signature(callable_).parameters.values())
        except (TypeError, ValueError):  # written in C: it does not say
            return Parameters(named, takes_any=True)
        positional = [x for x in found if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD)]
        # A method found in a base class still has its self.
        left_out = positional[: skip + (i > 0)]
        for x in found:
            # What a base requires, the class itself has to give it.
            is_optional = i == 0 or x.default is not x.empty
            if x.kind in (x.POSITIONAL_OR_KEYWORD, x.KEYWORD_ONLY) and x not in left_out:
                named.update({} if x.name in named or not is_optional else {x.name: x})
        takes_any = any(x.kind is x.VAR_KEYWORD for x in found)
        if not takes_any:
            break
    return Parameters(named, takes_any)


def _signatures(target: Callable[..., Any]) -> list[Callable[..., Any]]:
    if not isinstance(target, type):
        return [target]
    inits: list[Callable[..., Any]] = [
        vars(c)["__init__"] for c in target.__mro__[:-1] if "__init__" in vars(c)
    ]
    return [target, *inits[1:]]


def ours(name: str, adapter: str, optimizer: str) -> str | None:
    """Return adamref's name of a hyperparameter, or None."""
    special = _OF_OPTIMIZER.get(optimizer, {}).get(adapter, {})
    return special.get(name, _ALIASES.get(name))


def bound(takes: Parameters, start: Start, args: Mapping[str, Any], adapter: str) -> Arguments:
    """Put what an implementation is started with into its words.

    Where its own defaults are wanted, it is given only what it has none for.

    Parameters
    ----------
    takes : Parameters
    start : Start
    args : mapping
        What else it is to be given; it wins.
    adapter : str
    """
    hyper = dict(start.hyper)
    if start.defaults:
        needed = {ours(name, adapter, start.optimizer) for name in takes.required}
        needed |= {"beta1", "beta2"} if _PAIR in takes.required else set()
        hyper = {name: x for name, x in hyper.items() if name in needed}
        takes = Parameters(takes.named, takes_any=False)
    made = arguments(takes, hyper, args, adapter, start.optimizer)
    if start.defaults:
        kept = {*takes.required, *args, "amsgrad"}
        made = Arguments({n: x for n, x in made.keywords.items() if n in kept}, made.controls)
    return Arguments(made.keywords, made.controls & set(hyper))


def arguments(
    takes: Parameters,
    hyper: Mapping[str, float],
    args: Mapping[str, Any],
    adapter: str,
    optimizer: str,
) -> Arguments:
    """Put hyperparameters into the words of an implementation.

    Parameters
    ----------
    takes : Parameters
    hyper : mapping of str to float
        By adamref's names. Adam itself has no weight decay; where an implementation has some by
        default, it is switched off.
    args : mapping
        What else it is to be given; it wins.
    adapter, optimizer : str
    """
    if optimizer in {"adam", "amsgrad"}:
        hyper = {"weight_decay": 0.0, **hyper}
    keywords: dict[str, Any] = {}
    controls: set[str] = set()
    for name in _in_order(takes.named):
        mine = ours(name, adapter, optimizer)
        if name == _PAIR and {"beta1", "beta2"} <= set(hyper) and not controls & {"beta1", "beta2"}:
            keywords[name] = (hyper["beta1"], hyper["beta2"])
            controls |= {"beta1", "beta2"}
        elif mine is not None and mine in hyper and mine not in controls:
            keywords[name] = hyper[mine]
            controls.add(mine)
    if takes.takes_any:
        _add_rest(keywords, controls, hyper, adapter)
    if optimizer == "amsgrad" and "amsgrad" in takes.named:
        keywords["amsgrad"] = True
    for name in args:
        taken_away = {"beta1", "beta2"} if name == _PAIR else {ours(name, adapter, optimizer)}
        controls -= {x for x in taken_away if x}
    return Arguments({**keywords, **args}, frozenset(controls))


def _in_order(named: Mapping[str, Any]) -> list[str]:
    first = [name for name in _FIRST_CHOICE if name in named]
    return [*first, *(name for name in named if name not in first)]


def _add_rest(
    keywords: dict[str, Any], controls: set[str], hyper: Mapping[str, float], adapter: str
) -> None:
    for mine, value in hyper.items():
        if mine == "eps_root":
            # Whatever takes any keyword hands it on to a constructor that may not.
            continue
        theirs = _CANONICAL.get(adapter, {}).get(mine, mine)
        if mine in controls or (theirs == _PAIR and not {"beta1", "beta2"} <= set(hyper)):
            continue
        keywords[theirs] = (hyper["beta1"], hyper["beta2"]) if theirs == _PAIR else value
        controls.add(mine)


def defaults(takes: Parameters, adapter: str, optimizer: str) -> dict[str, float]:
    """Return the default hyperparameters of a callable, by adamref's names."""
    found = {name: x.default for name, x in takes.named.items() if x.default is not x.empty}
    return numbers(found, adapter, optimizer)


def numbers(values: Mapping[str, Any], adapter: str, optimizer: str) -> dict[str, float]:
    """Return the hyperparameters among some values, by adamref's names."""
    known: dict[str, float] = {}
    for name in _in_order(values):
        value, mine = values[name], ours(name, adapter, optimizer)
        if name == _PAIR and isinstance(value, tuple | list) and len(value) == 2:
            known.setdefault("beta1", float(value[0]))
            known.setdefault("beta2", float(value[1]))
        elif mine == "weight_decay" and value is None:
            known[mine] = 0.0
        elif mine is not None and isinstance(value, int | float) and not isinstance(value, bool):
            known.setdefault(mine, float(value))
    return known


def can_default(takes: Parameters, args: Mapping[str, Any]) -> bool:
    """Say whether it can be called without hyperparameters."""
    named = any(name in _ALIASES or name == _PAIR for name in takes.named)
    return set(takes.required) <= set(args) and (named or not takes.takes_any)
