"""The JSON of each command: by its schema, with the promised names, and to the same verdicts."""

from __future__ import annotations

import difflib

import jsonschema
import pytest

import contracts
from command import schema

CLAIM = "line column quote kind field t claimed expected links verdict causes unexplained because"
PROBE = "name class verdict first_difference"
PROMISED = {
    "step": {
        "": "schema title given note steps",
        "steps": "t lines",
        "steps.lines": "name symbols numbers latex value exact hex",
    },
    "audit": {
        "": "schema documents",
        "documents": "path verdict given repairs claims first_wrong",
        "documents.repairs": "line from to",
        "documents.claims": CLAIM,
        "documents.claims.links": "line quote holds",
        "documents.claims.causes": "id says reproduces",
    },
    "golden": {
        "": "schema generator directory verdict probes findings",
        "probes": "name class rule dialect dtype hyper steps flags",
    },
    "derive": {"": "schema title theorems", "theorems": "id title chapter blocks"},
    "prove": {
        "": "schema theorems",
        "theorems": "id title verdict recorded checks near_misses refused source seconds",
        "theorems.checks": "algebra smt numbers kernel",
    },
    "check": {
        "": "schema target isolated dtype optimizer verdict dialect accuracy probes findings "
        "diagnosis coverage tried environment",
        "coverage": "dtype steps latest states shapes elements axes gradients alphas thorough says",
        "dialect": "form bias_correction moments weight_decay amsgrad hyper",
        "accuracy": "theta m v first_step",
        "accuracy.theta": "max_ulp mean_ulp correctly_rounded max_over_bound",
        "probes": PROBE,
        "probes.first_difference": "t tensor index field got want bound",
        "findings": "id probe severity says",
        "diagnosis": "says confirmed faults explains equivalent",
        "tried": "hypotheses",
    },
    "tolerance": {
        "": "schema optimizer dialect dtype steps stored compute hyper conventions orders inputs "
        "conditions fields other tried caught missed notes",
        "fields.theta": "rtol atol ulps at says",
    },
    "compare": {
        "": "schema a b same_dialect axes inputs exact observed was_run allowed says",
        "a": "target kind verdict optimizer dtype dialect accuracy likely report",
    },
    "replay": {
        "": "schema before after verdict steps inferred groups findings unread",
        "groups": "name optimizer dialect hyper source verdict tensors inferred",
        "groups.tensors": "name shape dtype verdict elements off max_over_bound histogram first "
        "diagnosis because",
        "groups.tensors.first": "index field got low high lines",
        "groups.tensors.diagnosis": "says faults hyper confirmed",
    },
}
"""The names that a program may read, by the path to the object that has them."""
WHOLE = {
    "step": "one step", "audit": "w-half", "golden": "all", "derive": "first-step",
    "prove": "first-step", "check": "wrong", "tolerance": "given", "compare": "one with itself",
    "replay": "decay missing in one",
}  # fmt: skip
"""A case of each command in which every one of these objects is."""


def objects(document, path):
    """Return every object at a path; lists on the way are gone through, None is left out."""
    found = [document]
    for name in path.split(".") if path else ():
        inner = [x[name] for x in found]
        found = [y for x in inner for y in (x if isinstance(x, list) else [x]) if y is not None]
    return found


def first_difference(got, want):
    lines = (contracts.written(x).splitlines() for x in (want, got))
    return "\n".join(difflib.unified_diff(*lines, "expected", "got", lineterm="", n=2))


def case_of(command, case):
    """Return a case as a test has it: whole checks of an implementation take seconds."""
    slow = command == "compare" or (command == "check" and case != "right")
    return pytest.param(command, case, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize(("command", "case"), [case_of(*one) for one in contracts.cases()])
def test_an_answer_is_as_promised_and_as_stored(command, case):
    code, document = contracts.answered(command, case)
    jsonschema.validate(document, schema(command))
    for path, names in PROMISED[command].items():
        found = objects(document, path)
        assert found or case != WHOLE[command], f"{case} has no {path}: nothing was looked at"
        for x in found:
            assert set(names.split()) <= x.keys(), (path, x)
    got, want = contracts.stable(command, code, document), contracts.stored(command)[case]
    assert contracts.agrees(got, want), first_difference(got, want)


@pytest.mark.parametrize("command", contracts.CASES)
def test_the_expectations_are_those_of_the_cases_in_canonical_form(command):
    stored = contracts.stored(command)
    assert list(stored) == [case for of, case in contracts.cases() if of == command]
    text = (contracts.STORED / f"{command}.json").read_text(encoding="utf-8")
    assert text == contracts.written(stored)


def test_an_id_once_given_stays():
    """Theorems keep their verdicts, and nobody's link to a fault breaks; new ones may come."""
    before, now = contracts.stored("ids"), contracts.ids()
    kept = {id_: now["theorems"].get(id_) for id_ in before["theorems"]}
    assert kept == before["theorems"]
    assert not set(before["faults"]) - set(now["faults"])
