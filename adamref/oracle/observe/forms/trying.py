"""Whether a plan fits an implementation: it is called on small arrays, and that is looked at.

A plan fits if parameters move, to finite numbers nearer to where they were than to anything else,
and everything that a step has to know of those before comes back or is kept. That the step is right
is not asked: that is what the check is for.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.names import TRIED
from adamref.oracle.observe.forms import leaves, words
from adamref.oracle.observe.forms.asked import Memory
from adamref.oracle.observe.forms.holding import HOLDERS
from adamref.oracle.observe.forms.results import (
    FAR,
    FormTrial,
    Results,
    Still,
    Unfit,
    array,
    filled,
    numbers_of,
)
from adamref.oracle.observe.forms.units import Unit
from adamref.oracle.observe.forms.words import Role
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.forms.plans import Handed, Plan

HYPER: Mapping[str, Any] = {**TRIED, "betas": (TRIED["beta1"], TRIED["beta2"])}
"""What a trial is given."""


def fitted(plan: Plan, target: Any, given: Handed) -> Plan:
    """Return a plan with what was found out on the way.

    Raises
    ------
    Unfit
        If it does not fit.
    """
    plan = _learned(plan, target, given)
    if Role.T in plan.takes.values():
        plan = _counted(plan, target, given)
    plan = _with_settings(plan, target, given)
    for count in (1, 3) if _takes_any_number(plan) else ():
        moves(plan, target, given, count)
    one, two = (moves(plan, target, given) for _ in range(2))
    if any(a.tobytes() != b.tobytes() for a, b in zip(one, two, strict=True)):
        raise Unfit("its second run is another than its first: it keeps its state outside")
    return plan


def trial_of(plan: Plan) -> FormTrial:
    """Return what a plan is tried on."""
    capacity = len(plan.thetas) or HOLDERS[plan.holder].capacity
    return FormTrial(capacity, single=leaves.named(plan.leaves).single)


def _takes_any_number(plan: Plan) -> bool:
    return HOLDERS[plan.holder].capacity is None and not plan.thetas


def _with_settings(plan: Plan, target: Any, given: Handed) -> Plan:
    """Return a plan with the hyperparameters that a state holds: asked for, or its own."""
    names = [n for n, role in plan.takes.items() if role is Role.STATE]
    trial = trial_of(plan)
    hyper, settings = dict(plan.hyper), {}
    with trying():
        unit = Unit(plan, target, given, "float64", trial.thetas)
        memories = [x for n in names if isinstance(x := unit.held[n], Memory)]
        unit.call(trial.grads[0])
        for memory in memories:
            for key in memory.asked():
                hyper[key] = "state"
            for key, x in memory.items():
                ours = words.hyper_of(key) if isinstance(key, str) else None
                if ours is not None and key not in hyper:
                    hyper[key], settings[key] = "state", x
    return replace(plan, hyper=hyper, settings=settings)


def moves(plan: Plan, target: Any, given: Handed, count: int | None = None) -> list[Array]:
    """Take two steps, and return the parameters after each.

    Raises
    ------
    Unfit
        If they do not move, or anywhere.
    """
    found: list[Array] = []
    single = leaves.named(plan.leaves).single
    trial = trial_of(plan) if count is None else FormTrial(count, single=single)
    moved = np.zeros(len(trial.thetas), dtype=bool)
    with trying():
        unit = Unit(plan, target, given, "float64", trial.thetas)
        before = trial.thetas
        for grads in trial.grads:
            unit.step(grads)
            after = [array(x) for x in unit.thetas()]
            moved |= _moved(before, after)
            before = after
            found += after
    # A step may be left out, as one of a larger gradient is by some, and a tensor by a mistake.
    if not moved.any():
        raise Still("parameters do not move")
    return found


def _moved(before: Sequence[Array], after: Sequence[Array]) -> list[bool]:
    """Say which parameters moved."""
    found = []
    for a, b in zip(before, after, strict=True):
        if a.size != b.size:
            raise Unfit("parameters come back in another shape")
        old, new = a.ravel(), b.ravel()
        if not np.all(np.isfinite(new)):
            raise Unfit("parameters become infinite or NaN")
        if np.any(np.abs(new - old) > FAR * np.abs(old)):
            raise Unfit("parameters jump")
        found.append(not np.all(old == new))
    return found


def _learned(plan: Plan, target: Any, given: Handed) -> Plan:
    """Return a plan with the names that are asked for, and where results are found."""
    for _ in range(5):
        unit: Unit | None = None
        trial = trial_of(plan)
        try:
            with trying():
                unit = Unit(plan, target, given, "float64", trial.thetas)
                kept = {name: numbers_of(x) for name, x in unit.held.items()}
                back = unit.call(trial.grads[0])
        except Unfit:
            unknown = unit.holder.names.unknown if unit is not None else ""
            if not unknown or unknown in plan.thetas or not unit or not unit.holder.usual:
                raise
            plan = replace(plan, thetas=(*plan.thetas, unknown))
            continue
        plan = replace(plan, grad=unit.holder.names.grad)
        with trying():
            first = Results(plan, target, given, trial, unit, back)
            try:
                return replace(plan, back=first.found(kept))
            except Still:
                # A first step may be left out by a mistake, or made with the state before it: an
                # object takes the next one by itself, a function from a state that is not 0.
                if plan.made is None:
                    unit = _begun(plan, target, given, trial)
                    kept = {name: numbers_of(x) for name, x in unit.held.items()}
            back = unit.call(trial.grads[1])
            second = Results(plan, target, given, trial, unit, back)
            return replace(plan, back=second.found(kept, first=False))
    raise Unfit("it asks for ever other names")


def _begun(plan: Plan, target: Any, given: Handed, trial: FormTrial) -> Unit:
    """Return a function before its second step, with moments that are not 0."""
    moments = [name for name, role in plan.takes.items() if role is Role.MOMENT]
    if not moments:
        raise Still("parameters neither come back nor move in place")
    unit = Unit(plan, target, given, "float64", trial.thetas)
    unit.t += 1
    unit.held.update({name: filled(plan, unit, name, _MOMENT) for name in moments})
    return unit


_MOMENT = 0.5
"""What moments are before a second step."""


def _counted(plan: Plan, target: Any, given: Handed) -> Plan:
    """Return a plan with the number that its first step is given: the one it is right with.

    Where a step works with 0 as well, it may be that it adds 1 by itself: then its first step has
    the size of the learning rate with 0 and not with 1, or it returns what it made of 0.
    """
    begun = replace(plan, first=0)
    try:
        begun = _learned(begun, target, given)
        moves(begun, target, given)
    except Unfit:
        return plan
    if begun.counts:
        return begun
    rate = next((given.call.get(n) or given.made.get(n) for n in _RATES(given)), None)
    if rate is None:
        return plan
    off = []
    for one in (begun, plan):
        trial = trial_of(one)
        after = moves(one, target, given)[: len(trial.thetas)]
        pairs = zip(after, trial.thetas, strict=True)
        off.append(max(float(np.max(np.abs(np.abs(a - b) / rate - 1))) for a, b in pairs))
    return begun if off[0] < _SAME < off[1] else plan


_SAME = 1e-3
"""By how much of the learning rate Adam's first step may be off it: more than eps does."""


def _RATES(given: Handed) -> list[str]:  # noqa: N802
    return [n for x in (given.call, given.made) for n, v in x.items() if v == HYPER["lr"]]


@contextlib.contextmanager
def trying() -> Iterator[None]:
    """Call with whatever is raised saying that a plan does not fit."""
    try:
        with calling("a trial"):
            yield
    except Failed as failed:
        cause = failed.__cause__
        raise (cause if isinstance(cause, Unfit) else Unfit(failed.says)) from failed
