"""What is kept of an implementation between its steps: what faults of the driver ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array

MOST_REMEMBERED = 4096
"""Steps before this one that a fault of the driver is shown, at most."""


@final
@dataclass(frozen=True)
class TensorBefore:
    """A tensor before a step.

    Attributes
    ----------
    theta : float64 array
    states : mapping of str to float64 array
        Those that are shown, by adamref's names.
    t : int or None
        How many steps it has taken; None where that is not shown.
    g : float64 array or None
        None where there is no gradient.
    hyper : mapping of str to float
        By adamref's names, with ``lr``.
    dtype : str
    """

    theta: Array
    states: Mapping[str, Array]
    t: int | None
    g: Array | None
    hyper: Mapping[str, float]
    dtype: str


class TakenStep(NamedTuple):
    """What is kept of a tensor at a step."""

    taken: bool
    is_finite: bool
    alpha: float
    reloaded: bool
    t: int


@final
@dataclass
class StepMemory:
    """What is kept of an implementation between its steps, one entry a tensor.

    Attributes
    ----------
    counts : list of int
        How many steps each has taken, as the rule that was carried out counts them.
    calls, bases : int, list of int
        How many tensors were updated since a state was loaded; what t was then.
    hidden : list of dict of str to array
        The states that it does not show.
    """

    counts: list[int] = field(default_factory=list)
    hidden: list[dict[str, Array]] = field(default_factory=list)
    calls: int = 0
    bases: list[int] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    moments: list[list[TakenStep]] = field(default_factory=list)
    last: list[Array] = field(default_factory=list)
    total: list[Array] = field(default_factory=list)
    left: list[tuple[bytes, int]] = field(default_factory=list)

    def begun(self, tensors: Sequence[TensorBefore]) -> None:
        """Make room for tensors that were not there before."""
        for one in tensors[len(self.counts) :]:
            self.counts.append(one.t or 0)
            self.hidden.append({})
            self.bases.append(one.t or 0)
            self.firsts.append(one.hyper["lr"])
            self.moments.append([])
            self.last.append(np.zeros_like(one.theta))
            self.total.append(np.zeros_like(one.theta))
            self.left.append((b"", 0))

    def copied(self) -> StepMemory:
        """Return another that goes on from here."""
        lists = {n: list(x) for n, x in vars(self).items() if isinstance(x, list)}
        moments = [list(x) for x in self.moments]
        made = replace(self)
        vars(made).update({**lists, "moments": moments})
        return made

    def was_loaded(self, i: int, tensor: TensorBefore) -> bool:
        """Say whether the state of a tensor is not what the last step left it."""
        if not tensor.states:
            return False
        if not self.moments[i]:
            return bool(tensor.t) or any(np.any(x) for x in tensor.states.values())
        return self.left[i] != (bits(tensor.states), tensor.t or 0)

    def passed(
        self, i: int, one: TensorBefore, moment: TakenStep, t: Array, taken: NDArray[np.bool_]
    ) -> None:
        """Note that a step was taken, by t as it was fed in, and of which elements."""
        self.calls += one.g is not None
        was = self.counts[i]
        if one.g is not None:
            # Where nothing is done, t is what it is said to stand at.
            skipped = len(taken) and not taken.any()
            self.counts[i] = int(t[0]) if skipped and t[0] <= was else was + 1
        self.moments[i] = [*self.moments[i][1 - MOST_REMEMBERED :], moment]
        g = np.zeros_like(one.theta) if one.g is None else one.g
        self.last[i] = g
        with np.errstate(all="ignore"):
            self.total[i] = g if moment.reloaded else self.total[i] + g

    def leave(self, i: int, states: Mapping[str, Array], t: int | None) -> None:
        """Note what a step left of the state that is shown."""
        self.left[i] = (bits(states), t or 0)


def bits(states: Mapping[str, Array]) -> bytes:
    """Return what tells a state from another."""
    return b"".join(np.ascontiguousarray(states[n]).tobytes() for n in sorted(states))
