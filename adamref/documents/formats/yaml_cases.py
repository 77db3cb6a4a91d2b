"""Test cases in YAML, read by events: nothing is made of what a file says.

An alias stands for what it names, as far as all of them together stand for little.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adamref.documents.formats.format import DocumentFormat, FormatRefused, Passage
from adamref.documents.formats.located import Located, put
from adamref.documents.formats.records import read_records
from adamref.errors import installing

_DEEPEST = 100

_MOST_ALIASED = 10_000
"""For how many values all aliases of a file may stand."""


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read test cases.

    Raises
    ------
    FormatRefused
        If PyYAML is not installed, or it is no YAML, or no test case.
    """
    yield from read_records(located_yaml("\n".join(lines)))


def located_yaml(text: str) -> Located:
    """Read the first document of a YAML file, with places.

    Raises
    ------
    FormatRefused
        If PyYAML is not installed, or it is no YAML, is nested too deeply, or has aliases of
        nothing, of what they stand in, or of too much.
    """
    try:
        import yaml
    except ImportError:
        raise FormatRefused(f"YAML is read where PyYAML is there: {installing('yaml')}") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root: list[Any] = []
    holders: list[Any] = [root]
    keys: list[str | None] = [None]
    anchors: dict[str, Located] = {}
    aliased = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                aliased += _alias(event.anchor, anchors, holders, keys)
                if aliased > _MOST_ALIASED:
                    raise FormatRefused("its aliases (*name) stand for too much")
            elif isinstance(event, yaml.CollectionEndEvent):
                holders.pop()
                keys.pop()
            elif isinstance(event, yaml.DocumentEndEvent):
                break
            elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
                made = _add(event, holders, keys, yaml)
                anchors |= {event.anchor: made} if event.anchor and made is not None else {}
            if len(holders) > _DEEPEST:
                raise FormatRefused("its YAML is nested too deeply")
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, FormatRefused):
            raise
        raise FormatRefused(f"it is not YAML: {' '.join(str(error).split())[:200]}") from None
    found: Located = root[0] if root else Located(None, (1, 1))
    return found


def _alias(
    name: str, anchors: dict[str, Located], holders: list[Any], keys: list[str | None]
) -> int:
    """Put what an alias names where it stands; a mapping under ``<<`` into the one around it."""
    target = anchors.get(name)
    if target is None or any(x is target.value for x in holders):
        raise FormatRefused(f"its alias *{name} is of nothing that is there")
    if isinstance(holders[-1], dict) and keys[-1] is None:
        keys[-1] = ""
    elif keys[-1] == "<<" and isinstance(target.value, dict):
        holders[-1].update({x: y for x, y in target.value.items() if x not in holders[-1]})
        keys[-1] = None
    else:
        put(target, None, holders, keys)
    return _count(target)


def _count(value: Located) -> int:
    inner = value.value
    parts = inner.values() if isinstance(inner, dict) else value.items()
    return 1 + sum(_count(x) for x in parts)


def _add(event: Any, holders: list[Any], keys: list[str | None], yaml: Any) -> Located | None:
    """Put what an event begins where it belongs, and return it; None for a key."""
    inner: Any = None
    if isinstance(event, yaml.CollectionStartEvent):
        inner = {} if isinstance(event, yaml.MappingStartEvent) else []
    if isinstance(holders[-1], dict) and keys[-1] is None:
        # A key that is no scalar names nothing.
        keys[-1] = event.value if inner is None else ""
        if inner is not None:
            holders.append(inner)
            keys.append(None)
        return None
    quoted = inner is None and event.style in ("'", '"')
    place = (event.start_mark.line + 1, event.start_mark.column + 1 + quoted)
    value = Located(event.value if inner is None else inner, place)
    put(value, inner, holders, keys)
    return value


FORMAT = DocumentFormat("YAML", (".yaml", ".yml"), read)
