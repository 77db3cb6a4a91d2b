"""The audit of adamref's own sheets: none is called wrong, nearly all is read, slips are found.

Every rule of the family is worked for two steps and written in every format that the audit reads.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from adamref import audit
from adamref.documents.repair import mend
from adamref.documents.spans import evaluated, point
from adamref.errors import CannotEvaluate
from adamref.expressions.parser import parse
from adamref.render import render
from adamref.rules.family import family, training
from adamref.worked import worked_sheet

SUFFIXES = {"md": "md", "latex": "tex", "html": "html", "text": "txt"}
QUICK = [("adamw", "text"), ("lamb", "md"), ("adopt", "html"), ("schedule-free-adamw", "latex")]
GENERIC = {
    "alpha": "0.037", "beta1": "0.83", "beta2": "0.972", "beta3": "0.941", "eps": "0.0013",
    "weight_decay": "0.21",
}  # fmt: skip
"""Numbers of which none is the usual one; the others are the rule's own."""
NUMBERS = {"default": {}, "generic": GENERIC}


@cache
def worked(name, numbers):
    """Work two steps of a rule."""
    known = family()[name].rule.defaults
    hypers = {n: x for n, x in NUMBERS[numbers].items() if n in known and n != "alpha"}
    alpha = [NUMBERS[numbers]["alpha"]] if "alpha" in NUMBERS[numbers] else []
    return worked_sheet(
        theta="1.37",
        objective=None,
        grad=["0.83", "-0.41"],
        steps=2,
        alpha=alpha,
        m=None,
        v=None,
        t=1,
        optimizer=name,
        form=None,
        dialect=(),
        others=[f"{n}={x}" for n, x in hypers.items()],
        state=(),
        digits=12,
        dtype=None,
        convention=None,
        compute=None,
    )


def audited(text, form, folder):
    """Audit a sheet as the file that it would be."""
    path = folder / f"sheet.{SUFFIXES[form]}"
    path.write_text(text, encoding="utf-8")
    return audit(path)


def held(sheet, found):
    """Return the numbers of a sheet that were read and hold, and those that were not."""
    right = {
        (c.field, c.t) for c in found.claims
        if c.kind == "value" and c.verdict in ("holds", "dialect")
    }  # fmt: skip
    numbers = [(row.name, step.t) for step in sheet.steps for row in step.rows[1:]]
    return [x for x in numbers if x in right], [x for x in numbers if x not in right]


def check_round_trip(name, form, numbers, folder):
    sheet = worked(name, numbers)
    found = audited(render(sheet, form), form, folder)
    wrong = [(c.line, c.field, c.quote, c.because) for c in found.claims if c.is_wrong]
    assert not wrong
    holds, missed = held(sheet, found)
    assert len(holds) >= 0.9 * (len(holds) + len(missed)), missed


@pytest.mark.parametrize(("name", "form"), QUICK)
def test_a_sheet_of_its_own_holds(name, form, tmp_path):
    check_round_trip(name, form, "default", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("numbers", ["default", pytest.param("generic", marks=pytest.mark.long)])
@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", training())
def test_every_sheet_of_its_own_holds(name, form, numbers, tmp_path):
    check_round_trip(name, form, numbers, tmp_path)


def pieces(row, form):
    """Return the last sides of a row as they are written in a format."""
    if form == "text":
        return [x for x in (row.numbers, row.value) if x]
    return re.split(r" (?:=|\\approx) ", row.latex)[1:][-2:]


def put(row, form, old, new):
    """Put another side in the place of the last that reads so."""
    if form != "text":
        head, _, tail = row.latex.rpartition(old)
        return replace(row, latex=head + new + tail)
    return replace(row, value=new) if row.value == old else replace(row, numbers=new)


def matters(side, other):
    """Say whether two sides have different values; sums have none that is known here."""
    try:
        one, two = (
            evaluated(parse(mend(x, 1)[0].text), lambda n: point(n.value)) for x in (side, other)
        )
    except CannotEvaluate:
        return False
    return not one.meets(two)


def changes(row, form):
    """Yield a row with one digit of a number changed that is not its last, where it matters."""
    for side in pieces(row, form):
        for match in re.finditer(r"\d+\.\d+", side):
            places = [i for i in range(*match.span()) if side[i].isdigit()][:-1]
            for i in places:
                other = side[:i] + str((int(side[i]) + 5) % 10) + side[i + 1 :]
                if matters(side, other):
                    yield put(row, form, side, other)


def spoiled(sheet, form, random):
    """Change one digit in one line of a sheet."""
    options = [
        (s, r) for s, step in enumerate(sheet.steps) for r in range(1, len(step.rows))
    ]  # fmt: skip
    random.shuffle(options)
    for s, r in options:
        found = list(changes(sheet.steps[s].rows[r], form))
        if found:
            step, rows = sheet.steps[s], list(sheet.steps[s].rows)
            rows[r] = random.choice(found)
            steps = list(sheet.steps)
            steps[s] = replace(step, rows=tuple(rows))
            return replace(sheet, steps=tuple(steps))
    raise AssertionError("no number in it has two digits")


def is_found(name, form, numbers, seed, folder):
    """Say whether a changed digit is the first thing wrong, in the lines of its row."""
    sheet = worked(name, numbers)
    random = Random(f"{name} {form} {numbers} {seed}")
    right, other = (render(x, form) for x in (sheet, spoiled(sheet, form, random)))
    lines = zip(right.split("\n"), other.split("\n"), strict=True)
    changed = next(i for i, (one, two) in enumerate(lines, 1) if one != two)
    found = audited(other, form, folder)
    if found.first_wrong is None:
        return False
    return found.claims[found.first_wrong].line in range(changed, changed + 3)


@pytest.mark.parametrize(("name", "form"), [("momentum", "text"), ("adamax", "html")])
def test_a_changed_digit_is_found(name, form, tmp_path):
    assert is_found(name, form, "generic", 1, tmp_path)


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize(
    "every",
    [pytest.param(1, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.slow)],
    ids=["all", "half"],
)
def test_nearly_every_changed_digit_is_found_in_its_line(form, every, tmp_path):
    """Of the half each form has the rules and numbers that the next one has not."""
    tried = [(name, numbers) for name in training() for numbers in NUMBERS]
    tried = tried[list(SUFFIXES).index(form) % every :: every]
    missed = [x for x in tried if not is_found(x[0], form, x[1], 1, tmp_path)]
    assert len(missed) <= 0.05 * len(tried), missed
