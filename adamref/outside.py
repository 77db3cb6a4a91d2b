"""JSON from outside: held to the schema that ships with the package, before anything is made of it.

The keywords of JSON Schema that these schemas use are understood, and no others.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from adamref.errors import Unreadable

_MOST_BYTES = 1 << 28


def read_json(path: Path, schema: str) -> Any:
    """Read a file that is to be by one of the package's schemas.

    Raises
    ------
    Unreadable
        If it cannot be read, is no JSON, or is not by the schema.
    """
    if path.exists() and not path.is_file():
        raise Unreadable(str(path), "cannot be read: it is no file")
    try:
        size = path.stat().st_size
        text = "" if size > _MOST_BYTES else path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unreadable(str(path), f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Unreadable(str(path), "is not JSON: it is not written in UTF-8") from None
    if size > _MOST_BYTES:
        raise Unreadable(str(path), f"has {size} bytes, but at most {_MOST_BYTES} are read")
    try:
        document = parsed(text)
    except ValueError as error:
        raise Unreadable(str(path), f"is not JSON: {error}") from None
    if (said := departure(document, schema)) is not None:
        raise Unreadable(str(path), f"is not as {schema} asks: {said}")
    return document


def parsed(text: str | bytes) -> Any:
    """Parse JSON whose numbers are finite in binary64.

    Raises
    ------
    ValueError
        If it is none, or nested too deeply.
    """
    try:
        return json.loads(text, parse_int=_int, parse_float=_float, parse_constant=_float)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _int(text: str) -> int:
    _float(text)
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is not finite in binary64")
    return value


def departure(document: Any, schema: str) -> str | None:
    """Say where a document first departs from one of the package's schemas, and how.

    Parameters
    ----------
    document : object
        As `parsed` gives it.
    schema : str
        The file's name, ``check-baseline.schema.json``.
    """
    whole = _schema(schema)
    return next(_departures(document, whole, whole, ""), None)


@cache
def _schema(name: str) -> Mapping[str, Any]:
    text = files("adamref").joinpath("schemas", name).read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def _departures(value: Any, schema: Any, whole: Mapping[str, Any], at: str) -> Iterator[str]:
    if isinstance(schema, bool):
        if not schema:
            yield f"{at.removeprefix('.') or 'it'} should not be there"
        return
    for keyword, asked in schema.items():
        if keyword == "$ref":
            yield from _departures(value, _part(whole, asked), whole, at)
        elif keyword in ("anyOf", "oneOf"):
            fits = sum(next(_departures(value, x, whole, at), None) is None for x in asked)
            if fits == 0 or (keyword == "oneOf" and fits > 1):
                yield f"{_shown(at, value)}, which is none of what may stand there"
        elif keyword in _INSIDE:
            for inner, part, where in _INSIDE[keyword](value, asked, schema):
                yield from _departures(inner, part, whole, f"{at}{where}")
        elif keyword == "required" and isinstance(value, dict):
            missing = [name for name in asked if name not in value]
            if missing:
                yield f"{at.removeprefix('.') or 'it'} has no {missing[0]}"
        elif keyword not in _SAID and not _HOLDS[keyword](value, asked):
            yield f"{_shown(at, value)}, but {keyword} should be {short(asked)}"


def _part(whole: Mapping[str, Any], reference: str) -> Any:
    found: Any = whole
    for name in reference.removeprefix("#").split("/")[1:]:
        found = found[name]
    return found


_SAID = frozenset(("$schema", "$defs", "title", "description"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda x: isinstance(x, dict),
    "array": lambda x: isinstance(x, list),
    "string": lambda x: isinstance(x, str),
    "boolean": lambda x: isinstance(x, bool),
    "null": lambda x: x is None,
    "number": _is_number,
    "integer": lambda x: _is_number(x) and x == x // 1,
}


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True) or (
        _is_number(one) and _is_number(other) and bool(one == other)
    )


def _listed(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else names


def _matches(pattern: str, text: str) -> bool:
    """Search for a pattern, whose last $ is the very end: Python's lets a newline follow."""
    ends = pattern.endswith("$") and not pattern.endswith("\\$")
    return re.search(pattern[:-1] + r"\Z" if ends else pattern, text) is not None


_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": lambda x, asked: any(_TYPES[n](x) for n in _listed(asked)),
    "const": _same,
    "enum": lambda x, asked: any(_same(x, one) for one in asked),
    "required": lambda x, asked: not isinstance(x, dict) or all(name in x for name in asked),
    "pattern": lambda x, asked: not isinstance(x, str) or _matches(asked, x),
    "minLength": lambda x, asked: not isinstance(x, str) or len(x) >= asked,
    "minItems": lambda x, asked: not isinstance(x, list) or len(x) >= asked,
    "minProperties": lambda x, asked: not isinstance(x, dict) or len(x) >= asked,
    "maxProperties": lambda x, asked: not isinstance(x, dict) or len(x) <= asked,
    "minimum": lambda x, asked: not _is_number(x) or bool(x >= asked),
    "maximum": lambda x, asked: not _is_number(x) or bool(x <= asked),
    "uniqueItems": lambda x, asked: not (asked and isinstance(x, list))
    or len({json.dumps(one, sort_keys=True) for one in x}) == len(x),
}  # fmt: skip

_Parts = Iterator[tuple[Any, Any, str]]


def _properties(value: Any, asked: Any, _: Any) -> _Parts:
    if isinstance(value, dict):
        yield from (
            (value[name], part, f".{name}") for name, part in asked.items() if name in value
        )


def _additional(value: Any, asked: Any, schema: Any) -> _Parts:
    if isinstance(value, dict):
        listed = schema.get("properties", {})
        yield from ((x, asked, f".{short(n)}") for n, x in value.items() if n not in listed)


def _names(value: Any, asked: Any, _: Any) -> _Parts:
    if isinstance(value, dict):
        yield from ((name, asked, ", a name,") for name in value)


def _items(value: Any, asked: Any, _: Any) -> _Parts:
    if isinstance(value, list):
        yield from ((one, asked, f"[{i}]") for i, one in enumerate(value))


_INSIDE: Mapping[str, Callable[[Any, Any, Any], _Parts]] = {
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
}


def _shown(at: str, value: Any) -> str:
    return f"{at.removeprefix('.') or 'it'} is {short(value)}"


def short(value: Any) -> str:
    """Quote what stands in a document: not too much, and as a terminal shows it."""
    plain = isinstance(value, str) and value.isprintable()
    text = value if plain else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
