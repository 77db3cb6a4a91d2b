"""Which optimizer an implementation is judged as, where nobody says it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.numbers import formats
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.inference import inferred
from adamref.oracle.judge.machine import Machine
from adamref.oracle.observe import trials
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.table import table_of
from adamref.rules.family import optimizer

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.sessions.session import Session
    from adamref.oracle.observe.trial import Trial


BY_NAME = "by its name"
"""Why an optimizer was chosen, where that is what it is called."""


def optimizer_for(session: Session, dtype: str, guessed: str) -> tuple[str, str]:
    """Return the optimizer to judge by, and why that one, in a few words.

    One whose name says Adam, or nothing, and that takes a weight decay, is exercised with it: as
    the kind of decay whose steps it comes nearer to; so with any other that has another name then.

    Parameters
    ----------
    session : Session
        Opened; it is started twice, and more where hyperparameters are fixed inside.
    dtype : str
    guessed : str
        By its name; empty where that says nothing.
    """
    plain = optimizer(guessed or "adam")
    if not plain.decayed:
        return guessed, BY_NAME
    named = BY_NAME if guessed else "as nothing names another"
    first = plain.decayed[0]
    (trial,) = trials.trials(dtype, first, [f"random-generic-{dtype}"])
    record = run_one(session, trial, dtype, first)
    able = record.abilities
    if able is None or not {"decays"} <= able.can or "weight_decay" not in able.controls:
        return plain.name, named
    own = {}
    if record.refused:
        # Something else is fixed inside, and has to be known before the decay can be told.
        own = {name: x.value for name, x in inferred(session, dtype, first).items()}
    # What is decayed may be tensors of two axes alone.
    seen = _of_two_axes(trial) if "shapes" in able.can else trial
    record = run_one(session, seen, dtype, first, own=own)
    if record.failed or record.refused:
        return plain.name, named
    nearest = min(plain.decayed, key=lambda one: _away(record, dtype, one))
    return nearest, "as it takes weight_decay"


def _of_two_axes(trial: Trial) -> Trial:
    def rows(x: Array | None) -> Array | None:
        return None if x is None else x.reshape(1, -1)

    grads = tuple(tuple(rows(g) for g in step) for step in trial.grads)
    states = tuple({n: x.reshape(1, -1) for n, x in state.items()} for state in trial.states)
    thetas = tuple(theta.reshape(1, -1) for theta in trial.thetas)
    return replace(trial, thetas=thetas, grads=grads, states=states)


def _away(record: Record, dtype: str, name: str) -> tuple[int, float]:
    """Return how many values no dialect of an optimizer comes near, and how far they are.

    In narrow formats every kind of decay comes near: a coarse look allows more than it changes.
    """
    fmt = formats.get(dtype)
    look = Small(table_of([record], dtype, name), Machine(fmt, fmt, {}))
    some = (correct(x) for x in dialects(name, {}, [("literal", dtype)])
            if "eps_root" not in x.rule.defaults)  # fmt: skip
    return min((look.misses(x), look.distance(x)) for x in some)
