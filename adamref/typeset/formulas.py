"""Formulas of a sentence, each made one: `1 − `, β, a power, are one formula and not three.

A sentence names letters between signs and brackets. Here such a stretch is read as the formula that
it is, so that a root spans what it is of and a bracket what is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from adamref.typeset.notation import width
from adamref.typeset.tree import Math

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from adamref.typeset.tree import Inline

WIDEST = 30
"""Characters in a formula that stands in a sentence, about: a narrow page cannot break it."""

_RELATIONS = {"=": "=", "<": "<", ">": ">", "≤": r"\le", "≥": r"\ge", "≠": r"\neq", "→": r"\to"}
_SIGNS = {"+": "+", "\N{MINUS SIGN}": "-", "/": "/", "·": r"\cdot", "×": r"\times"}
_RAISED = {"²": "^{2}", "³": "^{3}"}
_ATOM = re.compile(
    r"(?P<power>(?<![\w.])(?P<of>\d+(?:\.\d+)?)e(?P<ten>[-\N{MINUS SIGN}]?\d+)(?!\w))"
    r"|(?P<number>(?<![\w.])\d+(?:\.\d+)?(?:\.{3})?(?![\w.]*\w))|(?P<math>\.{3})|(?P<space> +)"
    r"|(?P<sign>[^\w\s.,;:])|(?P<word>.)",
    re.DOTALL,
)
_DOTS = r"\dots"


@final
@dataclass(frozen=True)
class _Atom:
    """A piece of a sentence: a formula, a number, a sign, a space, or what is no mathematics."""

    kind: str
    said: str


@final
@dataclass(frozen=True)
class _Read:
    """What was read as a formula.

    Attributes
    ----------
    latex : str
    end : int
        Where it ends.
    parts : int
        How many letters and numbers are in it.
    letters : bool
        Whether a letter is.
    """

    latex: str
    end: int
    letters: bool = True

    def then(self, between: str, other: _Read) -> _Read:
        """Return it with another one after it."""
        letters = self.letters or other.letters
        return _Read(f"{self.latex}{between}{other.latex}", other.end, letters)


def as_formulas(parts: Iterable[Inline]) -> tuple[Inline, ...]:
    """Make one formula of each stretch of letters, numbers and signs in a sentence.

    One that is too wide for a narrow page stays in pieces, cut at its relations.
    """
    made: list[Inline] = []
    stretch: list[Inline] = []
    for part in parts:
        if isinstance(part, str | Math):
            stretch.append(part)
        else:
            made += [*_together(stretch), part]
            stretch = []
    return (*made, *_together(stretch))


def _together(parts: Sequence[Inline]) -> Iterator[Inline]:
    atoms = [atom for part in parts for atom in _atoms(part)]
    text, at = "", 0
    while at < len(atoms):
        read = _formula(atoms, at) if _may_begin(atoms, at) else None
        if read is not None and read.letters and not read.latex.startswith(_DOTS):
            yield from (text, Math(read.latex))
            text, at = "", read.end
        elif atoms[at].kind == "math" and not _is_dots(atoms, at):
            yield from (text, Math(atoms[at].said))
            text, at = "", at + 1
        else:
            text, at = text + atoms[at].said, at + 1
    yield text


def _atoms(part: Inline) -> Iterator[_Atom]:
    if isinstance(part, Math):
        if part.latex == r"\surd":
            yield _Atom("sign", "√")
        else:
            yield _Atom("raised" if part.latex.startswith("^") else "math", part.latex)
    else:
        assert isinstance(part, str), part
        for match in _ATOM.finditer(part):
            if match["power"]:
                ten = match["ten"].replace("\N{MINUS SIGN}", "-")
                times = "" if match["of"] == "1" else rf"{match['of']} \times "
                yield _Atom("math", f"{times}10^{{{int(ten)}}}")
            else:
                yield _Atom(match.lastgroup or "word", match[0])


def _may_begin(atoms: Sequence[_Atom], at: int) -> bool:
    """Say whether a formula may begin here: not within a word, and not after a part of one."""
    before = atoms[at - 1].kind if at else "space"
    return before in ("space", "sign") and atoms[at].kind != "space"


def _formula(atoms: Sequence[_Atom], at: int) -> _Read | None:
    """Read the longest formula that is not too wide: whole, or up to one of its relations."""
    read = _sum(atoms, at)
    found = read if read is not None and width(read.latex) <= WIDEST else None
    while read is not None and (sign := _sign(atoms, read.end, _RELATIONS)) is not None:
        written, after = sign
        other = _sum(atoms, after)
        if other is None:
            break
        read = read.then(f" {written} ", other)
        if found is not None and width(read.latex) <= WIDEST:
            found = read
    return found


def _sum(atoms: Sequence[_Atom], at: int) -> _Read | None:
    negative = _is(atoms, at, "\N{MINUS SIGN}")
    read = _product(atoms, at + negative)
    if read is None:
        return None
    if negative:
        read = _Read(f"-{read.latex}", read.end, read.letters)
    while (sign := _sign(atoms, read.end, _SIGNS)) is not None:
        other = _product(atoms, sign[1])
        if other is None:
            break
        space = "" if sign[0] == "/" else " "
        read = read.then(f"{space}{sign[0]}{space}", other)
    return read


def _product(atoms: Sequence[_Atom], at: int) -> _Read | None:
    read = _raised(atoms, at)
    while read is not None:
        spaced = _kind(atoms, read.end) == "space"
        after = read.end + spaced
        shuts = _is(atoms, after, "|") and (not spaced or _kind(atoms, after + 1) == "space")
        counts = spaced and read.latex in ("0", "1")  # it is 0, and a sentence goes on
        if _kind(atoms, after) == "number" or shuts or counts or _is_dots(atoms, after):
            return read
        other = _raised(atoms, after)
        if other is None or not (read.letters or other.letters):
            return read
        read = read.then(r"\," if spaced else "", other)
    return None


def _raised(atoms: Sequence[_Atom], at: int) -> _Read | None:
    read = _operand(atoms, at)
    while read is not None:
        if _kind(atoms, read.end) == "raised":
            exponent = atoms[read.end].said
        elif _kind(atoms, read.end) == "sign" and atoms[read.end].said in _RAISED:
            exponent = _RAISED[atoms[read.end].said]
        else:
            return read
        base = f"{{{read.latex}}}" if "^" in read.latex else read.latex
        read = _Read(base + exponent, read.end + 1)
    return None


def _operand(atoms: Sequence[_Atom], at: int) -> _Read | None:
    kind = _kind(atoms, at)
    if kind in ("math", "number"):
        return _Read(atoms[at].said.replace("...", _DOTS), at + 1, letters=kind == "math")
    if _is(atoms, at, "√"):
        return _root(atoms, at + 1)
    for opens, shuts in ("()", "||"):
        if _is(atoms, at, opens):
            inside = _sum(atoms, at + 1)
            if inside is None or not _is(atoms, inside.end, shuts):
                return None
            written = rf"\left{opens}{inside.latex}\right{shuts}"
            return _Read(written, inside.end + 1, inside.letters)
    return None


def _root(atoms: Sequence[_Atom], at: int) -> _Read | None:
    if _is(atoms, at, "("):
        inside = _sum(atoms, at + 1)
        if inside is None or not _is(atoms, inside.end, ")"):
            return None
        return _Read(rf"\sqrt{{{inside.latex}}}", inside.end + 1)
    inside = _operand(atoms, at)
    return inside and _Read(rf"\sqrt{{{inside.latex}}}", inside.end)


def _sign(atoms: Sequence[_Atom], at: int, signs: dict[str, str]) -> tuple[str, int] | None:
    """Return a sign that stands here, spaces around it or not, and where what follows begins."""
    at += _kind(atoms, at) == "space"
    if _kind(atoms, at) != "sign" or atoms[at].said not in signs:
        return None
    after = at + 1
    return signs[atoms[at].said], after + (_kind(atoms, after) == "space")


def _kind(atoms: Sequence[_Atom], at: int) -> str:
    return atoms[at].kind if at < len(atoms) else ""


def _is_dots(atoms: Sequence[_Atom], at: int) -> bool:
    return _kind(atoms, at) == "math" and atoms[at].said == "..."


def _is(atoms: Sequence[_Atom], at: int, sign: str) -> bool:
    return _kind(atoms, at) == "sign" and atoms[at].said == sign
