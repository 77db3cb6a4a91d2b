"""Weight decay twice in one algorithm: in the gradient, and decoupled in the update."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Cause
from adamref.expressions.nodes import Binary, Node, names

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.documents.case import Case
    from adamref.documents.roles import Meaning
    from adamref.documents.statements import Part
    from adamref.expressions.nodes import Name

_DECAYS = ("lambda", "lamda", "wd", "weightdecay", "weight_decay")
_COMPARES = re.compile(
    r"\b(?:instead|unlike|would|whereas|contrast|compare\w*|versus|vs|rather|wrong\w*|not|classic\w*"
    r"|naive\w*|usual\w*|plain|if|otherwise|either|or|L_?\{?2\}?|regulari[sz]\w*)\b|L²|ℓ",
    re.IGNORECASE,
)
_L2 = re.compile(r"(?<!\w)(?:L|ℓ|\\ell)\s*_?\{?[2₂²]")
_LINES = 3
"""How many lines above a gradient may say that it is given for comparison."""
_TERM = re.compile(
    r"\s*\+\s*(?:\\lambda|λ|\\?lamb?da|wd|weight_decay)(?![^\W_])[^+=$&]*?(?=\s*(?:\$|\\\\|\\\]|[,;.]?\s*$))"
)


@final
class TwoDecays:
    """The gradient with a decay in it that a section has written last.

    Parameters
    ----------
    case : Case
    meaning : callable
        Says what a name stands for.
    """

    def __init__(self, case: Case, meaning: Callable[[Name], Meaning]) -> None:
        self._case, self._meaning = case, meaning
        self._gradient: Part | None = None

    def leave(self) -> None:
        """Begin another section: what is written there is another algorithm."""
        self._gradient = None

    def gradient(self, part: Part) -> None:
        """Take what a gradient is said to be."""
        lines = self._case.source.lines
        near = lines[max(part.line - 1 - _LINES, 0) : part.line]
        above = " ".join(text for text in near if not text.startswith("#"))
        compared = _COMPARES.search(above) is not None
        self._gradient = part if self._decays(part.node) and not compared else None

    def update(self, part: Part) -> str:
        """Judge the two together where an update decays as well.

        Returns
        -------
        str
            What is wrong with the update itself; empty where that is right.
        """
        gradient, case = self._gradient, self._case
        if gradient is None or not self._decays(part.node) or gradient.line >= part.line:
            return ""
        self._gradient = None
        here, there = (case.source.place(x.line)[0] for x in (gradient, part))
        both = f"the decay is in the gradient (line {here}) and in the update (line {there})"
        titles = (x for x in reversed(case.source.lines[: part.line]) if x.startswith("#"))
        if case.optimizer.name == "adam-l2" or _L2.search(next(titles, "")):
            return f"{both}: with L2 it is in the gradient alone"
        quote = case.quote(gradient.line)
        decoupled = "theta_decayed" in case.rule.fields or "weight_decay" in case.rule.defaults
        if not decoupled:
            because = f"{both}: that is neither L2 nor decoupled decay"
            case.claim(gradient, "formula", "doubtful", because, field="g")
            return ""
        because = f"{both}: in {case.optimizer.title} it does not enter the gradient"
        case.claim(
            gradient,
            "formula",
            "wrong",
            because,
            field="g",
            claimed=quote,
            expected=_TERM.sub("", quote).strip("$ "),
            causes=(Cause("decay-l2", because, reproduces=True),),
        )
        return ""

    def _decays(self, node: Node) -> bool:
        """Say whether a rate of decay times the parameter is added or taken off."""
        if isinstance(node, Binary) and node.sign in ("*", "juxtaposed"):
            used = names(node)
            decays = any(x.base in _DECAYS for x in used)
            if decays and any(self._meaning(x).name == "theta" for x in used):
                return True
        inner = (
            (node.left, node.right) if isinstance(node, Binary) else (getattr(node, "of", None),)
        )
        return any(self._decays(x) for x in inner if x is not None)
