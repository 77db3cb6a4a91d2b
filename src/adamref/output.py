"""Getting results out: to standard output or to a file, whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamref.errors import Unreadable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


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


def console(output: str | None) -> Console:
    """Return a console of the terminal's width, coloured only on a terminal without NO_COLOR."""
    from rich.console import Console

    if output is not None:
        import io

        return Console(file=io.StringIO(), width=100, color_system=None, highlight=False)
    terminal = sys.stdout.isatty()
    width = None if terminal or os.environ.get("COLUMNS") else 100
    return Console(highlight=False, width=width, soft_wrap=False, emoji=False, markup=False)


def show(renderable: RenderableType, output: str | None) -> None:
    """Print something laid out, or write it to a file as plain text."""
    shown = console(output)
    shown.print(renderable)
    if output is not None:
        emit(shown.file.getvalue(), output)  # type: ignore[attr-defined]
