"""A document without a format: parts, chapters, sections, portions, and the blocks in them.

A writer of this package turns it into Markdown, HTML, LaTeX, Typst, a notebook or slides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, final

if TYPE_CHECKING:
    from pathlib import Path


@final
@dataclass(frozen=True)
class Math:
    """A formula inside a sentence, in LaTeX."""

    latex: str


@final
@dataclass(frozen=True)
class Reference:
    """A section that is named, by its id."""

    id: str


@final
@dataclass(frozen=True)
class Verbatim:
    """What stands as it is: a command, a name, a number in hexadecimal."""

    text: str


Inline: TypeAlias = "str | Math | Reference | Verbatim"
Sentence: TypeAlias = "tuple[Inline, ...]"


@final
@dataclass(frozen=True)
class Display:
    """A formula on lines of its own."""

    latex: str


@final
@dataclass(frozen=True)
class Paragraph:
    """Sentences, some of them with formulas; a label stands in bold before them."""

    parts: Sentence
    label: str = ""


@final
@dataclass(frozen=True)
class Numbered:
    """A list of numbered entries, each made of blocks."""

    entries: tuple[tuple[Block, ...], ...]


@final
@dataclass(frozen=True)
class Bullets:
    """A list of entries, each a paragraph."""

    entries: tuple[Sentence, ...]


@final
@dataclass(frozen=True)
class DataTable:
    """A table: a head, and rows of as many cells."""

    head: tuple[Sentence, ...]
    rows: tuple[tuple[Sentence, ...], ...]


class Depicted(Protocol):
    """What a figure shows: a picture, its text, and the numbers that are drawn."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""

    @property
    def alt(self) -> str:
        """What is to be seen, in words, for those who do not see it."""

    @property
    def caption(self) -> str:
        """What it is, and what is to be seen in it, for those who do, or have its numbers."""

    def svg(self, *, dark: bool = False) -> str:
        """Return it as an SVG image."""

    def save(self, path: Path, *, dark: bool = False) -> Path:
        """Write it to a file, its format by the name."""

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return what is drawn as numbers: a head, and rows."""


@final
@dataclass(frozen=True)
class Figure:
    """A picture, with its text and its numbers; the name is that of its files."""

    name: str
    shown: Depicted = field(compare=False)


Block: TypeAlias = "Paragraph | Display | Numbered | Bullets | DataTable | Figure"
Level: TypeAlias = Literal["statement", "idea", "steps"]
LEVELS: tuple[Level, ...] = ("statement", "idea", "steps")
"""How much is told: what is claimed; what its idea is; every step."""


@final
@dataclass(frozen=True)
class Portion:
    """Blocks that belong together, as a proof, under a title that stands before them.

    Attributes
    ----------
    title : str
        In bold before the first paragraph; empty for none.
    blocks : tuple of Block
    level : {"statement", "idea", "steps"}
        From which level on it is told.
    folded : bool
        Whether a page shows its title alone until it is opened.
    aside : bool
        Whether it is to be looked up rather than told: slides leave it out.
    """

    title: str
    blocks: tuple[Block, ...]
    level: Level = "statement"
    folded: bool = False
    aside: bool = False


@final
@dataclass(frozen=True)
class Section:
    """What has a title and an id: a theorem, a rule, a step.

    Attributes
    ----------
    title, id : str
        The id may be empty, where nothing names it.
    portions : tuple of Portion
    code : tuple of str
        Python that works again what is said, a cell of a notebook each.
    """

    title: str
    id: str
    portions: tuple[Portion, ...]
    code: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, the titles of portions as labels."""
        return tuple(block for portion in self.portions for block in labelled(portion))


@final
@dataclass(frozen=True)
class Chapter:
    """Sections about one thing, with what is said before them."""

    title: str
    sections: tuple[Section, ...]
    part: str = ""
    opening: tuple[Block, ...] = ()


@final
@dataclass(frozen=True)
class Document:
    """A whole document.

    Attributes
    ----------
    title : str
    chapters : tuple of Chapter
    opening, closing : tuple of Block
        What stands before the chapters and after them.
    code : tuple of str
        What a notebook begins with.
    """

    title: str
    chapters: tuple[Chapter, ...]
    opening: tuple[Block, ...] = ()
    closing: tuple[Block, ...] = ()
    code: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections, in order."""
        return tuple(section for chapter in self.chapters for section in chapter.sections)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its sections."""
        return frozenset(section.id for section in self.sections if section.id)

    @property
    def parts(self) -> tuple[tuple[str, tuple[Chapter, ...]], ...]:
        """The chapters by the titles of their parts, those together that stand together."""
        together = groupby(self.chapters, key=lambda chapter: chapter.part)
        return tuple((title, tuple(chapters)) for title, chapters in together)


def labelled(portion: Portion) -> tuple[Block, ...]:
    """Return the blocks of a portion, its title as the label of a paragraph before them."""
    first, *rest = portion.blocks or (Paragraph(()),)
    if not portion.title:
        return portion.blocks
    if isinstance(first, Paragraph) and not first.label:
        return (replace(first, label=portion.title), *rest)
    return (Paragraph((), portion.title), *portion.blocks)


def told_to(document: Document, level: Level) -> Document:
    """Return a document without what is told at higher levels alone."""
    kept = LEVELS[: LEVELS.index(level) + 1]

    def shortened(section: Section) -> Section:
        return replace(section, portions=tuple(p for p in section.portions if p.level in kept))

    chapters = tuple(
        replace(chapter, sections=tuple(map(shortened, chapter.sections)))
        for chapter in document.chapters
    )
    return replace(document, chapters=chapters)


def figures(document: Document) -> Iterator[Figure]:
    """Yield every figure of a document once."""
    seen = set()
    blocks = [*document.opening, *document.closing]
    for chapter in document.chapters:
        blocks += chapter.opening
        blocks += (block for section in chapter.sections for block in section.blocks)
    for block in blocks:
        if isinstance(block, Figure) and block.name not in seen:
            seen.add(block.name)
            yield block
