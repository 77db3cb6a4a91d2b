"""Every rule of the family has faults of its own, which are named where they are planted."""

from __future__ import annotations

import pytest

import plantable
from adamref import audit, faults, run
from adamref.mutation.right import Right
from adamref.rules.family import family, training

MISSING = faults.get("m-without-complement")
PLACED = [name for name in training() if MISSING.applied(family()[name].rule)]


@pytest.mark.parametrize("name", family())
def test_a_rule_has_faults_of_one_line(name):
    rule = family()[name].rule
    found = faults.of_one_line(rule)
    assert len({slip.fault.id for slip in found}) >= 4
    assert {"parameter-forgotten", "update-added"} <= {x.fault.id for x in found} or not (
        {"delta", "theta"} <= {*rule.fields}
    )


def test_a_moment_that_averages_the_gradient_has_a_complement_to_be_missed():
    with_m = {name for name in training() if "m" in family()[name].rule.fields}
    # Its m sums up gradients.
    assert with_m - {*PLACED} == {"heavy-ball"}


def planted(name):
    """Write a right first step, and a second m without its complement."""
    optimizer = family()[name]
    rule = optimizer.rule
    usual = {hyper: "0.5" for hyper in rule.defaults if hyper.startswith("beta")}
    hypers = {**rule.defaults, **usual, "beta1": "0.9"}
    first = run(rule, "2", ["4"], digits=12, **hypers)[0]
    state = {field: getattr(first, field) for field in rule.states if field != "theta"}
    wrong = run(MISSING.applied(rule), first.theta, ["3"], t=2, state=state, digits=12, **hypers)
    given = ", ".join(f"{hyper} = {value}" for hyper, value in hypers.items())
    shown = [field for field in (*rule.states, "theta") if field in rule.fields]
    step = "\n\n".join(f"{field}_1 = {getattr(first, field)}" for field in shown)
    return (
        f"# {optimizer.title.partition(',')[0]}\n\nWith {name}, {given}, theta_0 = 2.\n\n"
        f"## Step 1\n\ng_1 = 4\n\n{step}\n\n## Step 2\n\ng_2 = 3\n\nm_2 = {wrong[0].m}\n"
    )


@pytest.mark.parametrize("name", PLACED)
def test_a_missing_complement_is_named_by_audit(name):
    last = audit(planted(name)).claims[-1]
    assert (last.optimizer, last.field, last.verdict) == (name, "m", "wrong")
    assert [cause.id for cause in last.causes] == [MISSING.id]


@pytest.mark.long
@pytest.mark.parametrize("name", PLACED)
def test_a_missing_complement_is_named_by_check(name):
    rule = family()[name].rule
    probes = ("random-generic-float32",)
    report = plantable.judged(
        Right(MISSING.applied(rule)), optimizer=name, names=probes, pins=dict(rule.dialect)
    )
    assert report.verdict == "deviates"
    assert [explained.faults for explained in report.diagnosis] == [(MISSING.id,)]
