"""The book of theorems and the rules, from the documents that `adamref derive` writes.

A chapter a page, with proofs folded; a page for each way through the book, and one of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.again import the_step
from adamref.derive.document import book
from adamref.derive.reading import PATHS, QUESTIONS, selected
from adamref.derive.rules import rules_chapter
from adamref.rules.family import family
from adamref.theorems.index import indexed
from adamref.typeset.html import inline as html
from adamref.typeset.markdown import blocks, inline, numbers
from adamref.typeset.prose import label, typeset
from adamref.typeset.tree import Figure, figures, labelled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from adamref.picture import Picture
    from adamref.typeset.tree import Block, Chapter, Document, Section

PICTURES = "pictures"
"""The folder of pictures among the generated pages."""

_HEAD = """(theorems)=
# What is proved about Adam

{count} theorems in {chapters} chapters, from the lines of the algorithm to claims of the literature that are false. Each
stands with its proof, step by step, and with statements beside it that are nearly the same and false. They are printed from
the records in `proofs/`, which `adamref prove` checks again; [what can be trusted](../explanation/trust.md) says by
what. `adamref derive ID` prints one; {ways} print a way through the book.

- Ask: [which theorems answer a question](#theorem-questions).
- Be led: {led}.
- Read it whole, from the recurrence on: the parts follow.

"""
_PRINTED = """
`adamref derive {id}` prints them so; `--format html` makes a page of them, `slides` a lecture, `pdf` a paper, `notebook`
what checks each again."""
_QUESTIONS = """(theorem-questions)=
# Questions, and the theorems that answer them

In the order in which people have them.

"""
_RULES = """(rules)=
# The rules

Every optimizer that adamref knows: its lines, where each comes from, its published defaults, the dialects in which
others have it, and the theorems that say when it is Adam, AdamW or SGD. `adamref derive NAME` prints one.

"""


def pages() -> dict[str, str | bytes]:
    """Return the pages of the book and of the rules, and the pictures that they show."""
    document = book(selected(())).document
    homes = {id_: name for name, one in indexed().items() for id_ in one.theorems}
    made: dict[str, str | bytes] = {}
    for chapter in document.chapters:
        name = f"theorems/chapter-{homes[chapter.sections[0].id]}"
        made[f"{name}.md"] = _joined(_chapter(chapter, document.ids))
    for figure in figures(document):
        made |= pictures(figure.name, figure.shown)
    titles = {section.id: section.title for section in document.sections}
    made |= {f"theorems/way-{id_}.md": _way(id_, titles) for id_ in PATHS}
    made["theorems/questions.md"] = _joined(_questions(titles))
    rules = rules_chapter(family().values())
    return {
        "theorems.md": _joined(_contents(document, homes)),
        "rules.md": _RULES + _joined(_sections(rules, document.ids, before="rule-")),
        **made,
    }


def pictures(name: str, picture: Picture) -> dict[str, str | bytes]:
    """Return the files of a picture, for a light ground and a dark one."""
    return {
        f"{PICTURES}/{name}.svg": picture.svg(),
        f"{PICTURES}/{name}-dark.svg": picture.svg(dark=True),
    }


def shown(name: str, picture: Picture, folder: str = PICTURES) -> Iterator[str]:
    """Yield the lines that show a picture, what is to be seen in words, and its numbers."""
    figure = Figure(name, picture)
    for ground, suffix in (("only-light", ""), ("only-dark", "-dark")):
        yield f"```{{figure}} {folder}/{name}{suffix}.svg"
        yield f":alt: {picture.alt}\n:figclass: {ground}\n\n{inline(typeset(picture.title))}\n```\n"
    yield "<details><summary>In words and numbers</summary>\n"
    yield from (f"{inline(typeset(picture.alt))}\n", *blocks((numbers(figure),)), "</details>\n")


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _chapter(chapter: Chapter, ids: Collection[str]) -> Iterator[str]:
    yield f"# {inline(typeset(chapter.title))}\n"
    yield from blocks(chapter.opening, ids)
    yield from _sections(chapter, ids)


def _sections(chapter: Chapter, ids: Collection[str], before: str = "") -> Iterator[str]:
    for section in chapter.sections:
        yield f"({before}{section.id})=\n## {inline(typeset(section.title))}\n\n`{section.id}`\n"
        yield from _portions(section, ids)


def _portions(section: Section, ids: Collection[str]) -> Iterator[str]:
    for portion in section.portions:
        if not portion.folded:
            yield from _blocks(labelled(portion), ids)
            continue
        yield f"<details><summary>{html(label(portion.title))}</summary>\n"
        yield from (*_blocks(portion.blocks, ids), "</details>\n")


def _blocks(given: Iterable[Block], ids: Collection[str]) -> Iterator[str]:
    for block in given:
        if isinstance(block, Figure):
            yield from shown(block.name, block.shown, f"../{PICTURES}")
        else:
            yield from blocks((block,), ids)


def _contents(document: Document, homes: dict[str, str]) -> Iterator[str]:
    """Yield the page that lists parts, chapters and theorems."""
    led = ", ".join(f"[{path.title}](theorems/way-{path.id}.md)" for path in PATHS.values())
    yield _HEAD.format(
        count=len(document.sections), chapters=len(document.chapters), led=led,
        ways=", ".join(f"`{name}`" for name in PATHS),
    )  # fmt: skip
    yield from blocks(the_step())
    entries = ["questions", *(f"way-{name}" for name in PATHS)]
    for part, chapters in document.parts:
        yield f"\n## {inline(typeset(part))}\n"
        for chapter in chapters:
            entries.append(home := f"chapter-{homes[chapter.sections[0].id]}")
            yield f"\n### [{inline(typeset(chapter.title))}](theorems/{home}.md)\n"
            yield from (f"- {_linked(one.id, one.title)}" for one in chapter.sections)
    hidden = "\n".join(f"theorems/{name}" for name in entries)
    yield f"\n```{{toctree}}\n:hidden:\n\n{hidden}\n```"


def _linked(id_: str, title: str) -> str:
    return f"[{inline(typeset(title))}](#{id_})"


def _way(id_: str, titles: dict[str, str]) -> str:
    path = PATHS[id_]
    return _joined((
        f"# {path.title}\n\n{inline(typeset(path.says))}\n",
        *(f"{at}. {_linked(one, titles[one])}" for at, one in enumerate(path.theorems, 1)),
        _PRINTED.format(id=id_),
    ))  # fmt: skip


def _questions(titles: dict[str, str]) -> Iterator[str]:
    yield _QUESTIONS
    for one in QUESTIONS:
        yield f"## {inline(typeset(one.asked))}\n"
        yield from (f"- {_linked(id_, titles[id_])}" for id_ in one.theorems)
        yield ""
