"""What each format makes of a file: the lines that are read, what they are, where they stand."""

from __future__ import annotations

import json

import pytest

import document_formats as written
from adamref import audit
from adamref.documents.source import from_bytes, from_text


def lines(name, text):
    """Return the lines that are read, with their kinds where they are no text."""
    source = from_bytes(text, name) if isinstance(text, bytes) else from_text(text, name)
    return [
        line if source.kind(row) == "text" else (source.kind(row), line)
        for row, line in enumerate(source.lines, 1)
        if line.strip()
    ]


READ = {
    "entities and scripts": (
        "x.html",
        "<p>&beta;<sub>1</sub>&nbsp;= 0.9<sup><a>[1]</a></sup>, x<sup>2</sup>",
        ["β_{1} = 0.9, x^{2}"],
    ),
    "what is not seen": (
        "x.html",
        "<p>a<script>b</script><style>c</style><s>d</s><p hidden>e</p><!-- f --><p>g",
        ["a", "g"],
    ),
    "cells that span": (
        "x.html",
        "<table><tr><th rowspan=2>t<th colspan=2>m<tr><td>1<td>2</table>",
        ["|t|m| |", "|t|1|2|"],
    ),
    "cells without ends, bars in them": (
        "x.html",
        "<table><tr><td>|g|<td>v<tr><td>1<td>2</table>",
        [r"|\|g\||v|", "|1|2|"],
    ),
    "a table that lays code out": (
        "x.html",
        (
            "<table><tr><td class=linenos><pre>1\n2</pre><td class=code>"
            "<div class='highlight-python'><pre>a = 1\n\n  b</pre></table>"
        ),
        [("code:python", "a = 1"), ("code:python", "  b")],
    ),
    "code by its class": (
        "x.html",
        "<pre><code class='language-c++'>a;</code></pre><pre>m = 1</pre>",
        [("code:cpp", "a;"), "m = 1"],
    ),
    "TeX that an image stands for": (
        "x.html",
        "<p><img class='latex' alt='m_1 = 2'>",
        ["$m_1 = 2$"],
    ),
    "Wikipedia's mathematics": (
        "x.html",
        (
            "<math><semantics><mn>7</mn><annotation encoding='application/x-tex'>"
            "{\\displaystyle m_{1}}</annotation></semantics></math>"
            "<img class='mwe-math-fallback' alt='m_1'>"
        ),
        ["$ m_{1}$"],
    ),
    "MathML of several rows": (
        "x.html",
        (
            "<math display=block><mtable><mtr><mtd><mi>m</mi></mtd><mtd><mo>=</mo><mn>1</mn></mtd>"
            "</mtr><mtr><mtd><msqrt><mi>v</mi></msqrt></mtd><mtd><mo>=</mo><mn>2</mn></mtd></mtr>"
            "</mtable></math>"
        ),
        [r"$$m &  = 1 \\ \sqrt{v} &  = 2$$"],
    ),
    "Word's remarks for itself": ("x.html", "<p><![if !supportLists]>a<![endif]>", ["a"]),
    "commands with arguments": (
        "x.tex",
        ("\\newcommand{\\h}[2][m]{\\hat{#1}_{#2}} \\def\\b{\\beta}\n$\\h{1} + \\h[v]{2} \\b_1$"),
        [r"$\hat{m}_{1} + \hat{v}_{2} \beta_1$"],
    ),
    "a definition over lines": (
        "x.tex",
        "a\n\\newcommand\\e{%\n\\epsilon}\n$\\e x$",
        ["a", r"$\epsilon x$"],
    ),
    "comments, and a percent sign": ("x.tex", "5\\% of m % and no more\n% nothing", ["5\\% of m "]),
    "code in LaTeX": (
        "x.tex",
        (
            "\\begin{lstlisting}[language=Python]\nm % 2\n\\end{lstlisting}\n"
            "\\begin{minted}{c}\nx;\n\\end{minted}"
        ),
        [("code:python", "m % 2"), ("code:c", "x;")],
    ),
    "a table in LaTeX": (
        "x.tex",
        (
            "\\begin{tabular}{l|r} \\hline\n$t$ & \\multicolumn{1}{c}{$m$} \\\\ \\hline\n"
            "1 & 2 \\\\[2pt]\n\\end{tabular}"
        ),
        ["|$t$|$m$|", "|1|2|"],
    ),
    "columns that are steps": (
        "x.md",
        "$\\begin{array}{cc} \\text{step 1} & \\text{step 2} \\\\ m = 1 & m = 2 \\end{array}$",
        ["Step 1", "$m = 1$", "Step 2", "$m = 2$"],
    ),
    "a matrix is no table": (
        "x.md",
        "$\\begin{array}{c} 1 \\\\ 2 \\end{array}$",
        [r"$\begin{array}{c} 1 \\ 2 \end{array}$"],
    ),
    "fences": (
        "x.md",
        "a\n```py\nm = 1\n```\n~~~\nx\n```\n~~~\nb",
        ["a", ("code:python", "m = 1"), ("code", "x"), ("code", "```"), "b"],
    ),
    "an HTML table in Markdown": (
        "x.md",
        "a\n<table><tr><td>1<td>2</table>\nb",
        ["a", "|1|2|", "b"],
    ),
    "roles": (
        "x.rst",
        "Let :math:`\\beta_1` and ``m`` be :sub:`1`.",
        ["Let $\\beta_1$ and m be _{1}."],
    ),
    "directives": (
        "x.rst",
        (
            "T\n=\n\nHead\n====\n\n.. math:: m = 1\n   :label: x\n\n.. note::\n\n   Look.\n\n"
            ".. a comment\n   m = 7\n\n"
            ".. code-block:: c\n   :linenos:\n\n   x;\n\n>>> m\n1\n"
        ),
        [
            "T",
            "=",
            "# Head",
            "\\[",
            "m = 1",
            "\\]",
            "Look.",
            ("code:c", "x;"),
            ("code:python", "m"),
            ("output", "1"),
        ],
    ),
    "a grid": (
        "x.rst",
        "+---+-----+\n| t | m   |\n+===+=====+\n| 1 | 2   |\n|   | 3   |\n+---+-----+\n",
        ["|t|m|", "|1|2 3|"],
    ),
    "a simple table": (
        "x.rst",
        "==  =====\nt   m\n==  =====\n1   2 x\n==  =====\n",
        ["|t|m|", "|1|2 x|"],
    ),
    "a list that is a table": (
        "x.rst",
        ".. list-table::\n   :header-rows: 1\n\n   * - t\n     - m\n   * - 1\n     - 2\n",
        ["|t|m|", "|1|2|"],
    ),
    "values in a directive": (
        "x.rst",
        ".. csv-table::\n   :header: t, m\n\n   1, 2\n",
        ["|t|m|", "|1|2|"],
    ),
    "comments of Python": (
        "x.py",
        'x = "# no"  # m = 1\n\n\ndef f():\n    """Say v = 2."""\n    return "v"\n',
        [
            ("code:python", 'x = "# no"  '),
            " m = 1",
            ("code:python", "def f():"),
            "Say v = 2.",
            ("code:python", '    return "v"'),
        ],
    ),
    "comments of C": (
        "x.cu",
        'x = "/*"; // m = 1\n/* v = 2\n * w = 3 */ y;\n',
        [("code:cuda", 'x = "/*"; '), " m = 1", " v = 2", " w = 3 "],
    ),
    "records": (
        "x.json",
        '{"lr": 0.1, "steps": [{"grad": 5, "exp_avg": 1}, {"grad": 4}]}',
        ["alpha = 0.1", "|t|g|m|", "|1|5|1|", "|2|4|-|"],
    ),
    "columns of records": (
        "x.yaml",
        "betas: [0.9, 0.99]\ntheta0: '1'\ng: [5, 4]\nm: [1, 2]\n",
        ["theta_0 = 1", "beta1 = 0.9", "beta2 = 0.99", "|t|g|m|", "|1|5|1|", "|2|4|2|"],
    ),
    "a table of values": (
        "x.csv",
        'lr;step;"m";note\n0,1;1;1,5;a\n0,1;2;2;b\n',
        ["alpha = 0.1", "|t|m|", "|1|1.5|", "|2|2|"],
    ),
}


@pytest.mark.parametrize(("name", "text", "wanted"), READ.values(), ids=READ.keys())
def test_what_is_read(name, text, wanted):
    assert lines(name, text) == wanted


def test_a_claim_of_a_notebook_says_its_cell_and_line():
    cells = [
        {
            "cell_type": "markdown",
            "source": ["Adam with $\\beta_1 = 0.9$,\n", "$m_0 = 0$, $g_1 = 15$"],
        },
        {
            "cell_type": "code",
            "source": "m",
            "outputs": [
                {"output_type": "stream", "text": "so\nm_1 = 1.6\n"},
                {"output_type": "error", "traceback": ["m_1 = 7"]},
                {
                    "output_type": "display_data",
                    "data": {"text/plain": "m_1 = 7", "text/html": "<p>m_1 = 1.7"},
                },
            ],
        },
    ]
    text = json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}, indent=1)
    source = from_text(text, "x.ipynb")
    found = {source.lines[row - 1]: source.where(row) for row in range(1, len(source.lines) + 1)}
    assert found["$m_0 = 0$, $g_1 = 15$"] == "cell 1, line 2"
    assert found["m_1 = 1.6"] == "cell 2, output, line 2"
    assert found["m_1 = 1.7"] == "cell 2, output, line 1"
    assert "m_1 = 7" not in found
    for row, line in enumerate(source.lines, 1):
        at, column = source.place(row)
        if line and "\\" not in line:
            assert text.split("\n")[at - 1][column - 1 :].startswith(line)


def test_a_claim_of_a_page_stands_where_its_number_stands(tmp_path):
    text = written.page(written.NUMBERS | written.WRONG, written.html_math)
    path = tmp_path / "x.html"
    path.write_text(text)
    found = audit(path)
    first = found.claims[found.first_wrong]
    assert text.split("\n")[first.line - 1][first.column - 1 :].startswith("<mn>0.70024")


def test_a_deleted_run_of_word_is_not_read_and_an_object_is_listed():
    body = (
        "<w:p><w:del><w:r><w:delText>m = 7</w:delText></w:r></w:del><w:ins><w:r><w:t>m = 1</w:t>"
        "</w:r></w:ins></w:p><w:p><w:r><w:object/></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>t</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>m"
        "</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    source = from_bytes(written.packed(body), "x.docx")
    said = [(x, source.where(i), source.unread(i)) for i, x in enumerate(source.lines, 1) if x]
    assert said == [
        ("m = 1", "paragraph 1", ""),
        ("(an object)", "paragraph 2", "an embedded object, perhaps an equation, is not read"),
        ("|t|m|", "table 1, row 1", ""),
    ]


def test_what_stands_in_another_file_is_listed_as_unread():
    text = f"{written.latex(written.NUMBERS)}\n\\input{{more}}\n"
    found = audit(text)
    assert [(c.verdict, c.because) for c in found.claims if "input" in c.quote] == [
        ("unread", "what stands in another file is not read")
    ]
