"""A check as text."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

import reports
from adamref.oracle.judge.results import Accuracy
from adamref.oracle.report import summary
from adamref.oracle.report.figures import accuracy_cells, number
from adamref.oracle.report.findings import ProbeResult
from adamref.writers.check_text import write


def text_of(report, width=100, colour=None):
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system=colour,
        force_terminal=colour is not None,
        highlight=False,
    )
    console.print(write(report))
    return console.file.getvalue()


def flat(report):
    return " ".join(str(report).split())


@pytest.mark.parametrize("name", reports.MADE)
@pytest.mark.parametrize("width", [40, 72, 100, 160])
def test_text_keeps_to_the_width(name, width):
    text = text_of(reports.MADE[name](), width)
    assert max(cell_len(line.rstrip()) for line in text.splitlines()) <= width


def test_the_verdict_comes_first():
    first = str(reports.deviating()).splitlines()[0]
    assert first.startswith("mine:step: deviates (adam, float32): looks like bias-correction-")
    assert str(reports.conforming()).startswith("mine:step: conforms (adam, float32)")
    assert str(reports.crashed()).startswith(
        "mine:step: could not be judged (adam, float32): probe generic: It was killed by"
    )


def test_a_conforming_report_names_its_limits_and_what_does_not_apply():
    said = flat(reports.conforming())
    assert "with 1 limit on edge probes" in said
    assert "4 probes: 1 holds, 1 is a limit, 2 do not apply (--verbose lists them)." in said
    assert "2 probes (restart, restart-late): no state can be loaded" in said
    assert "First difference" not in said
    assert "Diagnosis" not in said


def test_every_probe_is_listed_where_that_is_asked_for():
    said = flat(replace(reports.conforming(), verbose=True))
    assert "4 probes: 1 holds, 1 is a limit, 2 do not apply. holds: generic: " in said
    assert "limit: counter-sticks: the counter is a float32; t[t=16777217, i=0]" in said
    assert re.search(r"not applicable: [\w, -]*restart[\w, -]*: no state can be loaded", said)


def probes(*names, verdict="holds", because=""):
    return tuple(ProbeResult(name, "core", verdict, "", because) for name in names)


def test_families_are_counted_and_what_is_alike_is_said_together():
    every = (
        *probes("random-a", "random-b", "generic-a", "late-a", "late-b"),
        *probes("generic-b", verdict="differs"),
        *probes("small-a", verdict="limit"),
        *probes("resume", verdict="not-applicable", because="no state can be loaded"),
    )
    assert summary.families(replace(reports.conforming(), probes=every)) == [
        ("generic", "1 holds, 1 differs"),
        ("small", "1 is a limit"),
        ("do not apply", "resume"),
        ("hold", "random (2), late (2)"),
    ]


def test_what_was_not_run_is_said_once_with_its_count():
    because = "not run after 3 failures one after another"
    base = reports.crashed()
    names = [f"random-{k}" for k in range(40)]
    every = (*base.probes, *probes(*names, verdict="error", because=because))
    said = flat(replace(base, probes=every))
    assert said.count("not run after") == 1
    assert f"40 probes (random-0 and 39 other probes): {because}" in said


def test_what_could_be_judged_before_an_error_is_kept():
    base = reports.conforming()
    report = replace(
        reports.crashed(),
        probes=(*base.probes, *reports.crashed().probes),
        dialect=base.dialect,
        accuracy=base.accuracy,
    )
    said = flat(report)
    assert said.startswith("mine:step: could not be judged as a whole (adam, float32): probe")
    assert "Dialect form" in said
    assert "Accuracy, over all core steps" in said
    assert "Dialect" not in flat(reports.crashed())


def test_a_strict_check_says_that_limits_fail():
    report = replace(reports.conforming(), strict=True)
    assert report.exit_code == 1
    assert "which fail as it was strict" in flat(report)


def test_the_first_difference_is_that_of_a_core_probe():
    """An edge probe differs before it in the list."""
    said = flat(reports.deviating())
    assert "First difference, in the core probe generic (six ordinary steps)" in said
    assert "theta[t=3, i=7] = 0.49942264, but should be 0.49980003 (bound 5.96e-08)" in said


def test_the_step_is_worked_line_by_line():
    text = str(reports.deviating())
    rows = [line.split() for line in text.splitlines()]
    assert ["v̂", "=", "v/(1", "-", "β₂ᵗ)", "0.25", "not", "shown"] in rows
    assert any(row[-2:] == ["0.49980003", "0.49942264"] for row in rows)


def test_the_diagnosis_says_how_much_it_explains_and_what_else_would():
    said = flat(reports.deviating())
    assert "Looks like bias-correction-without-power: the bias correction divides by" in said
    assert "It explains 2 of 3 probes that differ, confirmed in exact arithmetic." in said
    assert "one-step-counter + t-from-zero, correction-clamped." in said
    assert "Tried 12,345 hypotheses." in said


def test_without_an_explanation_it_says_so():
    said = flat(reports.unexplained())
    assert "Unexplained: none of the 12,345 hypotheses tried" in said
    assert "deviates (adam, float32): probe generic: theta[t=3, i=7] = 0.49942264" in said


def test_axes_that_no_probe_tells_apart_are_named():
    dialect = {"form": ("paper", "eps-hat"), "bias_correction": False, "moments": None}
    rows = summary.dialect_rows(replace(reports.conforming(), dialect=dialect))
    assert rows == [
        ("form", "paper or eps-hat (not told apart)"),
        ("bias correction", "off"),
        ("moment update", "not told apart"),
    ]


def test_a_deviation_without_a_number_is_the_headline():
    report = replace(reports.unexplained(), probes=())
    assert "deviates (adam, float32): The gradient was changed in place." in flat(report)


def test_control_characters_do_not_reach_the_terminal():
    text = text_of(reports.hostile())
    assert "\x1b" not in text
    assert "[red]x[/red]" in text
    text.encode()


def test_colours_are_styles_and_go_where_there_is_no_terminal():
    assert "\x1b[" in text_of(reports.deviating(), colour="standard")
    assert "\x1b[" not in str(reports.deviating())


def test_lines_have_no_space_at_their_end():
    lines = str(reports.deviating()).splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert str(reports.deviating()) == "\n".join(lines)


def test_findings_that_say_the_same_are_said_once():
    base = reports.conforming()
    limit = base.findings[0]
    many = tuple(replace(limit, probe=f"p{k}") for k in range(5))
    grouped = summary.grouped_findings(many, "limit")
    assert grouped == [(limit.id, limit.says, "p0 and 4 other probes")]


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (0.5134, "0.513"), (38000.4, "38,000"), (2e9, "2e+09"), (float("inf"), "inf")],
)
def test_numbers_are_written_to_three_digits(value, written):
    assert number(value) == written


@pytest.mark.parametrize(
    ("share", "over", "cells"),
    [
        (1.0, 1.0, ("100%", "1")),
        (0.999999, 0.99999, ("99.99%", "0.999")),
        (1e-9, 1.00001, ("0.01%", "> 1")),
        (0.0, 0.0, ("0%", "0")),
        (float("nan"), float("inf"), ("nan", "inf")),
    ],
)
def test_nearly_all_is_not_written_as_all(share, over, cells):
    assert accuracy_cells(Accuracy(1.0, 1.0, share, over, 10))[2:4] == cells


def test_a_row_without_values_is_empty():
    row = Accuracy(float("nan"), float("nan"), float("nan"), float("nan"), 0)
    assert accuracy_cells(row) == ("", "", "", "", "0")


def test_a_probe_that_does_not_say_why_is_said_not_to():
    silent = ProbeResult("p", "core", "not-applicable", "")
    assert summary.reasons([silent]) == {"no reason was given": [silent]}


def test_what_stands_in_the_way_of_many_probes_is_one_line_with_their_count():
    because = "AttributeError: 'numpy.ndarray' object has no attribute 'detach' in step (a.py:2)"
    every = probes(*(f"random-{k}" for k in range(64)), verdict="error", because=because)
    said = flat(replace(reports.crashed(), probes=every, verbose=True))
    assert said.count("AttributeError") == said.count("has no attribute 'detach'") <= 2
    assert "error: random-0 and 63 other probes: AttributeError" in said
