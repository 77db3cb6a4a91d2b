"""A probe: an input chosen because it separates faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, final

from adamref import rules
from adamref.golden.drawn import Drawn
from adamref.numbers import formats

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.rules.rule import Rule

Vector = tuple[float, ...]
Listed = tuple[Vector | None, ...]
"""A gradient a step; None where the tensor gets none."""


@final
@dataclass(frozen=True)
class Tensor:
    """One parameter tensor of a probe, and what happens to it.

    Attributes
    ----------
    theta : tuple of float
        The parameter before the first step, exact in the probe's dtype.
    gradients : tuple, or Drawn
        An entry a step of the probe: a gradient, or None where it is missing; or the formula.
    state : mapping of str to tuple of float
        m, v, … before the first step; empty for a fresh start.
    t : int
        The t of the first step that this tensor takes.
    """

    theta: Vector
    gradients: Listed | Drawn
    state: Mapping[str, Vector] = field(default_factory=dict)
    t: int = 1

    def listed(self, steps: int) -> Listed:
        """Return the gradients, drawn where they are a formula."""
        if isinstance(self.gradients, Drawn):
            return self.gradients.gradients(steps, len(self.theta))
        return self.gradients


@final
@dataclass(frozen=True)
class Probe:
    """An input with the rule that it is for.

    Attributes
    ----------
    name : str
        Permanent; also the name of its file.
    kind : {"core", "edge"}
        core: t stays below 2**24 and nothing on the way overflows, underflows or is subnormal;
        `adamref.golden.classes` computes it.
    says : str
        Why the probe is there.
    rule, axes : str, mapping of str to str
        As `adamref.rules.get` takes them.
    dtype : str
    hyper : {"literal", "rounded", "mixed"}
        The hyperparameter convention (`adamref.conventions`).
    values : mapping of str to str
        The hyperparameters but alpha, as decimal strings; each stands for its binary64 value.
    alpha : tuple of str
        One, or one a step.
    tensors : tuple of Tensor
    steps : int
    recorded : tuple of int
        The steps, counted from 1, whose values are stored.
    flags : tuple of str
        The faults it hunts (`adamref.golden.flags`).
    constructor : {"given", "defaults"}
        defaults: the implementation is to be constructed without hyperparameters.
    """

    name: str
    kind: Literal["core", "edge"]
    says: str
    rule: str
    dtype: str
    values: Mapping[str, str]
    alpha: tuple[str, ...]
    tensors: tuple[Tensor, ...]
    steps: int
    recorded: tuple[int, ...]
    flags: tuple[str, ...]
    axes: Mapping[str, str] = field(default_factory=dict)
    hyper: str = "literal"
    constructor: Literal["given", "defaults"] = "given"

    @property
    def the_rule(self) -> Rule:
        """The rule, in the probe's dialect."""
        return rules.get(self.rule, **self.axes)

    @property
    def format(self) -> Format:
        """The format of theta, the gradients and the state."""
        return formats.get(self.dtype)

    @property
    def hypers(self) -> dict[str, float]:
        """The hyperparameters but alpha, as binary64 numbers."""
        return {name: float(text) for name, text in self.values.items()}

    def alpha_at(self, step: int) -> float:
        """Return the step size of a step, counted from 1."""
        return float(self.alpha[step - 1] if len(self.alpha) > 1 else self.alpha[0])
