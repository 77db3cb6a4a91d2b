"""How much code is trusted: what a false theorem would have to slip through, counted."""

from __future__ import annotations

import ast
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
_PACKAGE = __package__
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
_LAYOUT |= {tokenize.ENCODING, tokenize.ENDMARKER}


@final
@dataclass(frozen=True)
class Size:
    """How many files, and how many lines of code are in them.

    Comments, docstrings and empty lines are none.
    """

    files: int
    lines: int


def trusted_core() -> Size:
    """Count what decides a step: what defines an inference, the check itself, and what they use."""
    core = core_files()
    return Size(len(core), sum(_lines_of_code(path) for path in core))


def core_files() -> tuple[Path, ...]:
    """Return the files of this package that decide a step, by name."""
    trees = {path.stem: ast.parse(path.read_text("utf-8")) for path in _HERE.glob("*.py")}
    pending = ["check", *(name for name, tree in trees.items() if _has_inference(tree))]
    found: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += _imported(trees[name])
    return tuple(_HERE / f"{name}.py" for name in sorted(found))


def _has_inference(tree: ast.Module) -> bool:
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return any(ast.unparse(base) == "Inference" for one in classes for base in one.bases)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PACKAGE}."):
            yield str(node.module).removeprefix(f"{_PACKAGE}.")


def _lines_of_code(path: Path) -> int:
    text = path.read_text("utf-8")
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        # A string that stands alone is a docstring, or what is said of a name above it.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.update(range(node.lineno, int(node.end_lineno or node.lineno) + 1))
    with path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type not in _LAYOUT]
    return len({line for t in tokens for line in range(t.start[0], t.end[0] + 1)} - said)
