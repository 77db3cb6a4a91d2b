"""Test cases as data that hold vectors, or share what they are given."""

import json

import pytest

from adamref.documents.audit import audited
from adamref.documents.source import from_file

CASES = {
    "tolerance": 1e-6,
    "cases": [
        {
            "name": "adam, 1 step",
            "optimizer": "adam",
            "hyper": {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
            "start": [3.0, -3.0],
            "gradients": [[6.0, -0.01]],
            "expected": [2.9, -2.9000001],
        },
        {
            "name": "adamw, 1 step",
            "optimizer": "adamw",
            "hyper": {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "wd": 0.01},
            "start": [2.0, -4.0],
            "gradients": [[1.0, 1.0]],
            "expected": [1.898, -4.096],
        },
    ],
}


@pytest.mark.parametrize(
    ("case", "expected", "wrong"),
    [
        (0, [2.9, -2.9000001], []),
        (1, [1.898, -4.0961], ["adamw"]),
        (0, [2.91, -2.9000001], ["adam"]),
    ],
)
def test_where_a_case_should_end_is_judged_by_its_optimizer(tmp_path, case, expected, wrong):
    held = json.loads(json.dumps(CASES))
    held["cases"][case]["expected"] = expected
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(held, indent=1))
    claims = audited(from_file(path)).claims
    assert len([c for c in claims if c.field == "theta"]) == 4
    assert [c.optimizer for c in claims if c.is_wrong] == wrong


SHARED = """common:
  x0: 1.0
  g: [2.0, -1.0, 0.5]

adamax:
  lr: 0.002
  b1: 0.9
  b2: 0.999
  x: [0.9980000, 0.9975785, 0.9971274]
"""


def test_what_cases_share_is_given_in_each(tmp_path):
    path = tmp_path / "cases.yaml"
    path.write_text(SHARED)
    claims = audited(from_file(path)).claims
    assert [(c.optimizer, c.verdict) for c in claims] == [("adamax", "holds")] * 3
    path.write_text(SHARED.replace("0.9975785", "0.9975875"))
    assert [c.t for c in audited(from_file(path)).claims if c.verdict == "wrong"] == [2]
