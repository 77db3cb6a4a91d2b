"""Ids with their titles, in groups, to be looked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, final

from adamref.errors import UnknownName
from adamref.render import Result


@final
@dataclass(frozen=True)
class Group:
    """What belongs together: a title, and ids with their own; its name stands for all of them."""

    title: str
    entries: tuple[tuple[str, str], ...]
    name: str = ""


@final
@dataclass(frozen=True)
class Listing(Result):
    """Ids of a kind, in groups: what ``--list`` of a command gives.

    Attributes
    ----------
    of : str
        What they are ids of.
    groups : tuple of Group
    """

    kind: ClassVar[str] = "list"
    of: str
    groups: tuple[Group, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, in their order."""
        return tuple(id_ for group in self.groups for id_, _ in group.entries)

    def matching(self, words: str) -> Listing:
        """Return what has all of some words in its id, its title or its group.

        Raises
        ------
        UnknownName
            If there is nothing.
        """
        sought = words.casefold().split()
        groups = tuple(
            replace(group, entries=entries)
            for group in self.groups
            if (
                entries := tuple(
                    x for x in group.entries if _has(sought, (*x, group.title, group.name))
                )
            )
        )
        if not groups:
            raise UnknownName(f"word in what is listed of {self.of}", words, self.ids)
        return Listing(self.of, groups)


def _has(sought: Sequence[str], texts: Sequence[str]) -> bool:
    together = " ".join(texts).casefold()
    return all(word in together for word in sought)
