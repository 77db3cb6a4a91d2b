"""Mending damaged commands, and taking markup off, one line at a time."""

from __future__ import annotations

import pytest

from adamref import audit
from adamref.documents.repair import Mended, mend

EATEN = [
    (control, name[1:], f"\\{name}")
    for control, names in {
        "\a": "alpha approx ast align",
        "\b": "beta bar big begin because",
        "\f": "frac",
        "\r": "rho right rightarrow",
        "\t": "times theta text to tilde tfrac tag",
        "\v": "varepsilon vartheta vdots",
    }.items()
    for name in names.split()
]

VANISHED = {
    "rac{1}{2}": r"\frac{1}{2}",
    "rac {1}{2}": r"\frac {1}{2}",
    "x pprox 3": r"x \approx 3",
    "2 imes 3": r"2 \times 3",
    "heta = 1": r"\theta = 1",
    "heta_1": r"\theta_1",
    "lpha = 0.1": r"\alpha = 0.1",
    "eta_1 = 0.9": r"\beta_1 = 0.9",
    "eta_{2} = 0.9": r"\beta_{2} = 0.9",
    "eta2 = 0.9": r"\beta2 = 0.9",
    "eta_1^2": r"\beta_1^2",
    "abla L": r"\nabla L",
    "arepsilon = 1": r"\varepsilon = 1",
    "2 ight)": r"2 \right)",
    "2ight)": r"2\right)",
    "ho_1": r"\rho_1",
    "ext{if}": r"\text{if}",
}

UNTOUCHED = [
    "theta",
    "beta_1",
    "zeta_1",
    "meta1",
    "fraction",
    "trace{1}",
    "the rights)",
    "a sight)",
    "times",
    "sometimes",
    "alphabet",
    "who_1",
    "text{new}",
    "eta = 0.1",
    "eta_t = 0.1",
    "eta_3 = 0.1",
    "eta_12 = 0.1",
    r"\eta_1 = 0.1",
    r"\frac{1}{2} \approx \beta_1 \times \theta",
    "w\t0.5\t0.6",
    "w\tm_1\tv_1",
    "line with a form feed\f",
    "",
]

MARKUP = {
    "**m_1** = 1.5": "m_1 = 1.5",
    "m<sub>1</sub> = 1.5": "m_{1} = 1.5",
    "x<sup>2</sup> = 4": "x^{2} = 4",
    "2 &times; 3": "2 × 3",
    r"m\_1 = 1.5": "m_1 = 1.5",
    r"\mathbf{m}_1 = 1.5": "m_1 = 1.5",
    "𝑚₁ = 1.5": "m₁ = 1.5",
    "m-hat = 15": "m_hat = 15",
    "m[1] = 1.5": "m_{1} = 1.5",
    "beta one = 0.9": "beta1 = 0.9",
}


@pytest.mark.parametrize(("control", "rest", "meant"), EATEN, ids=[m for *_, m in EATEN])
def test_a_command_whose_backslash_became_a_control_character_is_restored(control, rest, meant):
    mended, repairs = mend(f"3 {control}{rest} 4", 7)
    assert mended.text == f"3 {meant} 4"
    (repair,) = repairs
    assert (repair.line, repair.meant) == (7, meant)
    assert repair.found == repr(control + rest)[1:-1]


@pytest.mark.parametrize(("damaged", "meant"), VANISHED.items(), ids=VANISHED.keys())
def test_a_command_that_lost_its_first_letter_is_restored_and_reported(damaged, meant):
    mended, repairs = mend(damaged, 1)
    assert mended.text == meant
    assert len(repairs) == 1
    assert damaged.replace(repairs[0].found, repairs[0].meant, 1) == meant


@pytest.mark.parametrize("line", UNTOUCHED)
def test_what_is_whole_is_left_as_it_is(line):
    mended, repairs = mend(line, 1)
    assert mended == Mended(line, tuple(range(len(line))))
    assert repairs == []


@pytest.mark.parametrize(("written", "plain"), MARKUP.items(), ids=MARKUP.keys())
def test_markup_is_taken_off_and_not_reported(written, plain):
    mended, repairs = mend(written, 1)
    assert " ".join(mended.text.split()) == plain
    assert repairs == []


def test_every_damage_of_a_line_is_reported_in_its_order():
    _, repairs = mend(r"heta_1 = 1.25 - rac{0.02 imes 1.44}{eta_1} pprox 1.23", 3)
    assert {r.found for r in repairs} == {"heta", "rac", "imes", "eta", "pprox"}
    assert {r.line for r in repairs} == {3}


@pytest.mark.parametrize(
    "line",
    [
        "\frac{1}{2} = 0.5",
        "rac{1}{2} pprox 0.5",
        "**m_1** = <b>0.5</b>",
        "m<sub>1</sub> = 0.9 &times; 0 = 0.5",
        r"\mathbf{m}_1 = \boxed{0.5}",
        "  * m-hat = 0.5",
        "𝑚₁ = 0.5",
    ],
)
def test_a_number_after_mends_is_found_at_its_own_column(line):
    """The digits of 0.5 come out whole, and each knows where it stood."""
    mended, _ = mend(line, 1)
    at = mended.text.index("0.5")
    assert [mended.column(at + i) for i in range(3)] == [
        line.index("0.5") + i + 1 for i in range(3)
    ]


@pytest.mark.parametrize("line", [*VANISHED, *MARKUP, *UNTOUCHED])
def test_every_character_has_a_place_and_the_places_never_go_back(line):
    mended, _ = mend(line, 1)
    assert len(mended.origin) == len(mended.text)
    assert list(mended.origin) == sorted(mended.origin)
    assert all(0 <= place < len(line) for place in mended.origin)


def test_a_column_beyond_the_end_is_the_last_one():
    assert mend("m = 1", 1)[0].column(99) == 5
    assert mend("", 1)[0].column(0) == 1


def test_a_mended_claim_quotes_the_line_as_it_stands():
    text = (
        "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
        "m_1 = 0.1 imes 15 = 1.6\n"
    )
    found = audit(text)
    (claim,) = [c for c in found.claims if c.field == "m"]
    assert claim.quote == "m_1 = 0.1 imes 15 = 1.6"
    assert claim.column == claim.quote.index("1.6") + 1
    assert [(r.line, r.found, r.meant) for r in found.repairs] == [(2, "imes", r"\times")]
