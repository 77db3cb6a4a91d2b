"""HTML: text, tables, code, and mathematics in MathML, KaTeX, MathJax or plain TeX.

The standard library's parser is used: it says where each tag stands, by line and column, and takes
anything for a page. lxml knows no columns, html5lib no places and is many times as slow.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import final

from adamref.documents.formats.format import (
    BREAK,
    DocumentFormat,
    FormatRefused,
    Passage,
    Places,
    Writing,
    barred,
)
from adamref.documents.formats.languages import class_kind
from adamref.documents.formats.markup import Growing, Node, mathml

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_BLOCKS = frozenset(
    "p div section article header footer main aside nav ul ol li dl dt dd blockquote figure "
    "figcaption table thead tbody tfoot tr caption h1 h2 h3 h4 h5 h6 pre form fieldset details "
    "summary address body html center".split()
)
_APART = _BLOCKS - frozenset("thead tbody tfoot tr body html".split())
_CODE = frozenset("div figure td pre code".split())
_SKIPPED = frozenset(
    "script style title template svg del s strike noscript select textarea button iframe".split()
)
_SKIPPED_CLASSES = frozenset(
    "katex-html MathJax_Preview linenos lineno linenumber gutter headerlink anchor-link".split()
)
_MATHJAX = frozenset("MathJax MathJax_Display MathJax_SVG MathJax_CHTML mjx-chtml".split())
_TEX_IMAGE = re.compile(r"\b(?:latex|tex|math\w*|ql-img\S*)\b", re.IGNORECASE)
# What a page that breaks off has left open is closed: else the parser looks for the end of each
# of a million beginnings anew.
_CLOSED = "\n\"'>]]>-->"
_WIDEST = 50
_MOST_SIGNS = 1_000_000


def passages(text: str, line: int = 1) -> list[Passage]:
    """Read a page, or a part of one, whose first line has a number.

    Raises
    ------
    FormatRefused
        If it holds too many tags.
    """
    signs = text.count("<") + text.count("&")
    if signs > _MOST_SIGNS:
        raise FormatRefused(
            f"it holds {signs} tags and references, but at most {_MOST_SIGNS} are read"
        )
    page = _Page(line, math_scripts="math/tex" in text)
    page.feed(text + _CLOSED)
    page.close()
    page.end_line()
    last = line + text.count("\n")
    return [one for one in page.read if not one.places or one.places[0][0] <= last]


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read the lines of a page."""
    yield from passages("\n".join(lines))


@final
@dataclass
class _Open:
    """An element that is open: what its end undoes."""

    tag: str
    skips: bool = False
    kind: str | None = None
    pieces: int = 0
    closing: str = ""
    linked: bool = False


@final
class _Page(HTMLParser):
    def __init__(self, line: int, *, math_scripts: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.before, self.math_scripts = line - 1, math_scripts
        self.read: list[Passage] = []
        self.row = Writing()
        self.open: list[_Open] = []
        self.counts: dict[str, int] = {}
        self.skipping = 0
        self.kinds: list[str] = []
        self.cells: list[Writing] | None = None
        self.spans: dict[int, tuple[int, Writing]] = {}
        self.math: Growing | None = None

    def where(self) -> tuple[int, int]:
        """Return the place of what is being handled."""
        line, column = self.getpos()
        return line + self.before, column + 1

    def parse_marked_section(self, i: int, report: int = 1) -> int:  # noqa: ARG002
        """Pass over what Word writes for its own eyes, ``<![if …]>``, as browsers do."""
        end = self.rawdata.find(">", i)
        return end + 1 if end >= 0 else -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self.math is not None:
            self.math.start(Node(tag, *self.where(), given))
        elif tag in _VOID:
            self._void(tag, given)
        else:
            self._push(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def _push(self, tag: str, given: dict[str, str]) -> None:
        if tag in ("td", "th", "tr"):
            self._close_implied(tag)
        one = _Open(tag, skips=self._is_skipped(tag, given))
        self.open.append(one)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.skipping += one.skips
        if not self.skipping:
            self._begin(one, tag, given)

    def _is_skipped(self, tag: str, given: dict[str, str]) -> bool:
        if tag == "script" and given.get("type", "").startswith("math/tex"):
            return False
        classes = given.get("class", "").split()
        hidden = given.get("aria-hidden") == "true" or "hidden" in given
        made = self.math_scripts and not _MATHJAX.isdisjoint(classes)
        return tag in _SKIPPED or hidden or made or not _SKIPPED_CLASSES.isdisjoint(classes)

    def _begin(self, one: _Open, tag: str, given: dict[str, str]) -> None:
        if tag == "math":
            self.math = Growing(Node("math", *self.where(), given))
        elif tag in ("table", "pre"):
            self._leave_cells()
        if tag in _BLOCKS:
            self.end_line(blank=tag in _APART)
        if re.fullmatch("h[1-6]", tag) and self.cells is None:
            self.row.add("#" * int(tag[1]) + " ", *self.where(), 1)
        elif tag in ("td", "th"):
            self._begin_cell(given)
        elif tag == "tr":
            self.cells = []
        elif tag in ("sub", "sup"):
            one.pieces = len(self.row.pieces)
            self.row.add("_{" if tag == "sub" else "^{", *self.where(), 1)
        elif tag == "script":
            one.closing = "$$" if "display" in given["type"] else "$"
            self.row.add(one.closing, *self.where(), 1)
        elif tag == "a" and self.open[-2:-1] and self.open[-2].tag == "sup":
            self.open[-2].linked = True
        if tag in _CODE:
            self._begin_code(one, tag, given)

    def _begin_code(self, one: _Open, tag: str, given: dict[str, str]) -> None:
        classes = " ".join(given.get(x, "") for x in ("class", "lang", "data-lang"))
        said = class_kind(f"language-{given['lang']}" if tag == "pre" and "lang" in given else "")
        said = said or class_kind(classes)
        if tag in ("div", "figure", "td") and said:
            one.kind = said
        elif tag == "pre":
            announced = next((x.kind for x in reversed(self.open[-4:-1]) if x.kind), "")
            one.kind = said or announced or "text"
            self.kinds.append(one.kind)
        elif tag == "code" and self.kinds and self.kinds[-1] in ("text", "code"):
            self.kinds[-1] = said or "code"

    def _void(self, tag: str, given: dict[str, str]) -> None:
        if self.skipping:
            return
        if tag in ("br", "hr"):
            self.end_line(blank=tag == "hr")
        elif tag == "img" and _TEX_IMAGE.search(given.get("class", "")):
            tex = given.get("alt", "").strip().strip("$").replace("\n", " ")
            if tex and "mwe-math" not in given["class"]:
                self.row.add(f"${tex}$", *self.where(), 1)

    def handle_endtag(self, tag: str) -> None:
        if self.math is not None:
            if tag == "math":
                self._end_math()
            else:
                self.math.end(tag)
                return
        if not self.counts.get(tag):
            if tag == "p":
                self.end_line(blank=True)
            return
        while True:
            one = self.open.pop()
            self.counts[one.tag] -= 1
            if not self.skipping:
                self._end(one)
            self.skipping -= one.skips
            if one.tag == tag:
                return

    def _end(self, one: _Open) -> None:
        if one.tag in ("sub", "sup"):
            if one.linked:
                del self.row.pieces[one.pieces :]  # the number of a note
            else:
                self.row.add("}", *self.where(), 1)
        elif one.tag == "script":
            self.row.add(one.closing, *self.where(), 1)
        elif one.tag in ("td", "th") and self.cells is not None:
            self._end_cell()
        elif one.tag == "tr":
            self._end_row()
        if one.tag in _BLOCKS:
            self.end_line(blank=one.tag in _APART)
        if one.tag == "pre" and self.kinds:
            self.kinds.pop()

    def handle_data(self, data: str) -> None:
        if self.math is not None:
            self.math.add(data)
            return
        if self.skipping:
            return
        line, column = self.where()
        for at, part in enumerate(data.split("\n")):
            if at:
                self._next_line()
            clean = part if self.kinds or self.row.pieces else part.lstrip()
            start = (1 if at else column) + len(part) - len(clean)
            self.row.add(clean.replace("\xa0", " "), line + at, start)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, written_: str) -> None:
        said = html.unescape(written_).replace("\xa0", " ").replace("\0", "\ufffd")
        if self.math is not None:
            self.math.add(said)
        elif not self.skipping:
            self.row.add(said.replace("\n", " "), *self.where(), len(written_))

    def _end_math(self) -> None:
        assert self.math is not None
        root, self.math = self.math.root, None
        note = root.find("annotation")
        tex = note is not None and "tex" in note.attributes.get("encoding", "")
        mark = "$$" if root.attributes.get("display") == "block" else "$"
        self.row.add(mark, root.line, root.column, 1)
        if note is not None and tex:
            said = " ".join(note.said().split())
            plain = re.fullmatch(r"\{\\displaystyle(.*)\}", said)
            self.row.add(plain[1] if plain else said, note.line, note.column, 1)
        else:
            self.row.extend(mathml(root))
        self.row.add(mark, root.line, root.column, 1)

    def _next_line(self) -> None:
        """Go on to the next line of the file, which in a cell is no more than a blank."""
        if self.cells is None:
            self.end_line(kept=bool(self.kinds))
        elif self.row.pieces:
            self.row.add(" ", *self.where(), 1)

    def end_line(self, *, blank: bool = False, kept: bool = False) -> None:
        """End the line that is being read; ``kept`` where an empty one stands for itself."""
        if self.cells is not None:
            if self.row.pieces:
                self.row.add(BREAK if "=" in self.row.text else " ", *self.where(), 1)
            return
        kind = self.kinds[-1] if self.kinds else "text"
        if kept or self.row.text.strip():
            self.read.append(self.row.passage(kind))
        self.row = Writing()
        if blank and self.read and self.read[-1].text:
            self.read.append(Passage("", Places((), 0), kind))

    def _close_implied(self, tag: str) -> None:
        """End the cell and the row whose ends HTML lets one leave out."""
        for last in ("td", "th", "tr") if tag == "tr" else ("td", "th"):
            inner = [one.tag for one in self.open[-6:]]
            if last in inner and "table" not in inner[inner.index(last) :]:
                self.handle_endtag(last)

    def _begin_cell(self, given: dict[str, str]) -> None:
        if self.cells is None:
            self.cells = []
        self._take_spans()
        self.row = Writing()
        wide, high = (_count(given.get(name, "")) for name in ("colspan", "rowspan"))
        if high > 1 and len(self.cells) < _WIDEST:
            self.spans[len(self.cells)] = (high, self.row)
        self.cells += [self.row, *(Writing() for _ in range(wide - 1))]

    def _take_spans(self) -> None:
        """Repeat in this row the cells that reach down into it."""
        assert self.cells is not None
        while (at := len(self.cells)) in self.spans and at < _WIDEST:
            left, cell = self.spans.pop(at)
            self.cells.append(cell)
            if left > 2:
                self.spans[at] = (left - 1, cell)

    def _end_cell(self) -> None:
        while self.row.pieces and self.row.pieces[-1][0] in (BREAK, " "):
            self.row.pieces.pop()
        self.row = Writing()

    def _end_row(self) -> None:
        cells, self.cells, self.row = self.cells, None, Writing()
        if cells is None or not any(cell.pieces for cell in cells):
            return
        line = next(cell.pieces[0][1] for cell in cells if cell.pieces)
        self.read.append((barred(cells, line) if len(cells) > 1 else cells[0]).passage())

    def _leave_cells(self) -> None:
        """Take the cells of the row for lines: they hold a table or code, and only lay it out."""
        cells, self.cells = self.cells, None
        self.spans = {}
        for cell in cells or []:
            self.row = cell
            self.end_line()


def _count(said: str) -> int:
    return min(int(said), _WIDEST) if re.fullmatch(r"[1-9][0-9]{0,3}", said) else 1


_LOOKS = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)

FORMAT = DocumentFormat(
    "HTML",
    (".html", ".htm", ".xhtml"),
    read,
    lambda text: _LOOKS.match(text[:2000]) is not None,
    shown=True,
)
