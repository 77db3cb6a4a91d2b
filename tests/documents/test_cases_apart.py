"""Test cases in one file, each a problem with settings of its own."""

from __future__ import annotations

import json

import pytest

from adamref.documents.audit import audited
from adamref.documents.source import from_text

SUITE = {
    "suite": "optimizers",
    "common": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "tests": [
        {
            "algorithm": "Adam",
            "learning_rate": 0.1,
            "initial": 3.0,
            "gradients": [6.0, 5.8],
            "expected": {"exp_avg": 1.12, "exp_avg_sq": 0.069604, "w": 2.8001027},
        },
        {
            "algorithm": "Adam",
            "learning_rate": 0.2,
            "initial": 1.0,
            "gradients": [2.0],
            "expected": {"m": 0.2, "v": 0.004, "m_hat": 2.0, "v_hat": 4.0, "w": 0.8},
        },
        {
            "algorithm": "AMSGrad",
            "learning_rate": 0.1,
            "beta2": 0.9,
            "initial": 1.0,
            "gradients": [8.0, 0.5],
            "expected": {"m": 0.77, "v": 5.785, "v_max": 6.4},
        },
    ],
}
LIST = """- optimizer: adam
  lr: 0.1
  betas: [0.9, 0.999]
  eps: 1.0e-8
  x0: 1.0
  grad: 2.0
  want: {m: 0.2, v: 0.004, x: 0.9}
- optimizer: adamw
  lr: 0.1
  betas: [0.8, 0.99]
  eps: 1.0e-8
  weight_decay: 0.1
  x0: [1.0, -1.0]
  grads:
    - [2.0, 0.5]
  want: {m: [0.4, 0.1], x: [0.89, -1.09]}
"""
NAMED = """defaults: {lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1.0e-8}
cases:
  trace:
    optimizer: adam
    start: 1.0
    grads: [2.0, 1.0]
    expect: {m: [0.2, 0.28], v: [0.004, 0.004996], param: [0.9, 0.8067820]}
  other:
    optimizer: adam
    lr: 0.2
    start: 2.0
    grads: [2.0]
    expect: {param: 1.8}
"""
ROWS = """case,optimizer,lr,beta1,beta2,eps,x_before,g,m_after,v_after,x_after
1,adam,0.1,0.9,0.999,1e-8,1.0,2.0,0.2,0.004,0.9
2,adam,0.2,0.8,0.99,1e-8,1.0,2.0,0.4,0.04,0.8
"""


@pytest.mark.parametrize(
    ("text", "name", "judged", "right", "slip"),
    [
        (json.dumps(SUITE, indent=1), "x.json", 11, "0.004", "0.005"),
        (LIST, "x.yaml", 7, "v: 0.004", "v: 0.005"),
        (NAMED, "x.yaml", 7, "0.28]", "0.38]"),
        (ROWS, "x.csv", 6, "0.4,0.04", "0.4,0.05"),
    ],
    ids=["nested", "list", "named", "rows"],
)
def test_each_case_is_judged_by_its_own_settings(text, name, judged, right, slip):
    found = audited(from_text(text, name))
    assert [claim.verdict for claim in found.claims] == ["holds"] * judged
    wrong = [c for c in audited(from_text(text.replace(right, slip), name)).claims if c.is_wrong]
    assert [c.line for c in wrong] == [1 + text[: text.index(right)].count("\n")]


def test_a_case_is_of_the_optimizer_that_it_names():
    found = audited(from_text(json.dumps(SUITE, indent=1), "x.json"))
    assert [c.optimizer for c in found.claims] == ["adam"] * 8 + ["amsgrad"] * 3
