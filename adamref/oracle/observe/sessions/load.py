"""Implementations by name, and the name of an implementation."""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adamref.errors import CannotLoad, OutOfDomain

_FORM = "should be module:attribute or file.py:attribute, for example mypackage.optim:step"
_FILE = ".py:"


def named(target: str) -> Any:
    """Return what ``module:attribute`` or ``file.py:attribute`` names; the attribute may be dotted.

    A file is imported as what it is from the folder above its outermost package.

    Raises
    ------
    CannotLoad
        If there is none, or the import raises.
    """
    file, is_file, path = target.rpartition(_FILE)
    place = ""
    if is_file:
        read = Path(file + _FILE[:-1])
        if not read.is_file():
            raise CannotLoad(target, f"there is no file {read}")
        place, module_name = module_of(read)
    else:
        module_name, _, path = target.partition(":")
    if not path or not all(x.isidentifier() for x in module_name.split(".")):
        raise CannotLoad(target, _FORM)
    _choose_keras_backend()
    found = _read(target, place, module_name) if place else _imported(target, module_name)
    for name in path.split("."):
        if not hasattr(found, name):
            near = difflib.get_close_matches(name, dir(found), n=3)
            hint = f" (it has {', '.join(near)})" if near else ""
            where = getattr(found, "__name__", type(found).__name__)
            raise CannotLoad(target, f"{where} has no {name}{hint}")
        found = getattr(found, name)
    return found


def read_arguments(texts: Iterable[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE``: values are literals of Python or JSON, or else text.

    >>> read_arguments(["amsgrad=True", "foreach=false", "name=x", "betas=(0.9, 0.99)"])
    {'amsgrad': True, 'foreach': False, 'name': 'x', 'betas': (0.9, 0.99)}

    Raises
    ------
    OutOfDomain
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip().isidentifier():
            raise OutOfDomain("--arg", repr(text), "KEY=VALUE, for example amsgrad=True")
        found[key.strip()] = _value(value)
    return found


def _value(text: str) -> Any:
    """Return what a text is a literal of, or the text."""
    for read in (ast.literal_eval, json.loads):
        with contextlib.suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return read(text.strip())
    return text


def importable(target: Any) -> str | None:
    """Return the ``module:attribute`` by which another process finds the same object, or None."""
    module_name = getattr(target, "__module__", None)
    path = getattr(target, "__qualname__", None)
    if not isinstance(module_name, str) or not isinstance(path, str):
        return None
    if module_name == "__main__" or "<" in path:
        return None
    module = sys.modules.get(module_name)
    found: Any = module
    for name in path.split("."):
        found = getattr(found, name, None)
    if found is not target or not _is_found_again(module_name, module):
        return None
    return f"{module_name}:{path}"


def name_of(target: Any) -> str:
    """Name an object for people."""
    path = getattr(target, "__qualname__", None)
    if path is None:
        func = getattr(target, "func", None)  # functools.partial
        return f"partial({name_of(func)})" if callable(func) else type(target).__name__
    return f"{getattr(target, '__module__', '?')}:{path}"


def module_of(path: Path) -> tuple[str, str]:
    """Return the folder from which a file is imported, and the name by which it is."""
    path = path.resolve()
    parts = [] if path.stem == "__init__" else [path.stem]
    root = path.parent
    while (root / "__init__.py").exists():
        parts.insert(0, root.name)
        root = root.parent
    return str(root), ".".join(parts)


def _read(target: str, place: str, module_name: str) -> Any:
    """Import a module from a folder, which is searched first from now on, as it is for a script."""
    if place not in sys.path[:1]:
        sys.path.insert(0, place)
    found = _imported(target, module_name)
    read = getattr(found, "__file__", None)
    if read is None or Path(place) not in Path(read).resolve().parents:
        raise CannotLoad(target, f"another module has the name {module_name}: {read or 'built in'}")
    return found


def _imported(target: str, module_name: str) -> Any:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as missing:
        if missing.name and (module_name + ".").startswith(missing.name + "."):
            says = (
                f"there is no module {missing.name} (looked in {_places()}){_hidden(module_name)}"
            )
            raise CannotLoad(target, says) from missing
        raise CannotLoad(target, f"importing {module_name} failed: {missing}") from missing
    except (Exception, SystemExit) as error:  # somebody's module may raise anything
        says = f"importing {module_name} raised {type(error).__name__}: {error}"
        raise CannotLoad(target, " ".join(says.split())) from error


def _hidden(module_name: str) -> str:
    """Say what stands in the way, where a file has the name of a package that is asked for."""
    package, dot, _ = module_name.partition(".")
    found = getattr(sys.modules.get(package), "__file__", None) if dot else None
    if found is None or hasattr(sys.modules[package], "__path__"):
        return ""
    return f"; {package} is {found}, which is no package"


def _places() -> str:
    return "the current directory and the installed packages"


def _choose_keras_backend() -> None:
    """Let Keras take a backend that is installed: by itself it takes TensorFlow, there or not."""
    if "KERAS_BACKEND" in os.environ or "keras" in sys.modules or not _has("keras"):
        return
    # Keras itself writes this file, so that what it says need not be anybody's choice.
    settings = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    wanted = "tensorflow"
    with contextlib.suppress(OSError, ValueError, AttributeError):
        wanted = str(json.loads(settings.read_text(encoding="utf-8")).get("backend", wanted))
    if not _has(wanted):
        os.environ["KERAS_BACKEND"] = next((x for x in ("torch", "jax") if _has(x)), "numpy")


def _has(package: str) -> bool:
    return package.isidentifier() and importlib.util.find_spec(package) is not None


def _is_found_again(module_name: str, module: Any) -> bool:
    """Say whether a search along sys.path leads to the file that a module was read from.

    Asking for the specification of a module that is loaded would give back its own, wherever that
    came from: some test runners load files that no search finds.
    """
    parts = module_name.split(".")
    path: Any = None
    spec = None
    for i in range(len(parts)):
        try:
            spec = importlib.machinery.PathFinder.find_spec(".".join(parts[: i + 1]), path)
        except (ImportError, ValueError):
            return False
        if spec is None:
            return False
        path = spec.submodule_search_locations
    origin, file = getattr(spec, "origin", None), getattr(module, "__file__", None)
    if origin is None or file is None:
        return False
    return Path(origin).resolve() == Path(file).resolve()
