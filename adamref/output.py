"""Getting results out: to standard output or to a file, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from adamref.errors import Unreadable
from adamref.spelling import has_all_letters, printable_here, spelled


def emit(text: str, output: str | None) -> None:
    """Print a text, or write it to a file.

    Raises
    ------
    Unreadable
        If the file cannot be written. An existing file is then as it was, unless it is a pipe
        or a device.
    """
    if not text.endswith("\n"):
        text += "\n"
    try:
        if output is None:
            _to_standard_output(text)
            return
        target = Path(output)
        data = text.encode("utf-8", errors="backslashreplace")
        if target.exists() and not (target.is_file() or target.is_dir()):
            target.write_bytes(data)
            return
        write_whole(target, lambda file: file.write(data))
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "standard output" if output is None else output
        raise Unreadable(name, f"cannot be written: {error.strerror or error}") from None


def emit_bytes(data: bytes, output: str | None) -> None:
    """Write bytes to a file, or to standard output that is no terminal.

    Raises
    ------
    Unreadable
        If that cannot be done, or standard output is a terminal.
    """
    if output is None and sys.stdout.isatty():
        raise Unreadable("standard output", "is a terminal: give --output FILE for this format")
    try:
        if output is not None:
            write_whole(Path(output), lambda file: file.write(data))
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "standard output" if output is None else output
        raise Unreadable(name, f"cannot be written: {error.strerror or error}") from None


def write_whole(target: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Fill a new file beside another and put it in its place: the old one stays, or all is new.

    Raises
    ------
    OSError
        If that cannot be done; nothing is left beside it.
    """
    # Behind a link, the file that it leads to is the one to replace.
    target = target.resolve()
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        try:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _replace(file.name, target)


def _columns() -> int:
    """Return the width that COLUMNS asks for, within reason; 100 where it says no number."""
    said = os.environ.get("COLUMNS", "")
    # The width of a line is laid out in memory; int() refuses numbers of thousands of digits.
    return min(max(int(said), 40), 10_000) if re.fullmatch(r"-?[0-9]{1,9}", said) else 100


def _to_standard_output(text: str) -> None:
    """Print all of a text, spelled in what the terminal's encoding has."""
    try:
        sys.stdout.write(printable_here(text))
        sys.stdout.flush()
    except OSError:
        # What is left in the buffer would fail once more, and louder, when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _replace(made: str, target: Path) -> None:
    """Put a finished file in its place, with the permissions of a file made plainly."""
    try:
        mask = os.umask(0)
        os.umask(mask)
        Path(made).chmod(0o666 & ~mask)
        Path(made).replace(target)
    except OSError:
        Path(made).unlink(missing_ok=True)
        raise


def printable(text: str) -> str:
    """Make the control characters of somebody else's text visible.

    A terminal would obey them: a document could clear the screen, or colour a verdict.
    """
    return "".join(
        c if c == "\n" or not unicodedata.category(c).startswith("C") else repr(c)[1:-1]
        for c in text
    )


def as_json_text(document: dict[str, Any], *, in_ascii: bool = False) -> str:
    """Write a JSON document the way all of adamref's are written."""
    return json.dumps(document, indent=2, ensure_ascii=in_ascii)


def as_text(made: Any, width: int = 100) -> str:
    """Return what a writer made as text: a JSON document from a dict, no colours, no padding."""
    if isinstance(made, str):
        return made
    if isinstance(made, dict):
        return as_json_text(made)
    from rich.console import Console

    plain = Console(file=io.StringIO(), width=max(width, 40), color_system=None, **_RICH)
    # What is longer than a line, and is not to be broken, is not cut off either.
    plain.print(made, crop=False)
    # A laid out table pads its lines; nobody wants that in a file.
    return "\n".join(line.rstrip() for line in plain.file.getvalue().splitlines())  # type: ignore[attr-defined]


def put(made: Any, output: str | None) -> None:
    """Print what a writer made, in colour on a terminal, or write it to a file.

    The terminal's width and NO_COLOR are respected; without a terminal a line has at most 100
    characters, or COLUMNS.

    Raises
    ------
    Unreadable
        As `emit` does.
    """
    if isinstance(made, bytes):
        emit_bytes(made, output)
        return
    if output is not None:
        emit(as_text(made), output)
        return
    encoding = sys.stdout.encoding
    if isinstance(made, dict):
        # Of data nothing is spelled in another way: what is not there is escaped, as JSON has it.
        emit(as_json_text(made, in_ascii=not has_all_letters(encoding)), None)
        return
    if not (isinstance(made, str) or has_all_letters(encoding)):
        made = _spelled_out(made, encoding)
    if not isinstance(made, str) and sys.stdout.isatty():
        from rich.console import Console

        Console(**_RICH).print(made, crop=False)
        return
    emit(as_text(made, _columns()), None)


def _spelled_out(made: Any, encoding: str) -> Any:
    """Spell what rich is to lay out in what an encoding has, before it is measured."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if isinstance(made, str):
        return spelled(made, encoding)
    if isinstance(made, Text):
        new = made.blank_copy()
        for piece in made.divide({edge for span in made.spans for edge in (span.start, span.end)}):
            part = Text(spelled(piece.plain, encoding))
            for span in piece.spans:
                part.stylize(span.style)
            new.append(part)
        return new
    if isinstance(made, Group):
        return Group(*(_spelled_out(part, encoding) for part in made.renderables))
    if isinstance(made, Padding):
        made.renderable = _spelled_out(made.renderable, encoding)
    elif isinstance(made, Table):
        for column in made.columns:
            column.header = _spelled_out(column.header, encoding)
            column._cells = [_spelled_out(cell, encoding) for cell in column.cells]  # noqa: SLF001
    elif hasattr(made, "spelled_out"):
        return made.spelled_out(lambda text: spelled(text, encoding))
    return made


_RICH: dict[str, Any] = {"highlight": False, "emoji": False, "markup": False}
