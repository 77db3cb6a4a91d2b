"""Tables of what small NumPy steps show, for the parts of the oracle that read tables."""

from __future__ import annotations

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.oracle.judge.dialects import Dialect
from adamref.oracle.judge.machine import Machine
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.sessions.session import ABILITIES, STATES, Abilities, Held, Session
from adamref.oracle.observe.table import table_of
from adamref.oracle.observe.trial import Trial

HYPER = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def trial(thetas, grads, *, alpha=0.1, states=None, firsts=None, hyper=HYPER, **more):
    """An input of one tensor or several: a list of gradients a step."""
    thetas = tuple(np.array(x, dtype=np.float64) for x in thetas)
    steps = [[None if g is None else np.array(g, dtype=np.float64) for g in s] for s in grads]
    alphas = alpha if isinstance(alpha, tuple) else (alpha,) * len(steps)
    given = {"name": "made", "kind": "core", "says": "made by hand", **more}
    return Trial(
        thetas=thetas,
        grads=tuple(map(tuple, steps)),
        hyper=hyper,
        alphas=alphas,
        states=tuple(states or ({},) * len(thetas)),
        firsts=tuple(firsts or (1,) * len(thetas)),
        **given,
    )


class Stepping(Session):
    """A step of arrays, ``step(theta, g, state, t, hyper) -> (theta, state)``, as a session."""

    def __init__(self, step, *, visible=("m", "v")):
        self._step, self._visible = step, visible

    def start(self, start):
        self._kind, self._hyper = np.dtype(start.dtype), dict(start.hyper)
        self._held = []
        self.load([Held(x, {n: np.zeros_like(x) for n in STATES[:3]}, 0) for x in start.thetas])
        return Abilities(frozenset(ABILITIES) - {"defaults"}, frozenset(start.hyper))

    def load(self, tensors):
        self._held = [
            (
                x.theta.astype(self._kind),
                {n: s.astype(self._kind) for n, s in x.states.items()},
                x.t,
            )
            for x in tensors
        ]

    def step(self, grads, lr=None):
        hyper = self._hyper if lr is None else {**self._hyper, "lr": lr}
        with np.errstate(all="ignore"):
            for i, g in enumerate(grads):
                if g is not None:
                    theta, state, t = self._held[i]
                    made = self._step(theta, g.astype(self._kind), state, t + 1, hyper)
                    self._held[i] = (*made, t + 1)
        return [self._shown(*held) for held in self._held]

    def close(self):
        pass

    def _shown(self, theta, state, t):
        dtypes = dict.fromkeys(("theta", *self._visible), theta.dtype.name)
        states = {n: state[n].astype(np.float64) for n in self._visible}
        return Held(theta.astype(np.float64), states, t, dtypes)


def seen(session, trials, dtype="float32", optimizer="adam"):
    """Run trials and lay out what was seen."""
    records = [run_one(session, one, dtype, optimizer) for one in trials]
    for record in records:
        if record.failed is not None:
            raise record.failed
        assert not record.refused, record.refused
    return table_of(records, dtype, optimizer)


def machine(dtype):
    """Everything in one format."""
    fmt = formats.get(dtype)
    return Machine(fmt, fmt, dict.fromkeys(STATES, fmt))


def paper(dtype, hyper="mixed", **axes):
    """Adam as the paper has it, or on some axes otherwise."""
    optimizer = axes.pop("optimizer", "adam")
    usual = rules.optimizer(optimizer).rule.dialect
    return Dialect(optimizer, tuple({**usual, **axes}.items()), hyper=hyper, held=dtype)


def numbers(rows, dialect):
    """The hyperparameters of a table's rows, under a dialect's convention."""
    return HeldNumbers(rows, dialect.hyper, formats.get(dialect.held))
