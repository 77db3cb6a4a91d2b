"""Lines of other languages, and of pseudo-code, as Python would have them."""

from __future__ import annotations

import re
from collections.abc import Callable

_TYPES = (
    r"(?:const|let|mut|var|auto|final|static|local|float|double|int|long|real|unsigned|size_t|"
    r"half|T|scalar_t|f32|f64|Tensor|torch\.Tensor|uint32_t|uint64_t|int32_t|int64_t|float4|__shared__|val)"
)


def _moved_by_one(match: re.Match[str]) -> str:
    """Write ``t++`` and ``++t`` as Python has it."""
    sign, name = (match[2] or match[5])[0], match[3] or match[4]
    return f"{match[1]}{name} {sign}= 1"


_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ⁻⁺", "0123456789t-+", strict=True))


def _raised(match: re.Match[str]) -> str:
    """Write small raised digits as an exponent."""
    power = "".join(_RAISED[c] for c in match[0])
    return f"**{power}" if power.isalnum() else f"**({power})"


_CHANGES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"//.*|/\*.*?\*/|\(\*.*?\*\)"), ""),
    (re.compile(r"\\([_*])"), r"\1"),
    (re.compile(r"\\\s"), " "),
    (re.compile(r"^\s*(?:@\.|@inbounds|@views)\s*"), ""),
    (re.compile(rf"^(\s*)(?:{_TYPES}\s+)+(?=[*&\w])"), r"\1"),
    (re.compile(r"^(\s*\w+)\s*:\s*&?(?:mut\s+)?\w+\s*(?==)"), r"\1"),
    (re.compile(r"\((?:float|double|int|f32|f64|T|scalar_t)\)(?=[\w(])"), ""),
    (re.compile(r"\bstatic_cast\s*<\s*\w+\s*>\s*(?=\()|(?<![\w.])(?:T|(?:acc)?scalar_t|acc_t|opmath_t"
                r"|Float(?:16|32|64)|f32|f64)(?=\()"), ""),
    (re.compile(f"[{''.join(_RAISED)}]+"), _raised),
    (re.compile("[\u2010-\u2013\u2212]"), "-"),
    (re.compile(r"∇(?!\s*[\w(])"), "grad"),
    (re.compile(r"\s+as\s+(?:f32|f64|i32|u32|i64|u64|usize)\b"), ""),
    (re.compile(r":=|<-|←|&="), "="),
    (re.compile(r"->|::"), "."),
    (re.compile(r"^(\s*)(?:(\+\+|--)([\w.]+)|([\w.]+)(\+\+|--))\s*(?=;|$)"), _moved_by_one),
    (re.compile(r"(?<![\w+])\+\+(?=[A-Za-z_])"), ""),
    (re.compile(r"(^|[=(,+\-/<>]|\*\s)(\s*)(?:&(?:mut\s+)?|\*)(?![*&=])(?=[\w(*])"), r"\1\2"),
    (re.compile(r"(?<![\w.])((?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)(?:_?f32|_?f64|[fFdDL])\b"),
     r"\1"),
    (re.compile(r"(?<=[\w)\]\s])\.(?=[-+*/^]?=|[-+*/^])"), ""),
    (re.compile(r"(?<=\w)\.\("), "("),
    (re.compile(r"[·×⊙⋅∗∘]"), "*"),
    (re.compile(r"⊘"), "/"),
    (re.compile(r"√\s*(?=\()"), "sqrt"),
    (re.compile(r"√\s*([^\W\d][\w\u0300-\u036f.]*(?:\[[^\]]*\])*|\d[\d.]*)"), r"sqrt(\1)"),
    (re.compile(r"\^"), "**"),
    (re.compile(r"[;{}]\s*$"), ""),
)  # fmt: skip
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₜ", "0123456789t")
_STARTS = re.compile(
    r"(?<=[\w)\]:])\s+(?=(?:for\s|while\s|[^\W\d]\w*(?:\.\w+)*(?:\[[^\]]*\])*\s*[-+*/]?=(?!=)))"
)
_FOR_C = re.compile(r"^\s*for\s*\(\s*(?:[\w:]+\s+)*(\w+)\s*=\s*([^;]*);([^;]*);")
_FOR_IN = re.compile(
    r"(?i)^\s*for\s+[(&\s]*(\w+)[\s\w(),&]*?\s*(?:∈|\bin\b|:?=)\s*(?:range\s+)?"
    r"([^:{]*?)\s*(?::|\{|do|$)"
)
_FIELD = re.compile(r"(?:(?<=[{,])|^)\s*(\w+)\s*:\s*(\d+)(?:\.0*)?(?:_?[a-z]\d\d)?\s*(?=[,}]|$)")
_RANGE = re.compile(r"(?:range\s*\(\s*)?(\d+)\s*(?:,|:|\.\.|to\b|…)")
_WHILE = re.compile(r"(?i)^\s*while\s*\(?(.*?)\)?\s*(?::|\{|do|$)")


_MAPPED = re.compile(
    r"(?P<of>[\w.]+)\.map\(\s*\(?(?P<each>\w+)(?:\s*,\s*\w+)?\)?\s*=>\s*(?P<made>[^{].*)\)\s*;?\s*$"
)


def _of_each(match: re.Match[str]) -> str:
    """Write ``m.map((x, i) => b * x)`` as what is made of each element: ``b * m``."""
    return re.sub(rf"(?<![\w.]){match['each']}(?!\w)", match["of"], match["made"])


def as_python(line: str, language: str) -> list[str]:
    """Return the statements of a line as Python would have them."""
    text = _MAPPED.sub(_of_each, line.translate(_SUBSCRIPTS))
    for pattern, into in _CHANGES:
        if language in ("python", "py") and pattern.pattern.startswith("//"):
            continue  # a floor division
        text = pattern.sub(into, text)
    return [piece.strip() for piece in re.split(";", text) for piece in _STARTS.split(piece)]


def fields_in(line: str) -> list[tuple[str, str]]:
    """Return the numbers that fields get where a structure is made: ``Adam { t: 0, lr: 1 }``."""
    return _FIELD.findall(line)


def loop_header(line: str) -> tuple[str, int | None, str] | None:
    """Return what a loop counts with, from where, and over what; None if a line begins none."""
    if (found := _FOR_C.match(line)) is not None:
        begun = found[2].strip()
        return found[1], int(begun) if begun.isdigit() else None, found[3].strip()
    if (found := _FOR_IN.match(line)) is not None:
        over = found[2]
        begun = _RANGE.match(over)
        first = int(begun[1]) if begun else (0 if over.startswith("range(") else None)
        return found[1], first, over
    if (found := _WHILE.match(line)) is not None:
        return "", None, found[1]
    return None
