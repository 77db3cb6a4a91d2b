"""Lines of one step: what stands on the left has no index, and the step is said beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Node
from adamref.expressions.nodes import names as names_in

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine

_FIRST = re.compile(
    r"(?<![^\W\d_])t\s*=\s*1(?!\d|\.\d|\$?\s*(?:,\s*(?:\d|\\[lc]?dots)|\.\.|…|\\[lc]?dots))"
    r"|\b(?:very\s+)?first\s+(?:step|update|iteration)\b|\berste[nrms]?\s+Schritt\b"
    r"|\bprimer(?:a)?\s+(?:paso|iteración)\b|\bpremière?\s+(?:pas|itération|étape)\b",
    re.IGNORECASE,
)
_ABOVE = 3
"""How many written lines above a formula may say which step it is about."""


def at_said_step(
    line: WrittenLine, chain: Sequence[Node], lines: Sequence[str], here: int
) -> WrittenLine | None:
    """Return a line with the step that its chain, or what stands above it, says; None for none.

    ``m_hat = m_1/(1 - beta1) = g`` is true of the first step, and of no other.

    Parameters
    ----------
    line : WrittenLine
    chain : sequence of Node
        All that its left side is said to be.
    lines : sequence of str
        Those of the document.
    here : int
        Where the line stands, from 1.
    """
    if line.left.index or not (line.field.endswith("_hat") or line.field == "delta"):
        return None
    used = [line.meaning(name) for node in chain for name in names_in(node)]
    said = {m.time for m in used if m.kind == "field" and m.name != "theta" and m.time}
    if not said:
        written = [text for text in lines[:here] if text.strip()][-_ABOVE:]
        said = {"1"} if any(_FIRST.search(text) for text in written) else set()
    if len(said) != 1 or not (step := said.pop()).isdigit():
        return None
    return replace(line, left=replace(line.left, index=step))
