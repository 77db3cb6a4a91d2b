"""Judging the lines of a document, each once for all places where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from adamref.documents.lines.verdicts import judged

if TYPE_CHECKING:
    from adamref.documents.lines.settings import Judged, Setting
    from adamref.documents.lines.symbols import WrittenLine

MAX_EXPLAINED = 20
"""For how many different wrong lines it is looked what makes them wrong: each takes a while."""


@final
class JudgedLines:
    """What is thought of the lines judged so far."""

    def __init__(self) -> None:
        self._known: dict[object, Judged] = {}

    def judge(self, line: WrittenLine, setting: Setting) -> Judged:
        """Judge a line; explain so many that are wrong, and no more."""
        about = (setting.average, setting.alone, setting.certain, setting.around)
        numbers = tuple(setting.numbers.items())
        key = (line.field, line.left, line.right, line.counted, *about, numbers)
        if key not in self._known:
            spared = sum(x.verdict == "wrong" for x in self._known.values()) >= MAX_EXPLAINED
            setting = replace(setting, explains=setting.explains and not spared)
            self._known[key] = judged(line, setting)
        return self._known[key]
