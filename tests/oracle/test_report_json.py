"""A check as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

import reports
from adamref.oracle.judge.results import Accuracy
from adamref.render import as_data


def schema():
    file = files("adamref").joinpath("schemas", "check.schema.json")
    return json.loads(file.read_text(encoding="utf-8"))


def strict_json(document):
    return json.dumps(document, allow_nan=False)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["title"] == "adamref.check/1"


@pytest.mark.parametrize("name", reports.MADE)
def test_every_report_is_as_the_schema_says(name):
    document = reports.MADE[name]().to_json()
    jsonschema.validate(document, schema())
    assert json.loads(strict_json(document)) == document


def test_what_the_contract_names_is_there():
    document = reports.deviating().to_json()
    assert document["schema"] == "adamref.check/1"
    assert document["verdict"] == "deviates"
    assert document["isolated"] is True
    assert document["dialect"]["bias_correction"] is True
    assert document["dialect"]["moments"] is None
    assert document["accuracy"]["v"] is None
    assert document["accuracy"]["first_step"]["max_ulp"] == 110.2
    assert document["tried"] == {"hypotheses": 12345}
    probe = next(p for p in document["probes"] if p["name"] == "generic")
    assert probe["class"] == "core"
    wanted = {"t": 3, "tensor": 0, "index": 7, "field": "theta"}
    assert wanted.items() <= probe["first_difference"].items()
    assert probe["first_difference"]["got"] == "0.49942264"
    assert document["diagnosis"][0]["equivalent"] == [
        ["one-step-counter", "t-from-zero"],
        ["correction-clamped"],
    ]


def test_what_was_not_found_out_is_null_and_not_missing():
    document = reports.empty().to_json()
    assert document["dialect"]["form"] is None
    assert document["accuracy"] == dict.fromkeys(("theta", "m", "v", "first_step"))
    assert document["tried"] == {"hypotheses": 0}


def test_json_has_no_infinity_and_no_nan():
    worst = Accuracy(float("inf"), float("nan"), 0.0, float("inf"), 1)
    document = replace(reports.conforming(), accuracy={"theta": worst}).to_json()
    assert document["accuracy"]["theta"]["max_ulp"] == "inf"
    assert document["accuracy"]["theta"]["mean_ulp"] == "nan"
    strict_json(document)


def test_values_become_what_json_holds():
    assert as_data({"a": (1, 2.5, float("-inf")), 3: None}) == {"a": [1, 2.5, "-inf"], "3": None}
    assert as_data(True) is True
    assert as_data(1j) == "1j"


def test_a_field_too_many_is_refused():
    document = reports.conforming().to_json()
    document["probes"][0]["vedict"] = "holds"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())
