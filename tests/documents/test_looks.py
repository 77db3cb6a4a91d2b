"""What is soon seen not to be in a text is not there: each quick look misses nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.documents import subjects
from adamref.documents.habits import says_rounding
from adamref.documents.prose.surroundings import counts_from_zero

NAMES = sorted(one.name for one in subjects._table().values())
FOLDED = str.maketrans({"s": "ſ", "k": "\N{KELVIN SIGN}", "i": "ı"})


def slowly(line):
    """Whether a name stands in a line, tried at each place."""
    pattern = re.sub(r"^\(\?=\[.*?\]\)", "", subjects._names().pattern)
    return re.search(pattern, line) is not None


@given(
    st.lists(
        st.builds(
            lambda name, change: change(name),
            st.sampled_from([*NAMES, "g_1 = 3", " ", "-", "1", "\n"]),
            st.sampled_from([str, str.lower, str.upper, lambda x: x.lower().translate(FOLDED)]),
        ),
        max_size=8,
    )
)
def test_a_name_is_found_where_it_stands_in_any_letters(parts):
    lines = "".join(parts).split("\n")
    assert list(subjects._naming(lines)) == [i for i, x in enumerate(lines) if slowly(x)]


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_found(name):
    assert list(subjects._naming(["", f"({name})", ""])) == [1]


@pytest.mark.parametrize(
    "says",
    [
        "Rounded.", "Round to 4 places", "rounds  to", "REDONDEADO", "gerundete", "Arrondi",
        "arredondado", "arrotondato", "округлено", "四舍五入",
    ],
)  # fmt: skip
def test_a_text_that_rounds_is_known(says):
    assert says_rounding(("m = 1", says))
    assert not says_rounding(("m = 1", says, "and then truncated"))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("t = 0, 1, 2", True), (r"k \in 0", False), ("i=0,1", True), ("(n: {0, …", True),
        ("t =\t0, \\ldots", True), ("at = 0, 1", False), ("g_0 = 3", True), ("g_{0}", True),
        ("g_0 = 0", False), ("g_0 = 0.5", True), ("log_0", False), ("αt = 0, 1", False),
        ("2t = 0, 1", True), ("g_01", False), ("x\ng₀", True), ("j = 0.1", False),
    ],
)  # fmt: skip
def test_a_text_that_counts_from_zero_is_known(text, counts):
    assert counts_from_zero(text.split("\n")) is counts
