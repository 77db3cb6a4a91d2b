"""What a target is in each configuration: told by the check's own judgement from observed steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.oracle.judge.identification import (
    Fitters,
    candidates,
    machines,
    options,
)
from adamref.oracle.observe.calling.values import DTYPES
from adamref.oracle.observe.running import Record, before_first
from adamref.oracle.observe.sessions.session import Held
from adamref.oracle.observe.table import table_of
from adamref.oracle.observe.trial import Trial
from adamref.rules.adam import ADAMS
from adamref.rules.family import family, training

if TYPE_CHECKING:
    from adamref.mutation.following import Configuration, ObservedStep
    from adamref.oracle.judge.dialects import Dialect

_ADAMS = tuple(one.name for one in ADAMS)


def possible(optimizer: str, configuration: Configuration) -> list[str]:
    """Return the optimizers that a configuration may be of, the most likely first.

    Parameters
    ----------
    optimizer : str
        What the target is by its name; empty where that says nothing.
    configuration : Configuration
    """
    if optimizer and optimizer not in _ADAMS:
        return [optimizer, *(x for x in family()[optimizer].decayed if x != optimizer)]
    if optimizer == "amsgrad" or any(n == "amsgrad" for n, _ in configuration.options):
        return ["amsgrad", "adam"]
    # Without a decay all of these are Adam.
    some = ["adamw", "adam-l2"] if "weight_decay" in configuration.set else ["adam", "amsgrad"]
    rest = [x for x in training() if x not in _ADAMS] if not optimizer else []
    return [*some, *rest]


def identify(
    optimizer: str, configuration: Configuration, runs: Iterable[Sequence[ObservedStep]]
) -> Dialect | None:
    """Return the dialect that accounts for every observed step; None if none does.

    Parameters
    ----------
    optimizer : str
        What the target is by its name; empty where that says nothing.
    configuration : Configuration
    runs : iterable of sequence of ObservedStep
        Of each implementation, one tensor's steps one after another.
    """
    some = [run for run in runs if run]
    if not some:
        return None
    for ulps in _ULPS:
        for name in possible(optimizer, configuration):
            found = _as_one(name, configuration, some, ulps)
            if found is not None:
                return found
    return None


_ULPS: tuple[Mapping[str, float], ...] = ({}, {"sqrt": 2.0, "div": 2.0})
"""Of roots and quotients: what compilers make of them is not always the nearest number."""


def _as_one(
    name: str,
    configuration: Configuration,
    runs: Sequence[Sequence[ObservedStep]],
    ulps: Mapping[str, float],
) -> Dialect | None:
    dtype = configuration.dtype
    states = [n for n in family()[name].states if n != "theta"]
    shown = set(configuration.states) >= {n for n in family()[name].rule.states if n != "theta"}
    records: list[Record] = []
    for run in runs:
        parts = [[x] for x in run] if shown else [_unbroken(run)]
        for part in parts:
            records += _record(part, name, dtype, states)
    if not records:
        return None
    table = table_of(records, dtype, name)
    if not len(table):
        return None
    fmt = formats.get(dtype)
    kinds = {n: x for run in runs for one in run for n, x in one.after.dtypes.items()}
    stored = {n: formats.get(x) for n, x in kinds.items() if n in states and x in DTYPES}
    for machine in machines(fmt, fmt, stored, None, ulps):
        ones = candidates(name, {}, machine, options(table, name))
        fitters = Fitters(table, machine)
        # Few steps tell few dialects apart: the most usual that accounts for all of them is taken.
        with np.errstate(all="ignore"):
            for dialect in sorted(ones, key=lambda x: x.unusual):
                if fitters.accounting(dialect, thoroughly=True) is not None:
                    return dialect
    return None


def _record(
    steps: Sequence[ObservedStep], name: str, dtype: str, states: Sequence[str]
) -> list[Record]:
    first = steps[0].before
    hyper = {n: x for n, x in first.hyper.items() if n != "lr"}
    if any({n: x for n, x in s.before.hyper.items() if n != "lr"} != hyper for s in steps):
        return []
    t = steps[0].t
    trial = Trial(
        name="observed",
        kind="core",
        says="A step that the tests take.",
        thetas=(first.theta,),
        grads=tuple((x.before.g,) for x in steps),
        hyper=hyper,
        alphas=tuple(x.before.hyper["lr"] for x in steps),
        states=({n: x for n, x in first.states.items() if n in states},),
        firsts=(t,),
    )
    held = [
        [Held(x.after.theta, {n: y for n, y in x.after.states.items() if n in states}, x.t)]
        for x in steps
    ]
    return [Record(trial, list(held), initial=before_first(name, trial, dtype))]


def _unbroken(run: Sequence[ObservedStep]) -> list[ObservedStep]:
    """Return the steps up to where theta is no longer what the step before made of it."""
    found = list(run[:1])
    for before, now in itertools.pairwise(run):
        if not np.array_equal(before.after.theta, now.before.theta, equal_nan=True):
            break
        found.append(now)
    return found
