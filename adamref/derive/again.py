"""Derivations for Python and for notebooks: a theorem checked and written again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.derive.document import TITLE, Book, book
from adamref.derive.reading import PATHS, QUESTIONS, selected
from adamref.rules import ADAM
from adamref.theorems.citing import with_grounds
from adamref.theorems.prove import prove
from adamref.typeset.tree import Bullets, Display, Paragraph, Reference, told_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from adamref.derive.reading import Question, ReadingPath
    from adamref.theorems.prove import Outcome
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Block, Inline, Level


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
    title = TITLE
    opening: tuple[Block, ...] = ()
    if len(ids) == 1 and ids[0] in PATHS:
        path = PATHS[ids[0]]
        title, opening = path.title, (Paragraph((path.says,)),)
    # Where no rule is spoken of, or another one, its letters are.
    opening = (*opening, *the_step())
    made = book(tuple(theorems), outcomes, title=title, opening=opening)
    document = told_to(made.document, level)
    if not ids or "all" in ids:
        ways = tuple(
            Paragraph((path.says, " ", *_named(path)), path.title) for path in PATHS.values()
        )
        questions = Bullets(tuple((f"{one.asked} ", *_named(one)) for one in QUESTIONS))
        index = (Paragraph((), "Index by question"), questions)
        document = replace(document, opening=(*document.opening, *ways), closing=index)
    return replace(made, document=document)


def the_step() -> tuple[Block, ...]:
    """Return the lines of Adam, and what its letters are."""
    step = f"A step of Adam ({ADAM.source}):"
    return (Paragraph((step,)), Display(ADAM.latex()), Paragraph((_LETTERS,)))


_LETTERS = (
    "Here g_t is the gradient of the loss at theta_(t-1), alpha is the step size, beta1 and beta2 "
    "are the decay rates, and eps is a small number that keeps the denominator away from 0; m and "
    "v are the first and the second moment, m_hat and v_hat the corrected ones, and before the "
    "first step m_0 = 0 and v_0 = 0. All is said of one parameter: Adam treats each by itself. "
    "Throughout, a power with the exponent 0 is 1, also that of 0. The ranges that are assumed, "
    "as t >= 1 or 0 <= beta1 < 1, are used in any step, and not named there. A near-miss is a "
    "statement close to a theorem that is false, with an example that shows it."
)


def _named(of: ReadingPath | Question) -> Iterator[Inline]:
    """Name the theorems of a way or a question."""
    for at, name in enumerate(of.theorems):
        yield from (", ", Reference(name)) if at else (Reference(name),)
    yield "."
