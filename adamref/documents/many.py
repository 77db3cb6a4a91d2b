"""Many documents, audited by several processes; what comes out is in the order of what went in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adamref.documents.audit import audited
from adamref.documents.findings import Audit
from adamref.documents.source import STANDARD_INPUT, from_file
from adamref.documents.summary import corrected_sheet
from adamref.errors import AdamrefError
from adamref.processes import processors, worked_apart

FEW = 20
"""So many documents are read by this process alone: starting others takes longer."""
_AT_ONCE = 8


def audit_all(paths: Sequence[str], *, jobs: int | None = None) -> Iterator[Audit | AdamrefError]:
    """Audit files, and give for each what was found or why it could not be read.

    Parameters
    ----------
    paths : sequence of str
        ``-`` is standard input.
    jobs : int, optional
        How many processes; by default as many as there are processors.
    """
    jobs = min(jobs or processors(), -(-len(paths) // _AT_ONCE))
    if jobs < 2 or len(paths) <= FEW or STANDARD_INPUT in paths:
        yield from map(_audited, paths)
        return
    with worked_apart(_travelling, paths, jobs, at_once=_AT_ONCE) as made:
        yield from made


def _audited(path: str) -> Audit | AdamrefError:
    try:
        return audited(from_file(path))
    except AdamrefError as error:
        return error


def _travelling(path: str) -> Audit | AdamrefError:
    """Audit a file in a process of its own.

    Formulas come out of another process in another order of their terms: what is to be said of the
    worlds that hold them is said here.
    """
    found = _audited(path)
    if isinstance(found, Audit):
        return replace(found, sheet=tuple(corrected_sheet(found)), worlds={})
    return found
