"""The letters in which a worked sheet is written: those of the field, or an author's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, final

from adamref.errors import OutOfDomain, UnknownName
from adamref.rules.notation import LATEX
from adamref.rules.symbols import spelling

if TYPE_CHECKING:
    from adamref.rules.notation import Style
    from adamref.rules.rule import Rule

_IN_ORDER = ("theta", "v", "m")
"""Whose letters they are that are given without a name: a second moment is called s by many."""
_HAT = "_hat"
_LETTER = re.compile(r"[^\W\d_]\w*")


@final
@dataclass(frozen=True)
class SheetLetters:
    """An author's letters, by the names of fields and hyperparameters; others are the field's."""

    own: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def written(self, name: str, style: Style, time: str) -> str | None:
        """Write a name with the time index that belongs to it; None if it has no letter here."""
        letter, hat = self.own.get(name), False
        if letter is None and name.endswith(_HAT):
            letter, hat = self.own.get(name.removesuffix(_HAT)), True
        if letter is None:
            return None
        known = spelling(letter)
        latex, text = known.latex, known.text
        if hat:
            latex, text = rf"\hat{{{latex}}}", f"{text}\N{COMBINING CIRCUMFLEX ACCENT}"
        plain = latex if style is LATEX else text
        return style.index(plain, time) if spelling(name).timed else plain

    def plain(self, name: str) -> str:
        """Return how a name is called where no formula is."""
        return self.own.get(name, name)


def letters_of(rule: Rule, given: Sequence[str]) -> SheetLetters:
    """Read letters: ``w,s,v`` for theta, v and m in this order, or ``m=v,v=s,alpha=eta``.

    Raises
    ------
    UnknownName
        If the rule has nothing of a name.
    OutOfDomain
        If something is no letter, or two things have the same.
    """
    known = (*rule.fields, *rule.defaults)
    own: dict[str, str] = {}
    waiting = [name for name in _IN_ORDER if name in known]
    for part in (part.strip() for one in given for part in one.split(",")):
        name, equals, letter = (piece.strip() for piece in part.rpartition("="))
        if not equals:
            if not waiting:
                raise OutOfDomain("letters", part, f"NAME=LETTER, after {len(own)} others")
            name = waiting.pop(0)
        if name not in known:
            raise UnknownName("field or hyperparameter", name, known)
        if not _LETTER.fullmatch(letter):
            raise OutOfDomain("letters", part, "a letter or a word")
        own[name] = letter
    taken = {own.get(name, name): name for name in known}
    for name in known:
        other = taken[own.get(name, name)]
        if other != name:
            raise OutOfDomain(
                "letters", own.get(name, name), f"one for {name} and another for {other}"
            )
    return SheetLetters(MappingProxyType(own))
