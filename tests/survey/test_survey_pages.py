"""The pages are those that the records make, and the records are by their schema."""

from __future__ import annotations

import json

import jsonschema
import pytest

from survey import pages, record, rows

RECORDS = record.read_all()
SCHEMA = json.loads((rows.HERE / "result.schema.json").read_text("utf-8"))
DECLARED = {row.name: row for row in rows.rows()}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_by_its_schema_and_written_in_one_way(name):
    one = RECORDS[name]
    jsonschema.Draft202012Validator(SCHEMA).validate(one)
    assert one["name"] == name
    assert record.path_of(name).read_text("utf-8") == record.written(one)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_of_what_is_declared_now(name):
    """Otherwise survey it again: make survey ONLY=NAME."""
    row = DECLARED[name]
    assert RECORDS[name]["declared"] == row.declared()
    assert set(RECORDS[name]["dtypes"]) <= set(row.dtypes)


def test_the_pages_are_as_they_are_written():
    """Otherwise write them again: python -m survey pages."""
    made = pages.texts(list(DECLARED.values()), RECORDS)
    there = {path: path.read_text("utf-8") for path in (pages.TABLE, *pages.FOLDER.glob("*.md"))}
    assert there == made


@pytest.mark.parametrize("name", [n for n, x in RECORDS.items() if pages.verdict(x) == "deviates"])
def test_a_deviation_was_read_in_its_source(name):
    assert DECLARED[name].known
    assert DECLARED[name].environment.package in (pages.DOCS / "bugs.md").read_text("utf-8")
