"""Running an implementation on trials, and what it answered."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.oracle.observe.sessions.session import Failed, Held, Start
from adamref.rules import get
from adamref.rules.symbols import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Abilities, Remark, Session
    from adamref.oracle.observe.trial import Trial


@functools.cache
def published(optimizer: str) -> dict[str, float]:
    """Return a rule's defaults, under the names that implementations have for hyperparameters.

    They are taken to hold where a hyperparameter cannot be set and nothing is known; nobody decays
    weights without being told to.
    """
    found = {name.replace("alpha", "lr"): float(x) for name, x in get(optimizer).defaults.items()}
    return {**found, "weight_decay": 0.0}


def before_first(optimizer: str, trial: Trial) -> dict[str, tuple[Array, ...]]:
    """Return the states of a rule with what each of them is before the first step, by tensor."""
    hyper = {**trial.hyper, "alpha": trial.alphas[0]}
    lines = rules.optimizer(optimizer).states

    def begun(name: str, theta: Array) -> Array:
        return np.full(theta.shape, lines[name].begun({**hyper, "theta": theta}))

    return {name: tuple(begun(name, theta) for theta in trial.thetas) for name in lines}


@functools.cache
def is_timed(optimizer: str) -> bool:
    """Say whether a step of a rule depends on how many were taken."""
    return any(t in line.expr.free_symbols for line in get(optimizer).lines)


@final
@dataclass
class Record:
    """What was seen on one trial.

    Attributes
    ----------
    trial : Trial
    steps : list of list of Held
        What each tensor held after each step.
    abilities : Abilities or None
    failed : Failed or None
        Why there is no more.
    refused : str
        Why the trial does not apply; empty where it does.
    remarks : list of (int, Remark)
        With the step at which each was made first; 0: at the start.
    initial : mapping of str to tuple of array
        What each state of the rule is before a fresh start, an array a tensor.
    """

    trial: Trial
    steps: list[list[Held]] = field(default_factory=list)
    abilities: Abilities | None = None
    failed: Failed | None = None
    refused: str = ""
    remarks: list[tuple[int, Remark]] = field(default_factory=list)
    initial: Mapping[str, tuple[Array, ...]] = field(default_factory=dict)


def run_one(session: Session, trial: Trial, dtype: str, optimizer: str, offset: int = 0) -> Record:
    """Run one trial; a failure is part of what was seen.

    A t that is loaded is shifted by an offset, where an implementation counts so.
    """
    record = Record(trial, initial=before_first(optimizer, trial))
    hyper = {"lr": trial.alphas[0], **trial.hyper}
    start = Start(
        dtype,
        optimizer,
        trial.thetas,
        hyper,
        trial.defaults,
        tuple(record.initial),
        is_timed(optimizer),
    )
    try:
        record.abilities = able = session.start(start)
        record.remarks += [(0, remark) for remark in able.remarks]
        record.trial = trial = _with_what_can_be_set(trial, able)
        record.refused = _refused(trial, able, published(optimizer))
        if not record.refused:
            _loaded(session, record, offset)
            _stepped(session, record, start)
    except Failed as failed:
        record.failed = failed
    return record


def _with_what_can_be_set(trial: Trial, able: Abilities) -> Trial:
    """Leave options out that an implementation does not have, unless it has none that is set."""
    absent = {name for name in trial.optional if name not in able.controls}
    kept = {name: x for name, x in trial.hyper.items() if name not in absent}
    set_ = any(trial.hyper[name] for name in trial.optional)
    return (
        trial
        if set_ and not any(kept.get(n) for n in trial.optional)
        else replace(trial, hyper=kept)
    )


def _refused(trial: Trial, able: Abilities, usual: Mapping[str, float]) -> str:
    """Say why a trial does not apply to what was started; empty where it does."""
    wants = {
        "load": "a state cannot be loaded",
        "lr": "the learning rate cannot be changed at a step",
        "skip": "a gradient cannot be missing",
        "tensors": "it takes one tensor only",
        "defaults": "it cannot be made without hyperparameters, or that is not told",
        "shapes": "it takes tensors with one axis only",
    }
    missing = [wants[need] for need in trial.needs if need not in able.can]
    if not trial.defaults:
        for name, value in {"lr": trial.alphas[0], **trial.hyper}.items():
            own = able.defaults.get(name, usual.get(name))
            if name not in able.controls and value != own:
                missing.append(f"{name} cannot be set to {value:g}")
    return "; ".join(missing)


def _loaded(session: Session, record: Record, offset: int) -> None:
    trial = record.trial
    if not (any(trial.states) or any(t != 1 for t in trial.firsts)):
        return
    tensors = []
    for j, theta in enumerate(trial.thetas):
        fresh = {name: x[j] for name, x in record.initial.items()}
        held = {**fresh, **trial.states[j]}
        tensors.append(Held(theta, held, trial.firsts[j] - 1 + offset))
    session.load(tensors)


def _stepped(session: Session, record: Record, start: Start) -> None:
    trial, seen = record.trial, set()
    scheduled = "lr" in trial.needs
    for i, grads in enumerate(trial.grads):
        if trial.reload == i:
            if not all(record.initial.keys() <= held.states.keys() for held in record.steps[-1]):
                record.refused = "its state is not visible"
                return
            session.start(start)
            session.load(record.steps[-1])
        held = session.step(grads, trial.alphas[i] if scheduled else None)
        record.steps.append(held)
        for tensor in held:
            for remark in tensor.remarks:
                if remark.id not in seen:
                    seen.add(remark.id)
                    record.remarks.append((i + 1, remark))


def same_bits(one: Record, other: Record) -> bool:
    """Say whether two runs of a trial gave the same bits."""
    if len(one.steps) != len(other.steps):
        return False
    for step, its in zip(one.steps, other.steps, strict=True):
        for a, b in zip(step, its, strict=True):
            values = ({"theta": x.theta, **x.states} for x in (a, b))
            mine, theirs = values
            if mine.keys() != theirs.keys():
                return False
            if any(mine[n].tobytes() != theirs[n].tobytes() for n in mine):
                return False
    return True
