"""Derivations for Python and for notebooks: a theorem checked and written again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.derive.document import TITLE, Book, book
from adamref.derive.reading import PATHS, selected
from adamref.theorems.citing import with_grounds
from adamref.theorems.prove import prove
from adamref.typeset.tree import Paragraph, told_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adamref.theorems.prove import Outcome
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Level


def derived(*ids: str, checked: bool = True, level: Level = "steps") -> Book:
    """Derive theorems: check them and what they rest on, and lay them out.

    Parameters
    ----------
    *ids : str
        Of theorems, chapters or ways through the book; all theorems if there are none.
    checked : bool
        Whether to check them, in this process, by all checkers but Coq.
    level : {"statement", "idea", "steps"}
        How much is told.

    Returns
    -------
    Book
        A notebook shows it; ``holds`` says whether every verdict is the recorded one.

    Raises
    ------
    UnknownName
        If something has no such id.

    >>> derived("power-below-one").holds
    True
    """
    theorems = selected(ids)
    names = [one.id for one in with_grounds(theorems)] if checked else []
    found = prove(names, jobs=1, in_kernel=False) if names else ()
    return laid_out(ids, theorems, {one.id: one for one in found}, level)


def laid_out(
    ids: Sequence[str],
    theorems: Iterable[Theorem],
    outcomes: Mapping[str, Outcome],
    level: Level = "steps",
) -> Book:
    """Lay out what was asked for by some ids; a way through the book has a title of its own."""
    title, says = TITLE, ""
    if len(ids) == 1 and ids[0] in PATHS:
        path = PATHS[ids[0]]
        title, says = path.title, path.says
    made = book(theorems, outcomes, title=title, opening=(Paragraph((says,)),) if says else ())
    return replace(made, document=told_to(made.document, level))
