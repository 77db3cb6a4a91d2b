"""Formulas inside sentences: what belongs together is one formula, and words stay words."""

from __future__ import annotations

import pytest

from adamref.typeset.prose import pieces, typeset
from adamref.typeset.tree import Math, Reference


def formulas(text):
    return [part.latex for part in typeset(text) if isinstance(part, Math)]


def words(text):
    return "".join(part if isinstance(part, str) else "@" for part in typeset(text))


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("By Cauchy, (p + q)^2 is it.", r"\left(p + q\right)^{2}"),
        ("divided by 1 - beta1^t, once", r"1 - \beta_1^{t}"),
        ("at most sqrt(v_hat + eps) here", r"\sqrt{\hat{v} + \epsilon}"),
        ("at most sqrt(t) here", r"\sqrt{t}"),
        ("it keeps all but 3c/2.", "3c/2"),
        ("within r |x| + s of it", r"r\,\left|x\right| + s"),
        ("for 0 <= beta2 < 1:", r"0 \le \beta_2 < 1"),
        ("add 1 + rho + ... + rho^(t-1) up", r"1 + \rho + \dots + \rho^{t-1}"),
        ("for beta2 -> 1", r"\beta_2 \to 1"),
        ("is -alpha g / (|g| + eps)", r"-\alpha\,g/\left(\left|g\right| + \epsilon\right)"),
        ("x^2/2, then", "x^{2}/2"),
        ("c is sqrt(10) = 3.162... there, for c", "c"),
    ],
)
def test_a_formula_is_one(text, formula):
    assert formulas(text)[0] == formula


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("m (step 2) and v", "@ (step 2) and @"),
        ("Where t is 1 epsilon stands alone.", "Where @ is 1 @ stands alone."),
        ("for t (t >= 1) all", "for @ (@) all"),
        ("the first of 3 lines, 1/2 of it", "the first of 3 lines, 1/2 of it"),
        ("in float32 and at t = 10^6", "in float32 and at @"),
    ],
)
def test_words_stay_words(text, left):
    assert words(text) == left


def test_a_formula_that_is_too_wide_is_cut_at_a_relation():
    text = "1 - beta^t = (1 - beta) + beta (1 - beta^(t-1)) = 1 - beta + beta - beta beta^(t-1)."
    assert words(text) == "@ = @."


def test_what_stands_in_pieces_is_put_together():
    parts = tuple(pieces(("before it ", Math("m_{0}"), " = 0 and ", Reference("one"), " = 1")))
    assert Math("m_{0} = 0") in parts
    assert Reference("one") in parts
