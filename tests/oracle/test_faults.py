"""The catalogue: a fault is one entry, and one that cannot be run costs nobody a report."""

from __future__ import annotations

import pytest
from sympy import Rational, evaluate

import fault_page as coverage
import packages
import plantable
import planted
from adamref import audit, faults
from adamref.faults import moments
from adamref.oracle.explain import hypotheses
from adamref.rules import ADAM, ADAMAX, ADAMW, NADAM, RMSPROP, optimizer
from adamref.rules.family import family
from adamref.rules.orders import average
from adamref.rules.symbols import m

ELSEWHERE = """
from sympy import Rational

from adamref.faults import Fault
from adamref.faults.edits import averaging

HALVED = Fault(
    "m-averages-half",
    "half the gradient is averaged in m",
    "m is half as large, and v is not",
    averaging("m", lambda a: a.rate * a.state + (1 - a.rate) * (Rational(1, 2) * a.put_in)),
    seen_in="a package that is made for this test",
)
"""
NAMES = ("random-generic-float32", "generic-float32-literal")


@pytest.fixture
def elsewhere(tmp_path):
    """Install a distribution with a fault."""
    point = {faults.GROUP: "elsewhere = faults_elsewhere:HALVED"}
    with packages.installed(tmp_path / "installed", point, faults_elsewhere=ELSEWHERE):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("elsewhere")
def test_a_fault_from_elsewhere_is_named_by_audit_and_check_and_in_the_page():
    fault = faults.get("m-averages-half")

    found = audit("alpha = 0.1, beta1 = 0.9, beta2 = 0.999\ng_1 = 4\nm_1 = 0.2\n")
    assert [cause.id for cause in found.claims[found.first_wrong].causes] == [fault.id]

    assert ("adam", "float32", fault.id) in planted.every()
    report = planted.checked("adam", "float32", fault.id, names=NAMES, pins={"form": "paper"})
    assert [explained.faults for explained in report.diagnosis] == [(fault.id,)]
    assert "Seen in: a package that is made for this test" in " ".join(str(report).split())

    assert f"| `{fault.id}` | {fault.says} |" in coverage.page({})
    assert fault.id not in planted.missing()


FED = """
from adamref.faults import Fault
from adamref.faults.inputs import feeding

THIRD = Fault(
    "gradient-of-a-third",
    "a third of the gradient is taken",
    "m is a third, and v a ninth",
    drive=feeding("gradient-of-a-third", "g", lambda g, _rows: g / 3),
)
"""


@pytest.mark.slow
def test_a_fault_of_what_is_fed_in_is_planted_by_its_entry(tmp_path):
    point = {faults.GROUP: "elsewhere = faults_elsewhere:THIRD"}
    with packages.installed(tmp_path / "installed", point, faults_elsewhere=FED):
        assert ("adam", "float32", "gradient-of-a-third") in planted.every()
        assert planted.missing() == []
        case = ("adam", "float32", "gradient-of-a-third")
        report = planted.checked(*case, names=NAMES, pins={"form": "paper"})
        assert [explained.faults for explained in report.diagnosis] == [(case[2],)]


def broken(_rule):
    raise ZeroDivisionError("no such place")


def test_a_fault_that_cannot_be_run_costs_its_hypotheses_and_is_noted(monkeypatch):
    bad = (
        faults.Fault("a-drive", "it is fed with nothing", "-", drive=lambda _, rows: broken(rows)),
        faults.Fault("an-edit", "it is not even an edit", "-", broken),
    )
    every = (*bad, *faults.cases())
    monkeypatch.setattr(hypotheses.faults, "cases", lambda: every)
    pieces = planted.FAULTS["adam", "float32"]["m_hat-uncorrected"]
    report = plantable.checked(pieces, names=NAMES, pins={"form": "paper"})
    assert [x.faults for x in report.diagnosis] == [("m_hat-uncorrected",)]
    noted = [x for x in report.findings if x.id == "hypothesis-failed"]
    assert {x.says.split()[0] for x in noted} == {"a-drive", "an-edit"}
    assert {x.severity for x in noted} == {"note"}
    assert report.verdict == "deviates"


def test_ids_are_unique_and_each_sentence_stands_alone():
    ids = [fault.id for fault in faults.cases()]
    assert len(set(ids)) == len(ids)
    for fault in faults.every():
        assert all((fault.says, fault.effect)), fault.id
        assert not fault.says.endswith("."), fault.id
        # A sighting is of an implementation: who has it on purpose, in a paper, has another rule.
        assert not any(x in fault.seen_in for x in ("Algorithm", "that is")), fault.id


def test_what_a_fault_contradicts_is_the_source_of_the_line_that_it_edits():
    assert faults.get("v-as-maximum").seen_in == ""
    said = {
        "v-as-maximum": "Kingma & Ba 2015, Algorithm 1",
        "maximum-not-kept": "Reddi, Kale & Kumar 2018, Algorithm 2",
        "betas-in-bfloat16": "the dtype under check",
        "betas-swapped": "Kingma & Ba 2015, Algorithm 1",
    }
    of = (ADAM, ADAMW, optimizer("amsgrad").rule)
    assert {id_: faults.get(id_).contradicted(*of) for id_ in said} == said
    assert faults.get("v-without-square").contradicted(RMSPROP) == RMSPROP.line("v").source
    assert faults.get("betas-swapped").contradicted(NADAM) == NADAM.source


def test_a_fault_with_a_parameter_is_named_by_its_values():
    (fault,) = [x for x in faults.every() if x.id == "gradient-clipped-at-{limit}"]
    assert [x.id for x in fault.cases][:3] == [
        "gradient-clipped-at-0.1", "gradient-clipped-at-0.5", "gradient-clipped-at-1",
    ]  # fmt: skip
    assert fault.at(3.0).says == "gradients are clipped by value, at 3"


@pytest.mark.parametrize("rule", [ADAM, ADAMW, NADAM, ADAMAX, RMSPROP], ids=lambda r: r.name)
def test_the_edits_find_their_places_in_any_rule(rule):
    """And every one of them can be compiled: what it makes has the symbols of the rule alone."""
    known = {*rule.fields, *rule.defaults, "t"}
    found = faults.of_one_line(rule)
    assert len(found) > 20
    for slip in found:
        used = {s.name.removesuffix("_prev") for s in slip.rule.line(slip.line).expr.free_symbols}
        assert used <= known, slip.fault.id
        assert slip.rule.line(slip.line) != rule.line(slip.line)


def test_an_average_is_read_with_what_is_added_to_it():
    with evaluate(False):
        rule = ADAM.edited(v=ADAM.line("v").expr + Rational(1, 8))
        assert average("v", rule.line("v").expr).rest == Rational(1, 8)
        (fault,) = [x for x in moments.FAULTS if x.id == "v-of-m"]
        assert fault.applied(rule).line("v").expr.has(m)
        assert fault.applied(rule).line("v").expr.args[-1] == Rational(1, 8)


def test_a_cause_shows_both_lines_with_the_numbers_of_the_step():
    said = {slip.fault.id: slip.said(ADAM, 2) for slip in faults.of_one_line(ADAM)}
    assert said["m_hat-power-t-plus-one"] == (
        "m_hat is divided by 1 - beta1**(t + 1) (m₂/(1 - β₁³), not m₂/(1 - β₁²))"
    )
    assert said["v_hat-multiplied"].endswith("(v₂·(1 - β₂²), not v₂/(1 - β₂²))")
    assert said["parameter-forgotten"].endswith("(Δ₂, not θ₁ + Δ₂)")


@pytest.mark.long
def test_every_fault_asks_any_rule_for_what_it_edits():
    """And what it makes of a line can be said: nothing that is raised is passed over."""
    for one in family().values():
        for rule in one.rules():
            for case in faults.cases():
                case.applied(rule)
        for slip in faults.of_one_line(one.rule):
            assert slip.said(one.rule, 2)


def test_decay_of_another_kind_is_of_the_same_rule():
    rule = optimizer("nadam").get(weight_decay="decoupled-before")
    made = faults.get("decay-l2").applied(rule)
    assert (made.name, "g_total" in made.fields) == ("nadam", True)
    assert [x.name for x in made.lines if x.name != "g_total"] == [
        x.name for x in optimizer("nadam").rule.lines
    ]
    assert faults.get("decay-decoupled").applied(made).line("theta_decayed")
    assert faults.get("decay-decoupled").applied(rule) is None
