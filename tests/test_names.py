"""No class name stands for two things in the package."""

from __future__ import annotations

import ast
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(find_spec("adamref").origin).parent


def _defined() -> dict[str, list[str]]:
    """Return the modules that define a class of each name."""
    found = defaultdict(list)
    for path in sorted(_ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path.relative_to(_ROOT).as_posix())
    return found


def test_a_class_has_a_name_of_its_own():
    assert {name: where for name, where in _defined().items() if len(where) > 1} == {}
