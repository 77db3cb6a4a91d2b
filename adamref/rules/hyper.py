"""Hyperparameters: their names, domains and published defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from adamref.errors import OutOfDomain
from adamref.numbers.exact import exact, is_special


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
    accepts : callable
        Whether a number is among these.
    generic : str
        A value with nothing special about it, for probes: decays fast, epsilon visible.
    """

    name: str
    says: str
    domain: str
    accepts: Callable[[Fraction], bool]
    generic: str

    @property
    def neutral(self) -> float:
        """What stands for having none, where it is an option: 0, or 1 if it may not be 0."""
        return 0.0 if self.accepts(Fraction(0)) else 1.0

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


def _nonnegatives(*rows: tuple[str, str, str]) -> list[Hyper]:
    domain = "a finite number >= 0"
    return [Hyper(name, says, domain, lambda x: x >= 0, generic) for name, says, generic in rows]


def _rates(*rows: tuple[str, str, str]) -> list[Hyper]:
    return [Hyper(name, says, "in [0, 1)", lambda x: 0 <= x < 1, g) for name, says, g in rows]


HYPERS: dict[str, Hyper] = {
    hyper.name: hyper
    for hyper in (
        *_nonnegatives(("alpha", "step size (learning rate), units of theta", "0.013")),
        *_rates(
            ("beta1", "decay rate of the first moment", "0.83"),
            ("beta2", "decay rate of the second moment", "0.97"),
            ("beta3", "decay rate of a third average", "0.91"),
        ),
        *_nonnegatives(
            ("eps", "added to the denominator, units of g", "0.0137"),
            ("eps_root", "added under the root, units of g**2", "0.0053"),
            ("weight_decay", "weight decay", "0.17"),
            ("psi", "decay of NAdam's momentum schedule", "0.31"),
            ("alpha_mix", "how much of the slow average is added", "3.7"),
        ),
        # Of the frameworks' forms, and of StableAdamW.
        *_nonnegatives(
            ("dampening", "by how much the momentum takes less of the gradient", "0.37"),
            ("alpha_decay", "by how much 1/alpha grows at a step, as a share", "0.11"),
            ("v_start", "what AdaGrad's sum starts from, units of g**2", "0.1875"),
            ("clip_at", "root mean square above which an update is clipped", "0.6"),
        ),
        Hyper("warmup", "steps of warm-up", "a finite number > 0", lambda x: x > 0, "4"),
    )
}
"""By name. Only rates have names that begin with ``beta``: a program treats them so."""
