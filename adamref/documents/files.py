"""Which documents are meant: files, what lies in folders, what matches a pattern."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import final

from adamref.documents.formats import formats
from adamref.documents.source import STANDARD_INPUT
from adamref.errors import Unreadable

_TEXTS = frozenset(".md .markdown .mdown .mkd .rmd .qmd .txt .text .org .adoc .wiki".split())
_PASSED = frozenset("node_modules __pycache__ site-packages".split())


@final
@dataclass(frozen=True)
class Named:
    """A document that is to be read.

    Attributes
    ----------
    path : str
    sought : bool
        Whether it was found in a folder: then it may well have nothing to do with a step.
    """

    path: str
    sought: bool = False


def documents(names: Sequence[str]) -> Iterator[Named | Unreadable]:
    """Find the documents that are named, in order; those of a folder by their names.

    Yields
    ------
    Named or Unreadable
        The latter for what matches nothing.
    """
    for name in names:
        if name == STANDARD_INPUT or os.path.isfile(name):  # noqa: PTH113 - of any name
            yield Named(name)
        elif os.path.isdir(name):  # noqa: PTH112 - of any name
            found = [Named(path, sought=True) for path in _in_folder(name)]
            yield from found
            if not found:
                yield Unreadable(name, "no document is in this directory")
        elif glob.has_magic(name) and not os.path.lexists(name):
            matched = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - a pattern may be absolute
            files = [Named(path) for path in matched if Path(path).is_file()]
            yield from files
            if not files:
                yield Unreadable(name, "no file matches this pattern")
        else:
            yield Named(name)


def _in_folder(name: str) -> Iterator[str]:
    """Find what may be a document in a folder and below it; what is hidden is left alone."""
    known = _TEXTS.union(*(one.suffixes for one in formats()))
    for folder, below, files in os.walk(name):
        below[:] = sorted(x for x in below if not x.startswith(".") and x not in _PASSED)
        for file in sorted(files):
            path = os.path.join(folder, file)  # noqa: PTH118 - as it was written
            is_known = not file.startswith(".") and PurePath(file).suffix.lower() in known
            if is_known and os.path.isfile(path):  # noqa: PTH113 - no pipe, nor what is gone
                yield path
