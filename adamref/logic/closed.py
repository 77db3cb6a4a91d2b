"""The closed lists: what a proof may be made of, each by its exact type.

A subclass is none of them, whatever it is called: it could answer otherwise the second time it is
asked, or check nothing. The lists hold names, as what gives functions a meaning stands in parts
that the checker does not import; a name stands for what its module has under it, and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from types import FunctionType, MappingProxyType
from typing import Any, TypeAlias

from sympy import Basic
from sympy.core.function import UndefinedFunction

from adamref.logic.refusal import Refused

Listed: TypeAlias = Mapping[str, tuple[str, ...]]
"""Names, by their module."""

INFERENCES: Listed = {
    "adamref.logic.arithmetic": ("Certificate", "Combination", "Identity", "Squares"),
    "adamref.logic.cases": ("OneByOne", "Parts", "PutIn"),
    "adamref.logic.induction": ("Induction",),
    "adamref.logic.limits": ("RootUnbounded", "Squeezed", "Unbounded", "Vanishing"),
    "adamref.logic.magnitudes": ("Applied", "Magnitudes"),
    "adamref.logic.order": ("Extremes", "FromBoth", "FromBothSides"),
    "adamref.logic.slopes": ("Slope",),
    "adamref.logic.sums": ("TermByTerm", "Triangle"),
    "adamref.theorems.stalling": ("AtEveryPlace", "InTheFormat"),
}
"""How a claim may be reached."""

RECORDS: Listed = {
    "adamref.logic.facts": ("Always", "Fact"),
    "adamref.logic.proof": ("Cite", "ProofStep", "Use"),
    "adamref.logic.statement": ("Statement",),
    "adamref.theorems.record": ("Theorem",),
}
"""What a theorem and its proof are written down in."""

MEANINGS: Listed = {
    "adamref.theorems.expectations": ("Mean",),
    "adamref.theorems.quantities": ("Run",),
    "adamref.theorems.stalling": ("NextPlace", "StoredState"),
    "adamref.rules.rule": ("Rule",),
    "adamref.theorems.stored": ("Stored",),
}
"""What may give a function its meaning, and what that is made of."""

DEFINITIONS: Listed = {
    "adamref.logic.facts": ("at_least", "empty", "first_term", "last_term", "power_of_zero"),
    "adamref.theorems.expectations": ("Mean.line", "Mean.start"),
    "adamref.theorems.quantities": ("Run.case", "Run.line", "Run.start"),
}
"""What makes a fact that needs no proof."""

_MAPPINGS = (dict, MappingProxyType)
_PLAIN = (Fraction, bool, int, str, type(None))


def is_one_of(thing: Any, listed: Listed) -> bool:
    """Say whether the type of a thing, or the function that it is, stands in a list itself."""
    own = thing if isinstance(thing, FunctionType) else type(thing)
    module, name = getattr(own, "__module__", None), getattr(own, "__qualname__", None)
    if not isinstance(module, str) or name not in listed.get(module, ()):
        return False
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return getattr(found, "__wrapped__", found) is own or found is own


def must_be(thing: Any, listed: Listed, what: str) -> None:
    """Refuse what is of no type of a list.

    Raises
    ------
    Refused
        If it is of none.
    """
    if not is_one_of(thing, listed):
        kind = type(thing)
        raise Refused(f"{kind.__module__}.{kind.__qualname__} is {what} that is not known")


def must_be_data(thing: Any) -> None:
    """Refuse what could say something else the next time it is looked at.

    Numbers, words, tuples and plain mappings say what they say; a mathematical expression is looked
    at where it is used, and the rest is made of these by the lists above.

    Raises
    ------
    Refused
        If some part of it is none of them.
    """
    if type(thing) in _PLAIN or isinstance(thing, Basic | UndefinedFunction):
        return
    if type(thing) is tuple:
        for part in thing:
            must_be_data(part)
    elif type(thing) in _MAPPINGS:
        for key, value in thing.items():
            must_be_data(key)
            must_be_data(value)
    elif is_one_of(thing, MEANINGS) or is_one_of(thing, RECORDS):
        if is_one_of(thing, RECORDS) and type(thing).__name__ not in ("Theorem", "Fact"):
            _fields_must_be_data(thing)
    elif is_one_of(thing, INFERENCES):
        _fields_must_be_data(thing)
    else:
        kind = type(thing)
        raise Refused(f"{kind.__module__}.{kind.__qualname__} is nothing of which a proof is made")


def _fields_must_be_data(thing: Any) -> None:
    for one in fields(thing):
        must_be_data(getattr(thing, one.name))
