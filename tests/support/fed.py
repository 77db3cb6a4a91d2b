"""An implementation with a fault of what is fed in, made from the fault's own entry.

An entry says of a table what is fed in instead. So all steps since the start are laid out as a
table anew at each step, the fault changes what goes in, and the rule is worked on it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.explain.hypotheses import of_faults
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import Simulator, inputs_of
from adamref.oracle.observe.running import Record, before_first
from adamref.oracle.observe.sessions.session import ABILITIES, Abilities, Held, Session
from adamref.oracle.observe.table import table_of
from adamref.oracle.observe.trial import Trial


def hypothesis(optimizer, dtype, fault):
    """Return the usual dialect of an optimizer with a fault; None where it has no place for it."""
    usual = dialects(optimizer, {}, [("literal", dtype)])[0]
    return next(iter(of_faults(usual, dtype, [fault])), None)


class Fed(Session):
    """The usual dialect of an optimizer with a fault, theta and the states in the dtype."""

    def __init__(self, optimizer, dtype, hypothesis):
        self._optimizer, self._dtype = optimizer, dtype
        self._hypothesis = hypothesis
        rule = self._hypothesis.dialect.rule
        self._states = [name for name in rule.states if name != "theta"]

    def start(self, start):
        hyper = {name: x for name, x in start.hyper.items() if name != "lr"}
        count = len(start.thetas)
        self._rate = start.hyper["lr"]
        trial = Trial("fed", "core", "", start.thetas, (), hyper, (self._rate,), ({},) * count,
                      (1,) * count)  # fmt: skip
        self._begun(trial)
        controls = frozenset(start.hyper) - {"eps_root"}
        return Abilities(frozenset(ABILITIES) - {"defaults"}, controls)

    def load(self, tensors):
        self._begun(
            replace(
                self._record.trial,
                thetas=tuple(x.theta for x in tensors),
                states=tuple({n: x.states[n] for n in self._states} for x in tensors),
                firsts=tuple(x.t + 1 for x in tensors),
            )
        )

    def step(self, grads, lr=None):
        record = self._record
        rate = self._rate if lr is None else lr
        taken = record.trial.grads
        alphas = (*record.trial.alphas[: len(taken)], rate)
        record.trial = replace(record.trial, grads=(*taken, tuple(grads)), alphas=alphas)
        self._counts = [t + (g is not None) for t, g in zip(self._counts, grads, strict=True)]
        now = [replace(x, t=t) for x, t in zip(self._now, self._counts, strict=True)]
        record.steps.append(now)  # what is not worked yet is what it was
        self._now = record.steps[-1] = self._worked(now)
        return self._now

    def close(self):
        pass

    def _begun(self, trial):
        self._record = Record(trial, initial=before_first(self._optimizer, trial, self._dtype))
        self._counts = [first - 1 for first in trial.firsts]
        self._now = []
        for j, theta in enumerate(trial.thetas):
            fresh = {n: self._record.initial[n][j] for n in self._states}
            self._now.append(Held(theta, {**fresh, **trial.states[j]}, self._counts[j]))

    def _worked(self, now):
        table = table_of([self._record], self._dtype, self._optimizer)
        if not len(table):
            return now
        numbers = HeldNumbers(table, "literal", formats.get(self._dtype))
        model = self._hypothesis.model(inputs_of(table, numbers), table)
        with np.errstate(all="ignore"):
            made = Simulator(table).run(model, ("theta", *self._states))
        last = table.columns["step"] == len(self._record.steps)
        return [self._held(x, made, last & (table.tensor == j)) for j, x in enumerate(now)]

    def _held(self, before, made, rows):
        if not before.theta.size:
            return before
        theta, *states = (self._shaped(made[n], rows, before) for n in ("theta", *self._states))
        return replace(before, theta=theta, states=dict(zip(self._states, states, strict=True)))

    def _shaped(self, values, rows, before):
        stored = nearest(values[rows], formats.get(self._dtype))
        return stored.reshape(before.theta.shape)
