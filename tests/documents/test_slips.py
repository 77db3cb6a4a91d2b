"""Documents in four notations: clean ones have nothing wrong, a slip is found, with its cause."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

import slip_writer as writer
from adamref import audit

SLIPS = sorted(writer.SLIPS)


def says_no_rounding_that_is_none(claim):
    """Say of "right, rounded at n places" whether the right value rounds to what is claimed."""
    if claim.verdict != "holds" or not claim.because.startswith("right, "):
        return True
    places = len(claim.claimed.partition(".")[2])
    off = abs(Fraction(claim.claimed) - Fraction(claim.expected))
    shown = abs(Fraction(claim.expected)) / 10**11  # twelve digits of it are said
    allowed = Fraction(1, 10**places) / (2 if "rounded" in claim.because else 1)
    return off <= allowed + shown


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
