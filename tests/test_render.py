"""Results in every format: how a writer is found, and what all results can do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

import packages
import reports
from adamref import audit, render, rules, run
from adamref.derive.document import Book
from adamref.errors import CannotLoad, OutOfDomain, UnknownName
from adamref.golden.report import Suite
from adamref.pages import stacked
from adamref.sheet import work_out
from adamref.typeset.tree import Chapter, Document, Section
from command import W_HALF
from pages import read_html

EXAMPLES = Path(__file__).parent.parent / "examples" / "check"
FORMATS = {
    "audit": ("text", "json", "html"),
    "check": ("text", "json", "html"),
    "derive": ("md", "json", "html", "latex", "notebook", "pdf", "slides"),
    "golden": ("text", "json"),
    "prove": ("text", "json"),
    "step": ("text", "md", "json", "html", "latex", "notebook", "pdf"),
}
COMMANDS = {
    "audit": [str(W_HALF)],
    "check": ["adam_numpy:step"],
    "derive": ["weights", "--unchecked"],
    "golden": ["generic-float32-literal"],
    "prove": ["weights", "--no-kernel"],
    "step": ["--theta", "1", "--grad", "1"],
}


@dataclass(frozen=True)
class Count(render.Result):
    kind: ClassVar[str] = "count"
    n: int


@pytest.fixture
def registered(monkeypatch):
    """Register writers for one test."""
    monkeypatch.setattr(render, "_registered", {})
    return render.register


RESULTS = [
    audit("alpha = 0.1, beta1 = 0.9, w_0 = 1, g_1 = 15\nm_1 = 0.1*15 = 1.6\n"),
    reports.deviating(),
    Book(Document("A title", (Chapter("A chapter", (Section("A section", "an-id", ()),)),))),
    Suite(()),
    work_out(rules.ADAM, run(rules.ADAM, "0.5", ["1"], digits=8), "0.5"),
]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_has_its_formats(kind):
    assert render.formats(kind)[: len(FORMATS[kind])] == FORMATS[kind]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.kind)
def test_to_json_is_a_dict_and_the_text_is_its_document(result):
    document = result.to_json()
    assert document["schema"] == f"adamref.{result.kind}/1"
    assert json.loads(render.render(result, "json")) == document


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.kind)
def test_every_format_is_text_without_colours(result):
    for format_ in render.formats(result.kind):
        if format_ == "pdf":
            assert render.written(result, format_).startswith(b"%PDF-")
            with pytest.raises(OutOfDomain, match=r"format = pdf, .*written\(\) returns the bytes"):
                render.render(result, format_)
        else:
            assert "\x1b" not in render.render(result, format_)
    assert str(result) == render.render(result, render.formats(result.kind)[0])


@pytest.mark.parametrize(
    "result",
    [result for result in RESULTS if "html" in render.formats(result.kind)],
    ids=lambda result: result.kind,
)
def test_a_notebook_gets_a_fragment_with_its_own_style(result):
    """All of its rules stand inside of its class, so that they touch nothing else of a notebook."""
    fragment = result._repr_html_()
    read = read_html(fragment)
    assert {"style", "div"} <= read.seen
    assert not {"html", "head", "body", "script"} & read.seen
    style = fragment[: fragment.index("</style>")].removeprefix("<style>")
    assert style.strip().count("\n.adamref.adamref.adamref {") == 1
    assert style.count("{") == style.count("}")
    assert style.rindex("}") == len(style.rstrip()) - 1
    # A notebook gives columns one width, and numbers would overprint each other.
    assert "table-layout: auto" in style
    assert ":root" not in style
    assert "body" not in style


@pytest.mark.slow
@pytest.mark.parametrize("kind", COMMANDS)
def test_a_writer_from_elsewhere_is_offered_and_used(kind, registered, monkeypatch, call):
    registered(kind, "shout", lambda result: f"A {result.kind}!")
    monkeypatch.chdir(EXAMPLES)

    assert "|shout" in "".join(call(kind, "--help")[1].split())
    code, out, err = call(kind, *COMMANDS[kind], "--format", "shout")
    assert (code, out, err) == (int(kind == "audit"), f"A {kind}!\n", "")


def test_a_writer_may_come_from_another_package(tmp_path):
    """By an entry point, which is loaded when it is asked for."""
    point = {render.WRITERS: "count.roman = roman:write\ncount.broken = roman:nothing"}
    code = "def write(count):\n    return 'I' * count.n\n"
    with packages.installed(tmp_path / "installed", point, roman=code):
        assert render.formats("count") == ("broken", "roman")
        assert render.render(Count(3), "roman") == "III"
        with pytest.raises(CannotLoad, match=r"count\.broken = roman:nothing of elsewhere"):
            render.render(Count(3), "broken")


@pytest.mark.parametrize(
    ("name", "says"),
    [("step.json", "there is another writer step.json"), ("roman", "should be KIND.FORMAT")],
)
def test_a_writer_from_elsewhere_takes_nobodys_place(tmp_path, name, says):
    with (
        packages.installed(tmp_path / "installed", {render.WRITERS: f"{name} = roman:write"}),
        pytest.raises(CannotLoad, match=says),
    ):
        render.formats("step")


def test_a_format_that_nobody_writes_is_an_error_that_names_those_there_are(registered):
    registered("count", "json", lambda count: {"n": count.n})
    assert Count(3).to_json() == {"n": 3}
    with pytest.raises(UnknownName, match="format of count 'html' is unknown; known are json"):
        Count(3).to_html()


def test_data_is_what_json_holds():
    found = {"a": (1, 2.5, float("-inf")), 3: None, "c": Count(1)}
    assert render.as_data(found) == {"a": [1, 2.5, "-inf"], "3": None, "c": {"n": 1}}
    assert render.as_data(True) is True
    assert render.as_data(1j) == "1j"


# On a phone.


def test_a_cell_has_the_name_of_its_column_where_rows_are_lists_of_cells():
    page = (
        '<div class="scroll stacks"><table><thead><tr><th>one</th><th class="number">two</th></tr>'
        '</thead><tbody><tr><td>1</td><td class="number"></td></tr>'
        '<tr><td>3</td><td colspan="2">no more</td></tr></tbody></table></div>'
    )
    made = stacked(page + page.replace(" stacks", ""))
    assert '<td><span class="label">one</span>1</td><td class="number"></td>' in made
    assert '<span class="label">one</span>3</td><td colspan="2">no more</td>' in made
    assert made.endswith(page.replace(" stacks", "")), "one that is scrolled stays as it is"


@pytest.mark.parametrize("result", [RESULTS[0], RESULTS[1]], ids=lambda result: result.kind)
def test_the_tables_of_a_report_are_lists_of_cells_on_a_phone(result):
    page = render.render(result, "html")
    tables = re.findall(r'<div class="scroll stacks".*?</table>', page, re.DOTALL)
    assert tables
    assert len(re.findall(r"<table><thead|<table>\n<thead", page)) == len(tables)
    for table in tables:
        columns = len(re.findall(r"<th\b", table))
        for row in re.findall(r"<tr><td.*?</tr>", table, re.DOTALL):
            named = len(re.findall(r'<span class="label">|<td[^>]*></td>', row))
            assert named == columns or "colspan" in row, row


@pytest.mark.parametrize("template", ["check", "checks", "compare", "mutate", "replay"])
def test_every_table_of_a_report_is_a_list_on_a_narrow_screen(template):
    """A table of many columns would be cut, or its words broken in the middle."""
    text = Path(render.__file__).parent.joinpath("pages", f"{template}.html").read_text("utf-8")
    assert text.count("<table>") == text.count('<div class="scroll stacks"><table>')
