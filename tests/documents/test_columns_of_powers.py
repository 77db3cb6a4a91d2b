"""Columns that are a power of a decay rate, whatever they are called."""

from __future__ import annotations

import pytest

from adamref import audit

TABLE = """Adam with β₁ = 0.9, β₂ = 0.99.

| t | {} | {} | {} |
|---|---|---|---|
| 1 | 0.1 | 0.01 | 10 |
| 2 | 0.19 | 0.0199 | 5.263 |
| 3 | 0.271 | 0.0297 | 3.690 |
| 4 | 0.3439 | 0.0394 | 2.908 |
| 5 | 0.4095 | 0.0490 | 2.442 |
| 6 | 0.4686 | 0.0585 | 2.134 |
"""


@pytest.mark.parametrize("heads", [("bc1", "bc2", "scale"), ("c1", "c2", "f"), ("D", "E2", "k1")])
def test_a_column_is_what_nearly_all_of_its_rows_are(heads):
    text = TABLE.format(*heads)
    assert {c.verdict for c in audit(text).claims} == {"holds"}
    found = audit(text.replace("0.3439", "0.3349"))
    assert [(c.line, c.expected) for c in found.claims if c.is_wrong] == [(8, "0.3439")]


def test_few_digits_are_no_evidence():
    rows = "| 1 | 0.9 |\n| 2 | 0.81 |\n| 3 | 0.70 |\n| 4 | 0.65 |\n"
    text = f"Adam with β₁ = 0.9, β₂ = 0.99.\n\n| t | q | \n|---|---|\n{rows}"
    assert audit(text).claims == ()
