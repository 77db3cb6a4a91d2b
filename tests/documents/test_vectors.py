"""Vectors and matrices, whose elements are judged one by one."""

import pytest

from adamref import audit

GIVEN = "# AdaGrad\n\n$\\eta = 0.5$, $w^{(0)} = (4, 1)$, $\\epsilon = 0$\n\n"
STEPS = (
    "* step 1: $g=(4,10)$, $G=(16,100)$, $\\sqrt G=(4,10)$,\n"
    "  $w^{(1)}=(4-0.5,\\;1-0.5)=(3.5,\\;0.5)$\n"
    "* step 2: $g=(3.5,\\;5)$, $G=(16+12.25,\\;100+25)=(28.25,\\;125)$,\n"
    "  $\\sqrt G=(5.3151,\\;11.1803)$\n"
)


def test_elements_may_be_worked_in_the_brackets():
    found = audit(GIVEN + STEPS)
    assert {c.verdict for c in found.claims} == {"holds"}
    assert len(found.claims) > 8


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("(28.25,", "(26.25,", 7),
        ("(3.5,\\;0.5)", "(3.5,\\;0.6)", 6),
        ("(5.3151", "(5.3511", 8),
    ],
)
def test_a_wrong_element_is_found(right, wrong, line):
    assert right in STEPS
    found = [c for c in audit(GIVEN + STEPS.replace(right, wrong)).claims if c.is_wrong]
    assert {c.line for c in found} == {line}


MATRIX = r"""# Adam

$\beta_1 = 0.9$, $\beta_2 = 0.999$

\[ G_1 = \begin{pmatrix}1.7&3.4\\-2.7&-5.4\end{pmatrix},\qquad
   G_1 \odot G_1 = \begin{pmatrix}2.89&11.56\\7.29&29.16\end{pmatrix} \]
\[ M_1 = 0.1\,G_1 = \begin{pmatrix}0.17&0.34\\-0.27&-0.54\end{pmatrix} \]
"""


def test_a_matrix_is_read_entry_by_entry():
    found = audit(MATRIX)
    assert {c.verdict for c in found.claims} == {"holds"}
    assert [c.field for c in found.claims] == [None] * 4 + ["m"] * 4


@pytest.mark.parametrize(("right", "wrong"), [("11.56", "11.65"), ("-0.27", "-0.72")])
def test_a_wrong_entry_is_found(right, wrong):
    (found,) = [c for c in audit(MATRIX.replace(right, wrong)).claims if c.is_wrong]
    assert found.claimed == wrong


def test_a_product_of_matrices_is_not_one_of_their_entries():
    text = MATRIX + "\n$A = (1, 2) \\cdot (3, 4) = 11$\n"
    assert not any(c.is_wrong for c in audit(text).claims)


COLUMNS = """# Adam

$w = b = 0$, $\\alpha = 0.1$, $\\beta_1 = 0.9$, $\\beta_2 = 0.999$, $\\epsilon = 10^{-8}$

$$dw = -18.25,\\qquad db = -6.25$$

| | weight | bias |
|---|---|---|
| $m$ | $0.1\\cdot(-18.25)=-1.825$ | $0.1\\cdot(-6.25)=-0.625$ |
| $v$ | $0.3330625$ | $0.0390625$ |
| $\\hat m$ | $-18.25$ | $-6.25$ |
"""


def test_columns_may_be_called_weight_and_bias():
    found = audit(COLUMNS)
    assert [(c.parameter, c.verdict) for c in found.claims] == [("w", "holds"), ("b", "holds")] * 3
    slip = COLUMNS.replace("0.1\\cdot(-6.25)=-0.625", "0.1\\cdot(-18.25)=-1.825")
    (wrong,) = [c for c in audit(slip).claims if c.verdict == "wrong"]
    assert (wrong.parameter, wrong.line) == ("b", 9)


def test_a_row_of_t_may_head_what_is_printed_below():
    text = (
        "Adam: η = 0.01, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, x = 1, y = −2\n\n"
        "─── k = 1 ─────────\n∇F = (2, −12)\nm  = 0.1·(2, −12) = (0.2, −1.2)\n√v̂ = (2, 12)\n\n"
        "─── k = 2 ─────────\n∇F = (1.98, −11.92)\nm  = 0.9·(0.2, −1.2) + 0.1·(1.98, −11.92)\n"
        "   = (0.378, −2.272)\nm̂  = m / 0.19 = (1.989474, −11.957895)\n"
    )
    found = audit(text)
    assert {c.verdict for c in found.claims} == {"holds"}
    assert [c.t for c in found.claims if c.field == "m_hat"] == [2, 2]
