"""How far a right implementation may be from each number of a golden vector.

The bound is that of the probe's own inputs, after all steps from its start with nothing shown in
between, for every order of operations that is known, in the probe's dialect with the numbers of its
convention. The number in the file is itself rounded once; that is added where it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.oracle.judge.identification import machines
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import inputs_of
from adamref.oracle.observe.trials import trial_of
from adamref.tolerances.free import bounded_run, ways
from adamref.tolerances.inputs import laid_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.golden.probe import Probe
    from adamref.golden.vectors import Errors
    from adamref.numbers.arrays import Array


def errors_of(probe: Probe) -> Errors:
    """Bound every field of a probe at every step, in its own units: inf where nothing is known."""
    rule, fmt = probe.the_rule, probe.format
    table = laid_out([trial_of(probe)], probe.dtype, probe.rule)
    numbers = HeldNumbers(table, probe.hyper, fmt)
    inputs, allowed = inputs_of(table, numbers), ways(rule, probe.hypers)
    found: dict[str, list[Array]] = {}
    for machine in machines(fmt, fmt, {}, None, {}):
        if machine.compute.precision > max(fmt.precision, formats.BINARY32.precision):
            continue  # inside the bounds of what is narrower
        made = bounded_run(table, rule, numbers, machine, allowed, inputs)
        for name, x in made.items():
            its = x if machine.narrowed(name) else machine.arithmetic.stored(x)
            error = its.error if machine.compute != fmt else x.error
            found.setdefault(name, []).append(np.where(np.isnan(error), np.inf, error))
    every = {name: np.max(x, axis=0) for name, x in found.items()}
    return _by_moment(table.columns, every)


def _by_moment(columns: Mapping[str, Array], every: Mapping[str, Array]) -> Errors:
    keys = np.stack([columns["step"], columns["tensor"]], axis=1)
    unique, back = np.unique(keys, axis=0, return_inverse=True)
    order = columns["element"]
    found: dict[tuple[int, int], dict[str, Array]] = {}
    for i, (step, tensor) in enumerate(unique.tolist()):
        rows = np.flatnonzero(back.reshape(-1) == i)
        rows = rows[np.argsort(order[rows], kind="stable")]
        found[step, tensor] = {name: x[rows] for name, x in every.items()}
    return found
