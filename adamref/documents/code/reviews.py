"""Code that a text quotes to criticise it: a review says itself what is wrong with a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.documents.source import Source

GIVEN_AS_A_MISTAKE = "the text gives it as a mistake"

_QUOTED = re.compile(r"(`+)(?P<code>[^`]+)\1|<code>(?P<marked>[^<]+)</code>")
_FAULTED = re.compile(
    r"\b(?:mov(?:e|ed) (?:it|this|that)|should|instead|fix(?:ed|es)?|wrong\w*|bugs?|buggy"
    r"|mistake\w*|incorrect\w*|please|replace\w*|forg[eo]t\w*|must|needs? to|have to|would correct"
    r"|falsch|stattdessen|fehler\w*|erreur|faux|incorrecto)\b|(?:does|do|is|are)n['’]t\b",
    re.IGNORECASE,
)
_BELOW = 3
"""How many lines of text, with the quoting one, may say what is wrong."""
_LEAST = 6
"""How long a piece of a line must be to tell it from others."""


def is_criticised(source: Source, line: int) -> bool:
    """Say whether the text quotes a line of its code, or a piece of it, as one that is wrong."""
    own = _plain(source.lines[line - 1])
    for number, said in enumerate(source.lines, 1):
        if source.kind(number) != "text" or ("`" not in said and "<code>" not in said):
            continue
        pieces = [_plain(x["code"] or x["marked"]) for x in _QUOTED.finditer(said)]
        if any(x == own or (len(x) >= _LEAST and x in own) for x in pieces):
            around = " ".join(source.lines[number - 1 : number - 1 + _BELOW])
            if _FAULTED.search(_QUOTED.sub(" ", around)):
                return True
    return False


def _plain(code: str) -> str:
    return "".join(code.split()).rstrip(";")
