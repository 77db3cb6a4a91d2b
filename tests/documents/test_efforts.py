"""What is spent on a document is bounded, in operations: past it claims are unread, not wrong."""

from __future__ import annotations

import cProfile

import pytest

from adamref import audit
from adamref.documents import efforts
from adamref.errors import Unworkable
from adamref.expressions.effort import Effort, at_most, left, left_out, spend, within

USUAL = "Adam: alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
RIGHT = "m_1 = 0.9*0 + 0.1*15 = 1.5\nv_1 = 0.001*15^2 = 0.225\nmhat_1 = 1.5/0.1 = 15\n"
BEYOND = "it is too large to work out"


def verdicts(text):
    return [(c.line, c.verdict) for c in audit(text).claims]


@pytest.mark.parametrize(
    "tower",
    ["9^9^9^9", "9^{9^{9^9}}", "exp(exp(exp(9)))", "1.5^{3^{99999}}", "2^{1000001}"],
)
def test_a_link_that_is_too_large_makes_its_claim_unread(tower):
    found = audit(f"{USUAL}m_1 = {tower} = 1.5\nv_1 = 0.225\n")
    assert [(c.line, c.field, c.verdict) for c in found.claims] == [
        (2, "m", "unread"),
        (3, "v", "holds"),
    ]
    assert found.claims[0].because == BEYOND


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("m_1 = 2^1000000 - 2^1000000 + 1.5 = 1.5", "holds"),
        ("m_1 = 1.5 = 0.001^98337", "wrong"),
        ("m_1 = 0.5^{999999} + 1.5 = 1.5", "holds"),
        ("m_1 = 1.5 + exp(-9^{99999}) = 1.5", "holds"),
    ],
)
def test_what_an_enclosure_decides_is_decided(line, verdict):
    assert verdicts(f"{USUAL}{line}\nv_1 = 0.225\n") == [(2, verdict), (3, "holds")]


def test_a_link_of_giant_powers_is_decided():
    first, _ = audit(f"{USUAL}m_1 = 3^{{900000}}/3^{{900000}} = 1.5\nv_1 = 0.225\n").claims
    assert [link.holds for link in first.links] == [False]


def test_a_given_that_is_too_large_is_listed_and_the_rest_is_judged():
    text = "Adam alpha = 10^{400000}, beta1 = 0.9, beta2 = 0.999, w = 1, g = 1\nm_1 = 0.1\n"
    found = audit(text + "v_1 = 2\ntheta_1 = 4\n")
    assert [(c.line, c.verdict) for c in found.claims] == [
        (1, "unread"), (2, "holds"), (3, "wrong"), (4, "unread"),
    ]  # fmt: skip
    assert found.claims[0].because == BEYOND


def test_past_what_is_spent_on_a_document_claims_are_unread_and_none_is_wrong(monkeypatch):
    whole = verdicts(USUAL + RIGHT)
    assert {verdict for _, verdict in whole} == {"holds"}
    seen = set()
    for most in (0, 30, 100, 200, 300, 1000):
        monkeypatch.setattr(efforts, "READING", (most, 0))
        found = verdicts(USUAL + RIGHT)
        assert {verdict for _, verdict in found if verdict != "unread"} <= {"holds"}
        assert len(found) >= len(whole)
        seen.add(tuple(found))
    assert len(seen) > 2, "in between some are judged"


def test_past_what_is_spent_on_causes_what_is_wrong_stays_wrong(monkeypatch):
    text = USUAL + RIGHT.replace("= 15\n", "= 1.5\n")
    (whole,) = (c for c in audit(text).claims if c.verdict == "wrong")
    assert whole.causes
    monkeypatch.setattr(efforts, "CAUSES", (0, 0))
    (found,) = (c for c in audit(text).claims if c.verdict == "wrong")
    assert (found.verdict, found.expected) == (whole.verdict, whole.expected)
    assert not found.causes
    assert "what made it was not looked for to the end" in found.because


def test_what_is_spent_does_not_depend_on_what_was_read_before():
    chain = "q = " + " = ".join(["0.9*alpha"] * 33) + "\n"
    first, again = (audit(USUAL + chain + RIGHT).to_json() for _ in range(2))
    assert first == again
    assert [c["verdict"] for c in first["documents"][0]["claims"]][-3:] == ["holds"] * 3


def spent(text, monkeypatch):
    """Audit a text; return how much each of its efforts took."""
    made = []
    of = efforts.Efforts.of

    def noted(*counts):
        made.append((of(*counts), of(*counts)))
        return made[-1][0]

    monkeypatch.setattr(efforts.Efforts, "of", noted)
    audit(text)
    ((used, full),) = made
    return [
        getattr(full, name).left - max(getattr(used, name).left, 0)
        for name in ("reading", "others", "causes")
    ], full


SPENDING = {
    "wrong steps": "".join(f"Step {t}: m_{t} = 1\n" for t in range(1, 401)),
    "a chain on itself": "beta2 = " + " = ".join(["0.9*beta2"] * 33) + "\n",
    "a long chain": "m_1 = " + " = ".join(f"0.{i}1*0.{i}2 + 0.{i}3" for i in range(1, 60)) + "\n",
    "repeated": "m_1 = 0.5\n" * 300,
    "parameters": "".join(
        f"w_{{0,{i}}} = 1, g_{{1,{i}}} = 2\nm_{{1,{i}}} = 0.3\n" for i in range(1, 100)
    ),
    "powers": "".join(f"m_1 = 1.{i}^{{9999}} + 0.5 = 3\n" for i in range(1, 100)),
}
TAKES_SECONDS = ("repeated", "parameters", "powers")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name, marks=pytest.mark.slow if name in TAKES_SECONDS else ())
        for name, text in SPENDING.items()
    ],
)
def test_no_document_takes_more_than_its_efforts(text, monkeypatch):
    used, full = spent(USUAL + text, monkeypatch)
    assert all(x <= getattr(full, n).left for x, n in zip(used, vars(full), strict=True))
    assert max(used) > 0


def test_lines_that_are_repeated_are_given_less(monkeypatch):
    """A page of two hundred lines that say something has more to be judged."""
    _, once = spent(USUAL + RIGHT, monkeypatch)
    _, often = spent(USUAL + RIGHT + "m_1 = 0.9*0 + 0.1*15 = 1.5\n" * 200, monkeypatch)
    assert often.reading.left == once.reading.left + 200 * efforts.REPEATED
    _, others = spent(USUAL + "".join(f"x_{i} = {i}\n" for i in range(200)), monkeypatch)
    assert others.reading.left > once.reading.left + 190 * efforts.READING[1]


def test_nothing_is_spent_beyond_what_is_outside():
    spend(10**9)  # outside there is no limit
    outer = Effort(100)
    with within(outer):
        with at_most(60):
            spend(50)
            assert left() == 10
        assert outer.left == 50
        with pytest.raises(Unworkable), at_most(60):
            spend(51)
        assert outer.left == 0
        with pytest.raises(Unworkable):
            spend(1)
    assert outer.is_spent


def test_what_is_too_large_by_itself_is_left_out_while_something_is_left():
    with within(Effort(10)):
        with left_out():
            raise Unworkable
        with pytest.raises(Unworkable), left_out():
            spend(11)


@pytest.mark.parametrize(
    "none", ["1/0", "0/0", "log(0)", "ln(-1)", "sqrt(-2.25)", "0^{-1}", "1/(1-1)", "1.5 + 1/0"]
)
def test_a_link_through_what_has_no_value_does_not_hold(none):
    """Also where the number at the end of the chain is right."""
    (claim, *_) = audit(f"{USUAL}m_1 = {none} = 1.5\nv_1 = 0.225\n").claims
    assert [link.holds for link in claim.links] == [False]
    assert verdicts(f"{USUAL}m_1 = 1.5 = {none}\n") == [(2, "unread")]


@pytest.mark.parametrize("some", ["(-8)^{1/3} + 3.5", "(-8)^(1/3) + 3.5", "x/0"])
def test_of_what_some_give_a_value_nothing_is_said(some):
    (claim, *_) = audit(f"{USUAL}m_1 = {some} = 1.5\n").claims
    assert all(link.holds for link in claim.links if "2^" not in some)


@pytest.mark.slow
def test_a_program_takes_time_by_its_lines():
    """Four times the lines take four times the calls, and not sixteen times."""
    line = "m = beta1*m + (1-beta1)*g\n"
    calls = []
    audit(f"```python\n{line}```\n")
    for count in (100, 400):
        with cProfile.Profile() as profile:
            found = audit(f"```python\n{line * count}```\n")
        assert len(found.claims) == count
        calls.append(sum(one.callcount for one in profile.getstats()))
    assert calls[1] < 5 * calls[0]
