"""Which attributes of the modules in a folder may be optimizers, told without running them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from adamref.errors import CannotLoad
from adamref.oracle.observe.forms.words import is_grad
from adamref.oracle.observe.sessions.load import module_of
from adamref.rules.family import called

_METHODS = frozenset(("step", "update", "apply_gradients", "update_params", "update_step"))
_BASES = ("Optimizer", "GradientTransformation")


def candidates(place: Path) -> list[str]:
    """Return ``module:attribute`` of what may be an optimizer in a file, or in those of a folder.

    A public function that takes a gradient or bears the name of an optimizer; a public class with
    a method such as ``step``, or whose base is an optimizer. The modules become importable.

    Parameters
    ----------
    place : Path

    Raises
    ------
    CannotLoad
        If nothing in it may be one, or a module is no Python.
    """
    found = []
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        if any(part.startswith(".") for part in path.relative_to(place).parts):
            continue
        root, module = module_of(path)
        if root not in sys.path:
            sys.path.insert(0, root)
        found += [f"{module}:{name}" for name in _names(path)]
    if not found:
        says = "no function or class in its modules looks like an optimizer"
        raise CannotLoad(str(place), says)
    return found


def _names(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotLoad(str(path), f"it is no Python: {error}") from error
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            looks = _is_optimizer(node)
        elif isinstance(node, ast.FunctionDef):
            looks = _takes_gradient(node) or called(node.name) is not None
        else:
            continue
        if looks and not node.name.startswith("_"):
            yield node.name


def _takes_gradient(node: ast.FunctionDef) -> bool:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len(given) > 1 and any(is_grad(x.arg) for x in given)


def _is_optimizer(node: ast.ClassDef) -> bool:
    methods = {x.name for x in node.body if isinstance(x, ast.FunctionDef)}
    bases = (ast.unparse(base).rpartition(".")[2] for base in node.bases)
    return bool(methods & _METHODS) or any(base.endswith(_BASES) for base in bases)
