"""Words that stand for a quantity: "learning rate", "first moment", "step 2"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Name
from adamref.expressions.token import Token

if TYPE_CHECKING:
    from adamref.documents.regions import Placed

# Longest first: a phrase swallows the shorter ones inside it.
_V_HAT = Name("v", hat=True)
_ALONE = r"(?=\s*[:=|]|\s{2,}[-+\u2212]?\d|\s*$)"
"""What follows words for a quantity in a list of quantities and numbers."""

_PHRASES: tuple[tuple[str, Name], ...] = (
    (
        r"bias[- ]corrected (?:estimate of the )?first moment(?: estimate)?|corrected first moment",
        Name("m", hat=True),
    ),
    (r"bias[- ]corrected (?:estimate of the )?second (?:raw )?moment(?: estimate)?", _V_HAT),
    (r"corrected second moment", _V_HAT),
    (
        rf"(?:(?:bias[- ])?corrected (?:first|1st)|(?:first|1st)(?: moment)?,? corrected){_ALONE}",
        Name("m", hat=True),
    ),
    (
        (
            rf"(?:bias[- ])?corrected (?:second|2nd){_ALONE}"
            rf"|(?:second|2nd)(?: moment)?,? corrected{_ALONE}"
        ),
        _V_HAT,
    ),
    (r"(?:biased )?(?:first|1st) moment(?: estimate)?", Name("m")),
    (r"(?:biased )?(?:second|2nd) (?:raw )?moment(?: estimate)?", Name("v")),
    (r"weight[- ]decay", Name("lambda")),
    (r"learning[- _]?rate|step[- ]?size|lernrate|schrittweite", Name("alpha")),
    (r"(?:(?<=, )|(?<=\())rate(?= 0?\.\d)|(?<=the )rate(?= (?:is|of|was|=) 0?\.\d)", Name("alpha")),
    (r"stabili[sz]ing (?:constant|term)|stability constant", Name("epsilon")),
    (r"gradient(?! descent)s?|\bgrad\b", Name("grad")),
    (r"(?:new|updated) (?:weight|parameter|value)", Name("PARAMETER", "new")),
    (
        r"(?:initial|current|starting|start|old) (?:weight|parameter|value|point)|weight|parameter",
        Name("PARAMETER"),
    ),
    (r"update(?=\s*=)", Name("delta")),
    (r"loss", Name("L")),
)
_ALL = re.compile(
    "|".join(f"(?P<p{i}>\\b(?:{pattern})\\b)" for i, (pattern, _) in enumerate(_PHRASES)),
    re.IGNORECASE,
)

VERBS = frozenset(
    "is equals equal starts start begins at of was are be becomes to ist beträgt exactly"
    " set".split()
)
"""Words that may stand between a quantity and its number."""

ABOUT = frozenset(
    "about approximately roughly ca circa around approx nearly etwa rund environ unos".split()
)
"""Words after a relation that make it approximate."""

FILLERS = VERBS | frozenset("therefore then thus hence so now about again also just always".split())
"""Words that may stand between a quantity and what is said of it."""

_ORDINALS = {
    word: i + 1
    for i, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split()
    )
}
_STEP = re.compile(
    r"\b(?:time\s*)?(?:step|iteration|iter|update|epoch|call|round|pass|schritt"
    r"|(?<=\w )(?:row|zeile|fila|ligne))\s*"
    r"(?:no\.?|number|\#|\$?\(?t\s*=)?\s*(?P<number>\d{1,6})\b(?!\s*[./]\s*\d)"
    rf"|\b(?P<ordinal>{'|'.join(_ORDINALS)})\s+(?:time\s*)?(?:step|iteration|update|call|pass|gradients?)\b"
    r"|^\W*\$?t\s*=\s*(?P<t>\d{1,6})\b",
    re.IGNORECASE,
)


def with_phrases(line: str, tokens: list[Token]) -> list[Token]:
    """Replace the tokens of a phrase by one PHRASE token that carries the quantity's name."""
    found = list(_ALL.finditer(line))
    if not found:
        return tokens
    made: list[Token] = []
    waiting: Iterator[re.Match[str]] = iter(found)
    match = next(waiting, None)
    for token in tokens:
        while match is not None and token.start >= match.end():
            match = next(waiting, None)
        if match is None or token.end <= match.start() or token.kind not in _WORDLIKE:
            made.append(token)
            continue
        if made and made[-1].kind == "PHRASE" and made[-1].start == match.start():
            continue
        name = next(n for i, (_, n) in enumerate(_PHRASES) if match[f"p{i}"] is not None)
        spelled = Name(name.base, name.index, name.hat, text=match[0])
        made.append(Token("PHRASE", match[0], match.start(), match.end(), spelled))
    return made


_WORDLIKE = {"TEXT", "NAME", "MINUS"}


def step_marker(line: str) -> int | None:
    """Return the step that a line says it begins, if it says so near its start."""
    match = _STEP.search(line[:80])
    if match is None:
        return None
    if match["number"]:
        return int(match["number"])
    if match["ordinal"]:
        return _ORDINALS[match["ordinal"].lower()]
    return int(match["t"])


def later_markers(line: str) -> list[tuple[int, int]]:
    """Return the steps that the clauses of a sentence name one after another, and from where on.

    The first of them is that of the line; where there is no other, nothing is parted.
    """
    found = [m for m in _STEP.finditer(line[:_LONGEST]) if m["number"] or m["ordinal"]]
    said = [(m.start(), m["number"] or _ORDINALS[m["ordinal"].lower()]) for m in found]
    return [(start, int(t)) for start, t in said[1:] if _CLAUSE.search(line[:start])]


_CLAUSE = re.compile(r"[.,;:!?)]\s+(?:and\s+|und\s+|et\s+|y\s+|then\s+)?(?:[^\W\d]+\s+){0,3}$")
_LONGEST = 2_000


_COUNTED = re.compile(
    r"^\s*(?P<mark>#+\s+|\*\*\s*|\|\s+)?\$?[kni]\s*=\s*(?P<t>\d{1,6})\s*\$?\s*"
    r"(?:(?P<colon>:)\s*(?:\*\*)?|\*\*\s*$|(?P<end>\|?\s*$))"
)
_NUMBER = r"[-+\u2212]?\d[\d.]*(?:[eE][-+]?\d+)?"
_VALUE = rf"(?:{_NUMBER}|[(\[]\s*{_NUMBER}(?:[\s,;]+{_NUMBER})*\s*[)\]])"
_PRINTED = re.compile(
    rf"^\s*(?P<t>\d{{1,6}}):?\s+(?=(?:[^\W\d]\w*\s*[=:]\s*{_VALUE}(?:[\s,;|]+|$)){{2,}}$)"
)


def counted_step(line: str) -> tuple[int, int] | None:
    """Return the step that a line is headed by, and where what it says of it begins.

    Such a head is that of a section, ``### n = 2: …`` or ``--- n = 2 ---``, or the number in front
    of a row of printed names and numbers or vectors, ``2  g=-9.0  m=-1.8``: no factor of the first.
    """
    for pattern in (_COUNTED, _PRINTED):
        match = pattern.match(line)
        if match is None:
            continue
        if pattern is _COUNTED and match["end"] is not None and not match["mark"]:
            continue  # "n = 10", alone on a line, may be any number
        return int(match["t"]), match.end()
    return None


def told_as_text(placed: list[Placed]) -> list[Placed]:
    """Take phrases for words that only say of what something is: "the memory of the gradient is 5".

    The number belongs to the subject of the sentence; "the value of the first moment" is it itself.
    """
    return [
        replace(p, token=replace(p.token, kind="TEXT", value=None)) if _is_told_of(placed, i) else p
        for i, p in enumerate(placed)
    ]


def _is_told_of(placed: Sequence[Placed], at: int) -> bool:
    token = placed[at].token
    if token.kind != "PHRASE" or not isinstance(token.value, Name):
        return False
    if token.value.base not in ("m", "v", "grad", "PARAMETER"):
        return False  # "a choice of learning rate"
    words = [p.token.text.lower() for p in placed[max(at - 3, 0) : at]]
    if words and words[-1] in _ARTICLES:
        words.pop()
    return len(words) > 1 and words[-1] == "of" and not _ITSELF.fullmatch(words[-2])


_ARTICLES = frozenset("the a an our this that each its their".split())
_ITSELF = re.compile(
    r"(?:current|new|old|start\w*|initial|exact|final)?\W*(?:values?|estimates?|version|components?|coordinates?|entry|elements?)"
)
"""What the phrase behind "of" is itself; of a size, a root or a memory it is not."""


def uncounted(placed: list[Placed]) -> list[Placed]:
    """Leave out the number of a step where a name follows it: "step 1  g = 2" has no product."""
    return [
        p
        for i, p in enumerate(placed)
        if not (
            0 < i < len(placed) - 1
            and p.token.kind == "NUMBER"
            and placed[i + 1].token.kind == "NAME"
            and placed[i - 1].token.text.lower() in _STEPS
        )
    ]


_STEPS = frozenset("step iteration iter epoch update schritt row zeile fila ligne".split())


def of_a_parameter(placed: list[Placed]) -> list[Placed]:
    """Read "the gradient in a is 3" as what is said of the gradient of that parameter."""
    kinds = [p.token.kind for p in placed]
    made: list[Placed] = []
    i = 0
    while i < len(placed):
        made.append(placed[i])
        token, i = placed[i].token, i + 1
        if (
            token.kind != "PHRASE"
            or not isinstance(token.value, Name)
            or token.value.base != "grad"
        ):
            continue
        if [p.token.text.lower() for p in placed[i : i + 1]] not in (["in"], ["for"], ["along"]):
            continue
        at = i + 1 + (kinds[i + 1 : i + 2] == ["MATH"])
        end = at + 1 + (kinds[at + 1 : at + 2] == ["MATH"])
        of = placed[at].token.value if kinds[at : at + 1] == ["NAME"] else None
        verb = placed[end] if end < len(placed) else None
        if not isinstance(of, Name) or of.index or verb is None:
            continue
        if verb.token.text.lower() in VERBS:
            name = replace(token, kind="NAME", value=replace(token.value, index=of.base))
            relation = replace(verb.token, kind="REL", text="=")
            made[-1:] = [replace(placed[i - 1], token=name), replace(verb, token=relation)]
            i = end + 1
    return made


_NOT_MEANT = re.compile(
    r"\b(?:mistake|mistaken|wrong(?:ly)?|incorrect(?:ly)?|would (?:be|have|give)"
    r"|if we (?:had|forgot)|would we|(?:many|some|most) (?:people|students|of you|have|had|forget)"
    r"|pitfall|common (?:error|slip)"
    r"|viele (?:haben|rechne\w*|schreiben|vergessen)|(?:häufige|typische)r? fehler|fälschlich\w*"
    r"|falsch\w*|beaucoup (?:ont|écrivent|oublient)|erreur (?:fréquente|courante)|à tort"
    r"|muchos (?:han|escriben|olvidan)|error (?:común|frecuente|típico))\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)  # asked of a line in every reading
def not_meant(line: str) -> bool:
    """Say whether a sentence gives its numbers as a mistake or as what might have been."""
    return _NOT_MEANT.search(line) is not None


_OPTIMUM = re.compile(
    r"\b(?:minim(?:um|a|i[sz]ers?)|optim(?:um|a|al)|maximum|mínimo|óptimo|least squares solution"
    r"|минимум\w*)\b(?P<rest>(?:[^.;!?]|\.(?=\d)){0,160})$|最小值(?P<more>[^.;。]{0,40})$",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"\b(?:start|begin|began|initial|from|à partir|ab|desde)", re.IGNORECASE)


def at_optimum(before: str) -> bool:
    """Say whether what stands before a number says that it is where the minimum lies."""
    match = _OPTIMUM.search(before)
    return match is not None and not _BEGINS.search(match["rest"] or match["more"] or "")


def begins(before: str) -> bool:
    """Say whether the sentence before a number says that something begins there."""
    return _BEGINS.search(re.split(r"[.;!?]\s", before)[-1]) is not None


_POWER = re.compile(
    r"(?:\\beta_?\{?[12]?\}?|β[_₁₂12]?|0[.,]\d+|0\{,\}\d+)\s*\^\s*\{?\s*(\d{2,6})(?!\d)"
)


def far_step(line: str) -> int:
    """Return the step that the powers of decay rates in a line say, if it is one far on; else 0."""
    said = {int(match[1]) for match in _POWER.finditer(line)}
    return said.pop() if len(said) == 1 else 0


_ELSEWHERE = re.compile(
    r"\b(?:for|für|pour|para|при)\s+(?:the\s+|le\s+|la\s+)?\W{0,2}[^\W\d_](?:_?\d)?\W{0,2}\s*[:,]\s*\W{0,2}$"
)


def for_a_component(before: str) -> bool:
    """Say whether what stands before a statement says which component it is about: "for y:"."""
    return _ELSEWHERE.search(before) is not None
