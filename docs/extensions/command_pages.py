"""The page of the command line, from what each command says of itself.

sphinx-click would read the options' texts before their names are listed in them (those of rules,
adapters and formats are looked up when help is shown), so click itself is asked.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import click

from adamref.cli import adamref

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """(command-line)=
# Command line

What `adamref COMMAND --help` says, of every command. A file that is named `-` is standard input or output.
Every command takes `--format`, `--output` and `--quiet`; what is wrong is told in one line on standard error.
"""
_CODES = """(exit-codes)=
## Exit codes

Programs may rely on these: see [what stays](../reference/compatibility.md). Where wrong usage is not
listed it is 2; an interrupted command ends with 130.
"""


def pages() -> dict[str, str]:
    """Return the page."""
    parts = [_HEAD, _CODES, "| command | exits |", "|---|---|"]
    for name, command in adamref.commands.items():
        parts.append(f"| [`{name}`](#command-{name}) | {_exits(command)} |")
    parts.append("")
    for name, command in adamref.commands.items():
        parts += _command(name, command)
    return {"command-line.md": "\n".join(parts)}


def _said(command: click.Command) -> list[str]:
    """Return the paragraphs of its help."""
    return [" ".join(x.split()) for x in inspect.cleandoc(command.help or "").split("\n\n")]


def _exits(command: click.Command) -> str:
    said = [x.removeprefix("Exits ") for x in _said(command) if x.startswith("Exits ")]
    return said[0].rstrip(".") if said else "0"


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"adamref {name}")
    usage = " ".join([f"adamref {name}", *command.collect_usage_pieces(context)])
    yield f"(command-{name})=\n## `adamref {name}`\n\n```text\n{usage}\n```\n"
    yield from (_escaped(x) + "\n" for x in _said(command))
    for option in command.get_params(context):
        if (record := option.get_help_record(context)) is not None:
            # The names that are listed once, if they are many, and the options by their spelling.
            yield f"`{record[0]}`\n: {_escaped(record[1]) or 'A number.'}\n"


def _escaped(text: str) -> str:
    """Mark options, keep what Markdown would take for markup."""
    plain = re.sub(r"([*_<>\[\]|$])", r"\\\1", " ".join(text.split()))
    return re.sub(r"(?<![\w-])(--[a-z][a-z-]*)", r"`\1`", plain)
