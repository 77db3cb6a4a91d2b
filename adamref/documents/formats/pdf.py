"""PDF documents that have text in them; pdfminer.six says where each sign stands.

Others give lines of text, in which a power is lost: 15² becomes 152.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

from adamref.documents.formats.format import DocumentFormat, FormatRefused, Passage, written
from adamref.documents.formats.geometry import Glyph, Stroke, lines
from adamref.errors import installing

_MOST_PAGES = 500
_MOST_SIGNS = 20_000
"""Of a page: what holds more is no page of text."""
_LIGATURES = str.maketrans({"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "−": "-"})


def unpack(data: bytes) -> Iterator[Passage]:
    """Read the lines of each page.

    Raises
    ------
    FormatRefused
        If pdfminer.six is not installed, or the document is encrypted, damaged or has no text.
    """
    pages = _pages(data)
    if not any(pages):
        raise FormatRefused("this PDF has no text in it, only pictures (a scan?)")
    number = 0
    for at, page in enumerate(pages, 1):
        for row, line in enumerate(page, 1):
            number += 1
            yield written(line, number).passage(where=f"page {at}, line {row}")
        number += 1
        yield written("", number).passage(where=f"page {at}")


def _pages(data: bytes) -> list[list[str]]:
    try:
        from pdfminer.converter import PDFPageAggregator
        from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
        from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
        from pdfminer.pdfpage import PDFPage
    except ImportError:
        raise FormatRefused(f"PDF is read where pdfminer is there: {installing('pdf')}") from None
    found: list[list[str]] = []
    # It says in the log what it makes of damage.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    try:
        resources = PDFResourceManager()
        device = _raising(PDFPageAggregator)(resources, laparams=None)
        interpreter = PDFPageInterpreter(resources, device)
        for page in PDFPage.get_pages(io.BytesIO(data), maxpages=_MOST_PAGES):
            interpreter.process_page(page)
            found.append(list(_lines(device.get_result())))
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise FormatRefused(
            "this is an encrypted PDF: take its password off, and try again"
        ) from None
    except FormatRefused:
        raise
    except Exception as error:  # noqa: BLE001 - of a damaged file it raises all kinds of errors
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise FormatRefused(f"this PDF is damaged: {said}") from None
    return found


def _raising(aggregator: Any) -> Any:
    """Return a class that counts a rise of the text as what it is: another place."""

    class Raising(aggregator):  # type: ignore[misc]  # known when it is imported
        def render_char(
            self, matrix: Any, font: Any, fontsize: float, scaling: float, rise: float, *more: Any
        ) -> float:
            a, b, c, d, e, f = matrix
            moved = (a, b, c, d, e + rise * c, f + rise * d)
            made: float = super().render_char(moved, font, fontsize, scaling, 0, *more)
            return made

    return Raising


def _lines(page: Any) -> Iterator[str]:
    from pdfminer.layout import LTChar, LTCurve, LTFigure

    signs: list[Glyph] = []
    rules: list[Stroke] = []
    waiting = list(page)
    for one in waiting:
        if isinstance(one, LTFigure):
            waiting.extend(one)
        elif isinstance(one, LTChar):
            a, b, c, d, _, base = one.matrix
            if b == c == 0 and a > 0 and d > 0:  # else it is turned
                text = one.get_text().translate(_LIGATURES)
                size = one.fontsize * d if hasattr(one, "fontsize") else one.size
                signs.append(Glyph(text, one.x0, one.x1, base, size))
        elif isinstance(one, LTCurve) and one.height <= 2 < one.width:
            rules.append(Stroke(one.x0, one.x1, (one.y0 + one.y1) / 2))
    if len(signs) > _MOST_SIGNS:
        raise FormatRefused(
            f"a page of this PDF holds {len(signs)} signs, but at most {_MOST_SIGNS}"
        )
    yield from lines(signs, rules[:_MOST_SIGNS])


FORMAT = DocumentFormat(
    "PDF",
    (".pdf",),
    unpack=unpack,
    signature=lambda data: b"%PDF-" in data[:1024],
    shown=True,
)
