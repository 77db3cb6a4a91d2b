"""The pages that are written anew whenever the site is built, so that none can be out of date.

Each comes from what the package itself holds: commands, docstrings, schemas, theorems and rules.
Only what changed is written, so that a second build is quick.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import command_pages
import gallery_pages
import python_pages
import repository_pages
import schema_pages
import theorem_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx.application import Sphinx

FOLDER = "generated"
"""Below docs/; nothing in it is kept by version control."""


def pages() -> dict[str, str | bytes]:
    """Return the text of every page, and what pages show, by the name of its file."""
    return {
        **command_pages.pages(),
        **python_pages.pages(),
        **schema_pages.pages(),
        **theorem_pages.pages(),
        **repository_pages.pages(),
        **gallery_pages.pages(repository_pages.ROOT),
    }


def _write(app: Sphinx) -> None:
    _bring(Path(app.srcdir) / FOLDER, pages())


def _bring(folder: Path, made: Mapping[str, str | bytes]) -> None:
    """Make a folder hold these files and no other."""
    for name, text in made.items():
        held = text.encode() if isinstance(text, str) else text
        target = folder / name
        if not target.exists() or target.read_bytes() != held:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(held)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(folder)) not in made:
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks for any."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
