"""The pages of the JSON Schemas that ship with the package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """(schemas)=
# JSON Schemas

What `--format json` writes, and what is read again, each document by its schema: `"schema"` says which. They ship in
`adamref/schemas`. [What stays](../reference/compatibility.md) says how they may change.

| schema | says | its fields |
|---|---|---|
"""


def pages() -> dict[str, str]:
    """Return a page for each schema, and one that lists them."""
    found = sorted(
        (path for path in files("adamref").joinpath("schemas").iterdir()),
        key=lambda path: path.name,
    )
    listed, made = [_HEAD.rstrip()], {}
    for path in found:
        name = path.name.removesuffix(".schema.json")
        text = path.read_text("utf-8")
        schema = json.loads(text)
        fields = ", ".join(f"`{x}`" for x in schema.get("properties", {}))
        says = schema.get("description", "").partition(". ")[0]
        listed.append(f"| [{schema['title']}](schemas/{name}.md) | {says} | {fields or '–'} |")
        made[f"schemas/{name}.md"] = "\n".join(_page(name, schema, text))
    hidden = "\n".join(f"schemas/{x.name.removesuffix('.schema.json')}" for x in found)
    listed.append(f"\n```{{toctree}}\n:hidden:\n\n{hidden}\n```\n")
    return {"schemas.md": "\n".join(listed), **made}


def _page(name: str, schema: dict[str, Any], text: str) -> Iterator[str]:
    yield f"(schema-{name})=\n# {schema['title']}\n"
    if "description" in schema:
        yield f"{schema['description']}\n"
    if "properties" in schema:
        yield "| field | is | must be there |\n|---|---|---|"
        needed = schema.get("required", ())
        for field, its in schema["properties"].items():
            yield f"| `{field}` | {_type(its)} | {'yes' if field in needed else 'no'} |"
    yield f"\n## The schema\n\n```json\n{text.rstrip()}\n```\n"


def _type(its: dict[str, Any] | bool) -> str:
    """Say in a word or two what a field is."""
    if isinstance(its, bool):
        return "anything" if its else "nothing"
    if "const" in its:
        return f"`{json.dumps(its['const'])}`"
    if "enum" in its:
        return "one of " + ", ".join(f"`{json.dumps(x)}`" for x in its["enum"])
    if "$ref" in its:
        return f"a `{its['$ref'].rpartition('/')[2]}`"
    for key, word in (("anyOf", " or "), ("oneOf", " or ")):
        if key in its:
            return word.join(_type(x) for x in its[key])
    kinds = its.get("type", "anything")
    said = " or ".join(kinds) if isinstance(kinds, list) else kinds
    more = f" of {_type(its['items'])}" if isinstance(its.get("items"), dict) else ""
    return f"{said}{more}" + (f": {its['description']}" if "description" in its else "")
