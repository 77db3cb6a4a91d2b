"""The step that started it all: w = 0.5, (x, y) = (3, 4), squared error, learning rate 0.1."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamref import audit

ROOT = Path(__file__).parent.parent.parent
OURS = ROOT / "examples" / "audit" / "w-half.md"
SOURCE = ROOT.parent / "shared" / "seeds" / "004_af0d53d389b7d10e.txt"


@pytest.fixture(scope="module", params=["ours", "source"])
def found(request):
    path = OURS if request.param == "ours" else SOURCE
    if not path.exists():
        pytest.skip(f"the document that the project grew from is not beside it: {path.name}")
    return audit(path)


def claim(found, field):
    (only,) = [c for c in found.claims if c.kind == "value" and c.field == field]
    return only


def test_what_is_right_holds(found):
    for field, value in (("g", "-15"), ("m", "-1.5"), ("v", "0.225")):
        assert (claim(found, field).claimed, claim(found, field).verdict) == (value, "holds")


def test_the_first_wrong_number_is_m_hat_and_its_cause_reproduces_it(found):
    first = found.claims[found.first_wrong]
    assert (first.field, first.t, first.claimed, first.expected) == ("m_hat", 1, "-7.8947", "-15")
    (cause,) = first.causes
    assert cause.id == "m_hat-power-t-plus-one"
    assert "(m₁/(1 - β₁²), not m₁/(1 - β₁¹))" in cause.says
    assert cause.reproduces
    assert first.unexplained is None
    assert [link.holds for link in first.links] == [True, True, True]


def test_what_the_cause_leaves_over_of_v_hat_is_unexplained(found):
    wrong = claim(found, "v_hat")
    assert (wrong.claimed, wrong.expected, wrong.verdict) == ("112.811", "225", "wrong")
    (cause,) = wrong.causes
    assert cause.id == "v_hat-power-t-plus-one"
    assert "112.556278139" in cause.says
    assert not cause.reproduces
    assert wrong.unexplained.startswith("0.254721")
    assert [link.holds for link in wrong.links] == [True, True, False]


def test_the_final_expression_follows_from_the_wrong_numbers(found):
    last = claim(found, "theta")
    assert last.verdict == "follows"
    assert last.claimed == "0.574329276664"
    assert last.expected == "0.599999999933"


def test_epsilon_inside_the_root_is_a_dialect_and_a_conflict(found):
    (inside,) = [c for c in found.claims if c.verdict == "dialect"]
    assert inside.kind == "formula"
    assert "eps-inside" in inside.because
    assert "0.599999999998 here and 0.599999999933 there" in inside.because


def test_damage_is_mended_and_reported(found):
    mended = {(r.found, r.meant) for r in found.repairs}
    assert {
        ("rac", r"\frac"),
        ("pprox", r"\approx"),
        ("imes", r"\times"),
        ("eta", r"\beta"),
        ("y_pred y", "y_pred - y"),
    } <= mended


def test_nothing_else_is_wrong(found):
    assert [c.field for c in found.claims if c.is_wrong] == ["m_hat", "v_hat"]
    assert not [c for c in found.claims if c.verdict == "unread"]


def test_whole_numbers_after_an_equals_sign_are_exact():
    """One of the sources has 784 x 32 = 25,000 in passing."""
    found = audit("Adam on a layer of 784 x 32 = 25,000 weights. Adam has beta1 = 0.9.")
    (only,) = found.claims
    assert (only.kind, only.claimed, only.expected) == ("arithmetic", "25000", "25088")
    assert only.verdict == "wrong"
    assert audit("Adam on a layer of 784 x 32 ≈ 25,000 weights.").verdict == "holds"
