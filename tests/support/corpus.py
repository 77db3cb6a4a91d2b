"""The corpus of hand-worked documents: what they claim, and what is true of it."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "corpus"


def stems():
    """List the documents by the name of their file, without its ending."""
    return sorted(p.name.removesuffix(".expected.json") for p in FOLDER.glob("*.expected.json"))


def document(stem):
    """Return the path of a document."""
    (found,) = (p for p in FOLDER.glob(f"{stem}.*") if p.suffix != ".json")
    return found


def expected(stem):
    """Return what its sidecar says."""
    return json.loads((FOLDER / f"{stem}.expected.json").read_text(encoding="utf-8"))
