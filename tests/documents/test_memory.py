"""Sizes in bytes, where the bytes of a parameter and the number of parameters are said."""

from __future__ import annotations

import pytest

from adamref import audit

WRONG = {
    "two lines": "Adam keeps more:\n\n- 8 bytes of state per weight\n- 7 billion weights: {}\n",
    "one sentence": "Adam needs 12 bytes per parameter, which for 350 million parameters is {}.\n",
    "model above": "A 1.3B model with Adam.\n\nSaves 6 bytes per parameter, {}.\n",
    "binary": "The 2 billion parameters of it: Adam's 16 bytes a parameter are {}.\n",
}
SAID = {
    "two lines": ("56 GB", "28 GB"),
    "one sentence": ("4.2 GB", "2.4 GB"),
    "model above": ("7.8 GB", "5.2 GB"),
    "binary": ("29.8 GiB", "32 GiB"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_size_is_the_product(name):
    right, slip = SAID[name]
    found = audit(WRONG[name].format(right))
    assert [(c.kind, c.verdict) for c in found.claims] == [("size", "holds")]
    found = audit(WRONG[name].format(slip))
    assert [(c.verdict, c.claimed) for c in found.claims] == [("wrong", slip)]
    assert found.claims[0].expected is not None
    assert found.claims[0].expected.split()[0] == right.split()[0]


@pytest.mark.parametrize(
    "text",
    [
        "Adam: 8 bytes per parameter. The 7B model does not fit into 80 GB.",
        "Adam: 8 bytes per parameter, and the 7B and 13B models take 56 GB and 104 GB.",
        "Adam: 8 bytes per parameter, 14 GB.",
        "Adam: 8 bytes per parameter for 7 billion parameters; sharded over 4 cards 14 GB each.",
        "Adam: 16 bytes per parameter.\n7 billion parameters: 14 GB in bf16",
        "Adam: 8 or 12 bytes per parameter: 25 million parameters need 200 MB.",
        "Adam: 8 bytes per parameter on top\nof the rest: 7 billion parameters: 28 GB",
        "Adam: 8 bytes per parameter, about 54 GB for 7 billion parameters.",
    ],
)
def test_nothing_is_judged_where_one_of_them_is_not_said(text):
    assert not [c for c in audit(text).claims if c.is_wrong]
