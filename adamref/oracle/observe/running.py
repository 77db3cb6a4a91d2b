"""Running an implementation on trials, and what it answered."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.observe.sessions.session import HYPER, Failed, Held, Start
from adamref.rules.symbols import t

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Abilities, Remark, Session
    from adamref.oracle.observe.trial import Trial
    from adamref.rules.rule import Line


@functools.cache
def published(optimizer: str) -> dict[str, float]:
    """Return an optimizer's defaults, under the names that implementations have for them.

    They are taken to hold where a hyperparameter cannot be set and nothing is known; nobody decays
    weights without being told to. Those of unusual dialects are among them.
    """
    found: dict[str, str] = {}
    for rule in rules.optimizer(optimizer).rules():
        found = {**rule.defaults, **found}
    return {n if n != "alpha" else "lr": float(x) for n, x in found.items()} | {"weight_decay": 0.0}


def before_first(optimizer: str, trial: Trial, dtype: str) -> dict[str, tuple[Array, ...]]:
    """Return what the states of all dialects are before the first step, by tensor.

    A number that a state starts from is stored in the dtype.
    """
    one, fmt = rules.optimizer(optimizer), formats.get(dtype)
    neutral = {name: one.hypers[name].neutral for name in one.optional}
    hyper = {**neutral, **trial.hyper, "alpha": trial.alphas[0]}

    def begun(line: Line, theta: Array) -> Array:
        return nearest(np.full(theta.shape, line.begun({**hyper, "theta": theta})), fmt)

    lines = one.states
    return {n: tuple(begun(line, theta) for theta in trial.thetas) for n, line in lines.items()}


def completed(trial: Trial, able: Abilities, optimizer: str) -> Trial:
    """Return a trial with the hyperparameters that what was started has, beside those it takes.

    What some dialects have and a trial says nothing of, it has as it says itself; one that is no
    hyperparameter of Adam's, too, where it cannot be set; and where it does not know of such a one,
    or of weight decay, it is of a dialect that has none. A trial of options stays as it is where
    none of them can be set: then it does not apply.
    """
    one, hyper = rules.optimizer(optimizer), dict(trial.hyper)
    adopts, alphas = _is_usual(trial), trial.alphas
    if adopts and "lr" not in able.controls and "lr" not in trial.needs:
        alphas = (able.defaults.get("lr", alphas[0]),) * len(alphas)
    for name in one.hypers:
        if name == "alpha" or name in able.controls:
            continue
        own, adams = able.defaults.get(name), name in HYPER and not adopts
        if own is not None and (name not in hyper or not (adams or trial.defaults)):
            hyper[name] = own
        elif own is None and name in one.optional and (not adams or name == "weight_decay"):
            hyper.pop(name, None)
    options = {
        n
        for n in trial.optional
        if trial.hyper.get(n, one.hypers[n].neutral) != one.hypers[n].neutral
    }
    if options and not options & hyper.keys():
        return trial
    return replace(trial, hyper=hyper, alphas=alphas)


def meant(defaults: Mapping[str, float], optimizer: str) -> dict[str, float]:
    """Return defaults with what an option may not be, 0 steps of warm-up say, as having none."""
    one = rules.optimizer(optimizer)
    optional = {n: one.hypers[n] for n in one.optional}

    def is_none(name: str, x: float) -> bool:
        return name in optional and np.isfinite(x) and not optional[name].accepts(Fraction(x))

    return {n: optional[n].neutral if is_none(n, x) else x for n, x in defaults.items()}


def _is_usual(trial: Trial) -> bool:
    """Say whether a trial is as good with other hyperparameters: nothing in it is extreme."""
    given = [x.ravel() for step in trial.grads for x in step if x is not None]
    g = np.abs(np.concatenate(given or [np.zeros(1)]))
    plain = trial.kind == "core" and not trial.defaults and not trial.optional
    return plain and bool(np.all((g == 0) | ((g >= _LEAST) & (g <= 1 / _LEAST))))


_LEAST = 2.0**-6
"""Of a usual gradient: its square is a normal number in every format, as is that of 1 over it."""


@functools.cache
def is_timed(optimizer: str) -> bool:
    """Say whether a step of a rule depends on how many were taken."""
    return any(t in line.expr.free_symbols for line in rules.get(optimizer).lines)


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
        What each state of any dialect is before a fresh start, an array a tensor.
    """

    trial: Trial
    steps: list[list[Held]] = field(default_factory=list)
    abilities: Abilities | None = None
    failed: Failed | None = None
    refused: str = ""
    remarks: list[tuple[int, Remark]] = field(default_factory=list)
    initial: Mapping[str, tuple[Array, ...]] = field(default_factory=dict)


def run_one(
    session: Session,
    trial: Trial,
    dtype: str,
    optimizer: str,
    offset: int = 0,
    own: Mapping[str, float] = MappingProxyType({}),
    meanwhile: Meanwhile | None = None,
) -> Record:
    """Run one trial; a failure is part of what was seen.

    A t that is loaded is shifted by an offset, where an implementation counts so. Hyperparameters
    of its own are those that it cannot be given and does not tell. What is done meanwhile is done
    before the answers to its last steps are read.
    """
    record = Record(trial)
    start = _start(trial, dtype, optimizer)
    try:
        record.abilities = able = _known(session.start(start), own, optimizer)
        record.remarks += [(0, remark) for remark in able.remarks]
        record.trial = trial = completed(trial, able, optimizer)
        record.initial = before_first(optimizer, trial, dtype)
        record.refused = _refused(trial, able, published(optimizer))
        if not record.refused:
            _loaded(session, record, offset)
            _stepped(session, record, start, partial(meanwhile or _nothing, able, start))
    except Failed as failed:
        record.failed = failed
    return record


def _start(trial: Trial, dtype: str, optimizer: str) -> Start:
    states = tuple(name for name in rules.get(optimizer).states if name != "theta")
    hyper = {"lr": trial.alphas[0], **trial.hyper}
    loads = "load" in trial.needs
    timed = is_timed(optimizer)
    return Start(dtype, optimizer, trial.thetas, hyper, trial.defaults, states, timed, loads)


def _known(able: Abilities, own: Mapping[str, float], optimizer: str) -> Abilities:
    unset = {name: x for name, x in own.items() if name not in able.controls}
    return replace(able, defaults=meant({**able.defaults, **unset}, optimizer))


Meanwhile: TypeAlias = "Callable[[Abilities, Start], None]"
"""What is done while somebody takes steps; it is given what that can, and how it was started."""


def _nothing(_able: Abilities, _start: Start) -> None:
    pass


@final
class Lookahead:
    """Asks for the trials that follow ahead of their turn, where a session takes that.

    Parameters
    ----------
    session : Session
    trials : sequence of Trial
    is_sure : callable
        Says of a trial whether it will be run.
    """

    def __init__(
        self, session: Session, trials: Sequence[Trial], is_sure: Callable[[Trial], bool]
    ) -> None:
        self._session, self._trials, self._is_sure = session, trials, is_sure
        self._next, self._open = 0, True

    def behind(self, at: int, able: Abilities, start: Start) -> None:
        """Ask for those behind one that takes its steps, as if they can what that can.

        After one that has first to be looked at, or loaded, nothing is asked.
        """
        if not self._session.ahead:
            self._next, self._open = at + 1, True
        optimizer = start.optimizer
        for each in self._trials[self._next : at + 1 + _AHEAD]:
            if not (self._open and self._is_sure(each)):
                return
            begun, trial = _start(each, start.dtype, optimizer), completed(each, able, optimizer)
            known = not (begun.loads or _refused(trial, able, published(optimizer)))
            if not self._session.foresee(begun, trial.grads if known else (), _rates(trial)):
                return
            self._next, self._open = self._next + 1, known


_AHEAD = 16
"""Trials that are asked for ahead: most have a few steps, and are over in a millisecond."""


def _rates(trial: Trial) -> Sequence[float | None]:
    return trial.alphas if "lr" in trial.needs else (None,) * len(trial.grads)


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


def _stepped(session: Session, record: Record, start: Start, meanwhile: Callable[[], None]) -> None:
    trial, seen = record.trial, set()
    lrs = _rates(trial)
    for begin, end in pairwise((0, *trial.reload, len(trial.grads))):
        if begin:
            if not all({*start.states} <= held.states.keys() for held in record.steps[-1]):
                record.refused = "its state is not visible"
                return
            if trial.interleaved:
                _another_run(session, trial, start)
            session.start(start)
            session.load(record.steps[-1])
        answers = session.steps(trial.grads[begin:end], lrs[begin:end])
        if end == len(trial.grads):
            meanwhile()
        for held in answers:
            record.steps.append(held)
            for tensor in held:
                for remark in tensor.remarks:
                    if remark.id not in seen:
                        seen.add(remark.id)
                        record.remarks.append((len(record.steps), remark))


def _another_run(session: Session, trial: Trial, start: Start) -> None:
    """Take two steps of a run on other numbers: nothing of it may stay."""
    session.start(replace(start, thetas=tuple(x / 2 for x in start.thetas)))
    for grads in trial.grads[:2]:
        session.step([None if g is None else -2 * g for g in grads])


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
