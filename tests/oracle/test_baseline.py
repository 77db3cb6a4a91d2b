"""A check against a saved one."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

import reports
from adamref.errors import OutOfDomain, Unreadable
from adamref.oracle.observe.finding import Finding
from adamref.oracle.report.baseline import against, as_baseline, compared, read, read_slack, save


def saved(report):
    return json.loads(json.dumps(as_baseline(report), allow_nan=False))


def said(now, before=None):
    found = compared(now, saved(before or reports.conforming()))
    return [(finding.id, finding.severity, finding.probe, finding.says) for finding in found]


def with_probe(report, name, verdict):
    probes = tuple(replace(p, verdict=verdict) if p.name == name else p for p in report.probes)
    return replace(report, probes=probes)


def with_row(report, name, **changes):
    row = None if changes.get("gone") else replace(report.accuracy[name], **changes)
    return replace(report, accuracy={**report.accuracy, name: row})


@pytest.mark.parametrize("name", reports.MADE)
def test_a_baseline_is_as_its_schema_says_and_equals_itself(name, tmp_path):
    file = files("adamref").joinpath("schemas", "check-baseline.schema.json")
    report = reports.MADE[name]()
    save(report, tmp_path / "base.json")
    document = read(tmp_path / "base.json")
    jsonschema.validate(document, json.loads(file.read_text(encoding="utf-8")))
    assert compared(report, document) == ()
    assert against(report, tmp_path / "base.json") == report


@pytest.mark.parametrize("verdict", ["differs", "limit", "not-applicable", "error"])
def test_a_probe_that_held_and_does_not_is_a_deviation(verdict):
    now = with_probe(reports.conforming(), "generic", verdict)
    (found,) = said(now)
    assert found == (
        "baseline-probe",
        "deviation",
        "generic",
        f"It was 'holds' and is '{verdict}'.",
    )
    (back,) = said(reports.conforming(), now)
    assert back[1] == "note"


def test_the_same_errors_are_not_worse_and_any_greater_one_is():
    base = reports.conforming()
    first = base.accuracy["theta"]
    assert said(with_row(base, "theta", mean_ulp=first.mean_ulp * (1 + 2**-50))) == []
    assert said(with_row(base, "theta", max_ulp=first.max_ulp * (1 + 2**-50))) == []
    (found,) = said(with_row(base, "theta", max_ulp=0.5100001))
    assert found[:3] == ("baseline-accuracy", "deviation", None)
    assert found[3] == "theta is at most 0.5100001 ulp off, in the baseline 0.51."
    (found,) = said(with_row(base, "m", mean_ulp=1.6))
    assert found[1:] == (
        "deviation",
        None,
        "m is on average 1.6 ulp off, in the baseline 1.5.",
    )


def test_smaller_errors_are_a_note():
    (found,) = said(with_row(reports.conforming(), "theta", max_ulp=0.5))
    assert found[1] == "note"


def test_from_no_error_any_error_is_worse():
    none = with_row(reports.conforming(), "theta", max_ulp=0.0, mean_ulp=0.0)
    tiny = with_row(none, "theta", max_ulp=1e-300)
    assert [found[1] for found in said(tiny, none)] == ["deviation"]


@pytest.mark.parametrize("worst", ["inf", "nan"])
def test_what_is_not_finite_is_worse_than_any_number(worst):
    now = with_row(reports.conforming(), "theta", max_ulp=float(worst))
    assert [found[1] for found in said(now)] == ["deviation"]
    assert said(now, now) == []
    assert [found[1] for found in said(reports.conforming(), now)] == ["note"]


def test_a_field_that_is_no_longer_shown_is_a_deviation():
    now = with_row(reports.conforming(), "m", gone=True)
    assert said(now) == [
        ("baseline-accuracy", "deviation", None, "m was shown and is not."),
    ]
    assert said(reports.conforming(), now)[0][1] == "note"


def test_another_dialect_is_a_deviation():
    base = reports.conforming()
    now = replace(base, dialect={**base.dialect, "form": "eps-hat", "moments": "lerp"})
    assert [(found[1], found[3]) for found in said(now)] == [
        ("deviation", "The axis form was paper and is eps-hat."),
        ("deviation", "The axis moments was not told apart and is lerp."),
    ]


def test_a_sequence_in_a_dialect_equals_the_list_that_was_saved():
    base = replace(reports.conforming(), dialect={"form": ("paper", "eps-hat")})
    assert said(base, base) == []


@pytest.mark.parametrize(
    ("severity", "wanted"),
    [("note", "note"), ("limit", "deviation"), ("deviation", "deviation"), ("error", "deviation")],
)
def test_a_new_finding_is_told(severity, wanted):
    base = reports.conforming()
    new = Finding("wider-dtype", "generic", severity, "It returned float64.")
    (found,) = said(replace(base, findings=(*base.findings, new)))
    assert found[:3] == ("baseline-finding", wanted, "generic")
    assert "wider-dtype: It returned float64." in found[3]


def test_a_finding_of_a_probe_that_changed_is_not_told_twice():
    base = with_probe(reports.conforming(), "generic", "error")
    crash = Finding("signal", "generic", "error", "It was killed.")
    assert len(said(replace(base, findings=(*base.findings, crash)))) == 1


def test_other_probes_are_said_and_errors_are_then_not_compared():
    """More values may well have a greater maximum: that is no regression."""
    base = reports.conforming()
    now = with_row(replace(base, probes=base.probes[:2]), "theta", max_ulp=9.0)
    (found,) = said(now)
    assert found[:2] == ("baseline-probes", "note")
    assert "2 probes of the baseline were not run and 0 are not in it" in found[3]


def test_another_target_is_a_note():
    (found,) = said(replace(reports.conforming(), target="mine:new_step"))
    assert found[:2] == ("baseline-target", "note")


@pytest.mark.parametrize("changes", [{"dtype": "float64"}, {"optimizer": "adamw"}])
def test_a_baseline_of_something_else_is_refused(changes):
    ((name, value),) = changes.items()
    with pytest.raises(Unreadable, match=f"is a baseline of {name} .*, but should be of {value}"):
        compared(replace(reports.conforming(), **changes), saved(reports.conforming()))


def test_getting_worse_makes_a_conforming_check_deviate(tmp_path):
    path = tmp_path / "base.json"
    save(reports.conforming(), path)
    worse = against(with_row(reports.conforming(), "theta", max_ulp=0.6), path)
    assert (worse.verdict, worse.exit_code) == ("deviates", 1)
    assert "theta is at most 0.6 ulp off" in str(worse)
    better = against(with_row(reports.conforming(), "theta", max_ulp=0.5), path)
    assert (better.verdict, better.exit_code) == ("conforms", 0)
    crashed = against(reports.crashed(), path)
    assert crashed.verdict == "error"


def test_what_a_comparison_found_is_not_saved(tmp_path):
    path = tmp_path / "base.json"
    save(reports.conforming(), path)
    worse = against(with_row(reports.conforming(), "theta", max_ulp=0.6), path)
    save(worse, path)
    assert not [f for f in read(path)["findings"] if f["id"].startswith("baseline-")]


BROKEN = {
    "empty": "",
    "no json": "{",
    "a list": "[]",
    "deep": "[" * 100_000,
    "another document": json.dumps({"schema": "adamref.check/1"}),
    "no probes": json.dumps({**as_baseline(reports.conforming()), "probes": []}),
    "no verdict": json.dumps({**as_baseline(reports.conforming()), "probes": {"a": 1}}),
    "no finding": json.dumps({**as_baseline(reports.conforming()), "findings": [1]}),
    "no number": json.dumps({**as_baseline(reports.conforming()), "accuracy": {"m": {}}}),
    "no row": json.dumps({**as_baseline(reports.conforming()), "accuracy": {"m": 3}}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_baseline_is_refused_in_one_line(name, tmp_path):
    path = tmp_path / "base.json"
    path.write_text(BROKEN[name], encoding="utf-8")
    with pytest.raises(Unreadable) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_or_written_are_said(tmp_path):
    with pytest.raises(Unreadable, match="cannot be read: No such file"):
        read(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match="is not JSON"):
        read(tmp_path / "bytes.json")
    with pytest.raises(Unreadable, match="cannot be written"):
        save(reports.conforming(), tmp_path / "none" / "base.json")


def test_a_slack_lets_greater_errors_pass_and_says_so():
    """Within it a greater error is a note; beyond it, it is what it was without."""
    base = reports.conforming()
    now = with_row(base, "theta", max_ulp=base.accuracy["theta"].max_ulp + 0.75)
    (note,) = compared(now, saved(base), allow=1.0)
    assert (note.id, note.severity) == ("baseline-accuracy", "note")
    assert note.says.endswith("in the baseline 0.51: within the 1 ulp that are allowed.")
    (worse,) = compared(now, saved(base), allow=0.5)
    assert (worse.severity, "allowed" in worse.says) == ("deviation", False)
    assert (
        compared(with_row(base, "theta", max_ulp=float("nan")), saved(base), allow=9.0)[0].severity
        == "deviation"
    )


def test_a_slack_is_of_errors_alone():
    """A probe that no longer holds is one, whatever is allowed."""
    now = with_probe(reports.conforming(), "generic", "differs")
    (found,) = compared(now, saved(reports.conforming()), allow=100.0)
    assert found.severity == "deviation"


def test_what_else_changed_is_said_where_anything_did():
    """Another version of what computes may be why; where nothing changed it is nobody's news."""
    base = reports.conforming()
    other = replace(base, environment={**base.environment, "numpy": "0.1"})
    assert compared(other, saved(base)) == ()
    worse = with_probe(other, "generic", "differs")
    _, found = compared(worse, saved(base))
    assert (found.id, found.severity) == ("baseline-environment", "note")
    assert "numpy" in found.says
    assert "now 0.1" in found.says


@pytest.mark.parametrize(("given", "want"), [("1ulp", 1.0), ("0.5 ulps", 0.5), (2, 2.0), (None, 0)])
def test_a_slack_is_a_number_of_ulps(given, want):
    assert read_slack(given) == want


@pytest.mark.parametrize("given", ["much", "-1", "inf", "nan", "1 percent"])
def test_what_is_no_slack_is_refused(given):
    with pytest.raises(OutOfDomain, match="such as 1ulp"):
        read_slack(given)
