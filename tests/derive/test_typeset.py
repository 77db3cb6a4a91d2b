"""Documents in every format: nothing of them gets lost, and nothing is asked of a network."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from adamref import plots
from adamref.errors import MissingPackage, Unreadable
from adamref.output import emit_bytes
from adamref.rules.symbols import SPELLINGS
from adamref.typeset import typst as typesetting
from adamref.typeset.html import html
from adamref.typeset.latex import latex
from adamref.typeset.markdown import markdown
from adamref.typeset.notebook import notebook
from adamref.typeset.slides import slides
from adamref.typeset.tree import (
    Bullets,
    Chapter,
    DataTable,
    Display,
    Document,
    Figure,
    Math,
    Numbered,
    Paragraph,
    Portion,
    Reference,
    Section,
    Verbatim,
    figures,
    told_to,
)
from adamref.typeset.typst import pdf, typst
from pages import read_html

SAYS = "5 < 6 & *one_two* [three] #four ~five @six $seven$ \\eight |nine| `ten`"


def document():
    """Return a document with a block of every kind, and every sign that a format has a use for."""
    inner = Numbered(((Paragraph(("Inner words.",), "first"),),))
    blocks = (
        Paragraph(("Words, ", Math("x_{1}"), ", ", Verbatim("a command"), " and ", SAYS)),
        Display(r"\begin{aligned} & a \\ & \quad \le b \end{aligned}"),
        Numbered(((Paragraph(("Outer words.",)), Paragraph(("At ", Math("t = 0"), ":")), inner),)),
        Bullets((("one",), ("see ", Reference("other")))),
        DataTable((("head",),), (((SAYS,),),)),
    )
    section = Section(
        "A section",
        "one",
        (
            Portion("", (Paragraph(("The claim.",)),)),
            Portion("", (Figure("average-weights", plots.picture("average-weights")),)),
            Portion("Idea", (Paragraph(("The idea.",)),), "idea"),
            Portion("Proof", blocks, "steps", folded=True),
            Portion("Source", (Paragraph(("A book.",)),), aside=True),
        ),
        ("assert 1 + 1 == 2",),
    )
    other = Section("Another", "other", (Portion("", (Paragraph(("Else.",)),)),))
    return Document("A title", (Chapter("A chapter", (section, other), "A part"),))


def test_markdown_has_it_all():
    text = markdown(document(), lambda figure: f"pictures/{figure.name}.svg")
    assert "](pictures/average-weights.svg)" in text
    assert "[`other`](#other)" in text
    assert "**Idea.** The idea." in text
    assert "   1. **First.** Inner words." in text
    assert r"5 \< 6 & \*one\_two\* \[three\]" in text


def test_html_has_it_all_and_asks_nothing_of_a_network():
    page = html(document())
    seen = read_html(page)
    assert {"math", "details", "figure", "table", "ol"} <= seen.seen
    assert not {"script", "link", "iframe"} & seen.seen
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page
    assert "<details><summary>Proof</summary>" in page
    assert '<a href="#other">' in page
    assert "5 &lt; 6 &amp; *one_two*" in page
    assert page.count("data:image/svg+xml;base64,") == 2
    assert plots.picture("average-weights").alt[:40] in page


def test_latex_has_it_all():
    text = latex(document())
    for name in ("enumerate", "itemize", "tabular", "aligned"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") >= 1
    assert r"\IfFileExists{average-weights.pdf}" in text
    assert r"\& *one\_two*" in text


def test_a_pdf_has_its_pictures():
    source, files = typst(document())
    assert list(files) == ["average-weights.svg"]
    assert r"\#four \~five \@six \$seven\$" in source
    assert pdf(document()).startswith(b"%PDF-")


def test_what_follows_code_in_a_pdf_is_text():
    pypdf = pytest.importorskip("pdfminer.high_level")
    import io

    said = Paragraph(
        (Reference("some-id"), "; then ", Verbatim("x"), "(y), and ", Reference("one"))
    )
    section = Section("A section", "one", (Portion("", (said,)),))
    text = pypdf.extract_text(io.BytesIO(pdf(Document("T", (Chapter("", (section,)),)))))
    assert "some-id; then x(" in text


def test_every_letter_of_the_field_is_in_a_pdf():
    shown = tuple(Display(one.latex) for one in SPELLINGS.values())
    section = Section("Letters", "", (Portion("", shown),))
    assert len(pdf(Document("Letters", (Chapter("", (section,)),)))) > 10_000


def test_a_notebook_has_cells_of_both_kinds():
    made = json.loads(notebook(document()))
    cells = made["cells"]
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in cells}) == len(cells)
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert code[0] == 'from adamref import plots\n\nplots.picture("average-weights")'
    assert code[1] == "assert 1 + 1 == 2"
    words = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    for part in ("# A title", "The claim.", "The idea.", "Inner words.", "A book."):
        assert words.count(part) == 1


def test_slides_have_one_idea_each():
    page = slides(document())
    parts = page.split('<section id="slide-')[1:]
    assert [part.split('"')[0] for part in parts] == [str(n) for n in range(1, len(parts) + 1)]
    for alone in ("The claim.", "The idea.", "Outer words.", "Inner words."):
        assert sum(alone in part for part in parts) == 1
    (inner,) = [part for part in parts if "Inner words." in part]
    assert "Outer words." not in inner
    assert "<mi>t</mi><mo>&#x0003D;</mo><mn>0</mn>" in inner, "where an induction is"
    assert "A book." not in page, "what is to be looked up is no slide"
    assert "script" not in read_html(page).seen


@pytest.mark.parametrize(
    ("level", "told", "not_told"),
    [
        ("statement", ["The claim.", "A book."], ["The idea.", "Outer words."]),
        ("idea", ["The claim.", "The idea."], ["Outer words."]),
        ("steps", ["The claim.", "The idea.", "Outer words."], []),
    ],
)
def test_a_level_says_how_much_is_told(level, told, not_told):
    text = markdown(told_to(document(), level))
    assert all(one in text for one in told)
    assert not any(one in text for one in not_told)


def test_a_picture_is_there_once():
    doubled = document()
    assert [one.name for one in figures(doubled)] == ["average-weights"]


@pytest.mark.parametrize("write", [html, pdf, slides], ids=lambda one: one.__name__)
def test_without_matplotlib_the_text_stands_for_a_picture(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    made = write(document())
    if isinstance(made, bytes):
        assert made.startswith(b"%PDF-")
        assert "average-weights.svg" not in typst(document())[0]
    else:
        assert "<img" not in made
        assert "falls from 0.5 to" in made


@pytest.mark.parametrize("package", ["typst", "tylax"])
def test_what_a_pdf_lacks_is_said_with_the_line_that_installs_it(package, monkeypatch):
    typesetting._math.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    says = rf"{package} is not installed, and a PDF needs it: pip"
    with pytest.raises(MissingPackage, match=says):
        pdf(document())


def test_bytes_go_to_a_file_or_a_pipe_and_to_no_terminal(call, tmp_path, monkeypatch):
    file = tmp_path / "weights.pdf"
    asked = ("derive", "power-below-one", "--format", "pdf")
    assert call(*asked, "--output", str(file))[0] == 0
    assert file.read_bytes().startswith(b"%PDF-")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(Unreadable, match="is a terminal: give --output FILE"):
        emit_bytes(b"%PDF-", None)


@pytest.mark.slow
def test_bytes_go_to_standard_output():
    ran = subprocess.run(
        [sys.executable, "-m", "adamref", "derive", "power-below-one", "--format", "pdf"],
        capture_output=True,
        check=True,
    )
    assert ran.stdout.startswith(b"%PDF-")
    assert ran.stderr == b""
