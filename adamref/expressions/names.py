"""Taking apart the ways in which people spell a symbol."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from adamref.expressions.nodes import Name

GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "Δ": "delta",
    "ε": "epsilon",
    "ϵ": "epsilon",
    "ɛ": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "ϑ": "theta",
    "Θ": "Theta",
    "λ": "lambda",
    "μ": "mu",
    "µ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "Π": "Pi",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "φ": "phi",
    "ϕ": "phi",
    "ψ": "psi",
    "ω": "omega",
    "∇": "grad",
}

# Words that are symbols although they have more than one letter.
WORDS = {
    **{name: name for name in GREEK.values()},
    "varepsilon": "epsilon",
    "eps": "epsilon",
    "vartheta": "theta",
    "nabla": "grad",
    "lr": "alpha",
    "wd": "lambda",
    "grad": "grad",
    "gradient": "grad",
    "Delta": "delta",
    "loss": "L",
}

HATS = {"hat", "corrected", "corr", "bc", "unbiased", "cap"}
_INDEXED_BY_T = set("mvgwsrxbhuVSM")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ₜᵢₖₙ", "0123456789+-tikn")
SUBSCRIPT_CHARACTERS = "₀₁₂₃₄₅₆₇₈₉₊₋ₜᵢₖₙ"
ACCENTS = {
    "\N{COMBINING CIRCUMFLEX ACCENT}": "hat",
    "\N{COMBINING TILDE}": "tilde",
    "\N{COMBINING MACRON}": "bar",
    "\N{COMBINING CARON}": "check",
}
HATTED = ("hat", "tilde")
"""Accents of what is corrected."""
_PARTS = re.compile(r"[^\W\d_]+|\d+")


def plain_index(text: str) -> str:
    """Write a subscript in one way: no braces, no blanks, plain digits."""
    plain = re.sub(r"[\s{}\\]", "", text.translate(_SUBSCRIPTS))
    return plain.replace("\N{MINUS SIGN}", "-").replace("\N{INFINITY}", "infty")


@lru_cache(maxsize=4096)  # a page says the same few words again and again
def split_identifier(text: str) -> Name | None:
    """Read an identifier of plain text as a symbol; None if it is a word.

    >>> split_identifier("m_hat_1")
    Name(base='m', index='1', hat=True, prime=False, text='m_hat_1')
    >>> split_identifier("therefore") is None
    True
    """
    decomposed = unicodedata.normalize("NFD", text)
    accent = accent_of(text)
    hat = accent in HATTED
    cleaned = "".join(c for c in decomposed if not unicodedata.combining(c))
    cleaned = unicodedata.normalize("NFC", cleaned).translate(_SUBSCRIPTS)
    head, _, tail = cleaned.partition("_")
    match = re.match(r"([^\W\d]+?)(\d*)$", head)
    if match is None:
        return None
    letters, digits = match[1], match[2]
    if len(letters) > 1 and letters.lower().endswith("hat") and letters.lower() != "hat":
        letters, hat = letters[:-3].rstrip("_"), True
    index = digits
    base = _base(letters)
    if base is None and len(letters) == 2 and letters[0] in _INDEXED_BY_T and letters[1] == "t":
        base, index = letters[0], "t" + digits
    if base is None and re.fullmatch(r"d[A-Z]", head) and re.match(r"d\w$", tail):
        return Name("grad", tail[1:], text=text)  # dL_dw
    if base is None and len(letters) > 1 and digits and text[-1:] in SUBSCRIPT_CHARACTERS:
        return Name(letters, digits, text=text, accent=accent)  # a word with an index: RMS₁
    if base is None:
        return Name(text, text=text) if ("_" in cleaned or digits) else None
    if (by := _DIFFERENTIAL.fullmatch(letters)) is not None:
        index = by[1].lower() + digits
    rest = []
    for part in _PARTS.findall(tail.replace("_", " ")):
        if part.lower() in HATS:
            hat = True
        elif part.lower().endswith("hat") and len(part) == 4:
            rest.append(part[:-3])
            hat = True
        else:
            rest.append(part)
    if any(len(part) > 1 and not part.isdigit() and part not in _KNOWN_PARTS for part in rest):
        return Name(text, text=text)
    separator = "," if rest and index else ""
    return Name(base, separator.join([index, *rest]), hat, text=text, accent=accent)


def accent_of(text: str) -> str:
    """Return the accent that a letter wears; empty for none."""
    decomposed = unicodedata.normalize("NFD", text)
    return next((ACCENTS[c] for c in decomposed if c in ACCENTS), "")


_KNOWN_PARTS = {"new", "old", "prev", "next", "dw", "db", "dW", "theta", "init", "beta"}
_DIFFERENTIAL = re.compile(r"d([wbxyzpA-Z]|theta)")
"""The derivative by a parameter, as people write it for short; du and de are words."""


def _base(letters: str) -> str | None:
    if len(letters) == 1:
        return GREEK.get(letters, letters)
    if letters in WORDS:
        return WORDS[letters]
    if _DIFFERENTIAL.fullmatch(letters):
        return "grad"
    lowered = letters.lower()
    if lowered in WORDS and letters[0].isupper() and letters[1:].islower():
        return WORDS[lowered]
    return None
