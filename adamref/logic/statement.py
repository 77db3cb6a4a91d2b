"""What a theorem says: a claim, and everything it assumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.logic.facts import Always


@final
@dataclass(frozen=True)
class Statement:
    """A claim, and what it assumes.

    Attributes
    ----------
    claim : Boolean
        An equation, an inequality, or several with And; about runs of rules.
    domain : tuple of Relational
        The domain of every symbol.
    hypotheses : mapping of str to Always
        What is assumed of every value of an index, by name.
    meanings : mapping of str to object
        What a function means that is worked out rather than defined by equations, by its name: all
        checkers read it here. The fields of runs have theirs by the runs of the theorem; any other
        function is any one.
    """

    claim: Boolean
    domain: tuple[Relational, ...]
    hypotheses: Mapping[str, Always] = field(default_factory=dict)
    meanings: Mapping[str, Any] = field(default_factory=dict)
