"""Names of programming languages: by the endings of files, and as pages write them."""

from __future__ import annotations

import re

LANGUAGES = {
    "python": "py pyw pyi pyx python py3 python3 ipython ipython3 pycon sage",
    "c": "c h",
    "cpp": "cpp cc cxx hpp hh c++",
    "cuda": "cu cuh cuda",
    "java": "java",
    "javascript": "js mjs jsx javascript node",
    "typescript": "ts tsx typescript",
    "rust": "rs rust",
    "julia": "jl julia",
    "r": "r",
    "matlab": "m matlab octave",
    "go": "go golang",
    "swift": "swift",
    "kotlin": "kt kotlin",
    "scala": "scala",
    "csharp": "cs csharp c#",
    "fortran": "f90 f95 f03 fortran",
    "lua": "lua",
    "ruby": "rb ruby",
    "haskell": "hs haskell",
}
"""For each language the endings and the names that stand for it."""

_BY_NAME = {name: language for language, names in LANGUAGES.items() for name in names.split()}
_IN_CLASS = re.compile(
    r"(?:^|[\s-])(?:language|lang|highlight(?:-source)?|brush:?|hl|sourceCode|src)[-_ ]+([\w+#]+)"
    r"|(?:^|\s)(?:hljs|prettyprint)\s+(?:lang(?:uage)?-)?([\w+#]+)"
)
_CODE = re.compile(r"(?:^|[\s_-])(?:highlight|hljs|sourceCode|source|prettyprint|code|brush)")


def language(name: str) -> str:
    """Return the language that a name stands for, or an empty string."""
    return _BY_NAME.get(name.strip().lower(), "")


def code_kind(name: str) -> str:
    """Return the kind of the lines of code in a language, by one of its names."""
    found = language(name)
    return f"code:{found}" if found else "code"


def class_kind(classes: str) -> str:
    """Return the kind of lines that the classes of an HTML element announce, or nothing."""
    for match in _IN_CLASS.finditer(classes):
        if found := language(match[1] or match[2]):
            return f"code:{found}"
    if re.search(r"(?:^|[\s_-])output", classes):
        return "output"
    return "code" if _CODE.search(classes) else ""
