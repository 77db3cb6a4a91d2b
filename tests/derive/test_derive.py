"""Derivations: everything a record says is in them, and the LaTeX compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

import pytest
from sympy import Abs, Add, And, Function, Limit, Max, oo, sqrt

from adamref.derive.document import book
from adamref.logic.relations import ge, gt, le, lt, ne, total
from adamref.render import render
from adamref.rules import ADAM
from adamref.theorems.expectations import Mean
from adamref.theorems.library import theorems
from adamref.theorems.prove import outcome
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import alpha, beta, beta1, beta2, decay_rate, eps, i, n, t
from adamref.typeset.notation import displayed, domain, latex
from adamref.typeset.prose import typeset
from adamref.typeset.tex import escaped
from adamref.typeset.tree import Display, Math, Numbered, Paragraph
from books import whole

adam, other = Run(ADAM), Run(ADAM, mark="'")
g = Function("g", real=True)
ALL = list(theorems().values())

WRITTEN = {
    "a field": (adam("m", t), "m_{t}"),
    "a field at a number": (adam("v_hat", 3), r"\hat{v}_{3}"),
    "a field of a second run": (other("delta", t - 1), r"\Delta'_{t - 1}"),
    "a power of a field": (g(i) ** 2, "{g_{i}}^{2}"),
    "an expectation": (Mean(adam)("m_hat", t), r"\mathbb{E}\left[\hat{m}_{t}\right]"),
    "a second moment": (Mean(adam)("g**2", i), r"\mathbb{E}\left[g_{i}^{2}\right]"),
    "a hyperparameter": (1 - beta2, r"1 - \beta_2"),
    "what is subtracted comes last": (beta ** (t - i), r"\beta^{t - i}"),
    "a sum": (total(g(i), i, 1, t), r"\sum_{i=1}^{t} g_{i}"),
    "a relation": (le(Abs(g(t)), eps), r"\left|{g_{t}}\right| \le \epsilon"),
    "an inequation": (ne(alpha, 0), r"\alpha \neq 0"),
    "a limit": (Limit(beta**n, n, oo), r"\lim_{n \to \infty} \beta^{n}"),
    "a root": (sqrt(adam("v_hat", t)) + eps, r"\epsilon + \sqrt{\hat{v}_{t}}"),
    "a maximum": (Max(g(1), g(2)), r"\max\left(g_{1}, g_{2}\right)"),
    "two claims": (
        And(gt(alpha, 0), lt(alpha, 1), evaluate=False),
        r"\alpha > 0 \quad\text{and}\quad \alpha < 1",
    ),
}


@pytest.mark.parametrize(("what", "written"), WRITTEN.values(), ids=WRITTEN.keys())
def test_mathematics_is_written_with_the_spellings_of_the_field(what, written):
    assert latex(what) == written


def test_a_domain_is_written_from_below_to_above():
    assert domain((*decay_rate(beta1), ge(t, 1))) == [r"0 \le \beta_1 < 1", r"t \ge 1"]
    assert domain((gt(eps, 0), lt(beta1, beta2))) == [r"\epsilon > 0", r"\beta_1 < \beta_2"]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("1 - beta^t is positive", [r"1 - \beta^{t}"]),
        ("beta1 and beta2", [r"\beta_1", r"\beta_2"]),
        ("the power is t + 1, not t", ["t + 1", "t"]),
        ("beta^(t-1) of m_hat", [r"\beta^{t-1}", r"\hat{m}"]),
        ("a gradient g_0 that is not there", ["g_{0}"]),
        ("the alphabet, a theta-like word and beta1x", [r"\theta"]),
        ("it doesn't", []),
        ("g_i in proportion to (beta2/beta1)^i", ["g_{i}", r"\left(\beta_2/\beta_1\right)^{i}"]),
        (
            "2^-9, beta2^-(t-1) and (q/r)^(n-i)",
            ["2^{-9}", r"\beta_2^{-(t-1)}", r"\left(q/r\right)^{n-i}"],
        ),
        ("theta_(t-1)^2 and |g|^p", [r"\theta_{t-1}^{2}", r"\left|g\right|^{p}"]),
        ("beta2^((t-1)/2) and sqrt(v_hat)", [r"\beta_2^{(t-1)/2}", r"\sqrt{\hat{v}}"]),
        (
            "m_hat' = 2, E_v = 0, k_root = 1/2, d1 = 3, spread = (1)",
            [
                r"\hat{m}' = 2",
                "E_{v} = 0",
                r"k_{\mathrm{root}} = 1/2",
                "d_{1} = 3",
                r"\mathrm{spread} = \left(1\right)",
            ],
        ),
        ("the 3rd of z3's", []),
        ("R_210 and v_max", ["R_{210}", r"\bar{v}"]),
        ("worked as b m + w g, fma(w, g, b m)", [r"b\,m + w\,g", "w", "g", r"b\,m"]),
        ("decay by weight_decay, 0.9^n and |g|^p", [r"\lambda", "0.9^{n}", r"\left|g\right|^{p}"]),
        (
            "within a of x, a b + |y| a and sqrt(a)",
            ["a", "x", r"a\,b + \left|y\right|\,a", r"\sqrt{a}"],
        ),
        ("a run, a v that stays, and a c of its own", ["v", "c"]),
        ("the e-folding time, e.g. A and I, p-norms, 1/e", ["p", "1/e"]),
    ],
)
def test_names_of_the_field_in_a_sentence_are_formulas(text, formulas):
    parts = typeset(text)
    assert [part.latex for part in parts if isinstance(part, Math)] == formulas


def test_special_characters_are_escaped():
    assert escaped("50% of a_b & {x} ~ \\ # $") == (
        r"50\% of a\_b \& \{x\} \textasciitilde{} \textbackslash{} \# \$"
    )
    assert escaped("β ≤ 1 – so") == r"$\beta$ $\le$ 1 -- so"


def test_a_wide_formula_is_split_between_its_terms():
    long = total(g(i), i, 1, t) * (1 + beta1 + beta2 + alpha + eps)
    sum_ = sqrt(long) + long / (1 - beta) + long / (1 - beta1) + long / (1 - beta2)
    written = displayed(le(Abs(sum_), alpha * sum_))
    assert written.startswith(r"\begin{aligned} & | ")
    assert written.count(r" \\ ") >= 3
    assert r"& \quad \le " in written
    for opening, closing in (("(", ")"), ("{", "}"), (r"\Bigl(", r"\Bigr)")):
        assert written.count(opening) == written.count(closing)
    assert displayed(le(beta1, beta2)) == r"\beta_1 \le \beta_2"


def test_what_is_subtracted_is_the_whole_of_a_sum_that_is_split():
    rates = (beta, beta1, beta2, 1 - beta, 1 - beta1, 1 - beta2)
    long = sum((x**9 * g(t) * total(g(i), i, 1, t) for x in rates), eps)
    written = displayed(ge(Add(2 * beta, -long, evaluate=False), alpha))
    assert written.count(r"\Bigl(") == written.count(r"\Bigr)") == 1


def test_the_power_of_an_accented_letter_with_a_prime_is_one_superscript():
    assert latex(Run(ADAM, mark="'")("m_hat", 1) ** 2) == r"{{}\hat{m}'_{1}}^{2}"


@cache
def book_of(theorem):
    return book([theorem], {})


def flat(blocks):
    for block in blocks:
        yield block
        if isinstance(block, Numbered):
            for entry in block.entries:
                yield from flat(entry)


@pytest.mark.slow
@pytest.mark.parametrize("theorem", ALL, ids=lambda theorem: theorem.id)
def test_a_section_says_all_that_the_record_says(theorem):
    made = book_of(theorem).document.sections[0]
    refuted = "Refuted: " if theorem.verdict == "REFUTED" else ""
    assert (made.title, made.id) == (refuted + theorem.title, theorem.id)
    blocks = list(flat(made.blocks))
    text = " ".join(p for b in blocks if isinstance(b, Paragraph) for p in b.parts if p == str(p))
    assert theorem.says in text
    assert theorem.source[1:] in text
    for miss in theorem.near_misses:
        assert miss.says in text
    worked = [b for b in blocks if isinstance(b, Paragraph) and b.label == "Counterexample"]
    assert len(worked) == len(theorem.near_misses) + (theorem.counterexample is not None)
    assert all(isinstance(p, Math) for b in worked for p in b.parts[1::2]), "values are formulas"
    shown = {b.latex for b in blocks if isinstance(b, Display)}
    claim = theorem.statement.claim
    for part in claim.args if isinstance(claim, And) else (claim,):
        assert displayed(part) in shown
    for step in theorem.proof(theorem.statement):
        assert step.because in text


@pytest.mark.slow
@pytest.mark.parametrize("theorem", ALL, ids=lambda theorem: theorem.id)
def test_every_record_can_be_written(theorem):
    made = book_of(theorem)
    markdown, document, page = (render(made, name) for name in ("md", "latex", "html"))
    assert markdown.startswith("# What is proved about Adam\n")
    assert markdown.count("$$") % 2 == 0
    assert document.count(r"\begin{enumerate}") == document.count(r"\end{enumerate}")
    assert "<merror" not in page
    assert page.count("<details>") == page.count("</details>")
    assert document.isascii() or not re.search(r"[α-ωΑ-Ω≤≥]", document)


def test_a_section_says_who_checked_it():
    theorem = theorems()["weights"]
    text = render(book([theorem], {theorem.id: outcome(theorem)}), "md")
    assert "**Checked.** PROVED. algebra: passed; z3: passed (2 steps); search: passed" in text


@pytest.mark.long
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex: LaTeX is NOT compiled")
def test_the_latex_of_all_theorems_compiles(tmp_path):
    document = render(whole(), "latex")
    (tmp_path / "all.tex").write_text(document, encoding="utf-8")
    ran = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
    )
    said = ran.stdout.decode("utf-8", "replace")
    assert ran.returncode == 0, said[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000
    assert "Missing character" not in said
    assert "Overfull" not in said
