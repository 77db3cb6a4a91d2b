"""Hyperparameters: their names, domains and published defaults.

Those that several have stand here. One that a rule alone has stands with that rule, as `Rule.own`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, final

from adamref.errors import OutOfDomain
from adamref.numbers.exact import exact, is_special

_INTERVAL = re.compile(r"[\[(](-inf|-?\d+(?:/\d+)?), (inf|-?\d+(?:/\d+)?)[\])]")


@final
@dataclass(frozen=True)
class Hyper:
    """A hyperparameter.

    Only decay rates have names that begin with ``beta``: a program treats these so.

    Attributes
    ----------
    name : str
        Its name in code.
    says : str
        What it is.
    generic : str
        A value with nothing special about it, for probes: decays fast, epsilon visible.
    domain : str
        The numbers it may take: an interval with rational ends, ``[0, 1)`` or ``(0, inf)``.
    called : tuple of str
        What else implementations call it.
    written : str
        What it is where nobody can set it: whoever has it has written the published value. Empty
        where that is to have none.

    Raises
    ------
    OutOfDomain
        If the domain is no interval, or the generic value lies outside.
    """

    name: str
    says: str
    generic: str
    domain: str = "[0, inf)"
    called: tuple[str, ...] = ()
    written: str = ""

    def __post_init__(self) -> None:
        if not _INTERVAL.fullmatch(self.domain):
            wanted = "an interval such as [0, 1) or (0, inf)"
            raise OutOfDomain(f"the domain of {self.name}", self.domain, wanted)
        self.read(self.generic)

    @cached_property
    def _ends(self) -> tuple[Fraction | None, Fraction | None]:
        found = _INTERVAL.fullmatch(self.domain)
        assert found is not None
        low, high = (None if "inf" in end else Fraction(end) for end in found.groups())
        return low, high

    def accepts(self, number: Fraction) -> bool:
        """Say whether a number lies in the domain."""
        low, high = self._ends
        above = low is None or number > low or (number == low and self.domain[0] == "[")
        below = high is None or number < high or (number == high and self.domain[-1] == "]")
        return above and below

    @property
    def is_nonnegative(self) -> bool:
        """Whether no number of the domain is below 0."""
        low, _ = self._ends
        return low is not None and low >= 0

    @property
    def neutral(self) -> float:
        """What stands for having none, where it is an option: 0, or 1 if it may not be 0."""
        if self.written:
            return float(self.written)
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
            raise OutOfDomain(self.name, value, self._wanted)
        return Fraction(number)

    @property
    def _wanted(self) -> str:
        low, high = self._ends
        if high is not None:
            return f"in {self.domain}"
        sign = ">=" if self.domain[0] == "[" else ">"
        return "a finite number" if low is None else f"a finite number {sign} {low}"


_RATES = ("lr", "learning_rate", "step_size", "stepsize", "learning_rate_init", "eta")
COMMON: Mapping[str, Hyper] = MappingProxyType(
    {
        hyper.name: hyper
        for hyper in (
            Hyper("alpha", "step size (learning rate), units of theta", "0.013", called=_RATES),
            Hyper("beta1", "decay rate of the first moment", "0.83", "[0, 1)", ("beta_1", "b1")),
            Hyper("beta2", "decay rate of the second moment", "0.97", "[0, 1)", ("beta_2", "b2")),
            Hyper("beta3", "decay rate of a third average", "0.91", "[0, 1)", ("beta_3", "b3")),
            Hyper("eps", "added to the denominator, units of g", "0.0137", called=("epsilon",)),
            Hyper("eps_root", "added under the root, units of g**2", "0.0053"),
            Hyper("weight_decay", "weight decay", "0.17", called=("wd", "lambda_")),
            Hyper("warmup", "steps of warm-up", "4", "(0, inf)", ("warmup_steps",)),
        )
    }
)
"""Those that several optimizers have, by name."""

MOMENTUM_RATE = replace(COMMON["beta1"], called=(*COMMON["beta1"].called, "momentum"))
"""The decay rate of what is no Adam and has but one."""
