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
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

    from adamref.theorems.record import Theorem

PROOFS = "adamref.proofs"


@cache
def theorems() -> Mapping[str, Theorem]:
    """Return every theorem by its id, in the order of the book."""
    found: dict[str, Theorem] = {}
    for chapter in _chapters():
        for theorem in chapter.THEOREMS:
            assert theorem.id not in found, f"two theorems are called {theorem.id}"
            found[theorem.id] = theorem
    return MappingProxyType(found)


@cache
def chapter_titles() -> Mapping[str, str]:
    """Return the title of the chapter of every theorem, by the theorem's id."""
    return MappingProxyType(
        {
            theorem.id: str(chapter.__doc__).split("\n", 1)[0].removesuffix(".")
            for chapter in _chapters()
            for theorem in chapter.THEOREMS
        }
    )


def _chapters() -> Iterator[ModuleType]:
    for name in import_module(PROOFS).CHAPTERS:
        yield import_module(f"{PROOFS}.{name}")


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
