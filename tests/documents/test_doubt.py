"""Claims on which two readings that are as likely disagree: told as that, with both."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import jsonschema
import pytest

from adamref import audit
from adamref.documents.doubt import doubted
from command import schema

GIVEN = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
TEXT = f"{GIVEN}m_1 = 1.5\nv_1 = 0.35\n"


@pytest.fixture
def read():
    """Two claims, of which the second is wrong."""
    found = audit(TEXT)
    assert [claim.verdict for claim in found.claims] == ["holds", "wrong"]
    return found


def test_what_is_wrong_in_one_reading_and_right_in_the_other_is_doubtful(read):
    right = replace(read.claims[1], verdict="holds", because="right, as v at t = 2", t=2)
    case = SimpleNamespace(claims=list(read.claims))
    first, second = doubted(case, SimpleNamespace(claims=[read.claims[0], right])).claims
    assert first == read.claims[0]
    assert (second.verdict, second.is_wrong, second.causes) == ("doubtful", False, ())
    assert second.because.startswith("as v at t = 1 it is wrong: ")
    assert second.because.endswith("; or as v at t = 2 it holds: right, as v at t = 2")


def test_what_both_call_wrong_or_one_does_not_read_is_not_doubtful(read):
    for verdict in ("wrong", "unread"):
        other = replace(read.claims[1], verdict=verdict)
        case = SimpleNamespace(claims=[read.claims[1]])
        assert doubted(case, SimpleNamespace(claims=[other])).claims == [read.claims[1]]
    case = SimpleNamespace(claims=[read.claims[1]])
    assert doubted(case, SimpleNamespace(claims=[])).claims == [read.claims[1]]


def test_every_report_says_it_first_and_how_many(read):
    doubtful = replace(read.claims[1], verdict="doubtful", because="as this; or as that")
    found = replace(
        read, claims=(read.claims[0], doubtful), verdict="partly-read", first_wrong=None
    )
    jsonschema.validate(found.to_json(), schema("audit"))
    said = str(found)
    assert "nothing wrong found, 1 of 2 doubtful" in said.splitlines()[0]
    rows = [line.split() for line in said.splitlines() if line.strip()[:1].isdigit()]
    table = [row for row in rows if row[-1:] and row[1] in ("m", "v")]
    assert [row[1] for row in table] == ["v", "m"], "what is doubtful stands first"
    page = found.to_html()
    assert "nothing wrong found, 1 of 2 doubtful" in page
    assert "as this; or as that" in page
