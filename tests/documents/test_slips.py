"""Documents in four notations: clean ones have nothing wrong, a slip is found, with its cause."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest

import slip_writer as writer
from adamref import audit

SLIPS = sorted(writer.SLIPS)


def says_no_rounding_that_is_none(claim):
    """Say of "right, rounded at n places" whether the right value rounds to what is claimed."""
    how = re.match(r"right, (rounded|truncated) at (?:units of (\d+))?", claim.because)
    if claim.verdict != "holds" or how is None:
        return True
    unit = Fraction(how[2] or Fraction(1, 10 ** len(claim.claimed.partition(".")[2])))
    off = abs(Fraction(claim.claimed) - Fraction(claim.expected))
    shown = abs(Fraction(claim.expected)) / 10**11  # twelve digits of it are said
    return off <= unit / (2 if how[1] == "rounded" else 1) + shown


def test_a_rounding_that_is_none_is_seen():
    wrong = audit("# Adam\n\nalpha = 0.1, beta1 = 0.9, beta2 = 0.99\n\ng_1 = 4, m_1 = 0.4\n")
    (claim,) = [c for c in wrong.claims if c.field == "m"]
    for says, claimed, holds in (
        ("rounded at 1 decimal place", "0.4", True),
        ("rounded at 1 decimal place", "0.5", False),
        ("truncated at 1 decimal place", "0.3", True),
        ("rounded at units of 10", "0", True),
        ("rounded at units of 10", "10", False),
    ):
        one = replace(claim, because=f"right, {says}", claimed=claimed, expected="0.4")
        assert says_no_rounding_that_is_none(one) is holds


def measured(seeds):
    """Audit the clean document of each seed, and one with a slip, and count."""
    counts = Counter()
    for seed in seeds:
        clean = audit(writer.written(seed).text)
        counts["clean"] += 1
        counts["called wrong"] += any(claim.is_wrong for claim in clean.claims)
        slip = SLIPS[seed % len(SLIPS)]
        document = writer.written(seed, slip)
        if document is None:
            continue
        found = audit(document.text)
        counts["slips"] += 1
        counts["false"] += not all(map(says_no_rounding_that_is_none, found.claims + clean.claims))
        line, number = document.numbers[document.at]
        first = None if found.first_wrong is None else found.claims[found.first_wrong]
        if first is None or (first.line, Fraction(first.claimed)) != (line, Fraction(number)):
            continue
        counts["found"] += 1
        counts["explained"] += bool(writer.SLIPS[slip] & {cause.id for cause in first.causes})
    return counts


@pytest.mark.parametrize(
    "seeds", [range(7), pytest.param(range(1000, 2200), marks=pytest.mark.long)]
)
def test_clean_documents_hold_and_slips_are_found(seeds):
    counts = measured(seeds)
    assert counts["called wrong"] == counts["false"] == 0
    assert counts["found"] >= 0.99 * counts["slips"]
    assert counts["explained"] >= 0.95 * counts["found"]
