"""`adamref tolerance` on the command line."""

from __future__ import annotations

import json

import jsonschema
import pytest

from command import called, schema

GIVEN = {"tensors": [{"theta": ["0.5", "0x1p+0"], "gradients": [[-15, 2], None, ["0.1", 2]]}]}


def test_it_prints_a_table_and_the_call():
    """rtol, atol and ulps of each field, the call to paste, and under which conditions."""
    code, out, err = called("tolerance", "--optimizer", "adamw", "--steps", "3", "--no-faults")
    assert (code, err) == (0, "")
    assert "numpy.allclose(theta, reference, rtol=" in out
    for word in ("adamw in float32", "after 3 steps", "every gradient is at most 1", "theta"):
        assert word in out


def test_its_json_is_by_the_schema(tmp_path):
    """Of given inputs too; the numbers are those of the function."""
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps(GIVEN), encoding="utf-8")
    code, out, _ = called(
        "tolerance", "--given", str(file), "--no-faults", "--format", "json", "--lr", "0.1"
    )
    document = json.loads(out)
    assert code == 0
    jsonschema.validate(document, schema("tolerance"))
    assert document["inputs"] == "inputs.json"
    assert document["steps"] == 3
    assert document["hyper"]["alpha"] == 0.1
    assert 0 < document["fields"]["theta"]["rtol"] < 1e-4


@pytest.mark.slow
def test_faults_are_in_it():
    """With the inputs that tell them."""
    code, out, _ = called("tolerance", "--steps", "1", "--format", "json")
    document = json.loads(out)
    jsonschema.validate(document, schema("tolerance"))
    assert code == 0
    assert document["missed"][0]["shortest"]["document"]["tensors"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--given", "nowhere.json"], "nowhere.json: cannot be read"),
        (["--optimizer", "lion"], "unless inputs are given"),
        (["--set", "warmth=2"], "warmth"),
        (["--order", "m=sideways"], "known are beta, lerp, back"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(arguments, says):
    """Exit code 2, and nothing on standard output."""
    code, out, err = called("tolerance", *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.strip().splitlines()) == 1
