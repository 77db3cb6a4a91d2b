"""Pictures of what Adam does, each with a text and with its numbers; matplotlib draws them.

Every number comes from a rule that was run, or from a theorem's own formula. `Trace.plot` and
`Report.plot` draw what was run and what was checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from adamref.errors import UnknownName
from adamref.picture import Picture
from adamref.plots.averages import average_weights, bias_correction, temperatures
from adamref.plots.convergence import adam_cycle
from adamref.plots.machine import float32_errors, stalled_second_moment
from adamref.plots.steps import correction_factor, epsilon_forms, step_bound

__all__ = [
    "Picture",
    "adam_cycle",
    "average_weights",
    "bias_correction",
    "correction_factor",
    "epsilon_forms",
    "float32_errors",
    "names",
    "picture",
    "stalled_second_moment",
    "step_bound",
    "temperatures",
]

_SHOWS: Mapping[Callable[[], Picture], str] = {
    average_weights: "closed-form-m closed-form-v window-weights window-mass",
    bias_correction: "weights unbiased-m-hat unbiased-v-hat uncorrected-m-unbiased",
    temperatures: "ten-days window-mean-age ten-days-e-folding",
    step_bound: "step-bound step-bound-limit paper-step-bound-first-violation "
    "paper-step-bound-defaults",
    correction_factor: "uncorrected-factor uncorrected-largest uncorrected-longer-defaults",
    epsilon_forms: "eps-inside-crosses eps-inside-farthest-below eps-squared-inside "
    "eps-hat-between scale-invariance-claimed",
    stalled_second_moment: "stalling-inside stalling-bfloat16-from-0",
    float32_errors: "rounding rounding-delta-size-first rounding-accumulated-m",
    adam_cycle: "online-adam-worst online-adam-regret online-amsgrad-best",
}
"""The pictures, and the theorems that each shows."""


def names() -> tuple[str, ...]:
    """Return the names of the pictures."""
    return tuple(map(_name, _SHOWS))


@cache
def picture(name: str) -> Picture:
    """Return a picture by its name; it is worked once.

    Raises
    ------
    UnknownName
        If there is none.

    >>> picture("step-bound").title
    'How large a step can be, in units of α, at the published rates'
    """
    for make in _SHOWS:
        if _name(make) == name:
            return make()
    raise UnknownName("picture", name, names())


def pictures_of(theorem: str) -> Iterator[tuple[str, Picture]]:
    """Yield the pictures that show a theorem, with their names."""
    for make, theorems in _SHOWS.items():
        if theorem in theorems.split():
            yield _name(make), picture(_name(make))


def _name(make: Callable[[], Picture]) -> str:
    return make.__name__.replace("_", "-")
