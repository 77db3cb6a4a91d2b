"""What a rule's own letters stand for: its lines and hyperparameters, as its notation spells them.

A document that names an optimizer writes its lines as its source does: r and ρ of LAMB, θ with a
tilde where weight decay came first. What the letters of the moments are is a matter of convention
(`roles`), and so are those of the parameter, its gradient and the step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, final

from adamref.documents.dialects import moments
from adamref.documents.repair import mend
from adamref.expressions.nodes import Name
from adamref.expressions.tokens import tokenize
from adamref.rules.notation import LATEX, TEXT, spelled
from adamref.rules.symbols import SPELLINGS

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

Sign: TypeAlias = tuple[str, str, bool]
"""A letter, its accent, and whether a prime follows."""

_STEP = "1"
_CONVENTIONAL = frozenset(("g", "delta", "theta"))


@final
@dataclass(frozen=True)
class Spellings:
    """The letters of a rule.

    Attributes
    ----------
    lines : mapping of sign to str
        The lines that a letter with the index of a step stands for.
    others : mapping of sign and index to str
        The lines and hyperparameters that have no step.
    """

    lines: Mapping[Sign, str]
    others: Mapping[tuple[Sign, str], str]

    def line(self, name: Name) -> str | None:
        """Return the line that a name is, if it is one of the rule's own."""
        return self.lines.get(sign_of(name))

    def other(self, name: Name) -> str | None:
        """Return the line or hyperparameter without a step that a name is."""
        return self.others.get((sign_of(name), plain_infinity(name.index)))


def plain_infinity(index: str) -> str:
    """Write an infinity in an index in one way."""
    return re.sub(r"\\?infty|∞|infinity", "inf", index)


def sign_of(name: Name) -> Sign:
    """Return what a name is without its index."""
    return name.base, name.accent, name.prime


@cache
def spellings(rule: Rule) -> Spellings:
    """Read how a rule spells its lines, in text and in LaTeX."""
    lines: dict[Sign, str] = {}
    others: dict[tuple[Sign, str], str] = {}
    usual = {*_CONVENTIONAL, *(x for x in moments(rule) if spelled(x, TEXT, "") == x)}
    usual |= {f"{name}_hat" for name in moments(rule)}
    for name in (*rule.fields, *rule.defaults):
        if name in usual or name not in SPELLINGS:
            continue
        for style in (TEXT, LATEX):
            read = _name(spelled(name, style, _STEP))
            if read is None:
                continue
            if SPELLINGS[name].timed:
                lines[sign_of(read)] = name
            else:
                others[sign_of(read), plain_infinity(read.index)] = name
    return Spellings(lines, others)


def _name(text: str) -> Name | None:
    """Read what should be one name as a document's line would be read."""
    tokens = tokenize(mend(text, 1)[0].text)
    value = tokens[0].value if len(tokens) == 1 else None
    return value if isinstance(value, Name) else None
