r"""LaTeX: comments are left out, commands of the author's own expanded, tables become rows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final

from adamref.documents.formats.format import DocumentFormat, Passage, Writing, written
from adamref.documents.formats.languages import code_kind
from adamref.documents.formats.tabular import tables

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_VERBATIM = re.compile(r"\\begin\s*\{(verbatim\*?|lstlisting|minted|Verbatim|alltt|comment)\}(.*)")
_SAID = re.compile(r"language\s*=\s*\{?(?:\[[^\]]*\])?\s*([\w+#]+)|\{([\w+#]+)\}")
_DEFINED = re.compile(
    r"\\(?:re)?(?:new|provide)command\*?\s*(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))"
    r"\s*(?:\[([0-9])\])?\s*(?:\[([^\[\]]*)\])?\s*\{"
    r"|\\DeclareMathOperator\*?\s*\{\s*\\([A-Za-z]+)\s*\}\s*\{"
    r"|\\[gex]?def\s*\\([A-Za-z]+)\s*((?:#[1-9])*)\s*\{"
)
_OTHER_FILE = re.compile(r"\\(?:input|include|subfile|import|lstinputlisting)\b")
_LONGEST_LINE = 20_000
"""What is longer is not read, so that no definition is looked for in it."""
_MOST_CALLS, _LONGEST, _MOST = 200, 10_000, 8_000_000
"""So many calls and characters a line, and characters in all, do commands expand to."""


@final
@dataclass(frozen=True)
class Macro:
    """A command of the author's own."""

    body: str
    arguments: int = 0
    default: str | None = None


@final
@dataclass
class _Expansion:
    """The commands of a document, and how much is left to spend on them."""

    macros: dict[str, Macro]
    left: int = _MOST
    calls: int = 0
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        names = "|".join(sorted(map(re.escape, self.macros), key=len, reverse=True))
        self.pattern = re.compile(rf"\\({names or '(?!)'})(?![A-Za-z])[ \t]*")

    def line(self, row: Writing) -> tuple[Writing, bool]:
        """Expand a line; and say whether it could be done within bounds."""
        text = row.text
        if not self.pattern.search(text):
            return row, True
        self.calls = 0
        made, at = Writing(), 0
        while (match := self.pattern.search(text, at)) is not None:
            made.extend(row.part(at, match.start()))
            said, end = self._call(text, match, 0)
            self.left -= len(said)
            if self.calls > _MOST_CALLS or len(said) > _LONGEST or self.left < 0:
                return row, False
            line, column = row.part(match.start(), match.end()).pieces[0][1:3]
            made.add(said, line, column, end - match.start())
            at = end
        made.extend(row.part(at, len(text)))
        return made, True

    def _call(self, text: str, match: re.Match[str], depth: int) -> tuple[str, int]:
        macro, at = self.macros[match[1]], match.end()
        self.calls += 1
        if self.calls > _MOST_CALLS or depth > 20:
            self.calls = _MOST_CALLS + 1
            return "", at
        given: list[str] = []
        if macro.default is not None:
            option = re.compile(r"\[([^\]]*)\]").match(text, at)
            given.append(option[1] if option else macro.default)
            at = option.end() if option else at
        while len(given) < macro.arguments:
            one, at = _argument(text, at)
            given.append(one)
        put = re.sub(
            r"#([1-9])",
            lambda m: given[int(m[1]) - 1] if int(m[1]) <= len(given) else "",
            macro.body,
        )
        # A command in letters is not to grow together with a word that follows it.
        between = " " if re.search(r"\\[A-Za-z]+$", put) and text[at : at + 1].isalpha() else ""
        return self._text(put[: _LONGEST + 1], depth + 1) + between, at

    def _text(self, text: str, depth: int) -> str:
        made, at = [], 0
        while (match := self.pattern.search(text, at)) is not None:
            made.append(text[at : match.start()])
            said, at = self._call(text, match, depth)
            made.append(said)
            if self.calls > _MOST_CALLS or sum(map(len, made)) > _LONGEST:
                self.calls = _MOST_CALLS + 1
                return ""
        return "".join(made) + text[at:]


def _argument(text: str, at: int) -> tuple[str, int]:
    """Return an argument of a command, and where it ends."""
    at += len(text[at:]) - len(text[at:].lstrip())
    if text[at : at + 1] == "{":
        end = _closing(text, at)
        return text[at + 1 : end - 1], end
    token = re.compile(r"\\[A-Za-z]+|\\.|.?").match(text, at)
    assert token is not None
    return token[0], token.end()


def _closing(text: str, at: int, limit: int | None = None) -> int:
    """Return where the group ends that begins at a brace; the limit if it does not before."""
    depth = 0
    limit = min(len(text) if limit is None else limit, len(text))
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at, limit):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return limit


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read a LaTeX document; files that it takes in are listed, and not read."""
    yield from tables(_passages(lines))


def _passages(lines: tuple[str, ...]) -> Iterator[Passage]:
    kinds = _kinds(lines)
    rows = [
        _uncommented(line, number) if kind == "text" else written(line, number)
        for number, (line, kind) in enumerate(zip(lines, kinds, strict=True), 1)
    ]
    expansion = _Expansion(_taken_out(rows, kinds))
    for row, kind in zip(rows, kinds, strict=True):
        if kind not in ("", "text"):
            yield row.passage(kind)
        elif kind:
            expanded, done = expansion.line(row) if expansion.macros else (row, True)
            yield expanded.passage(unread=_refused(row.text, done=done))


def _refused(text: str, *, done: bool) -> str:
    if not done:
        return "its commands expand to themselves, or to too much"
    other = _OTHER_FILE.search(text)
    return "what stands in another file is not read" if other else ""


def _uncommented(line: str, number: int) -> Writing:
    comment = _COMMENT.search(line) if "%" in line else None
    return written(line[: comment.end(1)] if comment else line, number)


def _kinds(lines: tuple[str, ...]) -> list[str]:
    """Say of each line whether it is text or code; nothing of what is neither."""
    kinds: list[str] = []
    inside = kind = ""
    for line in lines:
        if inside:
            ends = f"\\end{{{inside}}}" in line.replace(" ", "")
            kinds.append("" if ends or inside == "comment" else kind)
            inside = "" if ends else inside
        elif (begins := _VERBATIM.search(line)) is not None:
            inside = begins[1]
            said = _SAID.search(begins[2])
            kind = code_kind((said[1] or said[2]) if said else "")
            kinds.append("")
        else:
            kinds.append("text")
    return kinds


def _taken_out(rows: list[Writing], kinds: list[str]) -> dict[str, Macro]:
    """Take the author's own commands out of the lines where they are defined."""
    texts = [
        row.text if kind == "text" and len(row.text) < _LONGEST_LINE else ""
        for row, kind in zip(rows, kinds, strict=True)
    ]
    starts, length = [], 0
    for text in texts:
        starts.append(length)
        length += len(text) + 1
    whole = "\n".join(texts)
    macros: dict[str, Macro] = {}
    at = 0
    while (match := _DEFINED.search(whole, at)) is not None:
        at = _closing(whole, match.end() - 1, match.end() + _LONGEST)
        body = " ".join(whole[match.end() : at - 1].split())
        macros[match[1] or match[2] or match[5] or match[6]] = _defined(match, body)
        first = bisect_right(starts, match.start()) - 1
        for number in range(first, bisect_right(starts, at - 1)):
            rows[number] = _blanked(
                rows[number], match.start() - starts[number], at - starts[number]
            )
    return macros


def _blanked(row: Writing, start: int, end: int) -> Writing:
    """Put blanks in the place of some characters: what stands after them keeps its place."""
    length = len(row.text)
    if not length:
        return row
    start, end = max(start, 0), min(end, length)
    made = row.part(0, start)
    made.add(" " * (end - start), *row.pieces[0][1:3])
    made.extend(row.part(end, length))
    return made


def _defined(match: re.Match[str], body: str) -> Macro:
    if match[5]:
        return Macro(rf"\operatorname{{{body}}}")
    arguments = int(match[3] or 0) or len(match[7] or "") // 2
    return Macro(body, arguments, match[4])


_LOOKS = re.compile(r"^\s*\\(?:documentclass|begin\{document\})", re.MULTILINE)

FORMAT = DocumentFormat(
    "LaTeX",
    (".tex", ".ltx", ".latex", ".sty"),
    read,
    lambda text: _LOOKS.search(text) is not None,
)
