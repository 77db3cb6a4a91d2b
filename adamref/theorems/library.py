"""The theorems that are installed, by id.

They stand in `adamref.proofs`, a folder of its own at the top of the repository, and are found
there: nothing imports them by name.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

from adamref.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from adamref.theorems.record import Theorem

PROOFS = "adamref.proofs"


@cache
def theorems() -> Mapping[str, Theorem]:
    """Return every theorem by its id, in the order of the book."""
    found: dict[str, Theorem] = {}
    for chapter in _chapters():
        for theorem in _of(chapter).THEOREMS:
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
    return [_found(name)[1] for name in ids] if ids else list(theorems().values())


def theorem(name: str) -> Theorem:
    """Return the theorem with an id.

    Raises
    ------
    UnknownName
        If there is none.
    """
    return _found(name)[1]


def chapter_title(name: str) -> str:
    """Return the title of the chapter in which the theorem with an id stands."""
    return str(_found(name)[0].__doc__).split("\n", 1)[0].removesuffix(".")


@cache
def _found(name: str) -> tuple[ModuleType, Theorem]:
    """Return a theorem and its chapter; no other is loaded but for those that it rests on."""
    for chapter in sorted(_chapters(), key=lambda chapter: _unlikely(chapter, name)):
        for theorem in _of(chapter).THEOREMS:
            if theorem.id == name:
                return _of(chapter), theorem
    raise UnknownName("theorem", name, tuple(theorems()))


_WRITTEN = re.compile(r'\bid=f?"([^"]+)"')
"""How an id stands in a chapter: as it is, or with a part that is put in."""


def _unlikely(chapter: str, name: str) -> int:
    """Say how unlikely it is that a theorem stands in a chapter, without loading it.

    Its id looks like one that is written there (0), no id is, as its records are made by another
    chapter's functions (1), or only others are (2).
    """
    written = _WRITTEN.findall(_source(chapter))
    patterns = (re.split(r"\{[^}]*\}", one) for one in written)
    if any(re.fullmatch(".+".join(map(re.escape, parts)), name) for parts in patterns):
        return 0
    return 2 if written else 1


@cache
def _chapters() -> tuple[str, ...]:
    """Return the chapters in the order of the book; one that is not in its list comes last."""
    proofs = import_module(PROOFS)
    listed = tuple(proofs.CHAPTERS)
    others = (module.name for module in iter_modules(proofs.__path__))
    more = sorted(name for name in others if name not in listed and _has_theorems(name))
    return (*listed, *more)


def _has_theorems(chapter: str) -> bool:
    return re.search(r"^THEOREMS\b", _source(chapter), re.MULTILINE) is not None


def _source(chapter: str) -> str:
    spec = find_spec(f"{PROOFS}.{chapter}")
    assert spec is not None, chapter
    assert spec.origin is not None, chapter
    return Path(spec.origin).read_text("utf-8") if spec.origin.endswith(".py") else ""


def _of(chapter: str) -> ModuleType:
    return import_module(f"{PROOFS}.{chapter}")
