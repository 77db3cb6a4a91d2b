"""Which adapter an implementation needs: by its base class, its methods, or what it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from adamref.errors import Ambiguous, UnknownName
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.names import arguments, parameters
from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.forms.wrapping import wrapper
from adamref.oracle.observe.sessions.declared import declared
from adamref.oracle.observe.sessions.load import name_of
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from adamref.oracle.observe.calling.adapter import Adapter

_HYPER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}


class Look(NamedTuple):
    """What came of calling a target in one of the known ways.

    Attributes
    ----------
    made : object
        None if it cannot be called so.
    because : str
        Why it tells nothing, where it does not.
    """

    made: Any
    because: str


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
        One of `declared`; without it, found out.
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
    if adapter is not None and adapter not in declared():
        raise UnknownName("adapter", adapter, tuple(declared()))
    if adapter is None:
        return _found(target, args or {}, device)
    try:
        return declared()[adapter](target, args, device)
    except Failed as failure:
        raise _ambiguous(target, failure.says, (adapter,)) from failure


def signs(target: Any) -> dict[Sign, tuple[str, ...]]:
    """Return the adapters that recognise a target, by what they recognise it by."""
    found: dict[Sign, tuple[str, ...]] = {}
    for name, kind in declared().items():
        if sign := kind.recognises(target):
            found[sign] = (*found.get(sign, ()), name)
    return found


def looks(target: Any, args: Mapping[str, Any]) -> Iterator[Look]:
    """Call a target in all ways that are known, those with the fewest arguments first."""
    samples = [(kind.sample(), kind.words) for kind in declared().values()]
    known = [(sample, words) for sample, words in samples if sample is not None]
    for sample, words in sorted(known, key=lambda x: len(x[0])):
        takes = parameters(target, skip=len(sample))
        keywords = arguments(takes, _HYPER, args, words, "adam").keywords
        if not sample and not set(takes.required) <= set(keywords):
            continue
        try:
            with calling("construction"):
                made = target(*sample, **keywords)
        except Failed as failure:
            yield Look(None, f"it cannot be constructed ({failure.says})")
            continue
        has = _form(_of_made(made)) or "neither step, nor init and update"
        yield Look(made, f"it returns {type(made).__name__}, which has {has}")


def _found(target: Any, args: Mapping[str, Any], device: str | None) -> Adapter:
    found = _strongest(target)
    because = f"it has {_form(found)}"
    perhaps = None
    if len(found) == 1:
        kind = declared()[found[0]]
        takes = kind.takes(target, args)
        if takes:
            return kind(target, args, device)
        perhaps = kind if takes is None else None
    elif found:
        raise Ambiguous(name_of(target), because, found)
    if not callable(target):
        because = f"it is {type(target).__name__}, but should be a function or a class"
        raise Ambiguous(name_of(target), because, tuple(declared()))
    reasons = []
    for look in looks(target, args) if not found else ():
        kinds = _of_made(look.made)
        if len(kinds) == 1 and declared()[kinds[0]].takes(look.made, args):
            return declared()[kinds[0]](target, args, device)
        reasons.append(look.because)
    for name in signs(target).get(Sign.TRIAL, ()):
        try:
            return declared()[name](target, args, device)
        except Failed as failure:
            reasons.append(failure.says)
    if perhaps is not None:
        return perhaps(target, args, device)
    if not found:
        because = reasons[0] if reasons else "it is not known how to call it"
    raise _ambiguous(target, because, found or tuple(declared()))


def _ambiguous(target: Any, because: str, choices: tuple[str, ...]) -> Ambiguous:
    return Ambiguous(name_of(target), because, choices, wrapper(target) if callable(target) else "")


def _strongest(target: Any, least: Sign = Sign.SIGNATURE) -> tuple[str, ...]:
    """Return the adapters that recognise a target by the strongest sign that any has."""
    found = signs(target)
    return found[max(found)] if found and max(found) >= least else ()


def _of_made(made: Any) -> tuple[str, ...]:
    """Return the adapters for what a target makes; that it is made says that it can start over."""
    return _strongest(type(made), Sign.METHODS) or _strongest(made, Sign.METHODS)


def _form(names: tuple[str, ...]) -> str:
    return ", and ".join(form for x in names if (form := declared()[x].form))
