"""What every command has: its format, its output, its progress, and how it ends."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from adamref import render
from adamref.completion import begun
from adamref.output import printable, put
from adamref.progress import alive
from adamref.progress import tracked as with_bar
from adamref.spelling import spelled

if TYPE_CHECKING:
    from adamref.errors import AdamrefError
    from adamref.listing import Listing

Work = Callable[..., tuple[render.Result | None, int]]


class _Format(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.2
    """A format in which results of a kind can be written: asked for when it is needed."""

    name = "format"

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_metavar(self, *where: Any, **more: Any) -> str | None:
        return click.Choice(render.formats(self.kind)).get_metavar(*where, **more)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return click.Choice(render.formats(self.kind)).convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
        return click.Choice(render.formats(self.kind)).shell_complete(ctx, param, incomplete)


class _OneOf(click.Option):
    """An option whose help lists the names that data holds: read when it is shown."""

    def __init__(self, *names: Any, of: str, help: str, **more: Any) -> None:  # noqa: A002
        super().__init__(*names, **{"help": help, "metavar": "NAME", **more})
        self.says, self.of = help, of

    @property
    def known(self) -> list[str]:
        """The names."""
        module, _, attribute = self.of.partition(":")
        held = getattr(import_module(module), attribute)
        return [getattr(one, "dtype", one) for one in (held() if callable(held) else held)]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = f"{self.says} {', '.join(self.known)}."
        return super().get_help_record(ctx)

    def shell_complete(self, _: click.Context, incomplete: str) -> Any:
        return begun(self.known, incomplete)


named = functools.partial(click.option, cls=_OneOf)
"""An option that takes a name that ``of`` holds or returns: ``module:attribute``."""

number = functools.partial(click.option, metavar="NUMBER")
"""An option that takes a number as it is written."""


_DOING = {"audit": "auditing", "check": "checking", "compare": "comparing", "derive": "deriving",
          "golden": "working", "mutate": "planting", "prove": "proving", "replay": "replaying",
          "step": "working", "tolerance": "working"}  # fmt: skip
"""What a command does, by the kind of its results."""


listed = click.option(
    "--list",
    "words",
    is_flag=False,
    flag_value="",
    metavar="[WORD]",
    help="List ids with titles; with words those in which they are.",
)
"""The option by which a command lists its ids: `Listing`."""


def looked_through(listing: Listing, words: str, more: Sequence[str]) -> Listing:
    """Return what is left of a list by the words after the option, of which the first is its own.

    Raises
    ------
    UnknownName
        If that is nothing.
    """
    sought = " ".join((words, *more)).strip()
    return listing.matching(sought) if sought else listing


def delivers(
    kind: str, *, default: str = "text", directory: str = ""
) -> Callable[[Work], Callable[..., None]]:
    """Make a function that returns a result and an exit code a command.

    Parameters
    ----------
    kind : str
        Of the results; how these can be written is what `adamref.render` knows.
    default : str
        The format where none is asked for.
    directory : str
        What ``--output`` does, where it names a directory that the function itself fills.
    """

    def decorate(work: Work) -> Callable[..., None]:
        help_ = directory or "Write to a file (beside, then renamed); - is standard output."

        @click.option(
            "--format",
            "format_",
            type=_Format(kind),
            default=default,
            show_default=True,
            help="How to write the result.",
        )
        @click.option("--output", metavar="DIR" if directory else "FILE", help=help_)
        @click.option("--quiet", is_flag=True, help="Print nothing; the exit code tells.")
        @functools.wraps(work)
        def command(format_: str, output: str | None, quiet: bool, **given: Any) -> None:
            with nullcontext() if quiet else alive(_DOING[kind]):
                result, code = work(**given, **({"output": output} if directory else {}))
                file = None if directory or output == "-" else output
                wanted = result is not None and not (quiet and file is None)
                made = None
                if wanted and result is not None:
                    # What a command lists has formats of its own.
                    other = result.kind != kind and format_ not in render.formats(result.kind)
                    made = render.written(result, "text" if other else format_)
            if wanted:
                put(made, file)
            sys.exit(code)

        return command

    return decorate


def tracked(items: Any, label: str, total: int) -> Any:
    """Pass items on, with a progress bar unless the command is to be quiet."""
    if click.get_current_context().params["quiet"]:
        return items
    return with_bar(items, label, total)


def complain(error: AdamrefError | str) -> None:
    """Say in one line on standard error what is wrong; code to paste follows as it is."""
    said, code = (error, "") if isinstance(error, str) else (error.says, error.to_paste)
    one_line = printable(" ".join(said.split()))
    lines = f"adamref: {one_line}{':' * bool(code)}"
    if code:
        lines += "\n\n" + printable(code.rstrip("\n"))
    click.echo(spelled(lines, sys.stderr.encoding), err=True)
