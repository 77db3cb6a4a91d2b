"""How an implementation is called: what each parameter is given, and where results are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from adamref.oracle.observe.forms.words import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.oracle.observe.forms.graph import Path

THETA, ADDED, SUBTRACTED, T = "theta", "added", "subtracted", "t"
"""What a result is beside a moment or a state, which goes by the name of its parameter."""


@final
@dataclass(frozen=True)
class Plan:
    """A way to call an implementation.

    Attributes
    ----------
    leaves : str
        In what numbers.
    holder : str
        In what they are held.
    takes : mapping of str to Role
        What the parameters of the call are for, but for hyperparameters.
    made : mapping of str to Role, or None
        The same of the constructor; None where what is called is not constructed.
    method : str
        What is called of what was constructed; empty for itself.
    around : (str, str)
        Methods that are called before and after; empty where there are none.
    feeds : str
        A method that is given the gradients of micro-batches, one by one, before a step; empty
        where the step is given a gradient.
    fed : mapping of str to Role
        What its parameters are for.
    hyper : mapping of str to str
        By the name of a hyperparameter what takes it: ``made``, ``call`` or ``state``.
    settings : mapping of str to object
        Of the hyperparameters in the state those that it begins with by itself.
    moment, state, shape, key : str
        As what such a parameter begins.
    thetas : tuple of str
        Names of the parameters, where they are held by name.
    grad : str
        A gradient's, with ``{}`` for its parameter's.
    back : mapping of way to str
        What the parts of a result are.
    first : int
        The number of the first step, as the call is given it.
    """

    leaves: str
    holder: str
    takes: Mapping[str, Role]
    made: Mapping[str, Role] | None = None
    method: str = ""
    around: tuple[str, str] = ("", "")
    feeds: str = ""
    fed: Mapping[str, Role] = field(default_factory=dict)
    hyper: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    moment: str = "zeros"
    state: str = "memory"
    shape: str = "tuple"
    key: str = "text"
    thetas: tuple[str, ...] = ()
    grad: str = "{}"
    back: Mapping[Path, str] = field(default_factory=dict)
    first: int = 1

    @property
    def grads(self) -> list[str]:
        """The parameters that are given gradients."""
        roles = [*self.takes.items(), *(self.made or {}).items(), *self.fed.items()]
        return [name for name, role in roles if role is Role.GRAD]

    @property
    def counts(self) -> bool:
        """Whether it returns the number of the step."""
        return T in self.back.values()


@final
@dataclass(frozen=True)
class Handed:
    """What is given beside tensors.

    Attributes
    ----------
    made, call, state : mapping
        By their own names to a constructor, to the call, and in the state.
    hyper : mapping of str to float
        By adamref's names, for a state that asks for one.
    """

    made: Mapping[str, Any] = field(default_factory=dict)
    call: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    hyper: Mapping[str, Any] = field(default_factory=dict)
