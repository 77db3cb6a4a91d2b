"""Theorems worked on an example: each number is seen to come about, and each run is said."""

from __future__ import annotations

from adamref.derive.again import derived
from adamref.derive.example import gradients
from adamref.derive.numbers import exemplified
from adamref.render import render
from adamref.theorems.library import theorem


def text_of(sentence):
    return "".join(part if isinstance(part, str) else part.latex for part in sentence)


def test_the_worked_example_is_that_of_w_a_half():
    assert gradients() == ("-15", "-13.2")
    said, table, worked, sides = exemplified(theorem("first-step"))
    assert "from w = 0.5, where its gradient is -15" in text_of(said.parts)
    assert "first step leads to w = 0.6, where it is -13.2" in text_of(said.parts)
    assert worked.latex.endswith(r"= - \frac{0.1 \left(-15\right)}{0 + \left|{-15}\right|} = 0.1")
    assert [text_of(cell) for cell in table.rows[0]] == [
        "1", "-15", "-1.5", "0.225", "-15", "225", "0.1",
    ]  # fmt: skip
    assert sides.latex.startswith(r"\Delta_{1} = 0.1 = - \frac")


def test_a_field_that_rests_on_what_is_not_given_is_not_shown():
    _, table, worked, _ = exemplified(theorem("closed-form-m"))
    made = r"\left(1 - 0.9\right) \left(0.9 \left(-15\right) + 1 \left(-13.2\right)\right)"
    assert rf"\\ & = {made} \\ & = -2.67" in worked.latex
    assert [text_of(cell) for cell in table.head] == ["t", "g", "m"], "what leads to m"


def test_an_expectation_is_worked_as_the_mean_of_its_runs():
    said, mean, _ = exemplified(theorem("unbiased-m-hat"))
    assert "-12 and -17, or -18 and -13, equally likely" in text_of(said.parts)
    assert mean.latex.endswith(r"{2} = -15")
    assert mean.latex.count("frac") == 3


def test_a_near_miss_says_what_it_does_without():
    text = render(derived("eps-inside-farthest-below", checked=False), "md")
    assert "Without $\\epsilon \\le 1$ this is false:" in text
    assert "This is false:" in text


def test_gradients_that_repeat_are_listed():
    text = render(derived("window-weights", "online-adam-steps", checked=False), "md")
    assert "on the gradients $1$, $0$, $0$, and so on" in text
    assert "on the gradients $C$, $-1$, $-1$, $C$, $-1$, $-1$, and so on" in text


def test_a_start_is_not_said_to_be_itself():
    text = render(derived("uncorrected-slows-convergence", checked=False), "md")
    assert r"\theta_{0} = \theta_{0}" not in text


def test_what_a_worked_example_rests_on_is_what_it_says():
    """Its step is that of alpha = 0.1, though no alpha stands in the claim."""
    said, _, _, sides = exemplified(theorem("constant-corrections-first-step"))
    assert "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8" in text_of(said.parts)
    assert r"\approx 0.09999999993" in sides.latex
