"""One worked example in every format: what it claims is the same, and so are the verdicts."""

from __future__ import annotations

import html
import io
import json
import zipfile

GIVEN = {
    "alpha": "0.1", "beta1": "0.9", "beta2": "0.999", "eps": "0.00000001", "theta": "1",
}  # fmt: skip
GRADIENTS = ("15", "14")
NUMBERS = {
    ("m", 1): "1.5", ("v", 1): "0.225", ("m_hat", 1): "15", ("v_hat", 1): "225",
    ("theta", 1): "0.9", ("m", 2): "2.75", ("v", 2): "0.420775", ("m_hat", 2): "14.4737",
    ("v_hat", 2): "210.493", ("theta", 2): "0.80024",
}  # fmt: skip
WRONG = {("theta", 2): "0.70024"}
"""One number that no rounding gives, and from which nothing follows."""


# A formula is a list of signs, and of tuples: what is done to which formulas.
def sub(base, index):
    return ("sub", [base], [index])


def hat(letter, index):
    return ("sub", [("hat", [letter])], [index])


def formulas(numbers):
    """Yield a title and its formulas for each step."""
    m, v, theta = "0", "0", "1"
    for t, g in enumerate(GRADIENTS, 1):
        n = {field: numbers[field, t] for field in ("m", "v", "m_hat", "v_hat", "theta")}
        power = [("sup", ["0.9"], [str(t)])], [("sup", ["0.999"], [str(t)])]
        yield (
            f"Step {t}",
            [
                [sub("g", str(t)), "=", g],
                [sub("m", str(t)), "=", "0.9", "*", m, "+", "0.1", "*", g, "=", n["m"]],
                [sub("v", str(t)), "=", "0.999", "*", v, "+", "0.001", "*", ("sup", [g], ["2"]),
                 "=", n["v"]],
                [hat("m", str(t)), "=", ("frac", [n["m"]], ["1", "-", *power[0]]), "=", n["m_hat"]],
                [hat("v", str(t)), "=", ("frac", [n["v"]], ["1", "-", *power[1]]), "=", n["v_hat"]],
                [sub("θ", str(t)), "=", theta, "-", "0.1", "*",
                 ("frac", [NUMBERS["m_hat", t]], [("sqrt", [n["v_hat"]]), "+", "0.00000001"]),
                 "=", n["theta"]],
            ],
        )  # fmt: skip
        m, v, theta = n["m"], n["v"], n["theta"]


SETTINGS = [
    ["α", "=", "0.1"],
    [sub("β", "1"), "=", "0.9"],
    [sub("β", "2"), "=", "0.999"],
    ["ε", "=", "0.00000001"],
    [sub("θ", "0"), "=", "1"],
]

LATEX = {
    "sub": "{0}_{{{1}}}", "sup": "{0}^{{{1}}}", "hat": r"\hat{{{0}}}",
    "frac": r"\frac{{{0}}}{{{1}}}",
    "sqrt": r"\sqrt{{{0}}}", "*": r"\cdot", "α": r"\alpha", "β": r"\beta", "ε": r"\epsilon",
    "θ": r"\theta", "leaf": "{0}", "between": " ",
}  # fmt: skip
PLAIN = {
    "sub": "{0}_{1}", "sup": "{0}^{1}", "hat": "{0}_hat", "frac": "({0})/({1})",
    "sqrt": "sqrt({0})", "leaf": "{0}", "between": " ",
}  # fmt: skip
UNICODE = PLAIN | {"hat": "{0}\u0302", "sqrt": "√({0})", "*": "·", "-": "−"}
HTML = PLAIN | {
    "sub": "{0}<sub>{1}</sub>", "sup": "{0}<sup>{1}</sup>", "hat": "{0}&#770;", "*": "&middot;",
    "-": "&minus;", "sqrt": "&radic;({0})",
}  # fmt: skip
MATHML = {
    "sub": "<msub><mrow>{0}</mrow><mrow>{1}</mrow></msub>",
    "sup": "<msup>\n<mrow>{0}</mrow>\n<mrow>{1}</mrow></msup>",
    "hat": "<mover>{0}<mo>^</mo></mover>",
    "frac": "<mfrac>\n <mrow>{0}</mrow>\n <mrow>{1}</mrow>\n</mfrac>",
    "sqrt": "<msqrt>{0}</msqrt>", "*": "⋅", "-": "−", "leaf": "<mn>{0}</mn>", "between": "",
}  # fmt: skip
OMML = {
    "sub": "<m:sSub><m:e>{0}</m:e><m:sub>{1}</m:sub></m:sSub>",
    "sup": "<m:sSup><m:e>{0}</m:e><m:sup>{1}</m:sup></m:sSup>",
    "hat": "<m:acc><m:accPr><m:chr m:val='\u0302'/></m:accPr><m:e>{0}</m:e></m:acc>",
    "frac": "<m:f><m:num>{0}</m:num><m:den>{1}</m:den></m:f>",
    "sqrt": "<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e>{0}</m:e></m:rad>",
    "*": "⋅", "-": "−", "leaf": "<m:r><m:t>{0}</m:t></m:r>", "between": "",
}  # fmt: skip


def render(formula, hand):
    """Write a formula in a hand."""
    parts = []
    for one in formula:
        if isinstance(one, str):
            parts.append(hand["leaf"].format(hand.get(one, one)))
        else:
            parts.append(hand[one[0]].format(*(render(part, hand) for part in one[1:])))
    return hand["between"].join(parts)


TITLE = "Adam worked by hand"


def markdown(numbers):
    lines = [f"# {TITLE}", ""]
    lines += ["Given " + ", ".join(f"${render(f, LATEX)}$" for f in SETTINGS) + ".", ""]
    for title, made in formulas(numbers):
        lines += [f"## {title}", ""]
        lines += [line for f in made for line in (f"$${render(f, LATEX)}$$", "")]
    return "\n".join(lines)


def text(numbers, hand=PLAIN):
    lines = [TITLE, "", "Given " + ", ".join(render(f, hand) for f in SETTINGS), ""]
    for title, made in formulas(numbers):
        lines += [title, *(render(f, hand) for f in made), ""]
    return "\n".join(lines)


def latex(numbers):
    lines = [r"\documentclass{article}", r"\newcommand{\dec}[1]{\beta_{#1}}"]
    lines += [r"\begin{document}", rf"\section{{{TITLE}}} % m_1 = 77"]
    given = [f"${render(f, LATEX)}$".replace(r"\beta_", r"\dec") for f in SETTINGS]
    lines += ["Given " + ", ".join(given) + ".", ""]
    for title, made in formulas(numbers):
        rows = [render(f, LATEX).replace("=", "&=", 1) + r" \\" for f in made]
        lines += [rf"\subsection{{{title}}}", r"\begin{align*}", *rows, r"\end{align*}", ""]
    return "\n".join([*lines, r"\end{document}"])


def rst(numbers):
    lines = [TITLE, "=" * len(TITLE), ""]
    lines += ["Given " + ", ".join(f":math:`{render(f, LATEX)}`" for f in SETTINGS) + ".", ""]
    for title, made in formulas(numbers):
        lines += [title, "-" * len(title), ""]
        for f in made:
            lines += [".. math::", "", f"   {render(f, LATEX)}", ""]
    return "\n".join(lines)


def page(numbers, write):
    """Write an HTML page, its formulas by a function."""
    body = [f"<h1>{TITLE}</h1><p>Given {', '.join(write(f) for f in SETTINGS)}.</p>"]
    for title, made in formulas(numbers):
        body += [f"<h2>{title}</h2>", *(f"<p>{write(f)}</p>" for f in made)]
    return "<!DOCTYPE html>\n<html><head><title>m_1 = 77</title></head><body>" + "\n".join(body)


def html_math(formula):
    return f"<math><mrow>{render(formula, MATHML)}</mrow></math>"


def html_katex(formula):
    tex = html.escape(render(formula, LATEX))
    return (
        '<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mn>77</mn></mrow>'
        f'<annotation encoding="application/x-tex">{tex}</annotation></semantics></math></span>'
        '<span class="katex-html" aria-hidden="true">m_1 = 77</span></span>'
    )


def html_script(formula):
    tex = render(formula, LATEX)
    return f'<span class="MathJax">m_1=77</span><script type="math/tex">{tex}</script>'


def notebook(numbers):
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": part.splitlines(keepends=True)}
        for part in markdown(numbers).split("\n## ")
    ]
    cells.insert(1, {"cell_type": "code", "metadata": {}, "source": "import math", "outputs": []})
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def docstring(numbers):
    return f'"""{text(numbers)}\n"""\n\nm_1 = None\n'


def comment(numbers):
    lines = "\n".join(f" * {line}".rstrip() for line in text(numbers, UNICODE).split("\n"))
    return f"/*\n{lines}\n */\nint main(void) {{ return 0; }}\n"


def word(numbers):
    def paragraph(inner, style=""):
        style = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f"<w:p>{style}{inner}</w:p>"

    def run(said):
        return f'<w:r><w:t xml:space="preserve">{said}</w:t></w:r>'

    def low(said):
        raised = '<w:rPr><w:vertAlign w:val="subscript"/></w:rPr>'
        return f"<w:r>{raised}<w:t>{said}</w:t></w:r>"

    hand = PLAIN | {"sub": "{0}{1}", "leaf": "{0}"}
    given = "".join(
        run(f"{f[0]} = {f[2]}, ")
        if isinstance(f[0], str)
        else run(f[0][1][0]) + low(f[0][2][0]) + run(" = " + render(f[2:], hand) + ", ")
        for f in SETTINGS
    )
    body = [paragraph(run(TITLE), "Heading1"), paragraph(run("Given ") + given)]
    for title, made in formulas(numbers):
        body.append(paragraph(run(title), "Heading2"))
        body += [
            paragraph(f"<m:oMathPara><m:oMath>{render(f, OMML)}</m:oMath></m:oMathPara>")
            for f in made
        ]
    return packed("".join(body))


def packed(body, name="word/document.xml"):
    """Pack the body of a Word document."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    mathematics = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            name,
            f'<?xml version="1.0"?><w:document xmlns:w="{main}" xmlns:m="{mathematics}">'
            f"<w:body>{body}</w:body></w:document>",
        )
    return made.getvalue()


def pdf(numbers):
    """Write a PDF by hand: scripts are small and raised or lowered, nothing else tells them."""
    letters = {"α": "alpha", "β": "beta", "ε": "epsilon", "θ": "theta"}

    def shown(formula, size=10, rise=0):
        for one in formula:
            if isinstance(one, str):
                said = letters.get(one, one)
                said = f" {said} " if said in "=*+-" else said
                said = said.replace("(", r"\(").replace(")", r"\)")
                yield f"/F1 {size} Tf {rise} Ts ({said}) Tj"
            elif one[0] in ("sub", "sup"):
                yield from shown(one[1], size, rise)
                yield from shown(one[2], 7, 4 if one[0] == "sup" else -2)
            elif one[0] == "hat":
                yield from shown([f"{one[1][0]}hat"], size, rise)
            elif one[0] == "frac":
                yield from shown(["(", *one[1], ")/(", *one[2], ")"], size, rise)
            else:
                yield from shown(["sqrt(", *one[1], ")"], size, rise)

    rows = [[TITLE], *SETTINGS]
    for title, made in formulas(numbers):
        rows += [[title], *made]
    stream = "BT 1 0 0 1 50 780 Tm 14 TL\n"
    stream += "".join("\n".join(shown(row)) + " T*\n" for row in rows) + "ET"
    fonts = "/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    made, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\n"
    return (made + end + f"startxref\n{len(made)}\n%%EOF\n").encode("latin-1")


FIELDS = ("m", "v", "m_hat", "v_hat", "theta")


def csv(numbers):
    head = ", ".join(f"{name} = {value}" for name, value in GIVEN.items())
    lines = [f"# {head}".replace("theta", "theta_0"), "t,g," + ",".join(FIELDS)]
    for t, g in enumerate(GRADIENTS, 1):
        lines.append(",".join([str(t), g, *(numbers[field, t] for field in FIELDS)]))
    return "\n".join(lines)


def json_case(numbers):
    steps = [
        {"t": t, "grad": float(g), **{field: float(numbers[field, t]) for field in FIELDS}}
        for t, g in enumerate(GRADIENTS, 1)
    ]
    hyper = {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-08}
    case = {"optimizer": "adam", "hyper": hyper, "initial": {"theta": 1}, "steps": steps}
    return json.dumps(case, indent=2)


def yaml_case(numbers):
    lines = ["optimizer: adam", "lr: 0.1", "beta1: 0.9", "beta2: 0.999", "eps: 1.0e-8", "theta0: 1"]
    lines += ["steps:"]
    for t, g in enumerate(GRADIENTS, 1):
        lines += [f"  - t: {t}", f"    g: {g}"]
        lines += [f"    {field}: {numbers[field, t]}" for field in FIELDS]
    return "\n".join(lines) + "\n"


FORMATS = {
    "notes.md": markdown,
    "plain.txt": text,
    "unicode.txt": lambda numbers: text(numbers, UNICODE),
    "paper.tex": latex,
    "page.rst": rst,
    "dollars.html": lambda n: page(n, lambda f: f"${render(f, LATEX)}$"),
    "scripts.html": lambda n: page(n, lambda f: render(f, HTML)),
    "mathml.html": lambda n: page(n, html_math),
    "katex.html": lambda n: page(n, html_katex),
    "mathjax.html": lambda n: page(n, html_script),
    "cells.ipynb": notebook,
    "docstring.py": docstring,
    "comment.c": comment,
    "word.docx": word,
    "paper.pdf": pdf,
    "steps.csv": csv,
    "case.json": json_case,
    "case.yaml": yaml_case,
}


def write(path, numbers):
    """Write the example to a file in the format of its name."""
    made = FORMATS[path.name](numbers)
    if isinstance(made, bytes):
        path.write_bytes(made)
    else:
        path.write_text(made, encoding="utf-8")
    return path
