"""One input for an implementation, without answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, final

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array


@final
@dataclass(frozen=True)
class Trial:
    """One input.

    Attributes
    ----------
    name : str
    kind : {"core", "edge"}
    says : str
        Why it is there.
    thetas : tuple of float64 array
    grads : tuple
        A tuple a step, of a gradient a tensor; None where it is missing.
    hyper : mapping of str to float
        By adamref's names, without alpha.
    alphas : tuple of float
        One a step.
    states : tuple of mapping
        m, v, … of each tensor before the first step; empty for a fresh start.
    firsts : tuple of int
        The t of the first step of each tensor.
    defaults : bool
        To be constructed without hyperparameters.
    reload : tuple of int
        After so many steps it is started anew and given its own state again.
    interleaved : bool
        Whether another run takes a step before that.
    flags : tuple of str
        The faults that it hunts (`adamref.golden.flags`).
    judged : tuple of int
        The steps, from 1, that are compared; empty: all.
    optional : tuple of str
        Hyperparameters that are left out where they cannot be set.
    apart : bool
        Whether it is judged by what the others turn out to be: it has too much in it to be worked
        in every dialect.
    """

    name: str
    kind: Literal["core", "edge"]
    says: str
    thetas: tuple[Array, ...]
    grads: tuple[tuple[Array | None, ...], ...]
    hyper: Mapping[str, float]
    alphas: tuple[float, ...]
    states: tuple[Mapping[str, Array], ...]
    firsts: tuple[int, ...]
    defaults: bool = False
    reload: tuple[int, ...] = ()
    interleaved: bool = False
    flags: tuple[str, ...] = ()
    judged: tuple[int, ...] = field(default=())
    optional: tuple[str, ...] = ()
    apart: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """What an implementation must be able to do for it."""
        wanted = {
            "load": any(self.states) or any(t != 1 for t in self.firsts) or bool(self.reload),
            "lr": len(set(self.alphas)) > 1,
            "skip": any(g is None for step in self.grads for g in step),
            "tensors": len(self.thetas) > 1,
            "defaults": self.defaults,
            "shapes": any(theta.ndim != 1 for theta in self.thetas),
        }
        return tuple(name for name, needed in wanted.items() if needed)
