"""Getting results out: to standard output or to a file, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamref.errors import Unreadable

if TYPE_CHECKING:
    from rich.console import RenderableType


def emit(text: str, output: str | None) -> None:
    """Print a text, or write it to a file.

    Raises
    ------
    Unreadable
        If the file cannot be written. An existing file is then as it was.
    """
    if not text.endswith("\n"):
        text += "\n"
    if output is None:
        sys.stdout.write(text)
        return
    target = Path(output)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            file.write(text)
        _replace(file.name, target)
    except OSError as error:
        raise Unreadable(output, f"cannot be written: {error.strerror or error}") from None


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


def as_json_text(document: dict[str, Any]) -> str:
    """Write a JSON document the way all of adamref's are written."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def show(renderable: RenderableType, output: str | None) -> None:
    """Print something laid out: in colour on a terminal, as plain text elsewhere.

    The terminal's width and NO_COLOR are respected; without a terminal a line has at most 100
    characters, or COLUMNS.
    """
    from rich.console import Console

    options: dict[str, Any] = {"highlight": False, "emoji": False, "markup": False}
    if output is None and sys.stdout.isatty():
        Console(**options).print(renderable)
        return
    width = int(os.environ.get("COLUMNS") or 100) if output is None else 100
    plain = Console(file=io.StringIO(), width=max(width, 40), color_system=None, **options)
    plain.print(renderable)
    text = plain.file.getvalue()  # type: ignore[attr-defined]
    # A laid out table pads its lines; nobody wants that in a file.
    emit("\n".join(line.rstrip() for line in text.splitlines()), output)
