"""Test cases in YAML, read by events: nothing is made of what a file says, no alias followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adamref.documents.formats.format import DocumentFormat, FormatRefused, Passage
from adamref.documents.formats.located import Located, put
from adamref.documents.formats.records import read_records

_DEEPEST = 100


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
        If PyYAML is not installed, or it is no YAML, has aliases or is nested too deeply.
    """
    try:
        import yaml
    except ImportError:
        raise FormatRefused(
            "YAML is read where PyYAML is there: pip install 'adamref[yaml]'"
        ) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root: list[Any] = []
    holders: list[Any] = [root]
    keys: list[str | None] = [None]
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise FormatRefused("it has aliases (*name), which are not followed")
            if isinstance(event, yaml.CollectionEndEvent):
                holders.pop()
                keys.pop()
            elif isinstance(event, yaml.DocumentEndEvent):
                break
            elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
                _add(event, holders, keys, yaml)
            if len(holders) > _DEEPEST:
                raise FormatRefused("its YAML is nested too deeply")
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, FormatRefused):
            raise
        raise FormatRefused(f"it is not YAML: {' '.join(str(error).split())[:200]}") from None
    found: Located = root[0] if root else Located(None, (1, 1))
    return found


def _add(event: Any, holders: list[Any], keys: list[str | None], yaml: Any) -> None:
    """Put what an event begins where it belongs."""
    inner: Any = None
    if isinstance(event, yaml.CollectionStartEvent):
        inner = {} if isinstance(event, yaml.MappingStartEvent) else []
    if isinstance(holders[-1], dict) and keys[-1] is None:
        # A key that is no scalar names nothing.
        keys[-1] = event.value if inner is None else ""
        if inner is not None:
            holders.append(inner)
            keys.append(None)
        return
    quoted = inner is None and event.style in ("'", '"')
    place = (event.start_mark.line + 1, event.start_mark.column + 1 + quoted)
    value = Located(event.value if inner is None else inner, place)
    put(value, inner, holders, keys)


FORMAT = DocumentFormat("YAML", (".yaml", ".yml"), read)
