"""Which entries of a state are m and v where their names do not say so: throw-away steps tell."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, final

import numpy as np

from adamref.oracle.observe import vocabulary
from adamref.oracle.observe.calling.names import TRIED
from adamref.oracle.observe.forms.telling import told
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Held, Start

STATES: Mapping[str, tuple[str, ...]] = {
    "m": ("exp_avg", "mu", "first_moment", "moment1", "mt", "m_t"),
    "v": ("exp_avg_sq", "nu", "second_moment", "moment2", "square_avg", "vt", "v_t"),
    "v_max": ("max_exp_avg_sq", "v_hat_max", "vmax", "max_v"),
    "u": ("exp_inf", "inf_norm"),
    "m_slow": ("exp_avg_slow",),
}
"""What nobody gives to another state, by adamref's names."""

COUNTERS = ("t", "step", "steps", "count", "iteration", "iterations", "num_steps", "step_count")
"""What nobody calls anything but the number of steps."""

_THETA, _FIRST, _SECOND = (0.5, -1.25, 2.0), (0.75, -1.5, 3.0), (-0.375, 0.25, 0.5)
_NEAR = 0.25
"""Between how far a first step goes and how far an average is from theta: see `_is_theta`."""


class Tells(Protocol):
    """What is asked of an implementation."""

    told: Told | None

    def begun(self, start: Start) -> None:
        """Start over, without a look at what it can do."""

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return all that is held for a tensor, by its own names."""


@final
class Told:
    """What was found out of entries: once for their names and the states of a rule."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], dict[str, str]] = {}

    def of(
        self, its: Tells, start: Start, entries: Mapping[str, Any], named: Mapping[str, str]
    ) -> dict[str, str]:
        """Return which entries are the states and t, where names say it of ``named`` alone.

        Parameters
        ----------
        its : adapter
        start : Start
        entries : mapping
        named : mapping of str to str
            Entries by adamref's names, as their names say.
        """
        key = (start.optimizer, start.states, *sorted(entries))
        if key not in self._known:
            self._known[key] = _tried(its, start, dict(named))
        return {ours: x for ours, x in self._known[key].items() if entries.get(x) is not None}


def _tried(its: Tells, start: Start, named: dict[str, str]) -> dict[str, str]:
    kind = start.dtype if start.dtype in ("float32", "float64") else "float32"
    hyper = {**start.hyper, **{n: x for n, x in TRIED.items() if n in start.hyper}}
    own = replace(start, dtype=kind, thetas=(np.array(_THETA),), hyper=hyper)
    one, two = np.array(_FIRST), np.array(_SECOND)
    try:
        seen = [_after(its, own, gs) for gs in ([one], [one, two], [-one])]
    except Failed:
        return named
    wanted = start.states
    found = told(seen, (one, two), wanted, vocabulary.named(start.optimizer)["even"])
    # The last that is left is the state that is left.
    left = [x for x in wanted if x not in found]
    others = [
        name for name, x in seen[0].items()
        if name not in found.values() and np.shape(x) == one.shape and not _is_theta(x, own)
    ]  # fmt: skip
    found |= {left[0]: others[0]} if len(left) == len(others) == 1 else {}
    sure = {ours: x for ours, x in named.items() if ours not in found and x not in found.values()}
    return {**sure, **found}


def _after(its: Tells, start: Start, grads: Sequence[Array]) -> dict[str, Any]:
    """Return the entries of another of the same implementation after some steps."""
    other = copy.copy(its)
    other.told = None  # its names alone tell what is what: that is being found out
    other.begun(start)
    for g in grads:
        other.step([g])
    return copy.deepcopy(dict(other.entries(0)))


def _is_theta(x: Any, start: Start) -> bool:
    """Say whether a number is theta after a step, or a copy of it from before.

    No published rule goes farther at once than the rate times the largest gradient, 3/4096; an
    average of this gradient or its square is over 0.4 away from each theta.
    """
    return bool(np.all(np.abs(np.asarray(x, dtype=np.float64) - start.thetas[0]) < _NEAR))
