"""On a narrow terminal no number is broken, and nothing is cut off."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from adamref import rules, run
from adamref.output import as_text
from adamref.sheet import work_out
from adamref.writers import step_text
from adamref.writers.tables import table

NUMBER = re.compile(r"-?(?:0x)?[0-9][0-9.,a-f]*(?:[ep][-+]?[0-9]+)?%?")


def laid_out(made, width):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(made, crop=False)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def accuracy():
    made = table("field", "max ulp", "values", "why", numeric=("max ulp", "values"))
    made.add_row("theta", "1.5999999999e+07", "8,413", "it is cut off at every step, toward zero")
    made.add_row("m", "", "0x1.3333340000000p-1", "")
    return made


def test_a_table_is_one_where_it_fits():
    assert laid_out(accuracy(), 80)[0].split() == ["field", "max", "ulp", "values", "why"]


@pytest.mark.parametrize("width", [40, 50])
def test_where_it_does_not_its_rows_stand_below_each_other(width):
    lines = laid_out(accuracy(), width)
    assert lines[0] == "theta"
    assert lines[1:3] == ["  max ulp  1.5999999999e+07", "  values   8,413"]
    assert lines[3].startswith("  why      it is cut off")
    assert lines[-2:] == ["m", "  values  0x1.3333340000000p-1"]  # what is empty has no line
    assert max(map(len, lines)) <= width


def test_a_first_column_of_numbers_says_what_it_counts():
    made = table("line", "of", "because", numeric=("line",))
    made.add_row("15", "theta, formula", "it is in another dialect than line 11 " * 3)
    made.add_row("1234567890123", "x", "")
    assert laid_out(made, 40)[0] == "line 15"


@pytest.mark.parametrize("width", [40, 60, 99])
@pytest.mark.parametrize("how", [{"digits": 12}, {"dtype": "float32", "resync": True}])
def test_no_number_of_a_step_is_broken(width, how):
    trace = run(rules.ADAM, 0.5, [-15, 0.25], alpha=0.1, **how)
    sheet = work_out(rules.ADAM, trace, 0.5)
    made = step_text.write(sheet)
    whole = set(NUMBER.findall(as_text(made, 10_000)))
    narrow = laid_out(made, width)
    assert set(NUMBER.findall("\n".join(narrow))) == whole
    assert max(map(len, narrow)) <= width


def test_in_a_file_a_line_of_a_step_is_whole():
    """As programs and audits read it."""
    trace = run(rules.ADAM, "0.5", [-15, "0.7"], alpha="0.1", digits=60)
    text = str(work_out(rules.ADAM, trace, "0.5", digits=60))
    assert max(map(len, text.splitlines())) > 120


def test_a_number_longer_than_a_line_is_left_whole():
    trace = run(rules.ADAM, "0.5", [-15], alpha="0.1", digits=60)
    lines = laid_out(step_text.write(work_out(rules.ADAM, trace, "0.5", digits=60)), 40)
    (theta,) = (x for x in trace["theta"])
    assert str(theta) in "\n".join(lines)
