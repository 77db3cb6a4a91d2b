"""Pages in other languages: numbers and formulas are the same in any."""

import pytest

from adamref import audit
from adamref.documents.identities import contradicts
from adamref.expressions.parser import parse

PAGES = {
    "Deutsch": ("Geglätteter Mittelwert", "Der Startwert ist", "Am zweiten Tag", "Man teilt durch"),
    "français": ("Lissage d'une série", "On part de", "Le deuxième jour", "On divise par"),
    "español": ("Suavizado de una serie", "Se empieza con", "El segundo día", "Se divide por"),
    "русский": ("Сглаживание ряда", "Начальное значение", "На второй день", "Делят на"),
    "中文": ("数列的平滑", "初始值为", "第二天", "再除以"),
}
PAGE = r"""# {0}

{1} \(V_0 = 0\), \(\beta = 0.95\).

\[ V_t = 0.95 V_{{t-1}} + 0.05 x_t \]

{2}:

\[ V_2 = 0.95 V_1 + 0.05 x_2 = 0.95 \cdot 0.05 x_1 + 0.05 x_2 = 0.0475 x_1 + 0.05 x_2 \]

{3} \(1-\beta^t\):

\[ t = 2: \quad 1-\beta^t = 1-0.95^2 = 0.0975 \]
"""


def wrong(text):
    return [claim.line for claim in audit(text).claims if claim.verdict == "wrong"]


@pytest.mark.parametrize("language", PAGES)
def test_an_average_needs_no_words(language):
    text = PAGE.format(*PAGES[language])
    assert audit(text).verdict == "holds"
    assert wrong(text.replace("0.0475 x", "0.475 x")) == [9]
    assert wrong(text.replace("0.0975", "0.0925")) == [13]


@pytest.mark.parametrize(
    ("left", "right", "differ"),
    [
        ("0.98 * 0.02 x + 0.02 y", "0.196 x + 0.02 y", True),
        ("0.98 * 0.02 x + 0.02 y", "0.0196 x + 0.02 y", False),
        ("0.98 * 0.02 x + 0.02 y", "0.02 (0.98 x + y)", False),
        ("0.333 x * 0.5", "0.1667 x", False),
        ("2 x + 1", "3 x - 5", False),
        ("0.5 x", "0.5 y", False),
        ("x", "0.5 x", False),
        ("0.10 / sqrt(x) + 0.10", "0.20 / sqrt(x) + 0.10", True),
    ],
)
def test_sides_with_the_same_symbols_are_compared(left, right, differ):
    assert contradicts(parse(left), parse(right)) == differ
