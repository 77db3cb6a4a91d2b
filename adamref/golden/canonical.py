"""The one way in which the files are written.

Two spaces a level; what holds nothing but scalars stands on one line, and so does a number, as
``hex`` and ``dec``, with its ``bound``. A reader without a JSON library can go line by line.
"""

from __future__ import annotations

import json
from typing import Any

_ON_A_LINE = ({"hex", "dec"}, {"hex", "dec", "bound"})


def canonical(value: Any) -> str:
    """Write a JSON value; the keys keep their order, and the text ends with a newline."""
    return _written(value, "") + "\n"


def _written(value: Any, indent: str) -> str:
    if not isinstance(value, dict | list) or _flat(value):
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + "  "
    if isinstance(value, dict):
        opening, closing = "{", "}"
        items = [f"{json.dumps(key)}: {_written(item, deeper)}" for key, item in value.items()]
    else:
        opening, closing = "[", "]"
        items = [_written(item, deeper) for item in value]
    inside = ",\n".join(deeper + item for item in items)
    return f"{opening}\n{inside}\n{indent}{closing}"


def _flat(value: dict[str, Any] | list[Any]) -> bool:
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and value.keys() in _ON_A_LINE:
        return True
    # Sentences get a line each.
    sentences = any(isinstance(item, str) and " " in item for item in inside)
    return not sentences and not any(isinstance(item, dict | list) for item in inside)
