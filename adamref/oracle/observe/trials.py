"""What an implementation is run on: the inputs of the golden vectors, and seeded random ones.

A trial is an input without answers: the right values are worked for the dialect that the
implementation turns out to have.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.errors import UnknownName
from adamref.golden import catalogue
from adamref.oracle.observe.random_trials import random_trials
from adamref.oracle.observe.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.golden.probe import Probe, Tensor
    from adamref.numbers.arrays import Array

_ALSO = {"adam-l2": "adam", "adamw": "adam", "amsgrad": "adam"}
"""The inputs of Adam are inputs of these too."""

_DECAYS = ("adam-l2", "adamw")


def trials(dtype: str, optimizer: str, names: Sequence[str] = ()) -> list[Trial]:
    """Return every trial of a dtype and an optimizer, or those of some names.

    Raises
    ------
    UnknownName
        If there is no such trial for them.
    """
    found = {trial.name: trial for trial in _all(dtype, optimizer)}
    for name in names:
        if name not in found:
            raise UnknownName(f"probe for {optimizer} in {dtype}", name, tuple(found))
    return [found[name] for name in names] if names else list(found.values())


def _all(dtype: str, optimizer: str) -> Iterator[Trial]:
    of = (optimizer, _ALSO.get(optimizer, optimizer))
    for probe in catalogue.probes().values():
        if probe.dtype == dtype and probe.rule in of:
            yield _for(optimizer, _of_probe(probe))
    if optimizer in (*_ALSO, "adam"):
        for trial in random_trials(dtype, decays=optimizer in _DECAYS):
            yield _for(optimizer, trial)


def _for(optimizer: str, trial: Trial) -> Trial:
    """Give a trial what an optimizer has beyond Adam."""
    hyper, states = dict(trial.hyper), trial.states
    if optimizer in _DECAYS:
        hyper.setdefault("weight_decay", 0.0)
    if optimizer == "amsgrad":
        states = tuple({**s, "v_max": s.get("v_max", s["v"])} if s else s for s in states)
    return replace(trial, hyper=hyper, states=states)


def _of_probe(probe: Probe) -> Trial:
    listed = [_of_tensor(tensor, probe.steps) for tensor in probe.tensors]
    # Beside what is recorded, what comes before and after: a change of behaviour shows there.
    judged = {s + d for s in (*probe.recorded, *_ENDS) for d in (-1, 0, 1)}
    return Trial(
        name=probe.name,
        kind=probe.kind,
        says=probe.says,
        thetas=tuple(np.array(tensor.theta) for tensor in probe.tensors),
        grads=tuple(zip(*listed, strict=True)),
        hyper=probe.hypers,
        alphas=tuple(probe.alpha_at(s) for s in range(1, probe.steps + 1)),
        states=tuple(
            {name: np.array(x) for name, x in tensor.state.items()} for tensor in probe.tensors
        ),
        firsts=tuple(tensor.t for tensor in probe.tensors),
        defaults=probe.constructor == "defaults",
        flags=probe.flags,
        judged=tuple(sorted(s for s in judged if 1 <= s <= probe.steps)),
    )


def _of_tensor(tensor: Tensor, steps: int) -> list[Array | None]:
    return [None if g is None else np.array(g) for g in tensor.listed(steps)]


_ENDS = (128, 200, 500, 512, 1024, 1500)
"""Steps of long probes that are looked at too: where something may end."""
