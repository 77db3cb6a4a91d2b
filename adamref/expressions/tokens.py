"""Cutting a line into tokens: numbers, names, signs, and the words around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from adamref.errors import Unparsable
from adamref.expressions.cases import with_cases
from adamref.expressions.names import (
    ACCENTS,
    GREEK,
    HATS,
    HATTED,
    SUBSCRIPT_CHARACTERS,
    WORDS,
    accent_of,
    plain_index,
    split_identifier,
)
from adamref.expressions.nodes import Name, Number
from adamref.expressions.token import Token

MAX_DIGITS = 200


_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵗ", "0123456789-+t", strict=True))
_MATH_SUB = (
    rf"(?:_\s*(?:\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|\\?[A-Za-z]+|\d)|[{SUBSCRIPT_CHARACTERS}]+)"
)
_GREEK_WORDS = "|".join(sorted({*GREEK.values(), "varepsilon", "vartheta", "Delta"} - {"grad"}))
_LETTER = rf"(?:\\(?:{_GREEK_WORDS}|ell)\b|\\(?:{_GREEK_WORDS})(?=_)|[^\W\d_])"
_CORRECTED_WORD = r"\s*(?:corrected|corr|unbiased|bc)\s*"
_CORRECTED = (
    rf"(?:\s*\^\s*(?:\{{\s*\\(?:text|mathrm)\s*\{{{_CORRECTED_WORD}\}}\s*\}}"
    rf"|\\(?:text|mathrm)\s*\{{{_CORRECTED_WORD}\}}|\{{{_CORRECTED_WORD}\}}"
    rf"|(?:corrected|corr|unbiased|bc)\b))"
)

# Superscripts are word characters to a regular expression, but they are exponents.
_PLAIN_LETTER = "[^\\W\\d_" + "".join(_SUPERSCRIPTS) + "]"
_PLAIN_WORD = "[^\\W_" + "".join(_SUPERSCRIPTS) + "]"

_LAYOUT = r"displaystyle|textstyle|left|right|[bB]igg?[lr]?|hspace\{[^}]*\}|limits|nonumber|notag"
_WORD = (
    rf"(?:{_PLAIN_LETTER}|(?<=[^\W\d_])[\u0300-\u036f])(?:{_PLAIN_WORD}|[\u0300-\u036f])*"
    rf"[{SUBSCRIPT_CHARACTERS}]*(?:_(?:{_PLAIN_WORD}+))*(?P<is>_\s*\{{[^{{}}]*\}})?(?P<prime>'|′)?"
    rf"(?P<ps>(?<=['′])(?:_\s*\{{[^{{}}]*\}}|[{SUBSCRIPT_CHARACTERS}]+))?"
    rf"(?P<ih>{_CORRECTED})?"
)

_SUM = (
    r"(?:\\sum(?:\s*\\limits)?|[Σ∑])\s*_\s*\{?\s*(?P<index>[A-Za-z])\s*=\s*(?P<low>[^{}^]{1,20}?)\s*\}?"
    r"\s*\^\s*(?:\{(?P<high>[^{}]{1,20})\}|(?P<letter>\w))"
)
SUM_OVER = re.compile(_SUM)
"""A sign of a sum with what it is over."""

_MAGNITUDE = (
    r"\|(?P<inside>(?:g|\\nabla|∇)[^|\s]{0,30})\|"
    r"|\\left\s*\|(?P<fenced>[^|]{1,60}?)\\right\s*\||\\lvert(?P<named>[^|]{1,60}?)\\rvert"
    r"|(?:(?<=[(,])|(?<=, ))\|(?P<bare>[-\u2212]?\d[\d.]*(?:[eE][-+]?\d+)?)\|"
)

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("BREAK", r"\\\\(?:\[[^\]]{0,20}\])?|\\newline\b|\\cr\b"),
    ("COMMA", r"\\q?quad(?![A-Za-z])"),
    ("MAGNITUDE", _MAGNITUDE),
    (
        "SKIP",
        r"\^\{?\s*(?:\\(?:top|intercal)(?![A-Za-z])|⊤)\s*\}?|(?<=\))(?:\^\{?T(?!\w)\}?|ᵀ)|"
        r"\\[,;:!> ]|[&~]|\s+|\\(?:" + _LAYOUT + r")(?![A-Za-z])",
    ),
    (
        "TEXT",
        r"\\(?:text|textbf|textit|textrm|mbox|label|tag|begin|end)\s*\{[^{}]*\}(?:\{[^{}]*\})?",
    ),
    # A gradient, in any of its spellings.
    (
        "GRADIENT",
        r"\\d?frac\s*\{\s*(?:d|\\partial|\\mathrm\{d\}|∂)\s*\\?[A-Za-z]+(?:\([^()]*\))?\s*\}"
        r"\s*\{\s*(?:d|\\partial|\\mathrm\{d\}|∂)\s*\\?(?P<by>[A-Za-zθω]+)(?:_\{?\w+\}?)?\s*\}"
        r"|(?:∂|\\partial\s*)[A-Z]\s*/\s*(?:∂|\\partial\s*)\\?(?P<by2>[A-Za-zθω]+)(?:_\{?\w+\}?)?"
        r"|\bd[A-Z](?:oss)?\s*/\s*d(?P<by3>[A-Za-zθω])(?:_?\w)?\b"
        r"|(?:∇|\\nabla)\s*(?:_\s*(?:\{[^{}]*\}|\\?\w+))?\s*(?:\\(?:mathcal|theta|omega|ell)\b\s*)?"
        r"(?:\{?[A-Za-zθωΘ]+\}?)?(?P<nsub>_\s*(?:\{[^{}]*\}|\w)|[" + SUBSCRIPT_CHARACTERS + r"]+)?"
        r"(?:\s*\(\s*\\?[A-Za-zθωΘ]+(?P<at>_\{?[^{}()]*\}?|[0-9"
        + SUBSCRIPT_CHARACTERS
        + r"]+)?\s*\))?"
        r"|\b[fLJEC]\s*(?:'|′|\\prime|\^\{?\\prime\}?)\s*"
        r"\(\s*(?:\\?[A-Za-zθωΘ]+(?P<at2>_\{?[^{}()]*\}?|[0-9"
        + SUBSCRIPT_CHARACTERS
        + r"]+)?|[^()]*)\s*\)",
    ),
    ("SUM", _SUM),
    ("TOTAL", r"(?:\\sum(?![A-Za-z])|[Σ∑])(?!\s*(?:\\limits\b|[_^" + SUBSCRIPT_CHARACTERS + "]))"),
    (
        "NORM",
        r"(?:[‖∥]|\\l?Vert)\s*(?P<nl>" + _LETTER + r")\s*(?:[‖∥]|\\r?Vert(?![A-Za-z]))\s*"
        r"(?P<ns>" + _MATH_SUB + r")?",
    ),
    ("MAX", r"\\max(?![A-Za-z])|\\min(?=\s*(?:\\left\s*)?[({\\])|\b(?:max|min)(?=\s*[({])"),
    ("BAREFRAC", r"\\[dt]?frac\s*(?P<top>\d)\s*(?P<bottom>\d)"),
    ("FRAC", r"\\[dt]?frac(?![A-Za-z])"),
    (
        "SQRT",
        r"\\sqrt(?![A-Za-z])|√|\bsqrt(?=\s*[({])|\bsqrt\s+(?=\d)|\b(?:np|math)\.sqrt(?=\s*\()",
    ),
    (
        "FUNC",
        r"\\?\b(?:exp|log|ln|abs|sign|sgn)(?=\s*(?:\\left\s*)?[({])|\\(?:exp|log|ln)(?![A-Za-z])",
    ),
    (
        "HATTED",
        r"\\(?:wide)?(?P<ha>hat|tilde|bar|check)\s*(?:\{\s*(?P<hb>"
        + _LETTER
        + r")\s*(?P<hs>"
        + _MATH_SUB
        + r")?\s*\}|(?P<hc>"
        + _LETTER
        + r"))\s*(?P<ht>"
        + _MATH_SUB
        + r")?(?P<hp>'|′)?",
    ),
    (
        "MATHNAME",
        r"\\(?P<mg>" + _GREEK_WORDS + r"|ell)(?![A-Za-z])(?P<mp>'|′)?\s*(?P<ms>" + _MATH_SUB + r")?"
        r"(?P<mh>" + _CORRECTED + r")?",
    ),
    (
        "BRACED",
        r"(?<![\w\\])(?P<bl>[^\W\d_]["
        + "".join(ACCENTS)
        + r"]?)\s*(?P<bs>_\s*\{(?:[^{}]|\{[^{}]*\})*\})(?P<bh>"
        + _CORRECTED
        + r")?",
    ),
    ("REL", r"\\(?:approx|simeq|sim|cong|doteq)(?![A-Za-z])|≈|≃|≅|∼|~=|=~"),
    ("REL", r":=|==|\\(?:leftarrow|gets|coloneqq|equiv)(?![A-Za-z])|←|≡|&=|="),
    (
        "STOP",
        r"=>|->|→|⇒|⟹|\\(?:Right|right|Longright)arrow(?![A-Za-z])|\\(?:implies|to|therefore)(?![A-Za-z])|<=|>=|[<>≤≥≠]|\\(?:leq?|geq?|neq?)(?![A-Za-z])",
    ),
    ("TIMES", r"\\(?:cdot|times|ast|odot|otimes)(?![A-Za-z])|[×·∙⋅∗⊙•✕✖⨯]"),
    ("SLASH", r"\\(?:div|oslash)(?![A-Za-z])|[÷⁄∕⊘]"),
    ("ELLIPSIS", r"\.\.\.|…|\\[clvd]?dots(?![A-Za-z])|\\vdots"),
    ("MATH", r"\$\$?|\\[()\[\]]"),
    ("COMMAND", r"\\[A-Za-z]+"),
    ("POW", r"\*\*|\^"),
    ("TIMES", r"\*"),
    ("SLASH", r"/"),
    ("PLUS", r"\+"),
    ("MINUS", r"[-\u2010-\u2014\u2212]"),
    ("LPAR", r"[(\[]"),
    ("RPAR", r"[)\]]"),
    ("LBRACE", r"\{|\\\{"),
    ("RBRACE", r"\}|\\\}"),
    ("COMMA", r","),
    ("COLON", r":"),
    ("SUPERSCRIPT", "[" + "".join(_SUPERSCRIPTS) + "]+"),
    ("IDENTIFIER", _WORD),
    ("STOP", r"."),
)
_APART = r"[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:['’]\d{3})+)(?!\.?\d)"
"""Digits in groups of three that are no fraction: 1.024.000 and 25'088."""
_GROUPED = r"[1-9]\d{0,2}(?:\.\d{3})+"
_PARTED = re.compile(rf"{_APART}(?:,\d+)?|{_GROUPED},\d+")
_NUMBER = (
    rf"(?:{_APART}|"
    r"(?<![\d.,(\[])(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))(?![\d.,)\]])|"
    r"(?<!=\()(?<!=\s\()[1-9]\d{0,2}(?:(?:,|\{,\})\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w)\]}])\.\d+)"
    r"(?:[eE][-+\u2212]?\d+(?![\w.]*\w))?(?P<more>\s?(?:\.\.\.|…|\\[cl]?dots))?(?P<percent>\\?%)?"
)
_NUMBER_COMMA = (
    rf"(?:{_APART}(?:,\d+)?|{_GROUPED},\d+|\d+(?:(?:,|\{{,\}}|\.)\d+)?)"
    r"(?:[eE][-+\u2212]?\d+)?(?P<more>\s?(?:\.\.\.|…))?(?P<percent>\\?%)?"
)


def _compiled(number: str) -> re.Pattern[str]:
    groups = [f"(?P<k{i}>{pattern})" for i, (_, pattern) in enumerate(_PATTERNS)]
    # A number comes before everything it could be mistaken for.
    return re.compile("|".join([f"(?P<number>{number})", *groups]))


_KINDS = {f"k{i}": kind for i, (kind, _) in enumerate(_PATTERNS)}
_SCANNERS = {False: _compiled(_NUMBER), True: _compiled(_NUMBER_COMMA)}


def tokenize(line: str, *, decimal_comma: bool = False) -> list[Token]:
    """Cut a line into tokens; every character that is not blank belongs to one.

    Parameters
    ----------
    line : str
        One line of text.
    decimal_comma : bool
        Read ``0,9`` as nine tenths.
    """
    line = _ELEMENTWISE.sub(lambda match: match[1] + " " * (len(match[0]) - len(match[1])), line)
    line = _COLUMN.sub(r"\1,", _INDEX_IN_BRACKETS.sub(r"_{\1}", line))
    return with_cases([one for token in _scan(line, decimal_comma) for one in _factors(token)])


_ELEMENTWISE = re.compile(r"(\^\{)\s*(?:\\(?:odot|circ|otimes)(?![A-Za-z])|[⊙∘⊗])(?=\s*[\d{\\])")
"""In ``g^{\\odot 2}``: the power of each element, as every power here is."""

_COLUMN = re.compile(
    r"(?<=[\w})])([ \t]*)&(?!\s*(?:=|≈|\\approx(?![A-Za-z])))"
    r"(?=(?:(?!\\\\)[^&\n])*&\s*(?:=|≈|\\approx(?![A-Za-z]))|[ \t]*[-+\u2212]?\d)"
)
"""Between two equations of an aligned line, or two numbers of a row: that is no product."""

_INDEX_IN_BRACKETS = re.compile(
    r"(?:(?<=[^\W_])|(?<=[\u0300-\u036f]))_\( ?([tknij](?: ?[-+\u2212\u2013] ?\d{1,2})?) ?\)"
)
"""Of ``m_(t-1)``, which is written for ``m_{t-1}`` where there are no braces."""


_ONE = (
    rf"[^\W\d_{SUBSCRIPT_CHARACTERS}][\u0300-\u036f]?"
    rf"(?:_\d+|_\{{[^{{}}]*\}}|[{SUBSCRIPT_CHARACTERS}]+)?"
)
_RATE = rf"[αβγηλμρ][{SUBSCRIPT_CHARACTERS}]*"
_JOINED = re.compile(
    rf"(?:[^\W\d_]_\d+){{2,}}|[xyzw]{{2}}|{_RATE}(?!(?:[tkn]|{_RATE})$){_ONE}|(?:{_RATE}){{1,2}}θ"
)
_FACTOR = re.compile(_ONE)


def _factors(token: Token) -> Iterator[Token]:
    """Read ``w_1w_2``, ``xy`` and ``β₁m`` as products: they are no names of their own, no words."""
    if token.kind not in ("NAME", "TEXT") or not _JOINED.fullmatch(token.text):
        yield token
        return
    for match in _FACTOR.finditer(token.text):
        start = token.start + match.start()
        letter, _, index = match[0].partition("_{")
        value = split_identifier(letter) or Name(letter, text=letter)
        if index:
            value = replace(value, index=plain_index(index), text=match[0])
        yield Token("NAME", match[0], start, start + len(match[0]), value)


def _scan(line: str, decimal_comma: bool) -> Iterator[Token]:
    for match in _SCANNERS[decimal_comma].finditer(line):
        text, start, end = match[0], match.start(), match.end()
        # The group that ends last is the outermost: that of the kind.
        assert match.lastgroup is not None
        if match.lastgroup == "number":
            yield _number(match, decimal_comma)
            continue
        kind = _KINDS[match.lastgroup]
        if kind == "SKIP":
            continue
        if kind == "BAREFRAC":
            yield from _fraction(match)
        elif kind == "MAGNITUDE":
            yield from _magnitude(match)
        elif kind == "SUPERSCRIPT":
            yield from _superscript(text, start, end)
        elif kind == "REL":
            exactly = text in (":=", "==", "←", "≡", "&=", "=") or text.startswith(
                ("\\left", "\\gets", "\\colon", "\\equiv")
            )
            yield Token("REL", "=" if exactly else "≈", start, end)
        elif kind in _NAMED:
            yield _name(kind, match)
        elif kind == "TEXT" and text.startswith(("\\begin", "\\end")):
            yield Token("STOP", text, start, end)
        else:
            yield Token(kind, text, start, end)


_NAMED = {"GRADIENT", "HATTED", "NORM", "MATHNAME", "BRACED", "IDENTIFIER"}


def _number(match: re.Match[str], decimal_comma: bool) -> Token:
    text, start, end = match[0], match.start(), match.end()
    more, percent = match["more"] or "", match["percent"] or ""
    digits = text.removesuffix(percent).removesuffix(more)
    digits = digits.replace("\N{MINUS SIGN}", "-").replace("{,}", ",")
    if _PARTED.fullmatch(digits):
        digits = re.sub("[.'’]", "", digits)
    # A comma that does not group three digits is a decimal comma, whatever the rest does.
    grouped = re.match(r"[1-9]\d{0,2}(,\d{3})+(?!\d)", digits) and not decimal_comma
    digits = digits.replace(",", "" if grouped else ".")
    mantissa, _, exponent = digits.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    shift = int(exponent or 0) if len(digits) <= MAX_DIGITS else 0
    if len(digits) > MAX_DIGITS or abs(shift) > 10_000:
        raise Unparsable(text, start + 1, f"a number of more than {MAX_DIGITS} digits")
    scale = Fraction(10) ** (shift - 2 * bool(percent))
    number = Number(Fraction(mantissa) * scale, scale / 10**places, text, bool(more))
    return Token("NUMBER", text, start, end, number)


def _fraction(match: re.Match[str]) -> Iterator[Token]:
    r"""Read ``\frac12``, whose braces LaTeX lets one leave out."""
    start, end = match.start(), match.end()
    yield Token("LBRACE", "{", start, start)
    for kind, text in (("NUMBER", match["top"]), ("SLASH", "/"), ("NUMBER", match["bottom"])):
        value = Number(Fraction(text), Fraction(1), text) if kind == "NUMBER" else None
        yield Token(kind, text, start, end, value)
    yield Token("RBRACE", "}", end, end)


def _magnitude(match: re.Match[str]) -> Iterator[Token]:
    """Read ``|g|``."""
    start, end = match.start(), match.end()
    yield Token("FUNC", "abs", start, start)
    yield Token("LPAR", "(", start, start)
    inside = match["inside"] or match["fenced"] or match["named"] or match["bare"]
    for token in _scan(inside, decimal_comma=False):
        yield Token(token.kind, token.text, start, end, token.value)
    yield Token("RPAR", ")", end, end)


def _superscript(text: str, start: int, end: int) -> Iterator[Token]:
    plain = "".join(_SUPERSCRIPTS[c] for c in text)
    yield Token("POW", "^", start, start)
    yield Token("LBRACE", "{", start, start)
    for token in _scan(plain, decimal_comma=False):
        yield Token(token.kind, token.text, start, end, token.value)
    yield Token("RBRACE", "}", end, end)


def _name(kind: str, match: re.Match[str]) -> Token:
    text, start, end = match[0], match.start(), match.end()
    name: Name | None
    if kind == "GRADIENT":
        index = plain_index((match["nsub"] or "").lstrip("_"))
        if place := match["at"] or match["at2"]:
            # The gradient at theta_0 is that of step 1; "@" marks a place, not a step.
            index = "@" + plain_index(place.lstrip("_"))
        by = match["by"] or match["by2"] or match["by3"] or ""
        name = Name("grad", index or ("" if by in ("", "theta", "θ", "w") else by), text=text)
    elif kind == "HATTED":
        letter = _letter(match["hb"] or match["hc"])
        index = plain_index("".join((match["hs"] or "", match["ht"] or "")).replace("_", ""))
        accent, prime = match["ha"], match["hp"] is not None
        name = Name(letter, _hat_of(index, None)[0], accent in HATTED, prime, text, accent)
    elif kind == "NORM":
        index = plain_index((match["ns"] or "").lstrip("_"))
        name = Name(_letter(match["nl"]), index, text=text, accent="norm")
    elif kind == "MATHNAME":
        index = plain_index((match["ms"] or "").lstrip("_"))
        read = _hat_of(index, match["mh"])
        name = Name(WORDS.get(match["mg"], match["mg"]), *read, match["mp"] is not None, text)
    elif kind == "BRACED":
        index = plain_index(match["bs"].lstrip("_"))
        index, hat = _hat_of(index, match["bh"])
        accent = accent_of(match["bl"])
        name = Name(
            _letter(_bare(match["bl"])), index, hat or accent in HATTED, text=text, accent=accent
        )
    else:
        return _identifier(match)
    return Token("NAME", text, start, end, name)


def _identifier(match: re.Match[str]) -> Token:
    text, start, end = match[0], match.start(), match.end()
    body = text.removesuffix(match["ih"] or "")
    after = match["ps"] or ""
    body = body.removesuffix(after)
    body = body[:-1] if match["prime"] else body
    braced = match["is"] or ""
    name = split_identifier(body.removesuffix(braced))
    if name is None and braced:
        name = Name(body.removesuffix(braced))  # a word with an index
    if name is None:
        return Token("TEXT", text, start, end)
    index = name.index + plain_index((braced or after).lstrip("_"))
    index, hat = _hat_of(index, match["ih"])
    prime = match["prime"] is not None
    made = Name(name.base, index, hat or name.hat, prime, text, name.accent)
    return Token("NAME", text, start, end, made)


def _hat_of(index: str, superscript: str | None) -> tuple[str, bool]:
    """Take "corrected" and its like out of an index."""
    parts = [p for p in re.split(r"[,_]|text|mathrm", index) if p]
    kept = [p for p in parts if p.lower() not in HATS]
    return ",".join(kept), superscript is not None or len(kept) != len(parts)


def _bare(letter: str) -> str:
    """Take the accent off a letter; one that is part of it, as a cedilla, stays."""
    decomposed = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in ACCENTS))


def _letter(text: str) -> str:
    bare = text.lstrip("\\")
    return WORDS.get(bare, GREEK.get(bare, bare)) if len(bare) > 1 or bare in GREEK else bare
