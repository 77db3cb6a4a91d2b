"""Plain text in LaTeX."""

from __future__ import annotations

import re

from adamref.typeset.prose import greek

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}


def escaped(text: str) -> str:
    """Write plain text so that LaTeX prints it."""
    written = []
    for character in text:
        formula = greek(character)
        if formula is not None:
            written.append(f"${formula}$")
        else:
            written.append(_ESCAPES.get(character, character))
    # LaTeX does not break long numbers by itself.
    return re.sub(r"\d{20}(?=\d)", r"\g<0>\\allowbreak ", "".join(written))
