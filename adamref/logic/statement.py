"""What a theorem says: a claim, and everything it assumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

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
    """

    claim: Boolean
    domain: tuple[Relational, ...]
    hypotheses: Mapping[str, Always] = field(default_factory=dict)
