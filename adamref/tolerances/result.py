"""What a tolerance is: plain data, which the writers write down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, final

from adamref.errors import UnknownName
from adamref.render import Result


@final
@dataclass(frozen=True)
class FieldTolerance:
    """How far a field of a right implementation may be from the right one.

    ``|got - want| <= atol + rtol*|want|``, where ``want`` is the exact real value, or that rounded
    once to the dtype: what ``numpy.allclose(got, want, rtol, atol)`` asks.

    Attributes
    ----------
    name : str
    rtol, atol : float
        inf where no bound is known.
    ulps : float
        The same in units in the last place of the format it is stored in, at ``at``.
    at : float
        A size of the field; NaN: wherever it is.
    says : str
        Of what it holds, and why it is no better.
    """

    name: str
    rtol: float
    atol: float
    ulps: float
    at: float
    says: str

    @property
    def is_known(self) -> bool:
        """Whether there is a bound."""
        return math.isfinite(self.rtol) and math.isfinite(self.atol)


@final
@dataclass(frozen=True)
class Shortest:
    """The shortest inputs that tell a fault: the fewest steps, and of these the fewest elements.

    Attributes
    ----------
    probe : str
        Of which they are a part.
    steps, elements : int
    field : str
        In which it shows.
    times : float
        How many times the bound of these inputs the difference is.
    document : mapping
        The inputs, as ``given`` takes them.
    """

    probe: str
    steps: int
    elements: int
    field: str
    times: float
    document: Mapping[str, Any]


@final
@dataclass(frozen=True)
class Missed:
    """A fault of the catalogue that a test with this tolerance lets through.

    Attributes
    ----------
    fault, says, effect, source : str
        As the catalogue has them.
    share : float
        The greatest difference of theta, as a share of what is allowed there.
    shows_in : tuple of str
        The states in which it would be beyond their own tolerance.
    shortest : Shortest or None
        None where no probe of the catalogue tells it.
    """

    fault: str
    says: str
    effect: str
    source: str
    share: float
    shows_in: tuple[str, ...]
    shortest: Shortest | None = None


@final
@dataclass(frozen=True, repr=False)
class Tolerance(Result):
    """The tolerance that a test may use.

    Attributes
    ----------
    optimizer, dtype : str
    dialect : mapping of str to str
    steps : int
    stored, compute : mapping of str to str, str
        In what states are stored that are not stored as theta is; in what a step is worked.
    hyper : mapping of str to float
    conventions : tuple of str
        Which numbers may stand for the hyperparameters.
    orders : mapping of str to str
        Those that are pinned.
    inputs : str
        ``any``, or the name of those that were given.
    conditions : tuple of str
        Under which it holds.
    fields : tuple of FieldTolerance
        theta, then the states.
    other : mapping of str to tuple of FieldTolerance
        The same where a step is worked in another format.
    tried : str
        The inputs on which faults were tried; empty where none were.
    caught : int
        How many are beyond the tolerance of theta there.
    missed : tuple of Missed
    notes : tuple of str
    """

    kind: ClassVar[str] = "tolerance"

    optimizer: str
    dtype: str
    dialect: Mapping[str, str]
    steps: int
    stored: Mapping[str, str]
    compute: str
    hyper: Mapping[str, float]
    conventions: tuple[str, ...]
    orders: Mapping[str, str]
    inputs: str
    conditions: tuple[str, ...]
    fields: tuple[FieldTolerance, ...]
    other: Mapping[str, tuple[FieldTolerance, ...]] = field(default_factory=dict)
    tried: str = ""
    caught: int = 0
    missed: tuple[Missed, ...] = ()
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> FieldTolerance:
        """Return the tolerance of a field.

        Raises
        ------
        UnknownName
            If there is no such field.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise UnknownName("field", name, tuple(one.name for one in self.fields))

    @property
    def rtol(self) -> float:
        """The relative tolerance of theta."""
        return self["theta"].rtol

    @property
    def atol(self) -> float:
        """The absolute tolerance of theta, in its units."""
        return self["theta"].atol

    @property
    def ulps(self) -> float:
        """The tolerance of theta in ulps, at the size that ``self["theta"].at`` says."""
        return self["theta"].ulps

    def __repr__(self) -> str:
        of = f"{self.optimizer} in {self.dtype} after {self.steps} step{'s'[: self.steps != 1]}"
        return f"<Tolerance of {of}: rtol={self.rtol:.3g}, atol={self.atol:.3g}>"
