"""Pages that stand in the repository beside what they speak of, and links that cross the border.

A README of a folder is read there and on the site: here it is taken over as it is. A link to one of these, to
a page or to a file leads to the right place in both: in the repository by its path, on the site by
this.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
TAKEN = {
    "SECURITY.md": "security",
    "CONTRIBUTING.md": "contributing",
    "CHANGELOG.md": "changelog",
    "benchmarks/README.md": "benchmarks",
    "examples/check/README.md": "examples-check",
    "examples/golden/README.md": "examples-golden",
    "proofs/README.md": "proofs-readme",
}
"""What is taken over, with its name on the site."""

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[\w-]+)?(?=\))")
_CODE = re.compile(r"(^ *```.*?^ *```|``.*?``|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


def pages() -> dict[str, str]:
    """Return the pages."""
    return {
        f"repository/{name}.md": f"(page-{name})=\n" + (ROOT / path).read_text("utf-8")
        for path, name in TAKEN.items()
    }


def linked(text: str, here: PurePosixPath, page: PurePosixPath) -> str:
    """Make links of a text that stands somewhere in the repository those of a page of the site."""

    def put(match: re.Match[str]) -> str:
        target = PurePosixPath(os.path.normpath(here.parent / match[1]))
        if (ROOT / target / "README.md").exists():
            target /= "README.md"
        if str(target) in TAKEN:
            return "#page-" + TAKEN[str(target)]
        if not (ROOT / target).exists():
            return match[0]  # Sphinx says that there is none
        return os.path.relpath(target, page.parent) + (match[2] or "")

    parts = _CODE.split(text)
    parts[::2] = [_LINK.sub(put, part) for part in parts[::2]]
    return "".join(parts)


def _read(_app: Sphinx, name: str, source: list[str]) -> None:
    page = PurePosixPath("docs") / f"{name}.md"
    taken = {f"generated/repository/{to}": path for path, to in TAKEN.items()}
    source[0] = linked(source[0], PurePosixPath(taken.get(name, str(page))), page)


def setup(app: Sphinx) -> dict[str, Any]:
    """Mend links when a page is read."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
