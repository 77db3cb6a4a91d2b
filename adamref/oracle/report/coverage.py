"""What a check has covered: no finite one sees everything, and it says how far it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adamref.oracle.observe.trial import Trial


@final
@dataclass(frozen=True)
class Coverage:
    """What the probes that were judged reached.

    Attributes
    ----------
    dtype : str
        Of theta and the gradients.
    steps : int
        Every step from 1 to this was judged.
    latest : int
        The largest t of a step that was judged.
    states : tuple of str
        Which states were judged at each of them, beside theta.
    shapes, elements : int
        How many shapes of tensors, and how many elements the largest has.
    axes : tuple of int
        How many axes they have, the fewest and the most.
    gradients, alphas : tuple of float
        The smallest and the largest size beside 0.
    thorough : bool
        Whether it went as far as minutes allow.
    """

    dtype: str = ""
    steps: int = 0
    latest: int = 0
    states: tuple[str, ...] = ()
    shapes: int = 0
    elements: int = 0
    axes: tuple[int, int] = (0, 0)
    gradients: tuple[float, float] = (0.0, 0.0)
    alphas: tuple[float, float] = (0.0, 0.0)
    thorough: bool = False

    def __str__(self) -> str:
        """Say it in one line."""
        if not self.steps:
            return "Nothing was covered."
        states = f" with {' and '.join(self.states)}" if self.states else " with theta alone"
        fewest, most = self.axes
        return (
            f"Covered: every step to t = {self.steps:,}{states} judged, the latest t = "
            f"{self.latest:,}; {self.shapes:,} shapes of {fewest} to {most} axes, the largest of "
            f"{self.elements:,} elements; |g| from {self.gradients[0]:.2g} to "
            f"{self.gradients[1]:.2g}, alpha from {self.alphas[0]:.2g} to {self.alphas[1]:.2g}, in "
            f"{self.dtype}."
        )


def covered(
    trials: Sequence[Trial], dtype: str, states: Iterable[str], *, thorough: bool
) -> Coverage:
    """Return what some trials, all of them judged, have reached."""
    if not trials:
        return Coverage(dtype, thorough=thorough)
    steps = {0}
    for trial in trials:
        if not any(trial.states) and set(trial.firsts) == {1}:
            steps |= set(_judged(trial))
    reached = next(t for t in range(len(steps) + 1) if t + 1 not in steps)
    latest = max(max(trial.firsts, default=1) - 1 + max(_judged(trial)) for trial in trials)
    thetas = [theta for trial in trials for theta in trial.thetas]
    every = [g.ravel() for x in trials for step in x.grads for g in step if g is not None]
    return Coverage(
        dtype=dtype,
        steps=reached,
        latest=latest,
        states=tuple(states),
        shapes=len({theta.shape for theta in thetas}),
        elements=max(theta.size for theta in thetas),
        axes=(min(x.ndim for x in thetas), max(x.ndim for x in thetas)),
        gradients=_sizes(np.concatenate(every)),
        alphas=_sizes(np.array([x for trial in trials for x in trial.alphas])),
        thorough=thorough,
    )


def _judged(trial: Trial) -> Sequence[int]:
    return trial.judged or range(1, len(trial.grads) + 1)


def _sizes(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float]:
    """Return the smallest and the largest size of what is neither 0 nor infinite."""
    some = np.abs(values[np.isfinite(values) & (values != 0)])
    return (float(some.min()), float(some.max())) if some.size else (0.0, 0.0)
