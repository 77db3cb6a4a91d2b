"""Documents as slides: one idea each, a page of HTML without script and without network.

A key moves on, as in any page; on paper each slide is a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adamref.pages import rendered
from adamref.typeset.html import blocks, inline
from adamref.typeset.prose import label, typeset
from adamref.typeset.tree import Display, Figure, Numbered, Portion, Section

if TYPE_CHECKING:
    from adamref.typeset.tree import Block, Chapter, Document


def slides(document: Document) -> str:
    """Write a page whose sections are slides: of a proof, each step is one."""
    from markupsafe import Markup

    made = list(_opening(inline(typeset(document.title)), document.opening))
    for chapter in document.chapters:
        made += _of_chapter(chapter, document.title)
    lines: list[str] = []
    for number, slide in enumerate(made, 1):
        lines += slide.lines(number, len(made))
    body = Markup("\n".join(lines))  # noqa: S704 - each piece was escaped
    return rendered("slides.html", title=document.title, body=body)


class _Slide:
    """A slide: its heading, what stands above it, its blocks, and its class."""

    def __init__(self, heading: str, above: str, given: tuple[Block, ...], kind: str = "") -> None:
        self.heading, self.above, self.given, self.kind = heading, above, given, kind

    def lines(self, number: int, of: int) -> Iterator[str]:
        yield f'<section id="slide-{number}" class="slide {self.kind}">'
        if self.above:
            yield f'<p class="above">{self.above}</p>'
        yield f"<h{1 if number == 1 else 2}>{self.heading}</h{1 if number == 1 else 2}>"
        yield from blocks(self.given)
        back = f'<a href="#slide-{number - 1}" aria-label="back">‹</a>' if number > 1 else ""
        on = f'<a href="#slide-{number + 1}" aria-label="on">›</a>' if number < of else ""
        yield f'<p class="count">{back} {number} / {of} {on}</p></section>'


def _opening(title: str, given: tuple[Block, ...]) -> Iterator[_Slide]:
    """Yield the title, up to the first formula, and what is said of it on a slide of its own."""
    cut = next((at for at, block in enumerate(given, 1) if isinstance(block, Display)), len(given))
    yield _Slide(title, "", given[:cut], "title")
    if given[cut:]:
        yield _Slide(title, "", given[cut:])


def _of_chapter(chapter: Chapter, title: str) -> Iterator[_Slide]:
    if chapter.opening and chapter.title != title:
        yield _Slide(inline(typeset(chapter.title)), "", chapter.opening, "title")
    for section in chapter.sections:
        yield from _of_section(section)


def _of_section(section: Section) -> Iterator[_Slide]:
    title = inline(typeset(section.title))
    first, others = section.portions[:1], section.portions[1:]
    claimed = tuple(block for portion in first for block in portion.blocks)
    yield _Slide(title, f"<code>{section.id}</code>", claimed)
    for portion in others:
        if not portion.aside:
            yield from _of_portion(portion, title)


def _of_portion(portion: Portion, above: str) -> Iterator[_Slide]:
    """Yield a slide for what is said together, and one for each step and each figure in it."""
    heading = inline(label(portion.title))
    together: list[Block] = []
    for block in portion.blocks:
        if isinstance(block, Figure):
            yield _Slide(inline(typeset(block.shown.title)), above, (block,))
        elif isinstance(block, Numbered):
            for number, entry in enumerate(block.entries, 1):
                yield from _of_step(entry, f"{heading}, {number} of {len(block.entries)}", above)
        else:
            together.append(block)
    if together:
        yield _Slide(heading, above, tuple(together))


def _of_step(entry: tuple[Block, ...], heading: str, above: str) -> Iterator[_Slide]:
    """Yield a slide for a step, and one for each step of what is shown in it, as of an induction.

    What stands last before these, such as where the induction starts, stands on theirs.
    """
    together: list[Block] = []
    for block in entry:
        if isinstance(block, Numbered):
            lead = (together.pop(),)
            if together:
                yield _Slide(heading, above, tuple(together))
            together = []
            for inner in block.entries:
                yield from _of_step((*lead, *inner), heading, above)
        else:
            together.append(block)
    if together:
        yield _Slide(heading, above, tuple(together))
