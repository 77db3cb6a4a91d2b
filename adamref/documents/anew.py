"""Beginning a new worked example: what is forgotten then, and what still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.regions import Anew
    from adamref.documents.subjects import Heading


def restart(case: Case) -> None:
    """Begin a new worked example; the hyperparameters stay."""
    world = case.world
    case.left_behind += len(world.given)  # it was read, whatever comes after
    for table in (world.start, world.given, world.known, world.authors, world.units, world.alphas):
        table.clear()
    world.unjudged.clear()
    world.changed()
    case.clock.restart()


@final
@dataclass(frozen=True)
class Kept:
    """What a document gives before a place."""

    tables: Mapping[str, Mapping[Any, Any]]
    given: Mapping[str, Any]

    @classmethod
    def of(cls, case: Case) -> Kept:
        """Return what a document has given so far."""
        tables = {name: dict(getattr(case.world, name)) for name in _TABLES}
        return cls(tables, dict(case.given))

    @property
    def sources(self) -> frozenset[tuple[str, str, int]]:
        """Return whence the gradients of each parameter come: formulas, and numbers by steps."""
        laws = {(track, "law", id(law)) for track, law in self.tables["gradients"].items()}
        always = {(track, "always", hash(x)) for track, x in self.tables["constants"].items()}
        numbers = {(k[1], "number", k[2]) for k in self.tables["given"] if k[0] == "g"}
        return frozenset(laws | always | numbers)


_TABLES = ("hypers", "start", "given", "gradients", "constants")


def kept_before(kept: Mapping[int, Kept], section: Heading, case: Case) -> Mapping[int, Kept]:
    """Return, by levels, what stood before the first section, now that another begins."""
    if section.is_row:
        return kept
    outer = {level: one for level, one in kept.items() if level <= section.level}
    return outer if section.level in outer else {**outer, section.level: Kept.of(case)}


def inherit(case: Case, sections: Mapping[int, Kept], here: Anew) -> None:
    """Begin an example that rests on what was given before, and may give it anew.

    What stood before the first section of its level holds for all of them; what another section
    gave only as long as this one gives nothing else.

    Parameters
    ----------
    case : Case
    sections : mapping of int to Kept
        By the level of headings, what stood before the first section of that level.
    here : Anew
    """
    common = sections.get(here.level)
    kept = common if common is not None and here.alone else Kept.of(case)
    restart(case)
    for name, table in kept.tables.items():
        mine = getattr(case.world, name)
        mine.clear()
        mine.update(table)
    for key, value in list(case.world.given.items()):
        del case.world.given[key]
        if key[0] == "g":
            case.world.give(*key, value)
    case.given.clear()
    case.given.update(kept.given)
    case.gradients.clear()
    case.constant.clear()
    binding = (common or kept).sources
    if common is None:  # nothing says what stood before all sections: formulas did, most likely
        binding = frozenset(x for x in binding if x[1] == "law")
    case.inherited = {track for track, *of in kept.sources if (track, *of) not in binding}
    case.inherited_start = {track for name, track in case.world.start if name == "theta"}
    case.world.changed()


def override(case: Case, track: str) -> None:
    """Forget where the gradient came from in another example: this one gives its own."""
    if track not in case.inherited:
        return
    world = case.world
    case.inherited.discard(track)
    world.gradients.pop(track, None)
    world.constants.pop(track, None)
    for key in [key for key in world.given if key[0] == "g" and key[1] == track]:
        world.take_back(key)
    world.changed()
