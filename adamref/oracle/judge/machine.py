"""In what an implementation works and stores a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from adamref.bounds import Arithmetic

if TYPE_CHECKING:
    from adamref.numbers.formats import Format


@final
@dataclass(frozen=True)
class Machine:
    """In what a step is worked and stored.

    Attributes
    ----------
    compute, theta : Format
        Of the operations, and of theta.
    states : mapping of str to Format
        Of the states; one that is absent is stored as theta is.
    dtype : Format or None
        Under check, where theta has more digits than that.
    sqrt_ulp, div_ulp : float
        Within how many ulps roots and quotients are.
    stochastic : bool
        Whether what is stored in fewer digits is rounded up or down by chance.
    """

    compute: Format
    theta: Format
    states: Mapping[str, Format]
    dtype: Format | None = None
    sqrt_ulp: float = 0.5
    div_ulp: float = 0.5
    stochastic: bool = False

    def of(self, name: str) -> Format:
        """In what theta or a state is stored."""
        return self.states.get(name, self.theta)

    def unit(self, name: str) -> Format:
        """In whose units in the last place an error is given: the coarser of stored and worked."""
        known = [self.of(name), self.compute]
        if name == "theta" and self.dtype is not None:
            known.append(self.dtype)
        return min(known, key=lambda fmt: fmt.precision)

    def narrowed(self, name: str) -> Format | None:
        """In what a line is stored, where that has fewer digits than it is worked in."""
        fmt = self.of(name)
        return fmt if fmt.precision < self.compute.precision else None

    def coarser(self, bits: int) -> Machine:
        """Return one that works with some bits less, and stores as this one does."""
        fmt = self.compute
        fewer = replace(fmt, name=f"{fmt.name}-{bits}", dtype="", precision=fmt.precision - bits)
        return replace(self, compute=fewer)

    @property
    def arithmetic(self) -> Arithmetic:
        """The operations."""
        return Arithmetic(self.compute, sqrt_ulp=self.sqrt_ulp, div_ulp=self.div_ulp)
