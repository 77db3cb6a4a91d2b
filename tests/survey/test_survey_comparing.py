"""What differs of two surveys is said."""

from __future__ import annotations

import copy

import pytest
from click.testing import CliRunner

from survey import record
from survey.__main__ import main
from survey.comparing import differences

CHECKED = {
    "verdict": "conforms", "dialect": {"form": "paper"}, "limits": [], "deviations": [],
    "errors": [], "notes": [], "causes": [], "off": [], "because": "",
    "theta": {"max_ulp": 2.0, "correctly_rounded": 0.9, "max_over_bound": 0.5}, "first_step": None,
}  # fmt: skip
ONE = {
    "name": "one", "version": "1.0", "platform": "Linux", "because": "", "date": "2026-01-01",
    "dtypes": {"float32": CHECKED},
}  # fmt: skip
LIMIT = {"id": "counter-float32", "probe": "jump", "says": "it sticks"}
CAUSE = {"says": ["t + 1 stands for t"], "faults": ["t-ahead"]}


def changed(**how):
    other = copy.deepcopy(ONE)
    other["dtypes"]["float32"].update(how)
    return {"one": other}


def test_the_same_on_another_day_is_the_same():
    assert differences({"one": ONE}, {"one": {**ONE, "date": "2026-02-02"}}) == []


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ({}, "one: is no longer surveyed"),
        ({"one": ONE, "two": ONE}, "two: is new"),
        ({"one": {**ONE, "version": "1.1"}}, "one: version was 1.0, is 1.1"),
        ({"one": {**ONE, "dtypes": {}}}, "one: float32: is not checked now"),
        ({"one": {**ONE, "because": "no"}}, "one: because was nothing, is no"),
        (changed(verdict="deviates"), "one: float32: conforms before, deviates now"),
        (changed(dialect={"form": "eps-hat"}), "one: float32: form was paper, is eps-hat"),
        (changed(limits=[LIMIT]), "one: float32: now: counter-float32"),
        (changed(causes=[CAUSE]), "one: float32: the cause was none, is t + 1 stands for t"),
        (changed(theta={"max_ulp": 2.6}), "one: float32: theta was at most 2.0 ulp off, is 2.6"),
        (changed(theta={"max_ulp": "nan"}), "one: float32: theta was at most 2.0 ulp off, is nan"),
        (changed(theta=None), "one: float32: theta is not measured now"),
    ],
)
def test_a_difference_is_said(new, says):
    assert differences({"one": ONE}, new) == [says]


def test_an_error_that_is_nearly_the_same_is_not_told():
    assert differences({"one": ONE}, changed(theta={"max_ulp": 2.4})) == []


def test_the_command_reads_two_folders(tmp_path):
    for name, new in (("old", {"one": ONE}), ("new", changed(verdict="deviates"))):
        for one in new.values():
            record.write(one, tmp_path / name)
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    same = CliRunner().invoke(main, ["compare", old, old])
    assert (same.exit_code, same.output) == (0, "They are the same.\n")
    other = CliRunner().invoke(main, ["compare", old, new])
    assert other.exit_code == 1
    assert other.output == "one: float32: conforms before, deviates now\n"
