"""What sentences assert of Adam: right, or the contrary of a theorem, by whatever words."""

import pytest

from adamref import audit

RULE = "# Adam\n\nm_t = β₁·m_{t-1} + (1 − β₁)·g_t, v_t = β₂·v_{t-1} + (1 − β₂)·g_t².\n\n"


def said(text, before=RULE):
    return [c.verdict for c in audit(f"{before}{text}\n").claims if c.kind == "statement"]


@pytest.mark.parametrize(
    "text",
    [
        "The correction makes both of them smaller, and more so the smaller t is.",
        "Bias correction shrinks the moments early on.",
        "Correcting the bias decreases the estimates.",
        "In no case does an Adam update exceed the learning rate.",
        "After bias correction both moments are smaller.",
        "m and v are made smaller by the correction.",
        "Die Korrektur macht beide Momente kleiner.",
        "The bias correction always reduces both estimates.",
        "v is the running variance of the gradient: the mean is subtracted before squaring.",
        "Before squaring, Adam's second moment subtracts the mean.",
        "In the second moment the mean of the gradients is removed first.",
        "Whatever the gradients and betas are, no Adam step can be longer than the learning rate.",
        "An Adam step is never larger than the learning rate.",
        "The update cannot exceed $\\alpha$.",
        "Regardless of the gradients, each step is bounded by the learning rate.",
        "Adam guarantees steps of at most $\\alpha$.",
        "We always have $|\\hat m_t| \\le \\sqrt{\\hat v_t}$ and thus steps of at most $\\alpha$.",
        "For all t, |m̂ₜ| ≤ √v̂ₜ.",
    ],
)
def test_the_contrary_of_a_theorem_is_wrong(text):
    assert said(text) == ["wrong"]


@pytest.mark.parametrize(
    "text",
    [
        "The correction makes both of them larger.",
        "The correction does not make them smaller.",
        "Without the correction both moments are smaller.",
        "The correction makes the first steps smaller.",
        "The correction gets smaller with t.",
        "Bias correction enlarges both moments.",
        "After the correction m and v are larger.",
        "No mean is subtracted.",
        "The correction of the gradient makes the average smaller.",
        "Both moments get larger through the bias correction.",
        "v is not a variance because the mean is not subtracted.",
        "When the gradient is constant, no step is longer than the learning rate.",
        "With a constant gradient, the step never exceeds the learning rate.",
        "We subtract the mean of each image before training with Adam.",
        "After the correction, v is 9 and m is 3.",
        "Dividing by a number below one makes them larger.",
        "v averages squares; the mean is not subtracted.",
        "If the mean is subtracted before squaring, v is the variance.",
        "In batch normalization the mean is subtracted.",
        "AdaBelief subtracts the mean before squaring.",
        "A step can be longer than the learning rate.",
        "Steps are roughly bounded by the learning rate.",
        "The first step is never longer than the learning rate.",
        "No step is longer than 3.16 times the learning rate.",
        "An Adam step is never longer than α/(1-β).",
        "In AdaMax no step is longer than the learning rate.",
        "With equal rates no step is longer than the learning rate.",
        "It is not true that no step can be longer than the learning rate.",
        "Usually |m̂ₜ| ≤ √v̂ₜ.",
        "Is a step ever longer than the learning rate?",
        "In Adam each step is bounded by the learning rate.",
        "Many think that the step never exceeds the learning rate.",
        "a. False, it estimates the uncentred second moment; they agree only if the mean is zero.",
        "The mean of the data is subtracted first.",
        "A smaller learning rate makes both smaller.",
        "The step size of Adam is at most $\\alpha$ in most cases.",
        "Nothing guarantees that steps stay below the learning rate.",
        "The corrected estimates are larger than m and v at first.",
        "The moments are too small at first, which the correction repairs.",
        "The correction keeps them from being too small.",
        "The correction factor is smaller for v than for m.",
        "The correction makes v larger, and by this the step smaller.",
        "Steps never get longer than the learning rate if the gradients are constant.",
        "The mean is removed from the denominator.",
        "Dropping the correction makes both of them smaller.",
    ],
)
def test_what_is_right_hedged_or_about_something_else_is_not(text):
    assert said(text) in ([], ["holds"])


@pytest.mark.parametrize(
    "text",
    [
        "The correction makes both of them larger.",
        "The correction does not make them smaller.",
        "v averages squares; the mean is not subtracted.",
        "A step can be longer than the learning rate.",
    ],
)
def test_what_a_theorem_says_holds(text):
    assert said(text) == ["holds"]


def test_a_heading_says_what_it_is():
    text = "### What is v?\n\nIt is a variance: the mean is subtracted before squaring."
    assert said(text) == ["wrong"]
    assert said(text.replace("What is v", "What about the data")) == []


def test_a_quiz_asserts_nothing():
    assert said("True or false?\n\n- No Adam step is ever longer than the learning rate.") == []


def test_the_reason_names_the_theorem():
    text = "No Adam step can be longer than the learning rate, whatever the gradients are."
    claim = next(c for c in audit(RULE + text + "\n").claims if c.kind == "statement")
    assert "theorem step-bound-reached" in claim.because
    assert [cause.id for cause in claim.causes] == ["contrary-to-theorem"]
