"""Packages from elsewhere: distributions with entry points, put where Python finds them."""

from __future__ import annotations

import sys
from contextlib import contextmanager


def forget():
    """Forget what was found before: a process looks for other packages once."""
    loaded = [x for name, x in sys.modules.items() if name.startswith("adamref.")]
    for module in loaded:
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def written(folder, name, points, **modules):
    """Write a distribution: its entry points by group, and its modules."""
    for module, code in modules.items():
        (folder / f"{module}.py").write_text(code, "utf-8")
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    said = (f"[{group}]\n{point}\n" for group, point in points.items())
    (info / "entry_points.txt").write_text("".join(said))


@contextmanager
def installed(folder, points, **modules):
    """Install a distribution ``elsewhere`` for a while."""
    folder.mkdir(exist_ok=True)
    written(folder, "elsewhere", points, **modules)
    sys.path.insert(0, str(folder))
    forget()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.path_importer_cache.pop(str(folder), None)
        forget()
        for module in modules:
            sys.modules.pop(module, None)
