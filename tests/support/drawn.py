"""The catalogue's faults planted with parameters that it does not have, in any dtype.

A number that a fault depends on is drawn between the least and the greatest that the catalogue
tries. So a fault is named by what was observed, not because its very case stands in a list.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace

from adamref.oracle.observe.sessions.session import Session
from adamref.rules.family import training
from fed import Fed, hypothesis

DTYPES = ("float32", "float64", "bfloat16")


def drawn(fault, seed):
    """Return a fault for a value of its parameter that is drawn; itself if it has none."""
    if fault.parameter is None:
        return fault
    chance = random.Random(f"{fault.id} {seed}")
    values = fault.parameter.values
    if isinstance(values[0], str):
        return fault.at(chance.choice(values))
    least, most = (f(x for x in values if x) for f in (min, max))
    value = math.exp(chance.uniform(math.log(least), math.log(most)))
    return fault.at(max(2, round(value)) if isinstance(values[0], int) else float(f"{value:.3g}"))


def home(fault, dtype):
    """Return the first optimizer that has a place for a fault; None if there is none."""
    return next((x for x in training() if hypothesis(x, dtype, fault) is not None), None)


def planted(fault, optimizer, dtype, *, visible=True):
    """Return an implementation with a fault, its states shown or not."""
    its = Fed(optimizer, dtype, hypothesis(optimizer, dtype, fault))
    return its if visible else Hidden(its)


class Hidden(Session):
    """An implementation that shows theta alone."""

    def __init__(self, its):
        self._its = its

    def start(self, start):
        able = self._its.start(start)
        return replace(able, can=able.can - {"load"})

    def load(self, tensors):
        raise AssertionError(f"{len(tensors)} tensors are given to what loads none")

    def step(self, grads, lr=None):
        return [replace(x, states={}, t=None, dtypes={}) for x in self._its.step(grads, lr)]

    def close(self):
        self._its.close()
