"""Every fault that is planted is found and named; the right step conforms.

All of them run in make test-long; one or two of each family run always.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import plantable
import planted
from adamref import faults as catalogue
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.trials import trials

EVERY = list(planted.every())
FEW = {
    ("adam", "float32"): (
        # moments, and the step
        "root-forgotten",
        # corrections
        "corrected-in-place",
        # epsilon, gradients, hyperparameters
        "eps-omitted", "betas-swapped",
        # the driver: its counter, what it leaves out, loads, schedules and does not reach
        "v-lost-on-resume", "counter-int8",
        # precision
        "theta-in-bfloat16",
    ),
    ("adam", "float64"): ("powers-in-float32",),
    ("adamw", "float32"): ("decay-l2",),
    ("adam-l2", "float32"): ("decay-l2-in-m-only",),
    ("amsgrad", "float32"): ("maximum-not-kept",),
}  # fmt: skip
HIDDEN = {
    ("adam", "float32"): (
        "m-without-complement", "v-decay-and-complement-swapped", "v-centred", "eps-omitted",
        "m_hat-uncorrected", "t-ahead", "betas-swapped", "alpha-doubled", "t-per-tensor",
        "last-element-untouched",
    ),
    ("adam", "float64"): ("betas-in-float32",),
    ("adamw", "float32"): ("decay-sign",),
    ("adam-l2", "float32"): ("decay-l2-sign",),
    ("amsgrad", "float32"): ("maximum-ignored",),
}  # fmt: skip
SHORT = {("adam", "float32", False), ("adam", "float64", False)}
SHORT |= {(x, "float32", True) for x in ("adam", "adamw", "adam-l2", "amsgrad")}
COMBINATIONS = [
    pytest.param(*case, marks=() if case in SHORT else pytest.mark.long)
    for case in product(
        ("adam", "adamw", "adam-l2", "amsgrad"), ("float32", "float64", "float16"), (True, False)
    )
]
FEW_HIDDEN = [("adam", "float32", "m-without-complement")]


def listed(chosen):
    return [(*of, id_) for of, ids in chosen.items() for id_ in ids]


def named(optimizer, dtype, id_, *, visible=True):
    """Check a planted fault: it is the diagnosis, or among those that no probe tells from it."""
    report = planted.checked(optimizer, dtype, id_, visible=visible)
    assert report.verdict == "deviates"
    assert report.diagnosis, f"{id_} is not explained"
    best = report.diagnosis[0]
    assert (id_,) in (best.faults, *best.equivalent), f"{id_} is taken for {best.faults}"
    assert best.explains
    differing = {x.name for x in report.probes if x.verdict == "differs"}
    assert differing.issuperset(best.explains)
    return best


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "dtype", "id_"), listed(FEW))
def test_a_planted_fault_is_found_and_named(optimizer, dtype, id_):
    assert named(optimizer, dtype, id_)


@pytest.mark.long
@pytest.mark.parametrize(
    ("optimizer", "dtype", "id_"), [x for x in EVERY if x not in set(listed(FEW))]
)
def test_every_other_one_is_too(optimizer, dtype, id_):
    assert named(optimizer, dtype, id_)


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "dtype", "id_"), FEW_HIDDEN)
def test_a_fault_is_named_where_the_state_is_hidden(optimizer, dtype, id_):
    assert named(optimizer, dtype, id_, visible=False)


@pytest.mark.long
@pytest.mark.parametrize(
    ("optimizer", "dtype", "id_"), [x for x in listed(HIDDEN) if x not in FEW_HIDDEN]
)
def test_more_faults_are_named_where_the_state_is_hidden(optimizer, dtype, id_):
    assert named(optimizer, dtype, id_, visible=False)


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "dtype", "visible"), COMBINATIONS)
def test_the_right_step_conforms(optimizer, dtype, visible):
    report = plantable.checked({}, dtype, optimizer, visible=visible)
    severe = [str(f) for f in report.findings if f.severity in {"deviation", "error"}]
    off = [str(x.first_difference) for x in report.probes if x.verdict in {"differs", "error"}]
    assert (report.verdict, severe, off, report.diagnosis) == ("conforms", [], [], ())
    dialect = report.dialect
    assert dialect["form"] in ("paper", ["paper", "eps-root"])
    assert dialect["bias_correction"] is True


SHORT_TRIALS = ("missing", "schedule", "random-state", "random-checkpoint", "random-rows")
BY_HAND = [case for case in EVERY if case[2] in planted.FAULTS.get(case[:2], ())]


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "dtype"), list(planted.FAULTS))
def test_what_is_planted_by_hand_is_what_the_entry_does(optimizer, dtype):
    """Steps that know nothing of the catalogue hold that an entry does what its sentence says."""
    few = [x for x in trials(dtype, optimizer) if x.name.removesuffix(f"-{dtype}") in SHORT_TRIALS]
    assert len(few) == len(SHORT_TRIALS)
    for id_ in (case[2] for case in BY_HAND if case[:2] == (optimizer, dtype)):
        if id_ == catalogue.precision.APPROXIMATE.id:  # told by the size of errors: it is no edit
            continue
        for trial in few:
            makers = (planted.session, planted.from_entry)
            records = [run_one(x(optimizer, dtype, id_), trial, dtype, optimizer) for x in makers]
            if records[1].refused:  # the rule that the entry makes has not all of the states
                continue
            thetas = [[x.theta for step in x.steps for x in step] for x in records]
            for one, other in zip(*thetas, strict=True):
                # Far more than roundings make of some steps, and far less than a fault.
                np.testing.assert_allclose(one, other, 1e-3, 1e-4, err_msg=f"{id_}, {trial.name}")


def test_an_input_that_is_exchanged_is_planted_by_its_entry_as_well():
    (trial,) = trials("float32", "adam", ["random-state-float32"])
    for id_ in ("gradient-negated", "v-lost-on-resume", "betas-swapped"):
        made = [run_one(x("adam", "float32", id_), trial, "float32", "adam").steps[-1][0]
                for x in (planted.session, planted.from_entry)]  # fmt: skip
        right = run_one(planted.session("adam", "float32", ""), trial, "float32", "adam")
        np.testing.assert_allclose(made[0].theta, made[1].theta, 1e-3)
        assert np.abs(made[1].theta - right.steps[-1][0].theta).max() > 1e-3


def test_each_fault_of_the_catalogue_is_planted():
    assert planted.missing() == []


def test_each_planted_fault_is_one_of_the_catalogue():
    assert all(catalogue.get(id_).id == id_ for _, _, id_ in EVERY)
    assert set(listed(FEW)) | set(listed(HIDDEN)) <= set(EVERY)
