"""Published defaults in tables: a row names an optimizer and whose numbers it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adamref.documents.prose.constants import held_against, owners_in, the_paper
from adamref.documents.prose.hyperparameters import NAMES, NUMBER
from adamref.documents.subjects import adam, called
from adamref.rules.published import PUBLISHED, Published

if TYPE_CHECKING:
    from adamref.documents.claims import Claim
    from adamref.documents.source import Source

_RULE = re.compile(r"^[\s|:+-]+$")
_DEFAULTS = re.compile(r"\b(?:default|recommend|published|standard)", re.IGNORECASE)
_NOT_THEIRS = re.compile(r"\b(?:our|ours|we|I|my|not|instead|tuned|used|changed)\b", re.IGNORECASE)
_AUTHORS = re.compile(r"\bKingma\b", re.IGNORECASE)
_MARKS = re.compile(r"[$`*\\]")
_GIVEN = re.compile(
    rf"(?P<name>(?<![A-Za-z])(?:{'|'.join(NAMES.values())}))[\s$`*\\]*(?:=|:|≈)?[\s$`*\\]*{NUMBER}",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"[\s$`*]*{NUMBER}[\s$`*]*$", re.IGNORECASE)
_NUMBER = re.compile(NUMBER)
_SEVERAL = re.compile(r"\s*(?:[-–]|to\b|or\b|/|\.\.)\s*\d", re.IGNORECASE)


def tabled(source: Source) -> Iterator[Claim]:
    """Judge each default in a row that says of which optimizer, and by whom, it is.

    The table says that it gives defaults: in its head, in the line above it or in its heading.
    """
    if not any("|" in text for text in source.lines):
        return
    head: list[str] = []
    above = heading = ""
    for number, text in enumerate(source.lines, 1):
        if source.kind(number) != "text" or text.count("|") < 2:
            head, above = [], text if text.strip() else above
            heading = text if text.startswith("#") else heading
            continue
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
        if not head:
            head = cells
        elif not _RULE.match(text) and _gives_defaults((above, heading), head, text):
            found = [*_row(source, number, head, cells)]
            yield from found or [
                *_led(source, number, above, head, cells),
                *_described(source, number, cells),
            ]


def _gives_defaults(said: Sequence[str], head: Sequence[str], row: str) -> bool:
    own = " ".join(head)
    gives = next((one for one in (own, *said) if _DEFAULTS.search(one)), None)
    return gives is not None and _NOT_THEIRS.search(f"{own} {gives} {row}") is None


def _led(
    source: Source, line: int, above: str, head: Sequence[str], cells: Sequence[str]
) -> Iterator[Claim]:
    """Judge a row that gives one hyperparameter its number, under words that say whose it is."""
    if len(cells) != 2 or not re.search(r"default|value|recommend", head[-1], re.IGNORECASE):
        return
    name, number = _named(cells[0]), _PLAIN.match(cells[1])
    owners = owners_in(above, alone=True) if name and number else ()
    if name and number and len(owners) == 1:
        yield from held_against(source, line, name, number, owners[0])


def _described(source: Source, line: int, cells: Sequence[str]) -> Iterator[Claim]:
    """Judge a row that gives a hyperparameter its number and says in words whose it is."""
    if len(cells) < 3:
        return
    said = [text for text in cells[2:] if _THESE.search(text) and not _ANOTHER.search(text)]
    owners = {one.who: one for text in said for one in owners_in(text, alone=False)}
    bare = _MARKS.sub("", cells[0]).strip()
    named = ("beta1", "beta2") if _BOTH.fullmatch(bare) else (_named(cells[0]),)
    numbers = list(_NUMBER.finditer(cells[1]))
    if len(owners) != 1 or len(numbers) != len(named):
        return
    rest = _NUMBER.sub("", cells[1])
    for name, match in zip(named, numbers, strict=True):
        if name is not None and not re.search(r"\w", rest):
            yield from held_against(source, line, name, match, *owners.values())


_BOTH = re.compile(r"betas|βs?", re.IGNORECASE)
_RATES = re.compile(
    r"betas|βs?|(?:exponential )?decay rates?"
    r"|\(?(?:beta|β)_?\{?[1₁]\}?, ?(?:beta|β)_?\{?[2₂]\}?\)?",
    re.IGNORECASE,
)
_THESE = re.compile(
    r"\b(?:these|this|as|values?|default|recommended|proposed|suggested)\b", re.IGNORECASE
)
_ANOTHER = re.compile(
    rf"\b(?:an?other|others|different\w*|higher|lower|greater|than|except|unless|where|close)\b|{NUMBER}",
    re.IGNORECASE,
)


def _row(source: Source, line: int, head: Sequence[str], cells: Sequence[str]) -> Iterator[Claim]:
    if (owner := _owner(cells)) is None:
        return
    found: dict[str, list[re.Match[str]]] = {}
    for title, cell in zip(head, cells, strict=False):
        for name, match in _given(title, cell):
            found.setdefault(name, []).append(match)
    for name, given in found.items():
        if len(given) == 1 and not _SEVERAL.match(given[0].string, given[0].end("number")):
            yield from held_against(source, line, name, given[0], owner)


def _given(title: str, cell: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield what a cell gives a number; the head may say of what."""
    pair = [*_NUMBER.finditer(cell)]
    if _RATES.fullmatch(_MARKS.sub("", title).strip()) and not _NUMBER.sub("", cell).strip(
        "()[], "
    ):
        if 0 < len(pair) < 3:
            yield from zip(("beta1", "beta2") if len(pair) > 1 else ("beta2",), pair, strict=True)
        return
    alone = _PLAIN.match(cell)
    if alone is not None and (name := _named(title)) is not None:
        yield name, alone
        return
    for match in _GIVEN.finditer(cell):
        if (name := _named(match["name"])) is not None:
            yield name, match


def _named(text: str) -> str | None:
    bare = text.strip().strip("$`* ")
    return next((n for n, x in NAMES.items() if re.fullmatch(x, bare, re.IGNORECASE)), None)


def _owner(cells: Sequence[str]) -> Published | None:
    """Return whose numbers a row gives; None where it does not say, or says more than one."""
    about = called(_MARKS.sub("", cells[0]).strip())
    if about is None:
        # A row that is headed by its source: that of Adam, unless it names another.
        named = (called(word) for word in re.findall(r"\w+", cells[0]))
        about = next((one for one in named if one is not None), adam())
        said = cells[0]
    else:
        said = " ".join(cell for cell in cells[1:] if not _NUMBER.search(cell))
    authors = _AUTHORS.search(said) is not None
    frameworks = [x for x in PUBLISHED if re.search(rf"\b(?:{x.words})\b", said, re.IGNORECASE)]
    if len(frameworks) + authors != 1:
        return None
    one = about.optimizers[0]
    return (frameworks[0] if frameworks else the_paper()).of(one.name, one.title)
