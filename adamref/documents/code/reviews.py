"""Code that a text quotes to criticise it: a review says itself what is wrong with a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.source import Source

GIVEN_AS_A_MISTAKE = "the text gives it as a mistake"

_QUOTED = re.compile(r"(`+)(?P<code>[^`]+)\1|<code>(?P<marked>[^<]+)</code>")
_FAULTED = re.compile(
    r"\b(?:should (?:be|not|read|have|stand|come)|instead|fix(?:ed|es)?|wrong\w*|bugs?|buggy"
    r"|mistake\w*|incorrect\w*|forg[eo]t\w*|missing|falsch|stattdessen|fehlt|fehler\w*|erreur|faux"
    r"|incorrecto)\b",
    re.IGNORECASE,
)
"""What a sentence says of the code that it quotes."""
_ASKED = re.compile(
    r"(?:please\b|(?:move|put|use|change|replace|write|fix|swap|add|remove|drop)\s"
    r"(?:it|this|that|the|a|`)|it (?:has|needs|ought) to\b)",
    re.IGNORECASE,
)
"""How a sentence after it begins that asks for another."""
_END = re.compile(r"[.!?;]\s+")
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
        pieces = [(x, _plain(x["code"] or x["marked"])) for x in _QUOTED.finditer(said)]
        quoted = [x for x, one in pieces if one == own or (len(one) >= _LEAST and one in own)]
        below = source.lines[number : number - 1 + _BELOW]
        if quoted and _is_faulted(said, quoted[0].start(), below):
            return True
    return False


def _is_faulted(said: str, at: int, below: Sequence[str]) -> bool:
    """Say whether the sentence with a quotation, or one after it, says that this is wrong."""
    bare = _QUOTED.sub(lambda x: "`" * len(x[0]), said)
    begin = max((m.end() for m in _END.finditer(bare, 0, at)), default=0)
    own, *after = _END.split(" ".join([bare[begin:], *below]))
    return _FAULTED.search(own) is not None or any(_ASKED.match(x.lstrip("> *")) for x in after)


def _plain(code: str) -> str:
    return "".join(code.split()).rstrip(";")
