"""Reading Markdown tables of numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Cell:
    """A statement made by a table: pieces to be joined by relations.

    Attributes
    ----------
    line : int
    pieces : tuple of (str, int)
        Text and 1-based column; first the quantity, then what it is said to be.
    parameter : str
        The parameter its column is about, or empty.
    time : int or None
        The step its row is about.
    component : bool
        Whether the number in the quantity's name counts parameters: the row says the step.
    element : int
        Which of several parameters its row or column is about, counted from 1; 0 if it does not
        say.
    because : str
        Why it is not read, if it is not.
    method : str
        What the head of its column says beside a quantity that another column has, too.
    """

    line: int
    pieces: tuple[tuple[str, int], ...]
    parameter: str = ""
    time: int | None = None
    component: bool = False
    element: int = 0
    because: str = ""
    method: str = ""


_RULE = re.compile(r"^[\s|:+=-]+$")
_NUMERIC = re.compile(
    r"^[\s$*`]*[(\[]?[-+\u2212]?[\d.][\d.,eE×x^{}\\ timescdo\u2212+⁻⁰-⁹*-]*[)\]]?[\s$*`]*$"
)
_TIME = re.compile(
    r"^[\s$*`]*(?:[tkin]"
    r"|(?:(?:time\s*)?steps?|iterations?|iters?|updates?|epochs?|schritte?|pasos?|étapes?|pas)"
    r"(?:\s*\(?[$*`]*[tkin][$*`]*\)?)?)[\s$*`]*$",
    re.IGNORECASE,
)
_COUNT = re.compile(r"[\s$*`]*(\d{1,6}|\d{1,3}(?:[,\u202f\u2009 ]\d{3})+)[\s$*`]*")
"""The number of a step in a cell of its own."""

_POWER_OF_COUNT = re.compile(r"(?:\^|\*\*)\s*[{(]?\s*[tkn](?![^\W\d_])|[ᵗᵏⁿ]")
_AT_TIME = re.compile(
    r"^[\s$*`]*(?P<what>[^\W\d_]\s*=|[^\W\d_]{3,}\.?)\s*(?P<t>\d{1,6})[\s$*`]*$", re.IGNORECASE
)
_NO_TIME = re.compile(
    r"theta|omega|w|x|b|p|weight|param\w*|component|coord\w*|layer|neuron|example|case|run|method",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[\s$*`({]*(?P<name>\\?[^\W\d_]+_?\{?\d{0,2}\}?)[\s$*`)}]*$")
_LABELLED = re.compile(r"^\W*(?:theta|(?:param|coord|var|comp|weight)\w*)?\W*$", re.IGNORECASE)
_QUANTITY = re.compile(r"^\W*(?:[gmv]\b|[mv]_?\\?hat|\\(?:hat|tilde)|grad)", re.IGNORECASE)
_HEAD = re.compile(r"^[^\W\d][\w\u0300-\u036f^\\{}]*(?: ?\([^()]*\))?$")
_SPELLED = {"weig": "w", "bias": "b"}
_FOR = re.compile(
    r"^\W*(?:for\s+)?(?:the\s+)?(?:parameter\s+)?\$?"
    r"(?P<name>w|b|θ|\\theta|theta|W|[Ww]eights?|[Bb]ias(?:es)?)\W*(?:\$?[wWbB]\$?)?\W*$"
)


def read_table(rows: list[tuple[int, str]]) -> Iterator[Cell]:
    """Turn a table's rows into statements.

    A table with a row of names on top and numbers below makes a statement a cell; one with names in
    its first column makes a statement a row, or one for each parameter if the head names them.
    """
    split = split_rows(rows)
    if len(split) < 2:
        return
    head = [text for text, _ in split[0][1]]
    body = split[1:]
    if _is_grid(head, body):
        yield from _grid(head, body)
        return
    labels = _label_column(head, body)
    if labels is not None:
        yield from _by_label(head, body, labels)
        return
    times = _times(head, body)
    if times:
        yield from _by_time(times, body)
        return
    elements = _elements(head, body)
    if elements:
        yield from _by_element(elements, body)
        return
    parameters = [_FOR.match(text) for text in head[1:]]
    by_parameter = len(parameters) > 0 and all(parameters)
    alike = all(_alike([text for text, _ in cells[1:]]) for _, cells in body)
    apart = "" if alike else _COLUMNS
    for line, cells in body:
        if len(cells) < 2 or not cells[0][0].strip():
            continue
        if by_parameter:
            for match, cell in zip(parameters, cells[1:], strict=False):
                assert match is not None
                if cell[0].strip():
                    name = match["name"].lstrip("\\").lower()
                    yield Cell(line, (cells[0], cell), _SPELLED.get(name[:4], name))
        else:
            for said in _statements([c for c in cells if c[0].strip()]):
                yield Cell(line, said, because=apart)


_TWO_SIDES = re.compile(r"[\d)}]\s*(?:=|≈|\\approx)\s*[-+\d(\\]")
_OWN_LEFT = re.compile(r"^[\s$*`]*\\?[^\W\d][^=]*=")


def _statements(cells: list[tuple[str, int]]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Part a row where a cell behind a number names what it gives a value itself.

    And behind a cell that is a statement, with two sides: what stands beside it is another.
    """
    start = 0
    for i in range(1, len(cells)):
        named = _NUMERIC.match(cells[i - 1][0]) and _OWN_LEFT.match(cells[i][0])
        if named or _TWO_SIDES.search(cells[i - 1][0]):
            yield tuple(cells[start:i])
            start = i
    yield tuple(cells[start:])


_NO_STEP = "nothing says of which step its row is"
_COLUMNS = "its columns have different numbers, and their heads are not understood"


def _alike(cells: list[str]) -> bool:
    """Say whether numbers side by side may be one number, printed with more digits or fewer."""
    found = []
    for text in cells:
        plain = re.sub(r"[\s$*`{}]", "", text).replace("\u2212", "-").replace(",", ".")
        if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)", plain):
            found.append((float(plain), 10.0 ** -len(plain.partition(".")[2])))
    return all(abs(a - b) <= max(x, y) for (a, x), (b, y) in itertools.pairwise(found))


def _times(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> list[int]:
    """Return the steps that the columns are: ``k = 1``, ``Step 1``, or numbers beside a ``t``."""
    if len(head) < 2 or any(cells and _NUMERIC.match(cells[0][0]) for _, cells in body):
        return []
    found = [_AT_TIME.match(text) for text in head[1:]]
    times = [int(m["t"]) for m in found if m is not None]
    whats = {re.sub(r"[\s=.]", "", m["what"]).lower() for m in found if m is not None}
    if len(times) < len(head) - 1:
        plain = [re.fullmatch(r"[\s$*`]*(\d{1,6})[\s$*`]*", text) for text in head[1:]]
        times = [int(m[1]) for m in plain if m is not None]
        whats = {"t"} if _TIME.match(head[0]) else set()
    one = len(times) == len(head) - 1 and len(whats) == 1
    return (
        times if one and not _NO_TIME.fullmatch(whats.pop()) and sorted(set(times)) == times else []
    )


def _label_column(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> int | None:
    """Find the column that says which parameter a row is about, where all others are numbers."""
    for at in range(min(2, len(head) - 2)):
        if not _LABELLED.match(head[at]) or (at and not _TIME.match(head[0])):
            continue
        labels = [cells[at][0] if len(cells) > at else "" for _, cells in body]
        rest = [text for _, cells in body for i, (text, _) in enumerate(cells) if i != at]
        numbers = all(_NUMERIC.match(text) for text in rest if text.strip() not in _EMPTY)
        if len(set(labels)) > 1 and all(map(_LABEL.match, labels)) and numbers:
            repeated = len(set(labels)) < len(labels)
            timed = any(_TIME.match(text) for text in head)
            if timed and repeated:
                return at
    return None


def _by_label(
    head: list[str], body: list[tuple[int, list[tuple[str, int]]]], at: int
) -> Iterator[Cell]:
    """Read a table with a row for each parameter at each step."""
    labels = list(dict.fromkeys(_label(cells[at][0]) for _, cells in body))
    when = next(i for i, text in enumerate(head) if _TIME.match(text))
    for line, cells in body:
        said = re.fullmatch(r"[\s$]*(\d{1,6})[\s$]*", cells[when][0])
        for i, (name, cell) in enumerate(zip(head, cells, strict=False)):
            if i in (at, when) or cell[0].strip() in _EMPTY or said is None:
                continue
            label = _label(cells[at][0])
            piece = (_VALUE.sub("new value", name), cell[1])
            yield Cell(line, (piece, cell), label, int(said[1]), element=labels.index(label) + 1)


def _label(text: str) -> str:
    match = _LABEL.match(text)
    return re.sub(r"[\\{}_]", "", match["name"]) if match is not None else ""


def _elements(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> list[str]:
    """Return the parameters that the columns are, where the rows are the quantities of a step."""
    labels = [_label(text) for text in head[1:]]
    rows = [cells for _, cells in body if cells]
    quantities = sum(_QUANTITY.match(cells[0][0]) is not None for cells in rows)
    numbers = all(
        _NUMERIC.match(text)
        for cells in rows
        for text, _ in cells[1:]
        if text.strip() not in _EMPTY
    )
    short = all(re.fullmatch(r"[^\W\d_]\d?|theta\d", label) for label in labels)
    plain = {"w", "b"} >= set(labels) or any(_QUANTITY.match(text) for text in head[1:])
    if len(set(labels)) < 2 or len(set(labels)) < len(labels) or not short or plain:
        return []
    return labels if numbers and quantities > 1 else []


def _by_element(
    elements: list[str], body: list[tuple[int, list[tuple[str, int]]]]
) -> Iterator[Cell]:
    for i, label in enumerate(elements, 1):
        for line, cells in body:
            if len(cells) > i and cells[i][0].strip() not in _EMPTY:
                name = (_VALUE.sub("new value", cells[0][0]), cells[0][1])
                yield Cell(line, (name, cells[i]), label, element=i)


_ZERO = re.compile(r"^[\s$]*[-+]?0(?:[.,]0*)?[\s$]*$")
_EMPTY = ("", "-", "–", "—")
_VALUE = re.compile(
    r"^\W*(?:(?:(?:new|updated|next)\s+)?(?:value|val|weight|param\w*|point)|new|updated)\W*$",
    re.IGNORECASE,
)


def _by_time(times: list[int], body: list[tuple[int, list[tuple[str, int]]]]) -> Iterator[Cell]:
    """Read a table with a column a step, step by step."""
    for i, time in enumerate(times):
        for line, cells in body:
            if len(cells) > i + 1 and cells[0][0].strip() and _NUMERIC.match(cells[i + 1][0]):
                yield Cell(line, (cells[0], cells[i + 1]), "", time)


_BLANKS = "  "
"""What parts cells that stand in columns with nothing between them."""


def delimiter(line: str) -> str | None:
    """Return what separates the cells of a line of plain text, if it is the head of a table.

    Such a head names t and at least two quantities, separated by tabs, semicolons, commas, bars or
    two blanks and more. Before t there may be a column that says of what the row is.
    """
    for mark in ("\t", ";", ",", "|", _BLANKS):
        cells = [cell.strip().strip('"') for cell in cells_of(line, mark)]
        timed = [i for i, cell in enumerate(cells[:2]) if _TIME.match(cell)]
        if timed and len(cells) >= 3 + timed[0] and all(map(_HEAD.match, cells[timed[0] + 1 :])):
            return mark
    return None


def cells_of(line: str, mark: str) -> list[str]:
    """Return the cells of a line of plain text."""
    return re.split(r"\s{2,}", line.strip()) if mark == _BLANKS else line.split(mark)


def barred(line: str, mark: str) -> str:
    """Write a line of cells the way Markdown does, each character in its place or one further."""
    if mark != _BLANKS:
        return "|" + line.replace(mark, "|") + "|"
    body = line.strip()
    start = len(line) - len(line.lstrip())
    return "|" + " " * start + re.sub(r"\s(\s+)", r"|\1", body) + "|"


def unboxed(line: str) -> str:
    """Write a row that is drawn with the characters for boxes with bars, each in its place."""
    plain = line.translate(_BOXES) if _BOX.search(line) else line
    return plain if plain.count("|") > 1 else line


def is_ruled(line: str) -> bool:
    """Say whether a line only rules a table."""
    return _RULE.match(line) is not None


_BOX = re.compile(
    "[\u2502\u2503\u2506\u250a\u2551\u253c\u256a\u256b\u256c\u252c\u2534\u2566\u2569\u2564\u2567]"
)
_BOXES = {
    **dict.fromkeys(map(ord, "\u2502\u2503\u2506\u250a\u2551"), "|"),
    **dict.fromkeys(map(ord, "\u2500\u2501\u2550"), "-"),
    **dict.fromkeys((*range(0x250C, 0x254C), *range(0x2552, 0x256D)), "|"),
}
"""What boxes are drawn with: sides, lines, and where they meet."""


def _is_grid(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> bool:
    """Say whether every cell below the head is a number (or empty)."""
    if len(head) < 3 - bool(_TIME.match(head[0])):
        return False
    cells = [text for _, row in body for text, _ in row if text.strip() not in _EMPTY]
    return bool(cells) and all(_NUMERIC.match(text) for text in cells)


def _grid(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> Iterator[Cell]:
    timed = bool(_TIME.match(head[0]))
    counted = _counted(head[1:]) if timed else set()
    again = _again(head)
    for line, cells in body:
        time = None
        if timed and cells and (count := _COUNT.fullmatch(cells[0][0])) is not None:
            time = int(re.sub(r"\D", "", count[1]))
        for name, cell in zip(head[timed:], cells[timed:], strict=False):
            begun = time == 0 and _ZERO.match(cell[0])  # the moments before the first step
            if cell[0].strip() not in _EMPTY and not begun:
                lost = time is None and _POWER_OF_COUNT.search(name) is not None
                because = _NO_STEP if lost else ""
                yield Cell(
                    line,
                    ((name, cell[1]), cell),
                    "",
                    time,
                    name in counted,
                    because=because,
                    method=again.get(name, ""),
                )


def _again(head: Sequence[str]) -> dict[str, str]:
    """Return for heads what they say in brackets of a quantity that another column has too."""
    found = {text: m for text in head if (m := _REMARK.fullmatch(text.strip())) is not None}
    named = [m["name"] for m in found.values()]
    return {text: m["says"] for text, m in found.items() if named.count(m["name"]) > 1}


_REMARK = re.compile(r"(?P<name>\S+)\s+\((?P<says>[^()]+)\)")


def _counted(head: list[str]) -> set[str]:
    """Find the columns that are numbered side by side: ``w1 | w2``.

    Beside a gradient or a moment without a number they count no parameters: ``g | c1 | c2``.
    """
    if any(_PLAIN.match(text) for text in head):
        return set()
    found = [(text, m) for text in head if (m := _NUMBERED.match(text)) is not None]
    kinds = [m["name"] for _, m in found]
    return {text for text, m in found if kinds.count(m["name"]) > 1}


_PLAIN = re.compile(
    r"^[\s$*`]*(?:\\hat\s*)?\{?(?:g|m|v|grad(?:ient)?)\}?(?:hat)?(?:_?\{?t\}?)?[\s$*`]*$"
)
_NUMBERED = re.compile(r"^[\s$*`]*(?P<name>.*?[^\d₀-₉_{])_?\{?[\d₀-₉]\}?[\s$*`}]*$")


def split_rows(rows: Sequence[tuple[int, str]]) -> list[tuple[int, list[tuple[str, int]]]]:
    """Return the cells of each row with its line, each with its column; rules are no rows."""
    return [(line, _cells(text)) for line, text in rows if not _RULE.match(text)]


def _cells(row: str) -> list[tuple[str, int]]:
    r"""Split a row at its bars; an escaped bar does not split. ``\(`` and ``\)`` become dollars."""
    row = row.replace("\\(", " $").replace("\\)", "$ ")
    cells = []
    start = row.index("|") + 1
    for match in re.finditer(r"(?<!\\)\|", row):
        if match.start() < start:
            continue
        cells.append((row[start : match.start()], start + 1))
        start = match.end()
    if row[start:].strip():
        cells.append((row[start:], start + 1))
    return cells
