"""Hyperparameters: their names, domains and published defaults."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from adamref.errors import OutOfDomain
from adamref.numbers.exact import exact, is_special

if TYPE_CHECKING:
    from collections.abc import Callable


@final
@dataclass(frozen=True)
class Hyper:
    """A hyperparameter.

    Attributes
    ----------
    name : str
        Its name in code.
    says : str
        What it is.
    domain : str
        The numbers it may take, as a message puts it.
    """

    name: str
    says: str
    domain: str
    accepts: Callable[[Fraction], bool]

    def read(self, value: Any) -> Fraction:
        """Return the exact value of what a caller gave.

        Raises
        ------
        OutOfDomain
            If it lies outside the domain, is infinite or NaN.
        NotANumber
            If it is not a number.
        """
        number = exact(value, self.name)
        if is_special(number) or not self.accepts(Fraction(number)):
            raise OutOfDomain(self.name, value, self.domain)
        return Fraction(number)


def _nonnegative(x: Fraction) -> bool:
    return x >= 0


def _decay_rate(x: Fraction) -> bool:
    return 0 <= x < 1


_NONNEGATIVE = "a finite number >= 0"

HYPERS: dict[str, Hyper] = {
    hyper.name: hyper
    for hyper in (
        Hyper("alpha", "step size (learning rate), units of theta", _NONNEGATIVE, _nonnegative),
        Hyper("beta1", "decay rate of the first moment", "in [0, 1)", _decay_rate),
        Hyper("beta2", "decay rate of the second moment", "in [0, 1)", _decay_rate),
        Hyper("eps", "added to the denominator, units of g", _NONNEGATIVE, _nonnegative),
        Hyper("eps_root", "added under the root, units of g**2", _NONNEGATIVE, _nonnegative),
        Hyper("weight_decay", "weight decay", _NONNEGATIVE, _nonnegative),
        Hyper("psi", "decay of NAdam's momentum schedule", _NONNEGATIVE, _nonnegative),
    )
}
