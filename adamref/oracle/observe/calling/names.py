"""What implementations call their hyperparameters.

A hyperparameter that an implementation has no name for does not reach it; that is reported, and
never an error.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from adamref.oracle.observe import vocabulary

if TYPE_CHECKING:
    from adamref.oracle.observe.sessions.session import Failed, Start

_ALL_BETAS = "betas"

TRIED = {"lr": 2.0**-12, "beta1": 0.9, "beta2": 0.999, "eps": 2.0**-11, "weight_decay": 0.0}
"""What an implementation is given where it is tried, not judged: what divides by eps alone, as it
lost v, goes no farther than parameters are."""


@functools.cache
def is_usual(name: str) -> bool:
    """Say whether a hyperparameter of some optimizer is called so."""
    return name == _ALL_BETAS or any(name in words for words in vocabulary.spoken().values())


# Two of one name: whoever has lr and alpha does not mean the step size by alpha.
_FIRST_CHOICE = ("lr", "learning_rate", "learning_rate_init", "beta1", "beta2", "eps")


@final
@dataclass(frozen=True)
class Words:
    """The names that a kind of implementation has for hyperparameters, beside the usual ones.

    Attributes
    ----------
    theirs : mapping of str to str
        By adamref's name theirs; whatever takes any keyword is given it.
    special : mapping of str to mapping
        By optimizer: adamref's name by theirs, where they alone give a name another meaning; what
        others do as well stands with the rule (`rules.hyper.Hyper.called`).
    neutral : mapping of str to object
        What they are given so that they have nothing beyond the rule, by their names.
    """

    theirs: Mapping[str, str] = field(default_factory=dict)
    special: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    neutral: Mapping[str, Any] = field(default_factory=dict)

    def ours(self, name: str, optimizer: str) -> str | None:
        """Return adamref's name of a hyperparameter, or None."""
        own = {theirs: ours for ours, theirs in self.theirs.items() if theirs != _ALL_BETAS}
        known = vocabulary.spoken()
        usual = known.get(optimizer, known[""])
        return {**usual, **own, **self.special.get(optimizer, {})}.get(name)


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
    refused : frozenset of str
        Those that it does not take all the same, as what it hands them on to does not.
    """

    named: Mapping[str, inspect.Parameter]
    takes_any: bool
    refused: frozenset[str] = frozenset()

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


def bound(takes: Parameters, start: Start, args: Mapping[str, Any], words: Words) -> Arguments:
    """Put what an implementation is started with into its words.

    Where its own defaults are wanted, it is given only what it has none for.

    Parameters
    ----------
    takes : Parameters
    start : Start
    args : mapping
        What else it is to be given; it wins.
    words : Words
    """
    hyper = dict(start.hyper)
    if start.defaults:
        needed = {words.ours(name, start.optimizer) for name in takes.required}
        needed |= set(_betas(hyper)) if _ALL_BETAS in takes.required else set()
        hyper = {name: x for name, x in hyper.items() if name in needed}
        takes = Parameters(takes.named, takes_any=False)
    made = arguments(takes, hyper, args, words, start.optimizer)
    if start.defaults:
        kept = {*takes.required, *args, "amsgrad"}
        made = Arguments({n: x for n, x in made.keywords.items() if n in kept}, made.controls)
    return Arguments(made.keywords, made.controls & set(hyper))


def arguments(
    takes: Parameters,
    hyper: Mapping[str, float],
    args: Mapping[str, Any],
    words: Words,
    optimizer: str,
) -> Arguments:
    """Put hyperparameters into the words of an implementation.

    Parameters
    ----------
    takes : Parameters
    hyper : mapping of str to float
        By adamref's names. Where there is no weight decay among them, and an implementation has
        some by default, it is switched off.
    args : mapping
        What else it is to be given; it wins.
    words : Words
    optimizer : str
    """
    hyper = {"weight_decay": 0.0, **hyper}
    keywords = {name: x for name, x in words.neutral.items() if name in takes.named}
    controls: set[str] = set()
    betas = _betas(hyper)
    for name in _in_order(takes.named):
        mine = words.ours(name, optimizer) or name
        if name == _ALL_BETAS and len(betas) > 1 and not controls & set(betas):
            keywords[name] = tuple(betas.values())
            controls |= set(betas)
        elif mine in hyper and mine not in controls:
            keywords[name] = hyper[mine]
            controls.add(mine)
    for name in takes.required:
        # An interface for several rules: what this one has no use for stands for nothing.
        if name not in keywords and name not in args and (other := _elsewhere(name)) is not None:
            keywords[name] = other
    if takes.takes_any:
        _add_rest(keywords, controls, hyper, words, takes.refused)
    if optimizer == "amsgrad" and "amsgrad" in takes.named:
        keywords["amsgrad"] = True
    for name in args:
        controls -= set(betas) if name == _ALL_BETAS else {words.ours(name, optimizer) or name}
    return Arguments({**keywords, **args}, frozenset(controls))


def _elsewhere(name: str) -> float | None:
    """Return a value of a hyperparameter that only other rules have; None if none has."""
    return _OF_NO_USE.get(vocabulary.spoken()[""].get(name, ""))


_OF_NO_USE: Mapping[str, float] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
"""What a rule that has no such hyperparameter is given for it."""


def _betas(hyper: Mapping[str, float]) -> dict[str, float]:
    return {name: hyper[name] for name in ("beta1", "beta2", "beta3") if name in hyper}


def _in_order(named: Mapping[str, Any]) -> list[str]:
    first = [name for name in _FIRST_CHOICE if name in named]
    return [*first, *(name for name in named if name not in first)]


def _add_rest(
    keywords: dict[str, Any],
    controls: set[str],
    hyper: Mapping[str, float],
    words: Words,
    refused: frozenset[str],
) -> None:
    betas = _betas(hyper)
    for mine, value in hyper.items():
        theirs = words.theirs.get(mine, mine)
        # Whatever takes any keyword may make nothing of one that few know.
        if mine in controls or mine == "eps_root" or theirs in refused:
            continue
        if theirs == _ALL_BETAS and len(betas) < 2:
            continue
        keywords[theirs] = tuple(betas.values()) if theirs == _ALL_BETAS else value
        controls.add(mine)


def refused_by(failed: Failed) -> str:
    """Return the keyword that a call would not take; empty if that is not why it failed."""
    cause = failed.__cause__
    told = _UNEXPECTED.search(str(cause)) if isinstance(cause, TypeError) else None
    return told[1] if told else ""


_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")


def defaults(takes: Parameters, words: Words, optimizer: str) -> dict[str, float]:
    """Return the default hyperparameters of a callable, by adamref's names."""
    found = {name: x.default for name, x in takes.named.items() if x.default is not x.empty}
    return numbers(found, words, optimizer)


def numbers(values: Mapping[str, Any], words: Words, optimizer: str) -> dict[str, float]:
    """Return the hyperparameters among some values, by adamref's names."""
    known: dict[str, float] = {}
    for name in _in_order(values):
        value, mine = values[name], words.ours(name, optimizer)
        if name == _ALL_BETAS and isinstance(value, tuple | list):
            for i, beta in enumerate(value, 1):
                known.setdefault(f"beta{i}", float(beta))
        elif value is None and (mine == "weight_decay" or name == "momentum"):
            known.update({mine: 0.0} if mine else {})
        elif mine is not None and isinstance(value, int | float) and not isinstance(value, bool):
            known.setdefault(mine, float(value))
    return known


def can_default(takes: Parameters, args: Mapping[str, Any]) -> bool:
    """Say whether it can be called without hyperparameters."""
    named = any(is_usual(name) for name in takes.named)
    return set(takes.required) <= set(args) and (named or not takes.takes_any)
