"""Write the table by which theorems are found and listed without loading them.

python tests/support/theorem_index.py
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import adamref
from adamref.theorems.citing import cited
from adamref.theorems.index import TABLE
from adamref.theorems.library import PROOFS

FILE = Path(adamref.__file__).parent / TABLE


def text() -> str:
    """Return what is to stand in the table: by chapter its part, its title, ids, citations."""
    table = {}
    parts = import_module(PROOFS).PARTS
    for part, name in ((part, name) for part, names in parts.items() for name in names):
        chapter = import_module(f"{PROOFS}.{name}")
        table[name] = {
            "part": part,
            "title": chapter.__doc__.split("\n", 1)[0].removesuffix("."),
            "theorems": {theorem.id: theorem.heading for theorem in chapter.THEOREMS},
            "cites": {one.id: names for one in chapter.THEOREMS if (names := cited(one))},
        }
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    sys.stdout.write(f"{FILE.name} is written\n")
