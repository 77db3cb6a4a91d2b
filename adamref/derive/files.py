"""The pictures of a document as files, for what is written in LaTeX or Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adamref.errors import Unreadable
from adamref.typeset.tree import figures

if TYPE_CHECKING:
    from adamref.typeset.tree import Document


def write_pictures(document: Document, folder: str) -> tuple[str, ...]:
    """Write each picture as SVG, for a light ground and a dark one, as PDF, and as numbers in CSV.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    Unreadable
        If the folder cannot be written to.
    MissingPackage
        If matplotlib is not installed.
    """
    place, written = Path(folder), []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for figure in figures(document):
            for ending in ("svg", "pdf", "csv"):
                figure.shown.save(place / f"{figure.name}.{ending}")
                written.append(f"{figure.name}.{ending}")
            figure.shown.save(place / f"{figure.name}-dark.svg", dark=True)
            written.append(f"{figure.name}-dark.svg")
    except OSError as error:
        raise Unreadable(folder, f"cannot be written: {error.strerror or error}") from None
    return tuple(written)
