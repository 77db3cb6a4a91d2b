"""What the theorems say to which an audit points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents.summary import places
from adamref.theorems.library import theorem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamref.documents.findings import Audit

HEADING = "Settled by theorems (adamref derive ID)"


def pointed(audit: Audit) -> Iterator[tuple[str, str, str]]:
    """Say of each theorem its id, where its claim stands and its title, and what it says."""
    for name in dict.fromkeys(pointer.theorem for pointer in audit.pointers):
        where = places([pointer for pointer in audit.pointers if pointer.theorem == name])
        record = theorem(name)
        yield name, f"{where}: {record.title}: {record.verdict.lower()}.", record.says
