"""Which optimizer an implementation is judged as, where nobody says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.numbers import formats
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.machine import Machine
from adamref.oracle.observe import trials
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.table import table_of
from adamref.rules.family import optimizer

if TYPE_CHECKING:
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.sessions.session import Session


def optimizer_for(session: Session, dtype: str, guessed: str) -> tuple[str, str]:
    """Return the optimizer to judge by, and why that one, in a few words.

    One whose name says Adam, or nothing, and that takes a weight decay, is exercised with it: as
    the kind of decay whose steps it comes nearer to; so with any other that has another name then.

    Parameters
    ----------
    session : Session
        Opened; it is started once.
    dtype : str
    guessed : str
        By its name; empty where that says nothing.
    """
    plain = optimizer(guessed or "adam")
    if not plain.decayed:
        return guessed, "by its name"
    named = "by its name" if guessed else "as nothing names another"
    first = plain.decayed[0]
    (trial,) = trials.trials(dtype, first, [f"random-generic-{dtype}"])
    record = run_one(session, trial, dtype, first)
    able = record.abilities
    if able is None or not {"decays"} <= able.can or "weight_decay" not in able.controls:
        return plain.name, named
    if record.failed or record.refused:
        return plain.name, named
    nearest = min(plain.decayed, key=lambda one: _misses(record, dtype, one))
    return nearest, "as it takes weight_decay"


def _misses(record: Record, dtype: str, name: str) -> int:
    """Count the values that no dialect of an optimizer comes near."""
    fmt = formats.get(dtype)
    look = Small(table_of([record], dtype, name), Machine(fmt, fmt, {}))
    some = dialects(name, {}, [("literal", dtype)])
    return min(look.misses(correct(x)) for x in some if "eps_root" not in x.rule.defaults)
