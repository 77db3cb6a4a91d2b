"""JSON with the place in the file of everything in it."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

from adamref.documents.formats.format import FormatRefused, Place, Writing

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\.|[^\\]+")


@final
@dataclass(frozen=True)
class Located:
    """A value of a JSON or YAML document and where it stands.

    Attributes
    ----------
    value : object
        A dict of `Located` by key, a list of `Located`, or a string as it is written, numbers too.
    place : (int, int)
    is_text : bool
        Whether a string is one in the document, and no number, ``true`` or ``null``.
    """

    value: Any
    place: Place
    is_text: bool = False

    def __getitem__(self, key: str) -> Located:
        """Return what a mapping has under a key; nothing of what is none."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, Located) else Located(None, self.place)

    def items(self) -> list[Located]:
        """Return the elements of a list; none of what is no list."""
        return self.value if isinstance(self.value, list) else []

    def string(self) -> str:
        """Return the text of a string; empty for what is none."""
        if not self.is_text:
            return self.value if isinstance(self.value, str) else ""
        return str(json.loads(self.value, strict=False))


def located_json(text: str) -> Located:
    """Read a JSON document, with places.

    Raises
    ------
    FormatRefused
        If it is not JSON, or nested too deeply.
    """
    try:
        json.loads(text, strict=False)
    except RecursionError:
        raise FormatRefused("its JSON is nested too deeply") from None
    except ValueError as error:
        raise FormatRefused(f"it is not JSON: {error}") from None
    # From here on the tokens are known to fit together.
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    root: list[Any] = []
    holders: list[Any] = [root]
    keys: list[str | None] = [None]
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in ",:":
            continue
        if sign in "]}":
            holders.pop()
            keys.pop()
            continue
        row = bisect_right(starts, match.start())
        place = (row, match.start() - starts[row - 1] + 1)
        if isinstance(holders[-1], dict) and keys[-1] is None:
            keys[-1] = str(json.loads(sign, strict=False))
            continue
        inner: Any = {"{": {}, "[": []}.get(sign)
        value = Located(sign if inner is None else inner, place, sign.startswith('"'))
        put(value, inner, holders, keys)
    found: Located = root[0]
    return found


def string_lines(string: Located) -> Iterator[Writing]:
    """Return the lines of a JSON string, each character with its place in the file."""
    line, column = string.place
    raw, at = string.value[1:-1], column + 1
    row = Writing()
    for match in _ESCAPE.finditer(raw):
        said = match[0]
        if said[0] != "\\":
            for end, part in enumerate(said.split("\n")):
                if end:  # a raw end of line, which strict JSON does not have
                    line, at = line + 1, 1
                    yield row
                    row = Writing()
                row.add(part, line, at)
                at += len(part)
            continue
        meant = str(json.loads(f'"{said}"'))
        if meant == "\n":
            yield row
            row = Writing()
        else:
            whole = meant.encode("utf-8", "replace").decode("utf-8")  # half a character is none
            row.add(whole.replace("\0", "\ufffd"), line, at, len(said))
        at += len(said)
    yield row


def put(value: Located, inner: Any, holders: list[Any], keys: list[str | None]) -> None:
    """Put a value into what is open: under the key that waits, or at the end; and open it itself.

    Parameters
    ----------
    value : Located
    inner : dict, list or None
        What is opened by it, if it holds others.
    holders, keys : list
        What is open, the innermost last, and for each the key that waits for a value.
    """
    if isinstance(holders[-1], dict):
        holders[-1][keys[-1]], keys[-1] = value, None
    else:
        holders[-1].append(value)
    if inner is not None:
        holders.append(inner)
        keys.append(None)
