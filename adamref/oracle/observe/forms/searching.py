"""The plans by which an implementation may be called, and the first of them that fits."""

from __future__ import annotations

import contextlib
import inspect
from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.names import parameters
from adamref.oracle.observe.forms import leaves, words
from adamref.oracle.observe.forms.plans import Handed, Plan
from adamref.oracle.observe.forms.results import Still, Unfit
from adamref.oracle.observe.forms.trying import HYPER, fitted
from adamref.oracle.observe.forms.words import Role
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SINGULAR = (
    "array", "dictionary", "dictionary of pairs", "list", "dictionary by layer",
    "list of dictionaries", "list of pairs",
)  # fmt: skip
_PLURAL = (
    "list", "dictionary", "dictionary of pairs", "array", "dictionary by layer",
    "list of dictionaries", "list of pairs",
)  # fmt: skip
_OWNED = ("parameters", "layer", "list of layers", "network")
_STATES = ("memory", "nothing", "tuple", "list", "tuple with t", "list with t")
_VERBS = (
    "step", "update", "apply", "optimi", "descen", "call", "adjust", "minimi", "train", "learn",
    "compute", "get",
)  # fmt: skip
_FEEDS = ("accum", "backward", "micro", "addgrad", "addgradient", "feed", "collect", "receive")
_NO_STEPS = ("zerograd", "statedict", "reset", "getparams", "getstate", "getlr", "getconfig")


def function_plans(target: Any) -> Iterator[Plan]:
    """Yield plans for a function."""
    named = parameters(target).named
    hyper = words.hypers(named)
    for takes in words.bindings(named, list(hyper.values()), needs_theta=True):
        if Role.GRAD in takes.values():
            where = dict.fromkeys(hyper.values(), "call")
            yield from _held(Plan("", "", takes, hyper=where), target)


def class_plans(target: Any, args: Mapping[str, Any]) -> Iterator[Plan]:
    """Yield plans for a class, or what makes an object that takes steps."""
    named = parameters(target).named
    own = words.hypers(named)
    for made in _constructors(named, own, args):
        for name, method in _methods(target, made, own, args):
            takes = parameters(method).named
            theirs = words.hypers(takes)
            hyper = dict.fromkeys(own.values(), "made")
            needed = {ours: x for ours, x in theirs.items() if ours not in own}
            hyper |= dict.fromkeys(needed.values(), "call")
            around = _around(target, method)
            for call in words.bindings(takes, list(theirs.values()), needs_theta=False):
                plan = Plan("", "", call, made, name, around, hyper=hyper)
                yield from _held(plan, target)
                if not plan.grads:
                    for fed in _fed(plan, target):
                        yield from _held(fed, target)


def given_for(plan: Plan, target: Any, keywords: Mapping[str, Any]) -> Handed:
    """Return what is given by a plan, where it belongs; what no plan knows goes to the maker."""
    maker = "call" if plan.made is None else "made"
    if plan.made is not None:
        takes = parameters(target)
        maker = "made" if takes.takes_any or set(keywords) & set(takes.named) else "call"
    parts: dict[str, dict[str, Any]] = {"made": {}, "call": {}, "state": {}}
    for name, x in keywords.items():
        parts[plan.hyper.get(name, maker)][name] = x
    hyper = dict(HYPER)
    for name, x in keywords.items():
        ours = words.hyper_of(name)
        hyper.update({} if ours is None else {ours: x})
    return Handed(parts["made"], parts["call"], parts["state"], hyper)


def first_fitting(plans: Iterator[Plan], target: Any, args: Mapping[str, Any]) -> Plan:
    """Return the first plan that fits.

    Raises
    ------
    Unfit
        If none does; with what was wrong with the most likely that was called at all.
    """
    because, still = "", []
    for plan in islice(plans, _MOST):
        try:
            return _tried(plan, target, args, HYPER)
        except Unfit as unfit:
            still += [plan] if isinstance(unfit, Still) else []
            because = because or str(unfit)
    for plan in still:
        with contextlib.suppress(Unfit):
            return _tried(plan, target, args, {**HYPER, "lr": _SEEN})
    raise Unfit(because or "it is not known how to call it")


_MOST = 3000
"""Plans that are tried; nobody's homework has as many ways."""

_SEEN = 0.25
"""A learning rate whose first step changes 8 in any format: one that is kept in few bits moves."""


def _tried(plan: Plan, target: Any, args: Mapping[str, Any], values: Mapping[str, Any]) -> Plan:
    keywords = {**_trial_hyper(plan, target, values), **args}
    return fitted(plan, target, given_for(plan, target, keywords))


def _trial_hyper(plan: Plan, target: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    named = parameters(target).named
    ours = {theirs: x for x, theirs in words.hypers(named).items()}
    found = {}
    for name in plan.hyper:
        mine = ours.get(name) or words.hyper_of(name)
        found.update({} if mine is None else {name: values[mine]})
    return found


def _held(plan: Plan, target: Any) -> Iterator[Plan]:
    """Yield a plan with everything that tensors may be held in."""
    roles = [*plan.takes.values(), *(plan.made or {}).values()]
    thetas = [n for x in (plan.takes, plan.made or {}) for n, r in x.items() if r is Role.THETA]
    grads = plan.grads
    plural = any(words.is_plural(x) for x in (*thetas, *grads))
    holders: Sequence[str] = _PLURAL if plural else _SINGULAR
    if len(thetas) > 1 and len(thetas) == len(grads):
        plan = replace(plan, thetas=tuple(thetas))
        holders = ("arguments",)
    elif not grads:
        holders = _OWNED if thetas else ()
    elif not thetas and Role.SHAPE in roles:
        holders = ("array",)
    moments = ("zeros", "number", "nothing") if Role.MOMENT in roles else ("zeros",)
    states = _STATES if Role.STATE in roles else ("memory",)
    shapes = ("tuple", "size") if Role.SHAPE in roles else ("tuple",)
    keys = ("text", "number") if Role.KEY in roles else ("text",)
    written = _written(target, plan.method)
    for holder, kind, own in product(holders, leaves.likely(target), ((), written)):
        if own and holder != "dictionary":
            continue
        if kind.name == "list" and holder != "array":
            continue
        if kind.single and holder not in {"array", "parameters"}:
            continue
        for moment, state, shape, key in product(moments, states, shapes, keys):
            yield replace(
                plan, leaves=kind.name, holder=holder, moment=moment, state=state, shape=shape,
                key=key, thetas=own or plan.thetas,
            )  # fmt: skip


def _fed(plan: Plan, target: Any) -> Iterator[Plan]:
    """Yield a plan with the methods that may be given gradients before a step takes none."""
    for name in dir(target) if isinstance(target, type) else ():
        plain = words.compact(name)
        if name.startswith("_") or not any(x in plain for x in _FEEDS):
            continue
        method = _without_self(target, name) if callable(getattr(target, name)) else None
        takes = {} if method is None else parameters(method).named
        for fed in words.bindings(takes, [], needs_theta=False):
            if [*fed.values()] == [Role.GRAD]:
                yield replace(plan, feeds=name, fed=fed)


def _written(target: Any, method: str) -> tuple[str, ...]:
    """Return the names of parameters that are written in the code, as keys may be."""
    code = getattr(getattr(target, method, None) if method else target, "__code__", None)
    waiting, found = list(getattr(code, "co_consts", ())), []
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, tuple):
            waiting += one
        elif isinstance(one, str) and one.isidentifier():
            plain = words.compact(one).rstrip("0123456789")
            if plain in {"b", "bias", "biases"} or (words.is_theta(one) and len(plain) < 8):
                found.append(one)
    return tuple(dict.fromkeys(found))


def _constructors(
    named: Mapping[str, inspect.Parameter], hyper: Mapping[str, str], args: Mapping[str, Any]
) -> Iterator[dict[str, Role]]:
    """Yield what a constructor may be given, beside hyperparameters."""
    free = [n for n in named if n not in hyper.values() and n not in args]
    required = [n for n in free if named[n].default is inspect.Parameter.empty]
    found: dict[str, Role] = {}
    for name in required:
        shape = words.is_shape(name)
        found[name] = (
            Role.SHAPE if shape else Role.GRAD if words.is_grad(name) else Role.THETA
        )  # fmt: skip
    yield found
    optional = [n for n in free if n not in required and named[n].default is None]
    for name in optional:
        if words.is_theta(name) and Role.THETA not in found.values():
            yield {**found, name: Role.THETA}
    if len(required) == 1:
        yield {required[0]: Role.SHAPE if found[required[0]] is Role.THETA else Role.THETA}


def _methods(
    target: Any, made: Mapping[str, Role], hyper: Mapping[str, str], args: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """Return the methods that may take a step: those of the class, or of what it makes."""
    if isinstance(target, type):
        return methods_of(target)
    if made:
        return []
    keywords = {theirs: HYPER[ours] for ours, theirs in hyper.items()}
    try:
        with calling("construction"):
            found = target(**keywords, **args)
    except Failed:
        return []
    return [("", found)] if inspect.isfunction(found) else methods_of(type(found))


def methods_of(kind: type) -> list[tuple[str, Any]]:
    """Return the methods of a class that may take a step, the most likely first."""
    methods = []
    for name in dir(kind):
        method = inspect.getattr_static(kind, name, None)
        plain = words.compact(name)
        rank = next((i for i, x in enumerate(_VERBS) if x in plain), None)
        if rank is None or isinstance(method, property) or not callable(getattr(kind, name, None)):
            continue
        if plain in _NO_STEPS or plain.startswith(("pre", "post")):
            continue
        if not name.startswith("_") or name == "__call__":
            methods.append((rank, name, _without_self(kind, name)))
    return [(name, method) for _, name, method in sorted(methods, key=lambda x: x[:2])]


def _without_self(kind: type, name: str) -> Any:
    method = inspect.getattr_static(kind, name)
    if isinstance(method, staticmethod | classmethod):
        return getattr(kind, name)
    try:
        signature = inspect.signature(getattr(kind, name))
    except (TypeError, ValueError):
        return getattr(kind, name)

    def bound(*args: Any, **kwargs: Any) -> None:
        del args, kwargs

    bound.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=list(signature.parameters.values())[1:]
    )
    bound.__name__ = name
    return bound


def _around(target: Any, method: Any) -> tuple[str, str]:
    """Return methods that stand before and after a step by their names."""
    if not isinstance(target, type):
        return "", ""
    near = [n for n in dir(target) if not n.startswith("_") and callable(getattr(target, n))]
    own = getattr(method, "__name__", "")
    before = [n for n in near if n.startswith(("pre_", "before_", "begin_")) and n != own]
    after = [n for n in near if n.startswith(("post_", "after_", "end_")) and n != own]
    return (before or [""])[0], (after or [""])[0]
