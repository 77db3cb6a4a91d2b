"""Numbers as different countries write them: points and apostrophes between groups of digits."""

import pytest

from adamref import audit

GERMAN = "# Adam\n\nMit β1 = 0,9 und ε = 10^-8 hat das Netz {} Gewichte.\n"


@pytest.mark.parametrize(
    "right",
    [
        "784 · 32 = 25.088",
        "1.024 · 1.024 = 1.048.576",
        "3 · 1.234,5 = 3.703,5",
        "2 · 25'088 = 50'176",
        "0,5 · 25.088 = 12.544",
        "1,5 · 2 = 3,000",
    ],
)
def test_a_right_number_with_its_digits_in_groups_is_right(right):
    found = audit(GERMAN.format(right))
    assert [(c.kind, c.verdict) for c in found.claims] == [("arithmetic", "holds")]
    assert found.given["beta1"].value == "0.9"


@pytest.mark.parametrize(
    "wrong", ["784 · 32 = 25.000", "1.024 · 1.024 = 1.048.570", "2 · 25'088 = 50'175"]
)
def test_a_wrong_number_with_its_digits_in_groups_is_wrong(wrong):
    assert [c.verdict for c in audit(GERMAN.format(wrong)).claims] == ["wrong"]


def test_a_point_before_three_digits_is_a_decimal_point_where_that_is_right():
    text = "# Adam\n\nDas sind 2 * 1.024 = 2.048 Einheiten, und 784 * 32 = 25.088 Gewichte.\n"
    assert [c.verdict for c in audit(text).claims] == ["holds", "holds"]
