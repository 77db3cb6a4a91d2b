"""What the README and the site show is what happens: every block of every page is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shown import ROOT, Page, missing

PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    ROOT / "benchmarks" / "README.md",
]  # fmt: skip
SHOWN = [x for x in PAGES if "generated" not in x.parts and "_build" not in x.parts]

_HOW_TO = "compare continuous-integration install pytest several tolerances".split()
NOT_YET = {
    *(f"docs/howto/{name}.md" for name in _HOW_TO),
    "README.md", "examples/check/README.md", "examples/golden/README.md", "benchmarks/README.md",
}  # fmt: skip
"""Pages with blocks that nothing runs yet: each fails until all its blocks are such."""


def _marked(path: Path) -> object:
    text = path.read_text("utf-8") if path.exists() else ""
    slow = re.search(r"^(```|:::) *console", text, re.MULTILINE)
    name = str(path.relative_to(ROOT))
    marks = [pytest.mark.slow] if slow else []
    if name in NOT_YET:
        marks.append(pytest.mark.xfail(reason="some of its blocks are not run yet"))
    return pytest.param(path, id=name, marks=marks)


@pytest.mark.parametrize("path", list(map(_marked, SHOWN)))
def test_what_a_page_shows_is_what_happens(path, tmp_path):
    text = path.read_text("utf-8")
    if lacking := missing(text):
        pytest.skip(f"{path.name} is NOT run: no {', '.join(lacking)}")
    count = Page(path, tmp_path).run()
    assert count == len(re.findall(r"^ *```.*$", text, re.MULTILINE)) // 2 - layout(text)


def layout(text):
    return len(re.findall(r"^ *```\{(?!code-block)", text, re.MULTILINE))
