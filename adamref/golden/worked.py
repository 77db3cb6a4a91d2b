"""A probe carried out: the certified value of every field, tensor by tensor.

A tensor without a gradient is passed over: it keeps its state, and its own t does not advance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from adamref.stepper import run

if TYPE_CHECKING:
    from adamref.golden.probe import Probe, Tensor
    from adamref.rules.rule import Rule
    from adamref.trace import Step


@final
@dataclass(frozen=True)
class Moment:
    """What one tensor holds after one step of the probe.

    Attributes
    ----------
    step : int
        The step of the probe, from 1.
    tensor : int
        Which tensor, from 0.
    taken : Step or None
        The step that the tensor took; None where its gradient was missing.
    """

    step: int
    tensor: int
    taken: Step | None


def worked(probe: Probe, rule: Rule | None = None, **target: Any) -> list[Moment]:
    """Carry a probe out, every step, ordered by step and tensor.

    Parameters
    ----------
    probe : Probe
    rule : Rule, optional
        Another rule than the probe's, such as one with a fault in it.
    **target
        ``digits=…`` for decimals instead of the probe's dtype.
    """
    found = []
    for i, tensor in enumerate(probe.tensors):
        found += [Moment(step, i, taken) for step, taken in _steps(probe, tensor, rule, target)]
    return sorted(found, key=lambda moment: (moment.step, moment.tensor))


def _steps(
    probe: Probe, tensor: Tensor, rule: Rule | None, target: dict[str, Any]
) -> list[tuple[int, Step | None]]:
    gradients = tensor.listed(probe.steps)
    taking = [i for i in range(1, probe.steps + 1) if gradients[i - 1] is not None]
    taken: dict[int, Step] = {}
    if taking:
        the_rule = rule or probe.the_rule
        given: dict[str, Any] = dict(probe.hypers)
        if "alpha" in the_rule.defaults:
            given["alpha"] = [probe.alpha_at(step) for step in taking]
        trace = run(
            the_rule,
            list(tensor.theta),
            [list(gradients[i - 1] or ()) for i in taking],
            state={name: list(values) for name, values in tensor.state.items()},
            t=tensor.t,
            **{**_as_held(probe, target), **given},
        )
        taken = dict(zip(taking, trace, strict=True))
    return [(step, taken.get(step)) for step in range(1, probe.steps + 1)]


def _as_held(probe: Probe, target: dict[str, Any]) -> dict[str, Any]:
    if target:
        return target
    # What stands in a suite is in the format itself, whatever code of it does.
    return {"dtype": probe.dtype, "convention": probe.hyper, "compute": "storage"}
