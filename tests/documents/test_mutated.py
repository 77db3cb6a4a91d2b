"""Documents of the corpora, damaged at random: none stops the audit or takes it long."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adamref import audit
from mutated_documents import document

HARNESS = Path(__file__).parent.parent / "support" / "mutated_documents.py"
SECONDS = 6
"""Of work, for the slowest: three times what one takes on a processor that nobody shares."""
MEGABYTES = 300


def worst_of(first, last):
    """Audit the documents of some seeds in a process of their own."""
    ran = subprocess.run(
        [sys.executable, HARNESS, str(first), str(last)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    found = json.loads(ran.stdout)
    assert found["raised"] == []
    assert found["slowest"] < SECONDS, found
    assert found["megabytes"] < MEGABYTES, found
    return found


def test_a_few_damaged_documents_are_judged_soon():
    assert worst_of(0, 6)["slowest"] > 0


def test_a_number_beyond_float64_beside_a_rounded_gradient_ends_nothing():
    """What may stand behind the gradient is looked for in float64, where it has no such number."""
    assert audit(document(357)[1]).claims


def test_a_gradient_of_another_reading_ends_nothing():
    """That it was rounded for print was found where a number was read as one that it is no more."""
    assert audit(document(187)[1]).claims


SHARE = 500
FIRST, LAST = 12, 20_000


@pytest.mark.long
@pytest.mark.parametrize("first", range(FIRST, LAST, SHARE))
def test_all_damaged_documents_are_judged_soon(first):
    assert worst_of(first, min(first + SHARE, LAST))["slowest"] > 0
