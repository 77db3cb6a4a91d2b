"""Word documents (.docx), with the mathematics of Word's editor of equations.

The standard library reads both the archive and its XML, within bounds: an entry that unpacks to too
much is refused, and so is XML that declares anything, which Word's never does.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final
from xml.parsers import expat

from adamref.documents.formats.format import (
    BREAK,
    DocumentFormat,
    FormatRefused,
    Passage,
    Writing,
    barred,
)
from adamref.documents.formats.markup import Growing, Node
from adamref.documents.formats.omml import omml

_BODY = "word/document.xml"
_MOST = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
}
# Deleted while changes were tracked, instructions of fields, what is shown by older versions.
_DROPPED = frozenset(("w:del", "w:instrText", "w:moveFrom", "mc:Fallback", "w:pPr", "w:sectPr"))


def unpack(data: bytes) -> Iterator[Passage]:
    """Read the paragraphs and tables of a document.

    Raises
    ------
    FormatRefused
        If the archive or its XML is damaged, or unpacks to more than 64 MiB.
    """
    yield from _Body().read(_tree(_entry(data)))


def _entry(data: bytes) -> bytes:
    made = bytearray()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_BODY) as file:
            while len(made) <= _MOST and (chunk := file.read(_CHUNK)):
                made += chunk
    except RuntimeError:
        raise FormatRefused("this Word document is encrypted or packed in an unusual way") from None
    except Exception:  # noqa: BLE001 - of a damaged archive it raises all kinds of errors
        raise FormatRefused("this Word document is damaged") from None
    if len(made) > _MOST:
        raise FormatRefused(f"its text unpacks to more than {_MOST} bytes")
    return bytes(made)


def _tree(data: bytes) -> Node:
    parser = expat.ParserCreate(namespace_separator=" ")
    growing = Growing(Node("root"))

    def named(name: str) -> str:
        space, _, tag = name.rpartition(" ")
        prefix = _PREFIXES.get(space)
        return f"{prefix}:{tag}" if prefix else tag

    def start(name: str, attributes: dict[str, str]) -> None:
        given = {named(key).rpartition(":")[2]: value for key, value in attributes.items()}
        growing.start(Node(named(name), attributes=given))

    def refuse(*_: object) -> None:
        raise FormatRefused("its XML declares a document type, which a Word document never does")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: growing.end(named(name))
    parser.CharacterDataHandler = growing.add
    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise FormatRefused(f"the XML of this Word document is damaged: {error}") from None
    return growing.root


@final
@dataclass
class _Body:
    """The passages of a document, and where in it they stand."""

    paragraphs: int = 0
    tables: int = 0
    lines: int = 0

    def read(self, node: Node) -> Iterator[Passage]:
        """Read what an element holds."""
        for child in node.children:
            if child.tag == "w:p":
                self.paragraphs += 1
                yield from self._paragraph(child)
            elif child.tag == "w:tbl":
                self.tables += 1
                yield from self._table(child)
            elif child.tag not in _DROPPED:
                yield from self.read(child)

    def _paragraph(self, node: Node) -> Iterator[Passage]:
        where = f"paragraph {self.paragraphs}"
        rows = self._text(node)
        style = node.find("w:pStyle")
        said = style.attributes.get("val", "").lower() if style else ""
        level = next((n for n in "123456" if said in (f"heading{n}", f"berschrift{n}")), "")
        level = "1" if said == "title" else level
        for at, row in enumerate(rows):
            head = Writing()
            head.add("#" * int(level) + " " if level and not at else "", self._next(), 1, 1)
            head.extend(row)
            yield head.passage(where=where)
        if node.find("object") or node.find("w:object"):
            self._next()
            yield Writing([("(an object)", self.lines, 1, 1)]).passage(
                where=where, unread="an embedded object, perhaps an equation, is not read"
            )
        self._next()
        yield Writing().passage(where=where)

    def _next(self) -> int:
        self.lines += 1
        return self.lines

    def _table(self, node: Node) -> Iterator[Passage]:
        number = self.tables
        for at, row in enumerate((x for x in node.children if x.tag == "w:tr"), 1):
            line = self._next()
            cells = []
            for cell in (x for x in row.children if x.tag == "w:tc"):
                made = Writing()
                for paragraph in (x for x in cell.children if x.tag == "w:p"):
                    for part in self._text(paragraph):
                        between = BREAK if "=" in made.text else " "
                        made.add(between if made.pieces else "", line, 1, 1)
                        made.extend(part)
                span = cell.find("w:gridSpan")
                wide = span.attributes.get("val", "1") if span else "1"
                cells += [made, *(Writing() for _ in range(min(_whole(wide), 50) - 1))]
            where = f"table {number}, row {at}"
            yield barred(cells, line).passage(where=where)
        self._next()
        yield Writing().passage(where=f"table {number}")

    def _text(self, node: Node) -> list[Writing]:
        """Return the lines of a paragraph."""
        rows = [Writing()]
        self._runs(node, rows)
        return [row for row in rows if row.text.strip()]

    def _runs(self, node: Node, rows: list[Writing]) -> None:
        for child in node.children:
            tag, row = child.tag, rows[-1]
            if tag in _DROPPED:
                continue
            if tag == "w:r":
                mark = _raised(child)
                row.add(f"{mark}{{" if mark else "", self.lines + 1, 1, 1)
                self._runs(child, rows)
                rows[-1].add("}" if mark else "", self.lines + 1, 1, 1)
            elif tag in ("w:t", "text"):
                row.add(child.said().replace("\n", " "), self.lines + 1, 1)
            elif tag in ("w:br", "w:cr"):
                rows.append(Writing())
            elif tag in ("w:tab", "w:noBreakHyphen"):
                row.add(" " if tag == "w:tab" else "-", self.lines + 1, 1)
            elif tag == "m:oMathPara":
                for one in (x for x in child.children if x.tag == "m:oMath"):
                    rows[-1].extend(omml(one, "$$"))
                    rows.append(Writing())
            elif tag == "m:oMath":
                row.extend(omml(child, "$"))
            else:
                self._runs(child, rows)


def _raised(run: Node) -> str:
    """Return the sign of a subscript or superscript that a run is."""
    settings = run.first("w:rPr")
    align = settings.first("w:vertAlign") if settings else None
    said = align.attributes.get("val") if align else None
    return {"subscript": "_", "superscript": "^"}.get(said or "", "")


def _whole(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 1


FORMAT = DocumentFormat(
    "Word",
    (".docx", ".docm"),
    unpack=unpack,
    signature=lambda data: data.startswith(b"PK\x03\x04") and _BODY.encode() in data,
    shown=True,
)
