"""The audit of adamref's own sheets: none is called wrong, nearly all is read, a changed digit found.

Every rule of the family is worked for two steps and written in every format that the audit reads.
"""

from __future__ import annotations

import random
import re
from functools import cache

import pytest

from adamref import audit
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
    assert {c.optimizer for c in found.claims if c.kind == "value"} == {name}


@pytest.mark.parametrize(("name", "form"), QUICK)
def test_a_sheet_of_its_own_holds(name, form, tmp_path):
    check_round_trip(name, form, "default", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", training())
def test_every_sheet_of_its_own_holds(name, form, numbers, tmp_path):
    check_round_trip(name, form, numbers, tmp_path)
