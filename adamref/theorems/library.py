"""The theorems that are installed, by id.

They stand in `adamref.proofs`, a folder of its own at the top of the repository, and are found
there: nothing imports them by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import cleandoc
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, final

from adamref.errors import UnknownName
from adamref.listing import Group, Listing
from adamref.theorems.index import ids, indexed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from adamref.theorems.record import Theorem

PROOFS = "adamref.proofs"


@final
@dataclass(frozen=True)
class TheoremChapter:
    """A chapter of the book: the title of its part, its own, and the paragraphs that open it."""

    part: str
    title: str
    opening: tuple[str, ...]


@cache
def theorems() -> Mapping[str, Theorem]:
    """Return every theorem by its id, in the order of the book."""
    found: dict[str, Theorem] = {}
    for chapter in _chapters():
        for theorem in _of(chapter).THEOREMS:
            assert theorem.id not in found, f"two theorems are called {theorem.id}"
            found[theorem.id] = theorem
    return MappingProxyType(found)


def chosen(names: Sequence[str]) -> list[Theorem]:
    """Return the theorems with some ids, those of chapters too, all of them if none is given.

    Raises
    ------
    UnknownName
        If there is no theorem with an id, and no such chapter.
    """
    if not names:
        return list(theorems().values())
    found: dict[str, Theorem] = {}
    for name in names:
        in_chapter = _is_chapter(name)
        more = _of(name).THEOREMS if in_chapter else (theorem(name),)
        found |= {one.id: one for one in more}
    return list(found.values())


def listing() -> Listing:
    """Return the ids of all theorems with their titles, by chapter; what can be is not loaded."""
    groups = []
    for name in _chapters():
        if (known := indexed().get(name)) is not None:
            groups.append(Group(known.title, tuple(known.theorems.items()), _asked_as(name)))
        else:
            chapter = _of(name)
            entries = tuple((one.id, one.heading) for one in chapter.THEOREMS)
            groups.append(Group(_title(chapter), entries, _asked_as(name)))
    # A chapter may hold what others use, and no theorem of its own.
    return Listing("theorems", tuple(group for group in groups if group.entries))


def theorem(name: str) -> Theorem:
    """Return the theorem with an id.

    Raises
    ------
    UnknownName
        If there is none.
    """
    return _found(name)[1]


@cache
def chapter_of(name: str) -> TheoremChapter:
    """Return the chapter in which the theorem with an id stands."""
    chapter = _found(name)[0]
    stem = chapter.__name__.removeprefix(f"{PROOFS}.")
    part = indexed()[stem].part if stem in indexed() else ""
    _, *opening = cleandoc(str(chapter.__doc__)).split("\n\n")
    said = tuple(" ".join(paragraph.split()) for paragraph in opening)
    return TheoremChapter(part, _title(chapter), said)


def _title(chapter: ModuleType) -> str:
    return str(chapter.__doc__).split("\n", 1)[0].removesuffix(".")


def _asked_as(name: str) -> str:
    """Return the name by which a chapter is asked for; none where that is a theorem's."""
    return name if _is_chapter(name) else ""


def _is_chapter(name: str) -> bool:
    return name in _chapters() and name not in ids()


@cache
def _found(name: str) -> tuple[ModuleType, Theorem]:
    """Return a theorem and its chapter; no other is loaded but for those that it rests on."""
    # First where the table has it, then what is not in the table, then everywhere.
    for chapter in sorted(_chapters(), key=lambda chapter: _unlikely(chapter, name)):
        for theorem in _of(chapter).THEOREMS:
            if theorem.id == name:
                return _of(chapter), theorem
    raise UnknownName("theorem or chapter", name, (*theorems(), *_chapters()))


def _unlikely(chapter: str, name: str) -> int:
    known = indexed().get(chapter)
    return 1 if known is None else 0 if name in known.theorems else 2


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
