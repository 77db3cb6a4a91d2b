"""Documents by a second hand, who had seen neither the audit nor the first corpus.

The law they test: a right number is never called wrong, and a planted mistake is the first that is
named.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adamref import audit

FOLDER = Path(__file__).parent.parent / "corpus_blind"
DOCUMENTS = sorted(p for p in FOLDER.iterdir() if p.suffix != ".json")

# Arrays in code and tables of names and values are listed as unread, or not found at all.
NOT_READ = {"nohat", "vec_numpy"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_verdict_and_the_first_wrong_number(path):
    sidecar = FOLDER / f"{path.stem}.expected.json"
    expected = json.loads(sidecar.read_text(encoding="utf-8"))
    found = audit(path)
    if path.stem in NOT_READ:
        assert found.verdict == "nothing-read"
        return
    # The sidecar says whether it is right, not whether all of it can be read.
    whole = all(claim.verdict != "unread" for claim in found.claims)
    right = "holds" if whole else "partly-read"
    assert found.verdict == (right if expected["verdict"] == "holds" else expected["verdict"])
    wanted = expected.get("first_wrong")
    if wanted is None:
        assert found.first_wrong is None
    else:
        assert found.claims[found.first_wrong].line == wanted["line"]
