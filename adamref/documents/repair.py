r"""Mending damaged text, and taking markup off, without losing the place of a character.

Damage is a backslash escape that some program ate: ``\frac`` arrives as a form feed and ``rac``,
or as ``rac`` alone. Each mend is reported. Taking markup off (bold signs, HTML entities, LaTeX
fonts) changes nothing that the author said and is not reported.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Repair:
    """One mend.

    Attributes
    ----------
    line : int
        1-based.
    found, meant : str
        What stands there, and what it was read as.
    """

    line: int
    found: str
    meant: str


@final
@dataclass(frozen=True)
class Mended:
    """A line after mending, with the place in the original of each of its characters."""

    text: str
    origin: tuple[int, ...]

    def column(self, offset: int) -> int:
        """Return the 1-based column in the original line."""
        if not self.origin:
            return 1
        return self.origin[min(offset, len(self.origin) - 1)] + 1


# What a backslash escape swallows: the control character, and the rest of the command.
_EATEN = {
    "\a": ("a", ("lpha", "pprox", "st", "lign")),
    "\b": ("b", ("eta", "ar", "oxed", "ig", "egin", "m", "oldsymbol", "ecause")),
    "\f": ("f", ("rac",)),
    "\r": ("r", ("ho", "ight", "ightarrow", "m")),
    "\t": ("t", ("imes", "heta", "ext", "o", "ilde", "extbf", "frac", "ag")),
    "\v": ("v", ("arepsilon", "ec", "artheta", "dots")),
}
_WITH_CONTROL = tuple(
    (
        re.compile(
            f"{re.escape(control)}({'|'.join(sorted(rests, key=len, reverse=True))})(?![a-z])"
        ),
        letter,
    )
    for control, (letter, rests) in _EATEN.items()
)
# The same with nothing (or a blank) left in its place. Only what cannot be a word or a symbol of
# its own: a bare "eta" is a learning rate unless a subscript 1 or 2 makes it a beta.
_WITHOUT = (
    (re.compile(r"(?<![A-Za-z\\])(rac)(?=\s*\{)"), r"\frac"),
    (re.compile(r"(?<![A-Za-z\\])(pprox)(?![A-Za-z])"), r"\approx"),
    (re.compile(r"(?<![A-Za-z\\])(imes)(?![A-Za-z])"), r"\times"),
    (re.compile(r"(?<![A-Za-z\\])(heta)(?![A-Za-z])"), r"\theta"),
    (re.compile(r"(?<![A-Za-z\\])(lpha)(?![A-Za-z])"), r"\alpha"),
    (re.compile(r"(?<![A-Za-z\\])(eta)(?=_\{?[12]\}?(?![0-9])|[12](?![0-9]))"), r"\beta"),
    (re.compile(r"(?<![A-Za-z\\])(abla)(?![A-Za-z])"), r"\nabla"),
    (re.compile(r"(?<![A-Za-z\\])(arepsilon)(?![A-Za-z])"), r"\varepsilon"),
    (re.compile(r"(?<![A-Za-z\\])(ight)(?=\s*[)\]|.])"), r"\right"),
    (re.compile(r"(?<![A-Za-z\\])(ho)(?=_\{?[12])"), r"\rho"),
    (re.compile(r"(?<![A-Za-z\\])(oxed)(?=\s*\{)"), r"\boxed"),
    (re.compile(r"(?<![A-Za-z\\])(ext)(?=\s*\{)"), r"\text"),
)

# Most lines of most documents: no sign in them that damage or markup needs.
_PROSE = re.compile(r"[A-Za-z0-9 ,.;:!?'\"()%+=/]*")
_CUT = re.compile(
    r"(?<![A-Za-z])(?:pprox|imes|heta|lpha|eta|abla|arepsilon|ight|ho|[Bb]eta|[Rr]ho)(?![a-z])"
)

_FONTS = (
    r"\\(?:mathbf|boldsymbol|mathrm|mathit|mathsf|bm|boxed|underline|bf|rm|vec|mathbb|operatorname)"
    r"(?![A-Za-z])"
)
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉₊₋ₜₙₖᵢⱼ"
_BELOW = str.maketrans(_SUBSCRIPTS, "0123456789+-tnkij")


def _subscript(match: re.Match[str]) -> str:
    """Write a subscript in LaTeX: ``ₜ₋₁`` as ``_{t-1}``."""
    return f"_{{{match[0].translate(_BELOW)}}}"


_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵗⁿᵏⁱʲ"
_ABOVE = str.maketrans(_SUPERSCRIPTS, "0123456789+-tnkij")


def _superscript(match: re.Match[str]) -> str:
    """Write an exponent in LaTeX: ``ᵗ⁻ⁱ`` as ``^{t-i}``."""
    return f"^{{{match[0].translate(_ABOVE)}}}"


def _sum(match: re.Match[str]) -> str:
    """Write a sum in LaTeX: ``Σᵢ₌₁ᵗ`` as the sum from i = 1 to t."""
    below, above = match["below"].translate(_BELOW), match["above"].translate(_ABOVE)
    return rf"\sum_{{{match['index'].translate(_BELOW)}={below}}}^{{{above}}}"


_SIGNS = {
    "*": r"times|multiplied by|mal|fois|multiplié par|por|multiplicado por",
    "/": r"divided by|geteilt durch|divisée? par|dividido (?:por|entre)",
    "+": r"plus|más",
    "-": r"minus|moins|menos",
}
_SPOKEN_SIGN = re.compile(
    "|".join(rf"\b(?P<s{i}>{words})\b" for i, words in enumerate(_SIGNS.values())), re.IGNORECASE
)
_VERBS = r"is|are|equals?|makes?|gives?|sind|ist|ergibt|macht|font|fait|donne|son|es|da"
_SAID = re.compile(rf"\d\s{{1,3}}(?:{_VERBS})\s", re.IGNORECASE)
_SPOKEN = re.compile(
    r"(?<![\w.,])(?P<sum>\d[\d.,]{0,30}"
    rf"(?:\s{{0,3}}(?:[-+*/×·]|\bx\b|{_SPOKEN_SIGN.pattern})\s{{0,3}}\d[\d.,]{{0,30}}){{1,6}})"
    rf"(?<![.,])\s{{1,3}}(?:{_VERBS})"
    r"\s+(?=(?:(?:exactly|about|roughly|nearly|approximately|etwa|rund|environ|unos)\s+)?"
    r"(?![1-9]\d{0,2}\.\d{3}(?!\d))\d)",
    re.IGNORECASE,
)
"""A sum that is said in words: "784 times 32 is 25,088". 25.088 might be either number."""


def _written(match: re.Match[str]) -> str:
    """Write a spoken sum with signs."""
    signs = tuple(_SIGNS)
    said = _SPOKEN_SIGN.sub(lambda m: signs[int(str(m.lastgroup)[1:])], match["sum"])
    return f"{said} = "


def _vulgar(match: re.Match[str]) -> str:
    """Write ``½`` as ``(1/2)``."""
    above, _, below = unicodedata.normalize("NFKC", match[0]).partition("\u2044")
    return f"({above}/{below})"


def _listed(match: re.Match[str]) -> str:
    """Write a matrix as the list of its entries, row by row."""
    entries = re.sub(r"\s*(?:&|\\\\)\s*", ", ", match["entries"].strip().removesuffix(r"\\"))
    return f"({entries})"


_COUNTED = "(?:[mvgwsruxθΔ]|mc|vc|theta|m_?hat|v_?hat|[mvsr]_?corr(?:ected)?)(?:\u0302|'|′)?"
"""What may have the step in brackets behind it."""
_INDEX = r"\d{1,6}|[tkn](?: ?[-+\u2212\u2013] ?1)?"
_IN_BRACKETS = re.compile(rf"(?<![\w\\])({_COUNTED})\(({_INDEX})\)")
_COUNTS_SO = re.compile(
    rf"(?<![\w\\])[mvsr](?:c|_?hat|\u0302)?\((?:{_INDEX})\)[^\S\n]*(?::?=|≈|←|\\approx|\\gets)"
)


def counts_in_brackets(lines: Iterable[str]) -> bool:
    """Say whether a text writes the step of a moment in round brackets: ``m(t) = …``."""
    return _COUNTS_SO.search("\n".join(lines)) is not None


def with_square_brackets(line: str) -> str:
    """Write ``m(t-1)`` as ``m[t-1]``, at the same places: it is an index, and no product."""
    return _IN_BRACKETS.sub(r"\1[\2]", line)


_MARKUP: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str], ...] = (
    (_SPOKEN, _written),
    (re.compile("[¼-¾⅐-⅞]"), _vulgar),
    (re.compile(r"\\(?:display|text)style(?![A-Za-z])"), " "),
    (re.compile(r"(?<=\d)\\[,!]\s*(?=[A-Za-z\\])(?!\\[\\dlq])"), ""),  # 0.1\,G is one product
    (
        re.compile(
            r"\\begin\{[pbB]?(?:small)?matrix\*?\}(?P<entries>(?:(?!\\begin).)+?)\\end\{[pbB]?(?:small)?matrix\*?\}"
        ),
        _listed,
    ),
    (re.compile(r"\\math(?:bb|rm|bf)\s*\{\s*E\s*\}"), "E"),
    (re.compile(r"-{3,}|={3,}|\*{3,}|_{3,}|~{3,}|\u2014{2,}|\u2500{2,}"), " | "),
    (re.compile(r"<sub>\s*([^<>]*?)\s*</sub>"), r"_{\1}"),
    (re.compile(r"<sup>\s*([^<>]*?)\s*</sup>"), r"^{\1}"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), " "),
    (re.compile(r"&(?:[a-z]+|#\d+);"), lambda match: html.unescape(match[0])),
    (re.compile(r"\\\|\s*(\\?[^\W\d_]+)\s*\\\|"), r"‖\1‖"),
    (re.compile(r"(?<=[^\W\d_])_?∞"), r"_{infty}"),
    (re.compile(r"\\([*_#~|`])"), r"\1"),
    (re.compile(r"(?<![\w)\]}*])\*\*(?=[^\s*])(.+?)(?<=[^\s*])\*\*(?![\w*])"), r"\1"),
    (
        re.compile(
            r"(?<![\w)\]}*])\*(?!\s)(\(?[\w .,:-]*[A-Za-z]{2}[\w .,:-]*\)?)(?<!\s)\*(?![\w*])"
        ),
        r"\1",
    ),
    (re.compile(r"`+"), " "),
    (re.compile("[\U0001d400-\U0001d7ff]"), lambda match: unicodedata.normalize("NFKC", match[0])),
    (re.compile(r"\s+([\u0300-\u036f])"), r"\1"),
    (
        re.compile(
            f"[Σ∑]\\s?(?P<index>[ᵢⱼₖₙ])₌(?P<below>[{_SUBSCRIPTS}]+)(?P<above>[{_SUPERSCRIPTS}]+)"
        ),
        _sum,
    ),
    # An exponent of letters; one of digits, and t alone, is read as it stands.
    (re.compile(f"[{_SUPERSCRIPTS}]*[ⁿᵏⁱʲ][{_SUPERSCRIPTS}]*"), _superscript),
    # A subscript of letters or with a sign: θₜ₋₁. One of digits alone is read as it stands.
    (re.compile(f"[{_SUBSCRIPTS}]*[{_SUBSCRIPTS[10:]}][{_SUBSCRIPTS}]*"), _subscript),
    # RMSprop's average, as Hinton writes it; an expectation has its index inside.
    (re.compile(r"\bE\s*\[\s*g\s*(?:\^\s*(?:2|\{2\})|²)\s*\]\s*(?=_)"), "v"),
    (
        re.compile(
            r"(?P<before>^\W*|\\sqrt\s*\{\s*|√\(\s*|(?:\\rho|\\gamma|\\beta|ρ|γ|β|0\.9)[\s\\,·*]*)"
            r"\\?\bE\s*\[\s*g\s*(?:\^\s*(?:2|\{2\})|²)\s*\](?!\s*[_(])"
        ),
        r"\g<before>v",
    ),
    (re.compile(r"\b([mvgsr])-hat\b"), r"\1_hat"),
    (
        re.compile(rf"(?<![\w\\])({_COUNTED})\[(\d{{1,6}}|[tkn](?: ?[-+\u2212\u2013] ?1)?)\]"),
        r"\1_{\2}",
    ),
    (re.compile(r"√\[([^\[\]]*)\]"), r"√(\1)"),
    (re.compile(r"_\{?(\w)\}?\s*\^\s*\{\((\d{1,6}|[tkn](?: ?[-+] ?1)?)\)\}"), r"_{\1,\2}"),
    (re.compile(r"\^\s*\{\((\d{1,6}|[tkn](?: ?[-+] ?1)?)\)\}"), r"_{\1}"),
    (
        re.compile(
            r"(\^\s*\{?\s*(?:\\(?:text|mathrm)\s*\{)?(?:corrected|corr|unbiased)\s*\}+)"
            r"\s*(_\s*\{[^{}]*\})"
        ),
        r"\2\1",
    ),
    (re.compile(r"(?<=[A-Za-z])_\(([tkn] ?[-+] ?1)\)"), r"_{\1}"),
    (re.compile(r"\\(?:textcolor|colorbox)\s*\{[^{}]*\}|\\color\s*\{[^{}]*\}|\\num(?=\s*\{)"), " "),
    (re.compile(r"(?<=[A-Za-z])" + _FONTS + r"\s*\{([^{}]*)\}"), r" \1"),  # \odot\mathbf{g}
    (re.compile(_FONTS + r"\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(_FONTS), " "),
    (re.compile(r"(?<![\w\\])([mvsrMVSR])\^(?=_|\d?\s*(?:=|≈|\|)|\s*$)"), "\\1\u0302"),
    (
        re.compile(
            r"(?:\\[bB]igg?[lr]?|\\left\.?|\\right|\\)?\s*\|\s*_\s*\{([^{}]*(?:\{[^{}]*\})?)\}"
        ),
        r"(\1)",
    ),
    (re.compile("[\u02c6\u005e](?=[mvsr][0-9₀-₉]\\b)(?<![\\w)\\]}]\\^)([mvsr])"), "\\1\u0302"),
    (re.compile(r"\\text\s*\{\s*(corrected|corr|hat|new|old|unbiased)\s*\}"), r"\1"),
    (
        re.compile(r"\b([Bb]eta|[Rr]ho)[ -](one|two)\b"),
        lambda match: match[1].lower() + {"one": "1", "two": "2"}[match[2]],
    ),
)


def mend(line: str, number: int) -> tuple[Mended, list[Repair]]:
    """Mend one line and take its markup off.

    Parameters
    ----------
    line : str
        As it stands in the document.
    number : int
        Its 1-based number.
    """
    spoken = _SAID.search(line) and _SPOKEN.search(line)
    if not spoken and _PROSE.fullmatch(line) and not _CUT.search(line):
        return Mended(line, tuple(range(len(line)))), []
    text, origin = line, list(range(len(line)))
    repairs: list[Repair] = []
    if any(c in line for c in _EATEN):
        for pattern, letter in _WITH_CONTROL:

            def restore(match: re.Match[str], letter: str = letter) -> str:
                meant = f"\\{letter}{match[1]}"
                repairs.append(Repair(number, repr(match[0])[1:-1], meant))
                return meant

            text, origin = _replaced(pattern, restore, text, origin)
    for pattern, command in _WITHOUT:

        def insert(match: re.Match[str], command: str = command) -> str:
            repairs.append(Repair(number, match[1], command))
            return command

        text, origin = _replaced(pattern, insert, text, origin)
    for pattern, new in _MARKUP:
        text, origin = _replaced(pattern, new, text, origin)
    return Mended(text, tuple(origin)), repairs


def _replaced(
    pattern: re.Pattern[str],
    new: str | Callable[[re.Match[str]], str],
    text: str,
    origin: list[int],
) -> tuple[str, list[int]]:
    """Replace every match, keeping track of where each character came from."""
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for match in pattern.finditer(text):
        made = new(match) if callable(new) else match.expand(new)
        pieces += [text[last : match.start()], made]
        places += origin[last : match.start()]
        within = origin[match.start() : match.end()] or [0]
        # A replacement that keeps a group keeps its characters' places.
        kept = text.find(made, match.start(), match.end()) if made else -1
        if kept >= 0:
            places += origin[kept : kept + len(made)]
        else:
            places += [within[min(i, len(within) - 1)] for i in range(len(made))]
        last = match.end()
    if not pieces:
        return text, origin
    return "".join(pieces) + text[last:], places + origin[last:]
