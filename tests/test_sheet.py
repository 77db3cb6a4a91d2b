"""Worked sheets: every line in symbols, with numbers put in, and its result."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from operator import ge, gt, le, lt

import pytest

from adamref import Objective, rules, run
from adamref.errors import OutOfDomain, ShapeMismatch, UnknownName
from adamref.expressions.evaluate import evaluate
from adamref.expressions.parser import parse
from adamref.numbers.multiprecision import Multiprecision
from adamref.output import as_text
from adamref.render import formats, render
from adamref.render import written as written_by
from adamref.sheet import work_out

GENERIC = {
    "alpha": "0.013",
    "beta1": "0.83",
    "beta2": "0.97",
    "eps": "0.0137",
    "weight_decay": "0.17",
}
ADAMS = ("adam", "adam-l2", "adamw", "amsgrad")
KNOWN = [
    *(rules.adam(form) for form in rules.FORMS),
    rules.ADAM_UNCORRECTED,
    rules.ADAM_L2,
    rules.ADAMW,
    rules.ADAMW_AFTER,
    *(x for n, one in rules.family().items() if n not in ADAMS for x in one.rules()),
]


def named(rule):
    return f"{rule.name} {' '.join(map(str, rule.dialect.values()))}".strip()


@cache
def sheet_of(rule, digits=20):
    hyper = {name: value for name, value in GENERIC.items() if name in rule.defaults}
    trace = run(rule, "0.5", ["-1.5", "0.7"], digits=digits, **hyper)
    return work_out(rule, trace, "0.5", digits=digits)


def result_of(written):
    """Work a printed right-hand side out, with the package's reader of formulas, to 200 bits.

    What that does not read is taken apart before: cases, maxima, minima, signs and sums over the
    one element.
    """
    for found in re.finditer(r"\(", written):
        inside = bracketed(written[found.end() :])
        if ", else " in inside:
            end = found.end() + len(inside)
            return result_of(f"{written[: found.end()]}{result_of(inside)}{written[end:]}")
    if ", else " in written:
        cases, _, otherwise = written.rpartition(", else ")
        for value, condition in re.findall(r"(.*?) if ([^,]+)(?:, |$)", cases):
            one, sign, other = re.split(" (>|≥|<|≤) ", condition)
            pair = result_of(one), result_of(other)
            if {">": gt, "≥": ge, "<": lt, "≤": le}[sign](*pair):
                return result_of(value)
        return result_of(otherwise)
    written = written.replace("Σ", "")
    while found := re.search(r"(max|min|sign)\(", written):
        inside = bracketed(written[found.end() :])
        values = [result_of(part) for part in arguments(inside)]
        made = (values[0] > 0) - (values[0] < 0)
        if found[1] != "sign":
            made = {"max": max, "min": min}[found[1]](values)
        end = found.end() + len(inside) + 1
        written = f"{written[: found.start()]}({Fraction(made)}){written[end:]}"
    carrier = Multiprecision(200)
    value = evaluate(parse(written), carrier, lambda leaf: carrier.lift(leaf.value))
    return carrier.to_exact(value)


def bracketed(text):
    """Return what stands before the bracket that closes one opened before the text."""
    depth = 1
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return text[:i]
    raise AssertionError(text)


def arguments(text):
    """Part arguments at the commas that no bracket holds."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        parts += [""] if character == "," and not depth else []
        parts[-1] += "" if character == "," and not depth else character
    return parts


@pytest.mark.parametrize("rule", KNOWN, ids=named)
def test_the_numbers_put_in_give_the_result(rule):
    """A reader with a calculator gets what the sheet says.

    The numbers put in are rounded to 20 digits; what they lose grows by a handful of operations,
    none of which cancels here.
    """
    seen = 0
    for step in sheet_of(rule).steps:
        for row in step.rows:
            if row.numbers and "|" not in row.numbers:
                said = Fraction(row.value)
                assert abs(result_of(row.numbers) - said) <= abs(said) * Fraction(1, 10**17)
                seen += 1
    assert seen >= 2


@pytest.mark.parametrize("rule", KNOWN, ids=named)
def test_every_line_of_the_rule_has_its_row(rule):
    for step in sheet_of(rule).steps:
        assert [row.name for row in step.rows] == list(rule.fields)
        for row in step.rows:
            assert row.left in row.text
            assert row.value in row.text


@pytest.mark.parametrize("rule", KNOWN, ids=named)
@pytest.mark.parametrize("format_", formats("step"))
def test_every_format_can_write_every_rule(rule, format_):
    made = written_by(sheet_of(rule, digits=8), format_)
    if format_ == "pdf":
        assert made.startswith(b"%PDF-")
        return
    written = as_text(made)
    assert written.count("{") == written.count("}")
    for row in sheet_of(rule, digits=8).steps[-1].rows:
        digits = row.value.lstrip("-").partition("e")[0]
        assert digits in written


def test_markdown_shows_a_formula_a_line():
    written = render(sheet_of(rules.ADAM, digits=8), "md")
    assert r"$$\hat{m}_{1} = " in written
    assert written.count("$$") == 2 * 2 * len(rules.ADAM.fields)


def test_latex_is_a_whole_document():
    written = render(sheet_of(rules.ADAM), "latex")
    for part in ("document", "aligned"):
        assert written.count(rf"\begin{{{part}}}") == written.count(rf"\end{{{part}}}") > 0


def test_the_gradient_of_an_objective_is_shown_with_its_letter():
    objective = Objective("(3*w - 4)**2")
    trace = run(rules.ADAM, "0.5", objective, steps=2, digits=12, alpha="0.1")
    sheet = work_out(rules.ADAM, trace, "0.5", objective=objective)
    gradient, *_, theta = sheet.steps[1].rows
    assert gradient.symbols == "18·w₁ - 24"
    assert theta.left == "w₂"
    assert sheet.given["w_0"] == "0.5"


def test_a_schedule_shows_each_step_its_alpha():
    trace = run(rules.ADAM, "0.5", ["1", "1"], alpha=["0.5", "0.25"], eps="0", digits=8)
    sheet = work_out(rules.ADAM, trace, "0.5")
    shown = [row.numbers for step in sheet.steps for row in step.rows if row.name == "delta"]
    assert shown[0].startswith("-0.5·")
    assert shown[1].startswith("-0.25·")


def test_an_exact_value_has_an_equals_sign_and_a_rounded_one_has_not():
    rows = {row.name: row for row in sheet_of(rules.ADAM, digits=8).steps[1].rows}
    assert rows["m"].exact
    assert " = -0.09265" in rows["m"].text
    assert not rows["theta"].exact
    assert " ≈ 0.5" in rows["theta"].text


def test_a_sheet_is_a_line_to_a_session_and_worked_to_print():
    sheet = sheet_of(rules.ADAM, digits=8)
    assert repr(sheet).startswith("<Sheet Adam: alpha = 0.013, ")
    assert "\n" not in repr(sheet)
    assert str(sheet) == render(sheet, "text")


def test_an_array_has_no_worked_sheet():
    trace = run(rules.ADAM, ["0.5", "1"], [["1", "2"]], digits=8)
    with pytest.raises(ShapeMismatch, match="worked sheet"):
        work_out(rules.ADAM, trace, ["0.5", "1"])


def sheet_with(**how):
    trace = run(rules.ADAM, "0.5", ["-15", "3"], digits=8, alpha="0.1")
    return work_out(rules.ADAM, trace, "0.5", digits=8, **how)


def test_it_is_written_in_the_letters_of_an_author():
    rows = {row.name: row for row in sheet_with(letters=["w,s,v", "alpha=eta"]).steps[1].rows}
    assert rows["m"].symbols == "β₁·v₁ + (1 - β₁)·g₂"
    assert rows["v_hat"].left == "s\N{COMBINING CIRCUMFLEX ACCENT}₂"
    assert rows["delta"].latex.startswith(r"\Delta_{2} = -\frac{\eta \cdot \hat{v}_{2}}")
    assert rows["theta"].left == "w₂"
    assert "w_0" in sheet_with(letters=["theta=w"]).given
    assert "eta" in sheet_with(letters=["alpha=eta"]).given


@pytest.mark.parametrize(
    ("letters", "error", "says"),
    [
        (["w,m"], OutOfDomain, "letters = m, but should be one for m and another for v"),
        (["w,s,v,x"], OutOfDomain, "letters = x, but should be NAME=LETTER, after 3 others"),
        (["weight=w"], UnknownName, "field or hyperparameter 'weight' is unknown"),
        (["theta=2"], OutOfDomain, "letters = theta=2, but should be a letter or a word"),
    ],
)
def test_letters_that_are_none_are_refused(letters, error, says):
    with pytest.raises(error, match=says):
        sheet_with(letters=letters)


@pytest.mark.parametrize("format_", ["text", "md", "html", "latex", "notebook"])
def test_what_is_blank_stands_in_the_key_alone(format_):
    whole, blank = sheet_with(), sheet_with(blank=["v_hat"])
    hidden = sheet_with(blank=["v_hat"], key=False)
    values = [row.value for step in whole.steps for row in step.rows if row.name == "v_hat"]
    assert [row.value for _, row in blank.blanks] == values == ["225", "116.94597"]
    assert values[1] not in render(hidden, format_)
    assert render(blank, format_).count(values[1]) == 1
    assert render(whole, format_).count(values[1]) == 2


def test_what_a_blank_state_was_before_its_first_step_is_given():
    first, second = (s.rows for s in sheet_with(blank=["v"]).steps)
    assert "0.999·0 + " in {row.name: row for row in first}["v"].numbers
    assert "0.999·____ + " in {row.name: row for row in second}["v"].numbers


def test_a_field_that_is_not_there_cannot_be_blank():
    with pytest.raises(UnknownName, match="field 'mhat' is unknown"):
        sheet_with(blank=["mhat"])


def test_a_wide_line_has_a_relation_a_row():
    written = render(sheet_of(rules.ADAM), "latex")
    assert r"\theta_{2} &= \theta_{1} + \Delta_{2} \\" in written
    assert written.count(r"\begin{aligned}") >= 2
