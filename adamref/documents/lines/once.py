"""Judging the lines of a document, each once for all places where it stands."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, final

from adamref.documents.lines.matching import is_line
from adamref.documents.lines.symbols import WrittenLine
from adamref.documents.lines.verdicts import judged
from adamref.errors import Unworkable
from adamref.expressions.effort import spend, within
from adamref.expressions.nodes import Name, names

if TYPE_CHECKING:
    from adamref.documents.lines.settings import Judged, Setting
    from adamref.documents.roles import Notation
    from adamref.expressions.effort import Effort
    from adamref.expressions.nodes import Node
    from adamref.rules.optimizer import Optimizer

FOR_A_FORMULA = 100
"""What it counts as to see which line of a rule a formula is."""

MAX_EXPLAINED = 20
"""For how many different wrong lines it is looked what makes them wrong: each takes a while."""


@final
class JudgedLines:
    """What is thought of the lines judged so far.

    Parameters
    ----------
    causes : Effort, optional
        What is spent on looking for what makes lines wrong; as much as there is without it.
    """

    def __init__(self, causes: Effort | None = None) -> None:
        self._known: dict[object, Judged] = {}
        self._read: dict[object, bool] = {}
        self._causes = causes

    def judge(self, line: WrittenLine, setting: Setting) -> Judged:
        """Judge a line; explain so many that are wrong, and no more."""
        about = (setting.average, setting.alone, setting.certain, setting.around)
        numbers = tuple(setting.numbers.items())
        key = (line.field, line.left, line.right, line.counted, *about, numbers)
        if key not in self._known:
            spared = sum(x.verdict == "wrong" for x in self._known.values()) >= MAX_EXPLAINED
            setting = replace(setting, explains=setting.explains and not spared)
            spend(FOR_A_FORMULA)
            self._known[key] = self._explained(line, setting)
        return self._known[key]

    def is_step(self, tree: Node, notation: Notation, optimizer: Optimizer) -> bool:
        """Recognise the step written as an expression: ``α·m̂/(√v̂ + ε) = 0.0991``."""
        step = Name("delta")
        if not names(tree) or notation.meaning(step).name != "delta":
            return False
        return self.is_line(WrittenLine("delta", step, tree, notation), optimizer)

    def is_line(self, line: WrittenLine, optimizer: Optimizer) -> bool:
        """Say whether a line is one of an optimizer, in some dialect."""
        key = (line.field, line.right)
        if key not in self._read:
            spend(FOR_A_FORMULA)
            self._read[key] = is_line(line, optimizer)
        return self._read[key]

    def is_read(self, line: WrittenLine, setting: Setting) -> bool:
        """Say whether anything is made of a line; it is not judged by that."""
        key = (line.field, line.left, line.right, *setting.letters.items())
        if key not in self._read:
            spend(FOR_A_FORMULA)
            self._read[key] = judged(line, setting).verdict != "unread"
        return self._read[key]

    def _explained(self, line: WrittenLine, setting: Setting) -> Judged:
        """Judge a line, and explain what is wrong as far as there is enough left for that."""
        if setting.explains and self._causes is not None:
            with suppress(Unworkable), within(self._causes):
                return judged(line, setting)
            setting = replace(setting, explains=False)
        return judged(line, setting)
