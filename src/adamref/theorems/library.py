"""The theorems that are installed, by id.

They stand in `adamref.proofs`, a folder of its own at the top of the repository, and are found
there: nothing imports them by name.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from adamref.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.theorems.record import Theorem

PROOFS = "adamref.proofs"


@cache
def theorems() -> Mapping[str, Theorem]:
    """Return every theorem by its id, in the order of the book."""
    found: dict[str, Theorem] = {}
    for chapter in import_module(PROOFS).CHAPTERS:
        for theorem in import_module(f"{PROOFS}.{chapter}").THEOREMS:
            assert theorem.id not in found, f"two theorems are called {theorem.id}"
            found[theorem.id] = theorem
    return MappingProxyType(found)


def chosen(ids: Sequence[str]) -> list[Theorem]:
    """Return the theorems with some ids, all of them if none is given.

    Raises
    ------
    UnknownName
        If there is no theorem with an id.
    """
    known = theorems()
    for name in ids:
        if name not in known:
            raise UnknownName("theorem", name, tuple(known))
    return [known[name] for name in ids] if ids else list(known.values())
