"""Names of the field inside sentences: beta1 in a record's sentence is written β₁."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.derive.document import Math

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamref.derive.document import Inline

_WRITTEN = {
    "alpha": r"\alpha",
    "beta": r"\beta",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "eps": r"\epsilon",
    "epsilon": r"\epsilon",
    "theta": r"\theta",
    "rho": r"\rho",
    "mu": r"\mu",
    "nu": r"\nu",
    "kappa": r"\kappa",
    "zeta": r"\zeta",
    "delta": r"\Delta",
    "m_hat": r"\hat{m}",
    "v_hat": r"\hat{v}",
    "eps_hat": r"\hat{\epsilon}",
    "sqrt": r"\surd",
} | {letter: letter for letter in "tijkngmvucpxyLCRu"}
_GREEK = {
    "α": r"\alpha", "β": r"\beta", "ε": r"\epsilon", "θ": r"\theta", "λ": r"\lambda",
    "ρ": r"\rho", "μ": r"\mu", "ν": r"\nu", "ζ": r"\zeta", "Δ": r"\Delta", "Σ": r"\Sigma",
    "κ": r"\kappa", "√": r"\surd", "≤": r"\le", "≥": r"\ge", "→": r"\to", "∞": r"\infty",
    "·": r"\cdot", "×": r"\times", "−": "-", "²": "^{2}", "½": r"\tfrac{1}{2}", "≠": r"\neq",
}  # fmt: skip
_NAME = r"[A-Za-z]+(?:_hat|\d)?"
_POWER = r"\^(?:\((?P<long>[^()]*)\)|(?P<short>\w+))"
_TOKEN = re.compile(
    rf"(?<!['’\w])(?P<name>{_NAME})(?:_(?P<index>\w|\([^()]*\)))?(?:{_POWER})?(?![\w(])"
)


def typeset(text: str) -> tuple[Inline, ...]:
    """Write the names of the field in a sentence as formulas."""
    return tuple(_parts(text.replace(">=", "≥").replace("<=", "≤")))


def label(text: str) -> tuple[Inline, ...]:
    """Write a label with a capital, unless it begins with a formula."""
    first, *rest = typeset(text)
    assert isinstance(first, str), first
    return (first[:1].upper() + first[1:], *rest)


def _parts(text: str) -> Iterator[Inline]:
    done = 0
    for match in _TOKEN.finditer(text):
        name = match["name"]
        exponent = match["long"] or match["short"]
        index = match["index"]
        known = name in _WRITTEN
        if not known and (len(name) > 1 or not (exponent or index)):
            continue
        written = _WRITTEN.get(name, name)
        if index:
            written += f"_{{{index.strip('()')}}}"
        if exponent:
            written += f"^{{{_inside(exponent)}}}"
        yield text[done : match.start()]
        yield Math(written)
        done = match.end()
    yield text[done:]


def _inside(exponent: str) -> str:
    return re.sub(_NAME, lambda m: _WRITTEN.get(m[0], m[0]), exponent)


def greek(character: str) -> str | None:
    """Return how a character that is not ASCII is written in LaTeX's mathematics."""
    return _GREEK.get(character)
