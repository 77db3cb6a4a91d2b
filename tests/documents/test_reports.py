"""The three reports of an audit."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len
from rich.console import Console

from adamref import audit
from adamref.documents.findings import Audits
from adamref.writers.audit_text import write
from pages import read_html

CORPUS = sorted((Path(__file__).parent.parent / "corpus").rglob("*.[mt]*"))
GIVEN = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"


def text_of(found, width=100):
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(write(found))
    return console.file.getvalue()


def test_there_is_a_corpus():
    assert len(CORPUS) >= 40


@pytest.mark.parametrize("path", CORPUS[::4], ids=lambda path: path.stem)
def test_every_report_can_be_made_of_a_document(path):
    schema = json.loads(
        files("adamref").joinpath("schemas", "audit.schema.json").read_text(encoding="utf-8")
    )
    found = audit(path)
    document = found.to_json()
    jsonschema.validate(document, schema)
    assert json.loads(json.dumps(document)) == document
    page = read_html(found.to_html())
    text = text_of(found)
    for claim in found.claims:
        if claim.verdict == "wrong":
            assert claim.claimed in text
            assert claim.claimed in "".join(page.text)


def test_html_escapes_what_a_document_says():
    found = audit(GIVEN + "m_1 = 0.1*15 = 1.6 && \"<script>alert('x')</script>\" <img src=x>\n")
    page = read_html(found.to_html())
    assert not page.seen & {"script", "img", "iframe", "object"}
    assert "<script" not in found.to_html()


def test_html_escapes_the_name_of_a_file(tmp_path):
    path = tmp_path / "<b onclick=alert(1)>&amp;.md"
    path.write_text(GIVEN + "m_1 = 1.6\n", encoding="utf-8")
    page = audit(path).to_html()
    assert "<b onclick" not in page
    assert "&lt;b onclick=alert(1)&gt;&amp;amp;.md" in page
    read_html(page)


def test_text_takes_markup_of_a_document_for_text():
    """Square brackets mean colours to the terminal library, unless it is told otherwise."""
    found = audit(GIVEN + "m_1 = 0.1*15 = 1.6 [red] [/bold]\n")
    assert "[red]" in text_of(found)


def test_a_control_character_of_a_document_does_not_reach_the_terminal():
    text = text_of(audit(GIVEN + "m_1 = 0.1*15 = 1.6 \x1b[2J\x07\n"))
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize("width", [40, 60, 72, 100, 160])
def test_text_keeps_to_the_width(width):
    found = audit(GIVEN + "m_1 = 0.9 * 0 + 0.1 * 15 = 1.6\nv_1 = 0.225\nw_1 = 0.9\n")
    assert max(cell_len(line.rstrip()) for line in text_of(found, width).splitlines()) <= width


def test_the_report_in_json_has_places_that_can_be_found():
    lines = (GIVEN + "m_1 = 0.1*15 = 1.6\n").split("\n")
    (document,) = audit("\n".join(lines)).to_json()["documents"]
    (claim,) = document["claims"]
    line = lines[claim["line"] - 1]
    assert line[claim["column"] - 1 :].startswith("1.6")
    assert document["given"]["alpha"] == {"value": "0.1", "line": 1, "where": None}
    assert document["first_wrong"] == 0


def test_several_audits_are_one_document_and_one_page():
    found = (audit(GIVEN + "m_1 = 1.6\n"), audit(GIVEN + "m_1 = 1.5\n"))
    together = Audits(found)
    assert together.to_json()["documents"] == [one.to_json()["documents"][0] for one in found]
    assert read_html(together.to_html()).text.count("The document") == 2


def test_an_audit_is_a_line_to_a_session_and_a_report_to_print():
    found = audit(GIVEN + "m_1 = 1.6\n")
    assert repr(found) == "<Audit <text>: wrong; 1 wrong>"
    assert str(found).startswith("<text>: wrong\n1 claim: 1 wrong.\n")
