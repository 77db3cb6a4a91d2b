"""Test cases in JSON."""

from __future__ import annotations

from collections.abc import Iterator

from adamref.documents.formats import notebook
from adamref.documents.formats.format import DocumentFormat, FormatRefused, Passage
from adamref.documents.formats.located import located_json
from adamref.documents.formats.records import read_records


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read test cases.

    Raises
    ------
    FormatRefused
        If it is no JSON, or no test case.
    """
    yield from read_records(located_json("\n".join(lines)))


def _looks(text: str) -> bool:
    if notebook.FORMAT.recognises(text) or (text.lstrip()[:1], text.rstrip()[-1:]) not in (
        ("{", "}"),
        ("[", "]"),
    ):
        return False
    try:
        located_json(text)
    except FormatRefused:
        return False
    return True


FORMAT = DocumentFormat("JSON", (".json",), read, _looks)
