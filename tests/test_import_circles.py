"""No part of the package imports itself in a circle, not even for types or inside a function."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

_ROOT = Path(find_spec("adamref").origin).parent


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted(_ROOT.rglob("*.py")):
        parts = path.relative_to(_ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


def _imported(name: str) -> set[str]:
    """Return the modules that one imports, wherever in it that stands."""
    path, found = MODULES[name], set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return found & MODULES.keys() - {name}


def _package(name: str) -> str:
    """Return the part of the package that a module belongs to."""
    return name.split(".")[1] if "." in name else "adamref"


PACKAGES = sorted({_package(name) for name in MODULES})


def _circle(package: str) -> list[str] | None:
    graph = {name: _imported(name) for name in MODULES if _package(name) == package}
    graph = {name: others & graph.keys() for name, others in graph.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return circle.args[1]
    return None


@pytest.mark.parametrize("package", PACKAGES)
def test_there_is_no_circle(package):
    circle = _circle(package)
    assert circle is None, " -> ".join(circle or ())
