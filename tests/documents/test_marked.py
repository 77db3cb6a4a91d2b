"""The page of an audit is the document itself, each claim marked where it stands."""

from __future__ import annotations

import re

import pytest

import document_formats as written
from adamref import audit
from adamref.documents.marked import MOST_LINES, marked
from adamref.render import render
from pages import read_html

USUAL = "Adam: alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
FORMATS = sorted(written.FORMATS)


def pieces(found, verdict):
    return [
        piece
        for line in marked(found)
        for cell in line.cells
        for piece in cell
        if piece.verdict == verdict
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS[::2])
def test_what_is_wrong_is_marked_in_every_format(tmp_path, name):
    found = audit(written.write(tmp_path / name, written.NUMBERS | written.WRONG))
    (wrong,) = pieces(found, "wrong")
    assert "0.70024" in wrong.text
    (note,) = [n for line in marked(found) for n in line.notes if n.verdict == "wrong"]
    assert note.right.startswith("0.80023")
    page = found.to_html()
    assert re.search(r'<mark class="wrong">', page)
    read_html(page)


def test_every_line_of_a_text_is_there():
    text = USUAL + "\nWe find that m_1 = 1.5.\n\n```python\nx = 1 # <b>\n```\nThe end."
    lines = ["".join(p.text for cell in x.cells for p in cell) for x in marked(audit(text))]
    assert lines == [line for line in text.split("\n") if line]


def test_only_the_number_is_marked_in_prose():
    (piece,) = pieces(audit(USUAL + "We find m_1 = 0.1*15 = 1.6, and go on.\n"), "wrong")
    assert piece.text == "1.6"


def test_mathematics_is_mathml_and_what_is_none_stands_as_it_is():
    page = audit(USUAL + "$m_1 = 1.5$ and $m_1 = \\left( 1.5$ and ${}^{}_}$\n").to_html()
    assert "<math" in page
    assert "\\left( 1.5" in page
    read_html(page)


def test_damaged_mathematics_is_shown_as_it_was_read():
    page = audit(USUAL + "$\\hat m_1 = \frac{1.5}{1 - 0.9} = 15$\n").to_html()
    assert "<mfrac>" in page


def test_a_table_and_a_heading_are_shown_as_such():
    found = audit(USUAL + "# The table\n\n| t | m | v |\n|---|---|---|\n| 1 | 1.6 | 0.225 |\n")
    kinds = [line.kind for line in marked(found)]
    assert kinds == ["text", "heading", "row", "rule", "row"]
    assert [piece.text.strip() for piece in pieces(found, "wrong")] == ["1.6"]


def test_of_a_long_document_what_is_far_from_a_claim_is_left_out():
    found = audit(USUAL + "Nothing here.\n" * (MOST_LINES + 5) + "m_1 = 1.6\n")
    lines = list(marked(found))
    assert len(lines) < 20
    (gap,) = [line for line in lines if line.kind == "gap"]
    assert re.fullmatch(r"\d+ lines without a claim", gap.cells[0][0].text)
    assert pieces(found, "wrong")


def test_a_page_of_several_documents_begins_with_a_list_of_them(tmp_path, call):
    for name, number in (("a.md", "1.5"), ("b.md", "1.6")):
        (tmp_path / name).write_text(f"{USUAL}m_1 = {number}\n")
    code, out, _ = call("audit", tmp_path, "--format", "html")
    assert code == 1
    assert "2 documents: 1 hold, 1 wrong." in out
    assert out.count('href="#document-') == 2


def test_a_matrix_is_shown_as_one():
    text = "# Adam\n\n$$\nM_1 = \\begin{pmatrix}0.1&0.2\\\\0.3&0.4\\end{pmatrix}\n$$\n"
    (shown,) = [line for line in marked(audit(text)) if line.kind == "display"]
    assert "0.1&0.2" in shown.cells[0][0].text
    assert "<mtable" in audit(text).to_html()


def test_an_index_outside_of_mathematics_stands_below_the_line():
    text = "# Adam\n\nThe w_{k-1} and <b>g</b>^{2}, beta1 = 0.9. m_1 = 0.9*0 + 0.1*3 = 0.3\n"
    html = audit(text + "\n```python\nx_{k} = 1\n```\n").to_html()
    assert "w<sub>k-1</sub>" in html
    assert "<sup>2</sup>" in html
    assert "<b>g</b>" not in html
    assert "x_{k}" in html


def test_own_commands_of_a_document_and_its_preamble_are_not_shown_as_they_stand():
    """What a command stands for is shown, and what sets nothing is left out."""
    page = render(
        audit(
            "\\documentclass{article}\n\\newcommand{\\x}{\\mathbf{x}}\n\\begin{document}\n"
            "\\textbf{Adam}: $\\alpha=0.1$, $\\x_0 = 1$, $g_1 = 2$, $\\x_1 = 0.9$.\n"
            "\\end{document}\n"
        ),
        "html",
    )
    body = page[page.index("The document") : page.index("All claims")]
    assert "documentclass" not in body
    assert "textbf" not in body
    assert "\\x" not in body


def test_the_line_as_it_should_stand_is_mathematics():
    """No command of LaTeX is left in the box on top, nor in the margin."""
    page = render(
        audit(
            "# Adam\n\n$\\hat m_t = m_t/(1-\\beta_1^t)$, $\\hat v_t = v_t/(1-\\beta_2^t)$,\n"
            "$w_t = w_{t-1} - \\eta\\,\\frac{\\hat m_t}{\\hat v_t + \\epsilon}$\n"
        ),
        "html",
    )
    body = page[page.index("First wrong") : page.index("All claims")]
    assert body.count("<msqrt>") >= 2
    assert not re.search(
        r"\\\\(?:frac|sqrt|hat|eta)", re.sub(r"<annotation.*?</annotation>", "", body)
    )


def test_a_file_of_latex_is_shown_as_it_is_set(tmp_path):
    """Rows of a tabular are rows, a reference is its label, an algorithm has no commands."""
    path = tmp_path / "x.tex"
    path.write_text(
        "\\section{Adam}\n% a note to myself\nAs in \\eqref{eq:adam} and \\cite[p.~2]{kingma},\n"
        "$\\beta_1 = 0.9$, $\\beta_2 = 0.99$, $g_1 = 2$, $g_2 = 1$.\n"
        "\\begin{tabular}{lll}\n$i$ & $1$ & $2$ \\\\ \\hline\n"
        "$m_i$ & 0.2000 & 0.2900 \\\\[2pt]\n\\end{tabular}\n"
        "\\begin{algorithmic}[1]\n\\While{not converged}\n\\State $t \\gets t + 1$\n\\EndWhile\n"
        "\\end{algorithmic}\n",
        encoding="utf-8",
    )
    page = render(audit(path), "html")
    body = page[page.index("The document") : page.index("All claims")]
    for command in ("ref", "cite", "State", "While{", "EndWhile", "hline", "begin", "end{"):
        assert f"\\{command}" not in body
    assert "note to myself" not in body
    assert "As in (eq:adam) and [kingma]," in body
    assert "While not converged" in body
    rows = re.findall(r"<table><tr>(.*?)</tr></table>", body)
    assert [row.count("<td>") for row in rows] == [3, 3]
    assert "0.2900" in rows[1]
    assert "&" not in re.sub(r"&\w+;|&#\d+;", "", rows[1])
