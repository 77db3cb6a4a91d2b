"""The ledger of what five documents claim, docs/catalogue/sources.md, and audit."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from adamref import audit

THEOREMS = json.loads(
    (Path(__file__).parents[1] / "contracts" / "ids.json").read_text(encoding="utf-8")
)["theorems"]
LEDGER = Path(__file__).parents[2] / "docs" / "catalogue" / "sources.md"
FOLDERS = [place / "shared" / "seeds" for place in Path(__file__).parents]
SEEDS = next((folder for folder in FOLDERS if folder.is_dir()), None)
needs_seeds = pytest.mark.skipif(
    SEEDS is None, reason="THE LEDGER IS NOT CHECKED: no shared/seeds beside or above the checkout"
)
KINDS = {"formula", "code", "value", "arithmetic", "constant", "size"}
VERDICTS = {"holds", "wrong", "dialect", "follows", "doubtful"}


class Row(NamedTuple):
    """A row of the ledger, in the order of its columns."""

    line: int
    words: str
    kind: str
    of: str
    verdict: str
    right: str
    cause: str
    theorem: str
    found: str

    @property
    def key(self):
        return self.line, self.kind, self.of, self.verdict


@cache
def ledger():
    """Read the tables, by document."""
    tables: dict[str, list[Row]] = {}
    for text in LEDGER.read_text(encoding="utf-8").splitlines():
        if text.startswith("## "):
            rows = tables.setdefault(text[3:], [])
        elif re.match(r"\| *\d", text):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", text)[1:-1]]
            rows.append(Row(int(cells[0]), *cells[1:]))
    return tables


@cache
def found(name):
    assert SEEDS is not None
    return audit(SEEDS / name)


def judged(name):
    """Return what audit judges: where, what, and how."""
    claims = [c for c in found(name).claims if c.verdict != "unread"]
    return Counter(
        (c.line, c.kind, c.field or "", "wrong" if c.is_wrong else c.verdict) for c in claims
    )


EVERY = [(name, row) for name, rows in ledger().items() for row in rows]


def test_the_ledger_is_written_in_its_own_words():
    assert len(ledger()) == 5
    assert len(EVERY) > 180
    for _, row in EVERY:
        assert row.kind in KINDS | {"statement"}, row
        assert row.verdict in VERDICTS, row
        assert row.found in {"audit", "pointer", "reader"}, row
        assert row.found != "pointer" or (row.kind == "statement" and row.theorem), row
        assert len(re.findall(r"\w+", row.words)) <= 9, row
    assert {row.theorem for _, row in EVERY} - {""} <= THEOREMS.keys()


@needs_seeds
@pytest.mark.parametrize("name", ledger())
def test_each_claim_stands_where_the_ledger_says(name):
    lines = (SEEDS / name).read_text(encoding="utf-8").split("\n")
    for row in ledger()[name]:
        quoted = re.findall(r'"([^"]*)"', row.words)
        for part in (part for said in quoted for part in said.split(" ... ")):
            assert part in lines[row.line - 1].replace("**", ""), row


@needs_seeds
@pytest.mark.slow
@pytest.mark.parametrize("name", ledger())
def test_audit_finds_what_the_ledger_says_and_judges_nothing_else(name):
    """So nothing that is wrong is called right: each verdict of audit is one of the ledger's."""
    assert judged(name) == Counter(row.key for row in ledger()[name] if row.found == "audit")
    expected = {(c.line, c.field): c.expected for c in found(name).claims if c.verdict == "wrong"}
    for row in ledger()[name]:
        number = row.kind in ("value", "arithmetic", "constant")
        if row.found == "audit" and row.verdict == "wrong" and number:
            assert expected[row.line, row.of or None] == row.right, row


@needs_seeds
@pytest.mark.slow
@pytest.mark.parametrize("name", ledger())
def test_audit_points_to_the_theorems_of_the_ledger(name):
    points = {(pointer.line, pointer.theorem) for pointer in found(name).pointers}
    assert points == {(x.line, x.theorem) for x in ledger()[name] if x.found == "pointer"}


def test_audit_finds_two_thirds_of_what_is_wrong():
    wrong = [row for _, row in EVERY if row.verdict == "wrong" and row.kind in KINDS]
    own = [row for row in wrong if row.found == "audit"]
    assert 3 * len(own) >= 2 * len(wrong), f"{len(own)} of {len(wrong)}"
