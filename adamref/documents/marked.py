"""A document with its claims marked where they stand: what a page that shows it is made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from adamref.documents.repair import mend
from adamref.documents.summary import explained

if TYPE_CHECKING:
    from adamref.documents.claims import Claim
    from adamref.documents.findings import Audit
    from adamref.documents.source import Source

MOST_LINES = 1500
"""A longer document is shown around its claims only."""
_AROUND = 3
_LONGEST = 2000

_MATHEMATICS = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\$(?P<b>[^$]+?)\$|\\\((?P<c>.+?)\\\)|\\\[(?P<d>.+?)\\\]"
)
_ENVIRONMENTS = r"\{(?:align|equation|gather|multline|eqnarray|split|aligned|displaymath)\w*\*?\}"
_OPENS = re.compile(rf"\s*(?:\\begin{_ENVIRONMENTS}|\\\[|\$\$)\s*$")
_CLOSES = re.compile(rf"\s*(?:\\end{_ENVIRONMENTS}|\\\]|\$\$)[.,;]?\s*$")
_NUMBER = re.compile(r"[-+−–]?\s*\d(?:[\d.,]*\d)?(?:\s*[eE][-+]?\d+)?%?|\S+")
_HEADING = re.compile(
    r"\s*#{1,6}\s+|\s*\*\*(?=[^*]+\*\*:?\s*$)|\s*\\(?:sub)*section\*?\{(?=[^{}]*\}\s*$)"
)
_SETTING = re.compile(
    r"\s*\\(?:documentclass|usepackage|maketitle|appendix|centering|(?:re)?newcommand|def\\"
    r"|DeclareMathOperator|(?:top|mid|bottom)rule|hline|cline\b"
    r"|(?:begin|end)\{[A-Za-z]+\*?\}(?:\[[^\]]*\]|\{[^{}]*\})*\s*$)"
)
"""Lines of LaTeX that set nothing."""
_TABULAR = re.compile(r"\\(begin|end)\{(?:tabular[x*]?|longtable|array)\}")
_NO_CELL = re.compile(
    r"\\\\(?:\[[^\]]*\])?|\\(?:hline|(?:top|mid|bottom)rule|c(?:mid)?rule|cline\{[^{}]*\})"
)
_NAMED = re.compile(r"\s*\\(?:re)?newcommand\*?\s*\{?\\([A-Za-z]+)\}?\s*\{(.*)\}\s*$")
_COMMAND = re.compile(r"\\([A-Za-z]+)(?![A-Za-z])")
_BOLD = re.compile(
    r"\\(?:textbf|emph|textit|texttt|title|author|caption|paragraph\*?)\{([^{}]*)\}|\\label\{[^{}]*\}"
)
_WORDS = (
    (re.compile(r"\\(?:eq|page|auto|c)?ref\{([^{}]*)\}"), r"(\1)"),
    (re.compile(r"[ ~]?\\cite\w*\*?(?:\[[^\]]*\])*\{([^{}]*)\}"), r" [\1]"),
    (re.compile(r"\\(?:State|Statex|item|noindent|par|small|footnotesize)(?![A-Za-z])\s*"), ""),
    (re.compile(r"\\(Require|Ensure|Return|Comment)(?![A-Za-z])\s*"), r"\1 "),
    (re.compile(r"\\(While|For|ForAll|If|ElsIf|Procedure|Function)\s*\{([^{}]*)\}?"), r"\1 \2"),
    (re.compile(r"\\End(While|For|If|Procedure|Function)"), r"End \1"),
    (re.compile(r"\\([%&#_])"), r"\1"),
    (re.compile(r"(?<=\w)~(?=[\w(\[])"), " "),
)
"""Commands of LaTeX in text, and what is shown for them: a label for a number, a key for a note."""
_ASIDE = re.compile(r"\s*(?:%|\\label\{[^{}]*\}\s*$)")
"""Lines of a file of LaTeX that a reader of the document does not see."""
_RULE = re.compile(r"[\s|:+-]+")
_AMPERSAND = re.compile(r"(?<!\\)&")
_ORDER = ("wrong", "follows", "doubtful", "unread", "dialect", "holds")


@final
@dataclass(frozen=True)
class Piece:
    """A stretch of a line: text, or mathematics in LaTeX; the verdict on what is claimed there."""

    text: str
    verdict: str = ""
    mathematics: bool = False


@final
@dataclass(frozen=True)
class MarginNote:
    """What stands in the margin beside a claim."""

    verdict: str
    about: str
    right: str
    says: tuple[str, ...]


@final
@dataclass(frozen=True)
class MarkedLine:
    """A line of the document.

    Attributes
    ----------
    label : str
        Its number, or where its cell or page begins.
    kind : {"text", "heading", "code", "output", "row", "display", "gap"}
    cells : tuple of tuple of Piece
        One, or the cells of a table's row.
    notes : tuple of MarginNote
    """

    label: str
    kind: str
    cells: tuple[tuple[Piece, ...], ...]
    notes: tuple[MarginNote, ...] = ()


def marked(audit: Audit) -> Iterator[MarkedLine]:
    """Give the lines of a document with their claims; those far from any of a long one are left."""
    source = audit.source
    if source is None:
        return
    here: dict[int, list[tuple[int, Claim]]] = defaultdict(list)
    for claim in audit.claims:
        line, column = (claim.line, claim.column) if source.file else claim.read
        here[line].append((column, claim))
    lines = source.file or source.lines
    kinds = _kinds(source)
    wanted = _wanted(len(lines), here)
    named, is_latex = _commands(lines), source.path.endswith(".tex")
    display = tabular = False
    left_out = 0
    for number, text in enumerate(lines, 1):
        kind = kinds.get(number, "text")
        opens, closes = _OPENS.match(text), _CLOSES.match(text)
        if kind == "text" and ((opens and not display) or (closes and display)):
            display = not display
            continue
        if bounds := _TABULAR.search(text):
            tabular = bounds[1] == "begin" and kind == "text"
        if wanted is not None and number not in wanted:
            left_out += 1
            continue
        if left_out:
            yield MarkedLine("", "gap", ((Piece(f"{left_out} lines without a claim"),),))
            left_out = 0
        aside = is_latex and kind == "text" and _ASIDE.match(text)
        if (text.strip() and not (aside or _SETTING.match(text))) or here[number]:
            kind = "display" if display and kind == "text" else kind
            kind = "tabular" if tabular and kind == "text" and _AMPERSAND.search(text) else kind
            at = number if source.file else source.place(number)[0]
            label = "" if source.file else source.where(number)
            yield _set(_line(text[:_LONGEST], label or str(at), kind, here[number]), named)
    if left_out:
        yield MarkedLine("", "gap", ((Piece(f"{left_out} lines without a claim"),),))


def _commands(lines: Sequence[str]) -> dict[str, str]:
    return {m[1]: m[2] for m in map(_NAMED.match, lines) if m is not None}


def quoted(audit: Audit, claim: Claim) -> str:
    """Quote the line of a claim for a page: the document's own commands put, no marks of layout."""
    lines = () if audit.source is None else audit.source.file or audit.source.lines
    named = _commands(lines)
    plain = re.sub(r"\\(?:label|tag)\{[^{}]*\}|(?<!\\)\$|\\\\\s*$", "", claim.quote)
    plain = re.sub(r"(?<!\\)&(?!\s*[=≈])", r"\\quad ", plain.replace("&=", "="))
    return _COMMAND.sub(lambda m: named.get(m[1], m[0]), plain) if "\\" in plain else claim.quote


def _set(line: MarkedLine, named: Mapping[str, str]) -> MarkedLine:
    """Write what a document's own commands without arguments stand for; take fonts off words."""

    def piece(one: Piece) -> Piece:
        if one.mathematics:
            put = _COMMAND.sub(lambda m: named.get(m[1], m[0]), one.text) if named else one.text
            return replace(one, text=put)
        text = one.text
        for command, word in _WORDS if "\\" in text or "~" in text else ():
            text = command.sub(word, text)
        return replace(one, text=_BOLD.sub(lambda m: m[1] or "", text))

    if line.kind in ("code", "output"):
        return line
    return replace(line, cells=tuple(tuple(map(piece, cell)) for cell in line.cells))


def _wanted(count: int, here: dict[int, list[tuple[int, Claim]]]) -> set[int] | None:
    if count <= MOST_LINES:
        return None
    return {near for at in here for near in range(at - _AROUND, at + _AROUND + 1)}


def _kinds(source: Source) -> dict[int, str]:
    """Say of each line of the document that is code or output that it is."""
    kinds: dict[int, str] = {}
    for row in range(1, len(source.lines) + 1):
        kind = source.kind(row).partition(":")[0]
        if kind != "text":
            kinds[source.place(row)[0] if source.file else row] = kind
    return kinds


def _line(text: str, label: str, kind: str, claims: list[tuple[int, Claim]]) -> MarkedLine:
    claims.sort(key=lambda one: one[0])
    notes = tuple(_note(claim) for _, claim in claims)
    if kind == "text" and text.lstrip().startswith("|") and text.count("|") > 2:
        if _RULE.fullmatch(text):
            return MarkedLine(label, "rule", ())
        cells = tuple(
            tuple(_pieces(text[start:end], start, claims)) for start, end in _cell_spans(text)
        )
        return MarkedLine(label, "row", cells, notes)
    if kind == "tabular":
        shown = _NO_CELL.sub(lambda m: " " * len(m[0]), text)
        ends = [m.start() for m in _AMPERSAND.finditer(shown)]
        spans = zip([0, *(end + 1 for end in ends)], [*ends, len(shown)], strict=True)
        cells = tuple(tuple(_pieces(shown[a:b], a, claims)) for a, b in spans)
        return MarkedLine(label, "row", cells, notes)
    if kind == "text" and (heading := _HEADING.match(text)):
        start = heading.end()
        pieces = tuple(_pieces(text[start:].rstrip().rstrip("}#*"), start, claims))
        return MarkedLine(label, "heading", (pieces,), notes)
    if kind == "display":
        said = re.sub(r"\\\\\s*(?:\[[^\]]*\])?\s*$|\\(?:label|tag)\{[^{}]*\}", " ", text)
        aligned = re.compile(r"&(?=\s*=)" if _MATRIX in said else r"(?<!\\)&")
        piece = Piece(_to_show(aligned.sub(" ", said)), _worst(claims), mathematics=True)
        return MarkedLine(label, "display", ((piece,),), notes)
    pieces = tuple(_in_text(text, 0, claims) if kind in ("code", "output") else ())
    return MarkedLine(label, kind, (pieces or tuple(_pieces(text, 0, claims)),), notes)


def _cell_spans(text: str) -> Iterator[tuple[int, int]]:
    bars = [m.start() for m in re.finditer(r"(?<!\\)\|", text)]
    for left, right in zip(bars, [*bars[1:], len(text)], strict=True):
        if right < len(text) or text[left + 1 :].strip():
            yield left + 1, right


def _pieces(text: str, offset: int, claims: Sequence[tuple[int, Claim]]) -> Iterator[Piece]:
    """Part a line into text and mathematics."""
    at = 0
    for match in _MATHEMATICS.finditer(text):
        yield from _in_text(text[at : match.start()], offset + at, claims)
        said = next(group for group in match.groups() if group is not None)
        low, high = offset + match.start(), offset + match.end()
        inside = [one for one in claims if low < one[0] <= high]
        yield Piece(_to_show(said), _worst(inside), mathematics=True)
        at = match.end()
    yield from _in_text(text[at:], offset + at, claims)


_MATRIX = "matrix}"


def _to_show(said: str) -> str:
    """Return mathematics as it is shown: mended, but for matrices, which stay what they are."""
    return said.strip() if _MATRIX in said else mend(said.strip(), 0)[0].text


def _in_text(text: str, offset: int, claims: Sequence[tuple[int, Claim]]) -> Iterator[Piece]:
    """Part text at the numbers that are claimed in it."""
    at = 0
    for column, claim in claims:
        start = column - 1 - offset
        if not at <= start < len(text):
            continue
        match = _NUMBER.match(text, start)
        end = match.end() if match else start + 1
        if start > at:
            yield Piece(text[at:start])
        yield Piece(text[start:end], claim.verdict)
        at = end
    if text[at:]:
        yield Piece(text[at:])


def _worst(claims: Sequence[tuple[int, Claim]]) -> str:
    verdicts = ["wrong" if claim.is_wrong else claim.verdict for _, claim in claims]
    return min(verdicts, key=_ORDER.index, default="")


def _note(claim: Claim) -> MarginNote:
    about = claim.field or claim.kind
    if claim.t is not None and claim.field:
        about += f" at t = {claim.t}"
    if claim.parameter:
        about += f" ({claim.parameter})"
    verdict = "wrong" if claim.is_wrong else claim.verdict
    says: tuple[str, ...] = ()
    if claim.is_wrong and claim.kind not in ("formula", "code"):
        says = tuple(explained(claim))
    elif claim.is_wrong:
        says = tuple(cause.says for cause in claim.causes) or (claim.because,)
    elif verdict != "holds" or claim.kind in ("formula", "code"):
        says = (claim.because,)
    named = claim.kind in ("formula", "code") and verdict in ("holds", "dialect")
    right = "" if named or verdict == "unread" else claim.expected or ""
    return MarginNote(verdict, about, right, says)
