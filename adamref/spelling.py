"""Letters and signs that an encoding does not have, spelled in those that it has.

A terminal that knows ASCII alone is given ``beta1``, ``m_hat_t`` and ``sqrt(v)``, not escapes. What
has no spelling keeps its escape: nothing is left out.
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata

HANDLER = "adamref.spelled"
"""The name of what encodes such letters: ``text.encode(encoding, HANDLER)``."""

_LETTERS = dict(
    zip(
        "αβγδεϵζηθϑκλμµνξπρσςτφϕχψωΓΔΘΛΞΠΣΦΨΩ∂∇ℓ∑∏√∞",
        "alpha beta gamma delta eps eps zeta eta theta theta kappa lambda mu mu nu xi pi rho sigma "
        "sigma tau phi phi chi psi omega Gamma delta Theta Lambda Xi prod sum Phi Psi Omega d grad "
        "l sum prod sqrt inf".split(),
        strict=True,
    )
)  # fmt: skip
_SIGNS = {
    "·": "*", "×": "x", "⋅": "*", "∗": "*", "÷": "/", "⁄": "/", "∕": "/",
    "−": "-", "–": "-", "—": "-", "±": "+-", "≈": "~=", "≃": "~=", "≅": "~=", "≠": "!=", "≤": "<=",
    "≥": ">=", "→": "->", "←": "<-", "⇒": "=>", "…": "...", "‖": "||", "∥": "||", "•": "*",
    "’": "'", "‘": "'", "“": '"', "”": '"', "′": "'", "∈": "in", "§": "section ", "°": " degrees",
    "━": "-", "─": "-", "│": "|", "┃": "|", "⊙": "*", "∘": "*", "✗": "x", "∀": "for all ",
    "ß": "ss",
}  # fmt: skip
_LOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌ₜᵢⱼₖₙ", "0123456789+-=tijkn")
_HIGH = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵗⁱʲᵏⁿ", "0123456789+-tijkn")
_MARKS = {
    "\u0302": "_hat",
    "\u0303": "_tilde",
    "\u0304": "_bar",
    "\u0305": "_bar",
    "\u030c": "_check",
    "\u20d7": "",
}
_PIECES = re.compile(
    "√(?P<root>[^\\W\\d][\u0302-\u0305]?[₀-₉₊₋ₜᵢ]*|[0-9][0-9.]*(?:e[-+]?[0-9]+)?)"
    f"|(?P<low>[{''.join(map(chr, _LOW))}]+)"
    f"|(?P<high>[{''.join(map(chr, _HIGH))}]+)"
)


def spelled(text: str, encoding: str | None) -> str:
    """Return a text with what an encoding does not have spelled in what it has.

    >>> spelled("m̂ₜ = mₜ/(1 - β₁ᵗ)", "ascii")
    'm_hat_t = m_t/(1 - beta1^t)'
    >>> spelled("Δₜ = -α·m̂ₜ/(√v̂ₜ + ε) ≈ 0.1", "ascii")
    'delta_t = -alpha*m_hat_t/(sqrt(v_hat_t) + eps) ~= 0.1'
    """
    encoding = encoding or "utf-8"
    return text.encode(encoding, HANDLER).decode(encoding)


def has_all_letters(encoding: str | None) -> bool:
    """Say whether an encoding is one of Unicode's."""
    return (encoding or "utf-8").lower().startswith("utf")


def printable_here(text: str) -> str:
    """Return a text that standard output can print, whatever its encoding."""
    return spelled(text, getattr(sys.stdout, "encoding", None))


def _handled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text, at = error.object, error.start
    if piece := _PIECES.match(text, at):
        if root := piece["root"]:
            return f"sqrt({spelled(root, 'ascii')})", piece.end()
        return _index(piece, text[at - 1 : at]), piece.end()
    return _letter(text[at], text[at - 1 : at]), at + 1


def _index(piece: re.Match[str], before: str) -> str:
    """Write an index or a power: beta1, m_t, m_(t-1), g^2."""
    low = piece["low"]
    written = low.translate(_LOW) if low else piece["high"].translate(_HIGH)
    if low and before in _LETTERS and len(written) == 1 and written.isdigit():
        # beta1 is the name of a rate, theta_1 the parameter after a step.
        return written if before == "β" else f"_{written}"
    sign = "_" if low else "^"
    return sign + (written if written.isalnum() else f"({written})")


def _letter(character: str, before: str) -> str:
    if character in _LETTERS:
        # Two names in a row are two names.
        return " " * (before in _LETTERS) + _LETTERS[character]
    if character in _SIGNS:
        return _SIGNS[character]
    if character in _MARKS:
        return _MARKS[character]
    parts = unicodedata.normalize("NFKD", character)
    if parts != character:
        known = (x if x.isascii() else _SIGNS.get(x) or _MARKS.get(x, "") for x in parts)
        if any(written := list(known)):
            return "".join(written)
    return character.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(HANDLER, _handled)
