"""The three reports of an audit."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len
from rich.console import Console

from adamref import audit
from adamref.documents.report_html import as_html
from adamref.documents.report_json import as_json
from adamref.documents.report_text import as_text

CORPUS = sorted((Path(__file__).parent.parent / "corpus").rglob("*.[mt]*"))
GIVEN = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
VOID = {"meta", "br", "hr", "img", "link", "col"}


class Balanced(HTMLParser):
    """Collects tags and fails where an end tag does not match."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()
        self.text = []

    def handle_starttag(self, tag, _attrs):
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read_html(page):
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def text_of(found, width=100):
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(as_text(found))
    return console.file.getvalue()


def test_there_is_a_corpus():
    assert len(CORPUS) >= 40


@pytest.mark.parametrize("path", CORPUS[::4], ids=lambda path: path.stem)
def test_every_report_can_be_made_of_a_document(path):
    schema = json.loads(
        files("adamref").joinpath("schemas", "audit.schema.json").read_text(encoding="utf-8")
    )
    found = audit(path)
    document = as_json([found])
    jsonschema.validate(document, schema)
    assert json.loads(json.dumps(document)) == document
    page = read_html(as_html([found]))
    text = text_of(found)
    for claim in found.claims:
        if claim.verdict == "wrong":
            assert claim.claimed in text
            assert claim.claimed in "".join(page.text)


def test_html_escapes_what_a_document_says():
    found = audit(GIVEN + "m_1 = 0.1*15 = 1.6 && \"<script>alert('x')</script>\" <img src=x>\n")
    page = read_html(as_html([found]))
    assert not page.seen & {"script", "img", "iframe", "object"}
    assert "<script" not in as_html([found])


def test_html_escapes_the_name_of_a_file(tmp_path):
    path = tmp_path / "<b onclick=alert(1)>&amp;.md"
    path.write_text(GIVEN + "m_1 = 1.6\n", encoding="utf-8")
    page = as_html([audit(path)])
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
    (document,) = as_json([audit("\n".join(lines))])["documents"]
    (claim,) = document["claims"]
    line = lines[claim["line"] - 1]
    assert line[claim["column"] - 1 :].startswith("1.6")
    assert document["given"]["alpha"] == {"value": "0.1", "line": 1}
    assert document["first_wrong"] == 0


def test_methods_of_the_audit_are_the_same_reports():
    found = audit(GIVEN + "m_1 = 1.6\n")
    assert json.loads(found.to_json()) == as_json([found])
    assert found.to_html() == as_html([found])
