"""Names of the field inside sentences: beta1 in a record's sentence is written β₁."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.typeset.formulas import as_formulas
from adamref.typeset.notation import spelled
from adamref.typeset.tree import Math

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adamref.typeset.tree import Inline

_WORDS = frozenset(
    "alpha beta beta1 beta2 eps epsilon theta rho mu nu zeta kappa eta delta sqrt"
    " m_hat v_hat v_max eps_hat weight_decay".split()
)
_SIGNS = {">=": "≥", "<=": "≤", "->": "→", "sqrt(": "√("}
# A hyphen between two terms, or before one, is a minus.
_MINUS = re.compile(r"(?<=[\w)\]²|'] )-(?= [\w(\[√|])|(?<![\w)\]'’-])-(?=[\w(√|])")
_HATTED = re.compile("(\\w)\N{COMBINING CIRCUMFLEX ACCENT}")
_TYPED = {"ε": "eps"}
_LETTER = re.compile("[αβεθρμν](?!\N{COMBINING CIRCUMFLEX ACCENT})[₁₂]?\\(?")
_NO_SYMBOLS = frozenset("AI")
# The article stands before a word, or between a word and a symbol; a bound called a does not.
_BEFORE_WORD = re.compile(r" (?!(?:and|from|in|is|of|or|to)\b)[\w-]{2}")
_BEFORE_SYMBOL = re.compile(r" \w\b")
_AFTER_WORD = re.compile(r"(?:^|[a-z]{2},? )$")
_NUMBERED = re.compile(r"[de]\d+|[Ek]_\w+")
_GREEK = {
    "α": r"\alpha", "β": r"\beta", "ε": r"\epsilon", "θ": r"\theta", "λ": r"\lambda",
    "ρ": r"\rho", "μ": r"\mu", "ν": r"\nu", "ζ": r"\zeta", "Δ": r"\Delta", "Σ": r"\Sigma",
    "κ": r"\kappa", "√": r"\surd", "≤": r"\le", "≥": r"\ge", "→": r"\to", "∞": r"\infty",
    "·": r"\cdot", "×": r"\times", "−": "-", "²": "^{2}", "½": r"\tfrac{1}{2}", "≠": r"\neq",
    "₁": "_{1}", "₂": "_{2}",
}  # fmt: skip
_INDEX_DIGITS = str.maketrans("₁₂", "12")
_NAME = r"(?:E_[a-z_]+|k_[a-z]+|weight_decay|[A-Za-z]+(?:_hat|_max|\d)?)"
_POWER = r"\^(?P<minus>\N{MINUS SIGN}?)(?:\((?P<long>(?:[^()]|\([^()]*\))*)\)|(?P<short>\w+))"
_TOKEN = re.compile(
    rf"(?:(?<!['’^\w])|(?<=\d)(?<![A-Za-z_]\d)(?=[a-df-z](?!\w)))(?P<name>{_NAME}(?:'(?!\w))?)(?:_(?P<index>\d+|\w|\([^()]*\)))?(?:{_POWER})?(?![\w(])"
)

_AFTER = re.compile(rf"(?<=[\d)|]){_POWER}")
_OF_A_GROUP = re.compile(rf"(?<=[)|]){_POWER}")
_INDEX = re.compile(r"_\([^()]*\)$")


def typeset(text: str) -> tuple[Inline, ...]:
    """Write the names of the field in a sentence as formulas, and what they make as one each."""
    return as_formulas(_in_pieces(text))


def _in_pieces(text: str) -> tuple[Inline, ...]:
    for typed, sign in _SIGNS.items():
        text = text.replace(typed, sign)
    text = _LETTER.sub(lambda found: _in_words(found[0]), text)
    text = _MINUS.sub("\N{MINUS SIGN}", text)
    text = _HATTED.sub(lambda found: f"{_TYPED.get(found[1], found[1])}_hat", text)
    made: list[Inline] = []
    done = 0
    # First what a group is raised to, as there are names in it that would be taken for others.
    for match in _OF_A_GROUP.finditer(text):
        if not _INDEX.search(text[: match.start()]):
            made += _named(text[done : match.start()])
            made.append(Math(f"^{{{_exponent(match)}}}"))
            done = match.end()
    return (*made, *_named(text[done:]))


def _in_words(letter: str) -> str:
    """Write a Greek letter by its name; a bracket after it is what it multiplies."""
    name = _GREEK[letter[0]].removeprefix("\\").replace("epsilon", "eps")
    return f"{name}{letter[1:].translate(_INDEX_DIGITS)}".replace("(", " (")


def _named(text: str) -> Iterator[Inline]:
    for part in _parts(text):
        yield from _raised(part)


def pieces(parts: Iterable[Inline]) -> Iterator[Inline]:
    """Write the names of the field in those parts of a sentence that are text as formulas."""
    made: list[Inline] = []
    for part in parts:
        made += _in_pieces(part) if isinstance(part, str) else (part,)
    yield from as_formulas(made)


def label(text: str) -> tuple[Inline, ...]:
    """Write a label with a capital, unless it begins with a formula."""
    first, *rest = typeset(text)
    assert isinstance(first, str), first
    return (first[:1].upper() + first[1:], *rest)


def _parts(text: str) -> Iterator[Inline]:
    done = 0
    for match in _TOKEN.finditer(text):
        name = match["name"]
        exponent = _exponent(match)
        index = match["index"]
        if not (
            _known(name, text[: match.start()], text[match.end() :])
            or (len(name) == 1 and (exponent or index))
        ):
            continue
        written = _spelled(name)
        if index:
            written += f"_{{{index.strip('()')}}}"
        if exponent:
            written += f"^{{{exponent}}}"
        yield text[done : match.start()]
        yield Math(written)
        done = match.end()
    yield text[done:]


def _raised(part: Inline) -> Iterator[Inline]:
    """Raise the exponent of what stands in parentheses, and of a number: (x y)^i, 0.9^t."""
    if not isinstance(part, str):
        yield part
        return
    done = 0
    for match in _AFTER.finditer(part):
        yield part[done : match.start()]
        yield Math(f"^{{{_exponent(match)}}}")
        done = match.end()
    yield part[done:]


def _known(name: str, before: str, rest: str) -> bool:
    """Say whether a name is one of the field's; any letter is, and any that is given a value."""
    plain = name.rstrip("'")
    if plain == "a":
        between = _AFTER_WORD.search(before) and _BEFORE_SYMBOL.match(rest)
        return bool(rest.strip()) and not (between or _BEFORE_WORD.match(rest))
    if len(plain) == 1 and plain not in _NO_SYMBOLS:
        shortened = re.match(r"\.\w", rest) or re.search(r"\w\.$", before)
        return not (shortened or (plain == "e" and rest.startswith("-")))
    return plain in _WORDS or _NUMBERED.fullmatch(plain) is not None or rest.startswith(" = ")


def _spelled(name: str) -> str:
    return r"\surd" if name == "sqrt" else spelled(name)


def _exponent(match: re.Match[str]) -> str:
    """Write an exponent, which is empty where there is none."""
    inside = _inside(match["long"] or match["short"] or "")
    return (
        f"-({inside})" if match["minus"] and match["long"] else "-" * bool(match["minus"]) + inside
    )


def _inside(exponent: str) -> str:
    return re.sub(_NAME, lambda m: _spelled(m[0]), exponent).replace("\N{MINUS SIGN}", "-")


def greek(character: str) -> str | None:
    """Return how a character that is not ASCII is written in LaTeX's mathematics."""
    return _GREEK.get(character)
