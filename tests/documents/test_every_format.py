"""The same example in every format: the same claims, the same verdicts."""

from __future__ import annotations

from decimal import Decimal

import pytest

import document_formats as written
from adamref import audit

FORMATS = sorted(written.FORMATS)


def claimed(found):
    """Return what is claimed of the fields, by field and step, with its verdict."""
    return {
        (claim.field, claim.t): (Decimal(claim.claimed), claim.verdict)
        for claim in found.claims
        if claim.kind == "value" and claim.field in written.FIELDS
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_right_example_holds_in_every_format(tmp_path, name):
    found = audit(written.write(tmp_path / name, written.NUMBERS))
    wanted = {key: (Decimal(value), "holds") for key, value in written.NUMBERS.items()}
    assert claimed(found) == wanted
    assert not [claim for claim in found.claims if claim.is_wrong]


@pytest.mark.parametrize("name", FORMATS)
def test_one_wrong_number_is_found_in_every_format(tmp_path, name):
    numbers = written.NUMBERS | written.WRONG
    found = audit(written.write(tmp_path / name, numbers))
    assert found.verdict == "wrong"
    first = found.claims[found.first_wrong]
    assert (first.field, first.t, Decimal(first.claimed)) == ("theta", 2, Decimal("0.70024"))
    assert [key for key, (_, v) in claimed(found).items() if v == "wrong"] == [("theta", 2)]
