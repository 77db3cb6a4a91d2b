"""Documents that are right by construction hold; with one number changed, that one is found."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import document_writer as writer
from adamref import audit

numbers = st.builds(
    lambda digits, places, sign: f"{sign}{Decimal(digits).scaleb(-places):f}",
    st.integers(1, 9999),
    st.integers(0, 3),
    st.sampled_from(["", "-"]),
)
examples = st.builds(
    writer.Example,
    alpha=st.sampled_from(["0.1", "0.01", "0.001", "0.3", "0.05"]),
    beta1=st.sampled_from(["0.9", "0.8", "0.5", "0.95"]),
    beta2=st.sampled_from(["0.999", "0.99", "0.9", "0.9999"]),
    eps=st.sampled_from(["1e-8", "0.00000001", "1e-7", "0.001"]),
    theta=numbers,
    gradients=st.lists(numbers, min_size=1, max_size=3).map(tuple),
    digits=st.integers(4, 14),
    ties=st.sampled_from(sorted(writer.TIES)),
    carries=st.booleans(),
    hand=st.sampled_from(sorted(writer.HANDS)),
)


def prints_short(written):
    """Say whether a number has fewer than five digits, zeros at its ends not counted."""
    return any(len(n.strip("-0.").replace(".", "")) < 5 for *_, n in written.numbers)


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 2)  # a dozen numbers an example
@given(examples)
def test_a_right_document_holds_and_every_number_is_read(example):
    written = writer.Writer(example).write()
    # A number printed short but carried on in full makes the next link false as it stands there.
    assume(example.carries or not prints_short(written))
    found = audit(written.text)
    bad = [f"{c}: {c.because}" for c in found.claims if c.is_wrong]
    assert not bad, written.text
    assert found.verdict == "holds"
    read = {(c.line, c.field, c.t) for c in found.claims if c.verdict in ("holds", "dialect")}
    assert {(line, field, t) for line, field, t, _ in written.numbers} <= read


# A wrong number is read in a dozen ways before it is called wrong.
@pytest.mark.slow
@settings(max_examples=settings().max_examples // 6)
@given(examples, st.data())
def test_one_wrong_number_is_the_first_that_is_named(example, data):
    assume(example.digits >= 6)
    written = writer.Writer(example).write()
    line, field, _, number = data.draw(st.sampled_from(written.numbers), label="which")
    # Far outside of what rounding could do, wherever it was done: a number printed short, as 0.1,
    # may stand for anything from 0.05 to 0.2, and a theta that all but cancels for anything.
    # (And one that is printed like a rate may be taken for it.)
    rates = {example.alpha, example.beta1, example.beta2, example.eps}
    assume(rates.isdisjoint(n for *_, n in written.numbers))
    assume(field != "theta" or abs(Decimal(number)) > 3 * Decimal(example.alpha))
    wrong = Decimal(number) * (3 if prints_short(written) else Decimal("1.03"))
    wrong = f"{wrong.normalize():f}"
    assume(Decimal(wrong) != Decimal(number))
    lines = written.text.split("\n")
    head, _, tail = lines[line - 1].rpartition(number)
    lines[line - 1] = head + wrong + tail
    found = audit("\n".join(lines))
    assert found.first_wrong is not None
    first = found.claims[found.first_wrong]
    assert (first.line, first.field, Decimal(first.claimed)) == (line, field, Decimal(wrong))
    assert first.verdict == "wrong"


HANDS = sorted(writer.HANDS)


@pytest.mark.slow
@pytest.mark.parametrize("share", [3, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("hand", HANDS)
def test_a_wrong_last_digit_is_found(hand, share):
    """Five units in the last place are no rounding, of this number or of those before it.

    The hands take turns: with a share of 3 each of the ten numbers is wrong in some of them.
    """
    example = writer.Example(
        "0.1", "0.9", "0.999", "0.001", "0.5", ("-1.7", "2.3"), 8, "even", carries=False, hand=hand
    )
    written = writer.Writer(example).write()
    assert audit(written.text).verdict == "holds"
    for line, field, t, number in written.numbers[HANDS.index(hand) % share :: share]:
        wrong = number[:-1] + str((int(number[-1]) + 5) % 10)
        lines = written.text.split("\n")
        head, _, tail = lines[line - 1].rpartition(number)
        lines[line - 1] = head + wrong + tail
        found = audit("\n".join(lines))
        assert found.first_wrong is not None, (field, t)
        assert found.claims[found.first_wrong].line == line
