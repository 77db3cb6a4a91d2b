"""JSON from outside is held to the package's schemas, as another validator does it."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import jsonschema
import pytest

from adamref import outside
from adamref.errors import Unreadable
from damaged import damaged

ROOT = Path(__file__).parent.parent
SCHEMAS = {path.name: json.loads(path.read_text()) for path in ROOT.glob("adamref/schemas/*.json")}
ODD = [None, True, -1, 0, 1, 1.0, 1e300, 1.5, "", "x", "a.json\n", "0x1p+0", [], {}, [1], {"a": 1}]


def short(value):
    """Leave three of each list: of places that are alike no more need to be damaged."""
    if isinstance(value, dict):
        return {name: short(one) for name, one in value.items()}
    return [short(one) for one in value[:3]] if isinstance(value, list) else value


def examples():
    """Return documents with the schema that each is by."""
    golden = ROOT / "adamref" / "data" / "golden"
    probes = ("generic-float32-mixed", "tensors-float32", "missing-float32", "long-float32")
    for name in probes:
        yield "golden-probe.schema.json", short(json.loads((golden / f"{name}.json").read_text()))
    yield "golden-manifest.schema.json", short(json.loads((golden / "manifest.json").read_text()))
    yield "check-baseline.schema.json", {
        "schema": "adamref.check.baseline/1", "verdict": "conforms", "target": "x",
        "dtype": "float32", "optimizer": "adam", "dialect": {"form": "paper", "a": ["a", True]},
        "accuracy": {"m": None, "theta": {"max_ulp": 0.5, "mean_ulp": "nan", "count": 3,
                     "correctly_rounded": 1, "max_over_bound": "inf"}},
        "probes": {"a": "holds"}, "environment": {"numpy": "2"},
        "findings": [{"id": "a-b", "probe": None, "severity": "note", "says": "x"}],
    }  # fmt: skip
    for request in (
        {"op": "init", "dtype": "float32", "optimizer": "adam", "hyper": {"lr": "0x1p+0"},
         "tensors": [{"shape": [1], "theta": ["0x1p+0"]}]},
        {"op": "step", "grads": [["0x1p+0"], None]},
        {"ok": True, "can": ["load"]},
        {"tensors": [{"theta": ["0x1p+0"], "t": 1}]},
    ):  # fmt: skip
        yield "protocol.schema.json", request


@pytest.mark.parametrize(("name", "document"), list(examples()))
def test_a_damaged_document_is_refused_where_another_validator_refuses_it(name, document):
    judge = jsonschema.Draft202012Validator(SCHEMAS[name])
    assert outside.departure(document, name) is None
    draw = random.Random(name)
    refused = 0
    for _ in range(150):
        made = damaged(draw, document, ODD)
        # Python's $ lets a newline follow; a whole line is meant.
        known = judge.is_valid(made) and "\\n" not in json.dumps(made)
        said = outside.departure(made, name)
        if "\\n" not in json.dumps(made):
            assert (said is None) == known, (said, made)
        refused += said is not None
    assert refused > 20


def test_every_keyword_of_every_schema_is_understood():
    """A schema that asks for something else would be passed over."""
    known = {*outside._HOLDS, *outside._INSIDE, *outside._SAID, "$ref", "anyOf", "oneOf"}

    def keywords(schema):
        if isinstance(schema, dict):
            for name, part in schema.items():
                yield name
                if name in ("properties", "$defs"):
                    for one in part.values():
                        yield from keywords(one)
                elif name not in ("const", "enum", "required"):
                    yield from keywords(part)
        elif isinstance(schema, list):
            for one in schema:
                yield from keywords(one)

    for schema in SCHEMAS.values():
        assert set(keywords(schema)) <= known


REFUSED = {
    "no JSON": "{",
    "no UTF-8": b"\xff{}",
    "deep": "[" * 100_000,
    "a long number": '{"schema": 1' + "0" * 400 + "}",
    "a longer number": '{"schema": 1' + "0" * 5000 + "}",
    "a giant float": '{"schema": 1e999}',
    "no number": '{"schema": NaN}',
    "infinity": '{"schema": -Infinity}',
    "a list": "[]",
    "null": "null",
    "empty": "",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_is_no_document_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Unreadable) as caught:
        outside.read_json(path, "check-baseline.schema.json")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300 + len(str(path))


def test_no_file_and_a_folder_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("none", "No such file"), ("", "it is no file"), ("pipe", "it is no file")):
        with pytest.raises(Unreadable, match=said):
            outside.read_json(tmp_path / name, "check-baseline.schema.json")


def test_a_name_does_not_end_in_a_new_line():
    manifest = {"schema": "adamref.golden-manifest/1", "generator": "x", "complete": True,
                "files": [{"file": "a.json\n", "sha256": "0" * 64}]}  # fmt: skip
    assert "files[0].file" in str(outside.departure(manifest, "golden-manifest.schema.json"))
