"""Writes the survey's pages from its records: the table, and a page an implementation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from survey import record
from survey.rows import HERE, Row, rows

DOCS = HERE.parent / "docs" / "catalogue"
TABLE = DOCS / "survey.md"
FOLDER = DOCS / "survey"

_REMARK = "<!-- Do not edit: `python -m survey pages` writes this page from its record. -->"
_HEAD = """# How right other people's optimizers are

{remark}

`adamref check` over {count} implementations of Adam and its family, each at the version that is
named, in an environment of its own, on a CPU: {conform} conform, {deviate} deviate{rest}. A click
on a head of the table sorts by it. θ and first step are in ulps, at most, each step from the
implementation's own state; *right* is the share of θ that is the exact number rounded once. Those
of float32 are shown where it was checked in that.
[How it is done again, and what differs then](../howto/survey.md).

A deviation is from the rule in every legitimate dialect; what was read in the source of each stands
on its page, and in [the bugs](bugs.md). A limit is an edge, as t beyond 2²⁴ or the overflow of g².

"""

_COLUMNS = ("implementation", "version", "as", "verdict", "θ", "first step", "right", "limits",
            "cause", "dialect", "in")  # fmt: skip

_PAPER = {
    "form": "paper", "bias_correction": True, "moments": "beta", "weight_decay": "none",
    "amsgrad": "none",
}  # fmt: skip
"""What goes without saying in a table."""
_HELD = ("storage", "compute", "hyper")


def texts(declared: Sequence[Row], records: Mapping[str, Mapping[str, Any]]) -> dict[Path, str]:
    """Return every page by its path: of what is declared and was surveyed."""
    mine = [(row, records[row.name]) for row in declared if row.name in records]
    mine.sort(key=lambda pair: pair[0].name)
    pages = {FOLDER / f"{row.name}.md": "\n".join(_page(row, one)) + "\n" for row, one in mine}
    pages[TABLE] = "".join(_table(mine))
    return pages


def write() -> None:
    """Write the pages, and remove those of what is no longer there."""
    found = texts(rows(), record.read_all())
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path not in found:
            path.unlink()
    for path, text in found.items():
        path.write_text(text, "utf-8")


def verdict(one: Mapping[str, Any]) -> str:
    """Return the verdict of an implementation: that of its dtypes which is worst."""
    said = [x["verdict"] for x in one["dtypes"].values()]
    for worst in ("deviates", "conforms"):
        if worst in said:
            return worst
    return "not judged"


def _table(mine: Sequence[tuple[Row, Mapping[str, Any]]]) -> Iterator[str]:
    count = {x: sum(verdict(one) == x for _, one in mine) for x in ("conforms", "deviates")}
    left = len(mine) - sum(count.values())
    yield _HEAD.format(
        remark=_REMARK,
        count=len(mine),
        conform=count["conforms"],
        deviate=count["deviates"],
        rest=f", and {left} could not be judged" if left else "",
    )
    yield "| " + " | ".join(_COLUMNS) + " |\n" + "|---" * len(_COLUMNS) + "|\n"
    for row, one in mine:
        yield "| " + " | ".join(_cells(row, one)) + " |\n"
    yield "\n```{toctree}\n:hidden:\n:glob:\n\nsurvey/*\n```\n"


def _cells(row: Row, one: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{row.title}](survey/{row.name}.md)"
    yield f"{one['package']} {one['version']}"
    yield one["optimizer"]
    yield verdict(one)
    judged = {k: x for k, x in one["dtypes"].items() if x["verdict"] != "error"}
    shown = judged.get("float32") or next(iter(judged.values()), None)
    if shown is None:
        yield from ("–", "–", "–", "–", _cell(_because(one)), "–", "–")
        return
    yield _ulps(shown["theta"])
    yield _ulps(shown["first_step"])
    yield f"{shown['theta']['correctly_rounded']:.1%}" if shown["theta"] else "–"
    yield str(len({x["id"] for x in shown["limits"]}))
    yield _cell("; ".join(dict.fromkeys(c for x in judged.values() for c in _causes(x))) or "–")
    yield _cell(_dialect(shown["dialect"]))
    own = {
        k: "" if x["verdict"] == verdict(one) else f" ({x['verdict']})" for k, x in judged.items()
    }
    yield ", ".join(k + x for k, x in own.items())


def _because(one: Mapping[str, Any]) -> str:
    said = [one["because"], *(x["because"] for x in one["dtypes"].values())]
    findings = [f["says"] for x in one["dtypes"].values() for f in x["errors"]]
    return next((x for x in (*said, *findings) if x), "")


def _causes(checked: Mapping[str, Any]) -> list[str]:
    if checked["verdict"] != "deviates":
        return []
    solved = [" and ".join(x["says"]) for x in checked["causes"]]
    beside = [x["id"] for x in checked["deviations"] if x["id"] not in {"deviates", "unexplained"}]
    return solved or list(dict.fromkeys(beside)) or ["not told"]


def _dialect(said: Mapping[str, Any]) -> str:
    told = {k: x for k, x in said.items() if k not in _HELD and x is not None}
    other = [
        f"{k.replace('_', ' ')} {_value(x)}" for k, x in told.items() if _PAPER.get(k, "") != x
    ]
    return ", ".join(other) or "paper"


def _value(x: Any) -> str:
    if isinstance(x, list):
        return " or ".join(map(_value, x))
    return {True: "on", False: "off"}.get(x, str(x)) if isinstance(x, bool) else str(x)


def _ulps(said: Mapping[str, Any] | None) -> str:
    return "–" if said is None else _number(said["max_ulp"])


def _number(x: float | str) -> str:
    return x if isinstance(x, str) else f"{x:g}"


def _cell(text: str) -> str:
    """Return a text as it stands in a cell, with nothing that Markdown would take for its own."""
    line = " ".join(text.split())
    for sign in "\\|<>*_`[]$":
        line = line.replace(sign, "\\" + sign)
    return line


def _page(row: Row, one: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {row.title}"
    yield ""
    yield _REMARK
    yield ""
    yield (f"{one['package']} {one['version']}, checked as {one['optimizer']} on {one['date']} "
           f"({one['platform']}): {verdict(one)}.")  # fmt: skip
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| target | `{one['target']}` |"
    if one["args"]:
        yield f"| arguments | {', '.join(f'`{k}={v}`' for k, v in one['args'].items())} |"
    if row.glue:
        yield f"| reached by | [survey/glue/{row.glue}](../../../survey/glue/{row.glue}) |"
    if one["environment"]:
        said = ", ".join(f"{k} {x}" for k, x in sorted(one["environment"].items()))
        yield f"| with | {_cell(said)} |"
    if one["because"]:
        yield ""
        yield f"It could not be made ready: {_cell(one['because'])}"
    for dtype, checked in one["dtypes"].items():
        yield ""
        yield f"## In {dtype}: {checked['verdict']}"
        yield from _checked(checked)
    if row.known:
        yield ""
        yield "## What was read in its source"
        for known in row.known:
            yield ""
            yield f"{known['cause']} ({known['source']})"
    if one["compared"]:
        yield ""
        yield "## Beside a right one"
        yield from _compared(one["compared"])


def _checked(checked: Mapping[str, Any]) -> Iterator[str]:
    if checked["because"]:
        yield ""
        yield _cell(checked["because"])
        return
    yield ""
    yield "| | at most, ulp | right after one rounding | of its bound |"
    yield "|---|---|---|---|"
    for key, title in (("theta", "θ"), ("first_step", "first step")):
        if (said := checked[key]) is not None:
            most, bound = _number(said["max_ulp"]), _number(said["max_over_bound"])
            yield f"| {title} | {most} | {said['correctly_rounded']:.1%} | {bound} |"
    told = {k: x for k, x in checked["dialect"].items() if x is not None}
    if told:
        yield ""
        yield "Dialect: " + _cell(", ".join(f"{k} {_value(x)}" for k, x in told.items())) + "."
    for cause in checked["causes"]:
        sure = "confirmed in exact arithmetic" if cause["confirmed"] else "not confirmed"
        says = " and ".join(cause["says"])
        where = f" where {cause['where']}" if cause["where"] and "where" not in says else ""
        formula = f": {cause['formula']}" if cause["formula"] else ""
        yield ""
        yield f"**Cause**: {_cell(says + where + formula)} ({sure})."
    yield from _off(checked["off"])
    if checked["snippet"]:
        yield ""
        yield "What gives the right one:"
        yield ""
        yield "<!-- not run: it is of the implementation that the survey checked -->"
        yield "```text"
        yield checked["snippet"]
        yield "```"
    for key, title in (
        ("errors", "Errors"), ("deviations", "Deviations"), ("limits", "Limits"), ("notes", "Notes")
    ):  # fmt: skip
        if checked[key]:
            yield ""
            yield f"{title}:"
            yield ""
            for one in checked[key]:
                probe = f" ({one['probe']})" if one["probe"] else ""
                yield f"- `{one['id']}`{probe}: {_cell(one['says'])}"


_SHOWN = 12
"""Of the probes that differ; the record has all."""


def _off(off: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not off:
        return
    yield ""
    more = len(off) - _SHOWN
    names = ", ".join(f"`{x['name']}`" for x in off[:_SHOWN])
    yield f"Probes that differ: {names}{f', and {more} more' if more > 0 else ''}."
    first = next((x["first"] for x in off if x["first"]), None)
    if first is not None:
        yield ""
        where = f"{first['field']} at t = {first['t']}, i = {first['index']}"
        right = f"should be {first['want']} (bound {first['bound']})"
        yield f"First: {where} is {first['got']}, but {right}."


def _compared(said: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    if said["because"]:
        yield f"Not compared: {_cell(said['because'])}."
        return
    yield f"Compared with `{said['with']}` in {said['dtype']}:"
    yield ""
    for line in said["says"]:
        yield f"- {_cell(line)}"
