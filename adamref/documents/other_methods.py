"""A second value of one quantity: what it would be by another method, set beside the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.documents.dialects import PAPER, dialects, differing
from adamref.documents.subjects import Subject, about_another
from adamref.rules.family import family

if TYPE_CHECKING:
    from adamref.documents.case import Case, Worked
    from adamref.documents.world import Key

_ANOTHER = re.compile(
    r"\b(?:without|instead|plain|ordinary|otherwise|had we|ohne|sans|sin)\b"
    r"|\bL[_^]?\{?[2₂²]|\bwith(?:out)? (?:no|the other)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.;!?]\s")
_FAR = 400
"""Characters before a number that may be of its sentence."""
_WITH = re.compile(r"\bwith(?!out)\b", re.IGNORECASE)


def by_relative(case: Case, key: Key, worked: Worked) -> str | None:
    """Say by what another method a second value for a quantity is right.

    Returns
    -------
    str or None
        Empty where the sentence speaks of another method, and no relative gives the value; None
        where it speaks of none, or the quantity has no value yet.
    """
    number = worked.number
    if key not in case.world.authors or number is None:
        return None
    if not (worked.statement.method or _speaks_of_another(case, worked)):
        return None
    for other in family().values():
        if other.make is not case.optimizer.make:
            continue
        for label, rule in dialects(other).items():
            if other is case.optimizer or not differing(case.rule, rule, key[0]):
                continue
            missing = rule.defaults.keys() - case.world.hypers.keys()
            right = None if missing else case.world.anew(rule).truth(*key)
            if right is not None and number.fits(right) is not None:
                return f"it is right for {other.title}" + f" ({label})" * (label != PAPER)
    return ""


def _speaks_of_another(case: Case, worked: Worked) -> bool:
    """Say whether the sentence of a number, as far as it goes before it, names another method."""
    lines, at = case.source.lines, worked.last
    before = "\n".join([*lines[max(at.line - 3, 0) : at.line - 1], lines[at.line - 1][: at.column]])
    text = _ENDS.split(before[-_FAR:])[-1]
    found = list(_ANOTHER.finditer(text))
    if found and not _WITH.search(text, found[-1].end()):
        return True
    own = Subject(case.optimizer.title, (case.optimizer,))
    return about_another(text.replace("\n", " "), 0, own) is not None
