"""Bytes of files, exactly as many as are asked for, and names that stay inside a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from adamref.errors import Unreadable

MOST_TEXT = 1 << 28
"""Bytes that are taken as a whole at most: headers, indexes and pickles of what is stored."""


def size_of(path: str) -> int:
    """Return how many bytes a file has.

    Raises
    ------
    Unreadable
        If there is no such file, or it is none.
    """
    try:
        if not Path(path).is_file():
            raise Unreadable(path, "there is no such file")
        return os.stat(path).st_size  # noqa: PTH116
    except OSError as because:
        raise Unreadable(path, str(because)) from because


def bytes_at(path: str, offset: int, count: int) -> bytes:
    """Return bytes of a file from one place on.

    Raises
    ------
    Unreadable
        If the file ends before, or cannot be read.
    """
    try:
        with Path(path).open("rb", buffering=0) as file:
            file.seek(offset)
            parts: list[bytes] = []
            left = count
            while left and (part := file.read(left)):
                parts.append(part)
                left -= len(part)
    except (OSError, OverflowError) as because:
        raise Unreadable(path, str(because)) from because
    if left:
        raise Unreadable(path, f"it ends {left} bytes too soon: it is cut off, or has changed")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def whole(path: str, what: str) -> bytes:
    """Return all of a file that describes others.

    Raises
    ------
    Unreadable
        If it cannot be read, or is beyond what a description takes.
    """
    size = size_of(path)
    limited(path, size, what)
    return bytes_at(path, 0, size)


def limited(path: str, size: int, what: str) -> None:
    """Refuse what would be taken as a whole and is too large for that."""
    if size > MOST_TEXT:
        raise Unreadable(path, f"{what} has {size} bytes, but should have {MOST_TEXT} at most")


def json_of(path: str, text: bytes, what: str) -> dict[str, Any]:
    """Return an object of JSON.

    Raises
    ------
    Unreadable
        If the text is no JSON, or no object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as because:
        said = "it is nested too deeply" if isinstance(because, RecursionError) else because
        raise Unreadable(path, f"{what} is no JSON: {said}") from because
    if not isinstance(found, dict):
        raise Unreadable(path, f"{what} is no object of JSON")
    return found


def inside(folder: str, name: object) -> str:
    """Return the path of a file that a checkpoint names in its own folder.

    Raises
    ------
    Unreadable
        If the name leads out of the folder.
    """
    if not isinstance(name, str) or leads_out(name):
        raise Unreadable(folder, f"it names the file {name!r}, which does not lie in the folder")
    return str(Path(folder) / name)


def leads_out(name: str) -> bool:
    """Say whether a name of a file may lie outside the folder that it is relative to."""
    parts = name.replace("\\", "/").split("/")
    return not name or "\0" in name or ".." in parts or parts[0] == "" or ":" in parts[0]
