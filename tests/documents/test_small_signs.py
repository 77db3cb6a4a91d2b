"""Formulas set like code, products of letters side by side, and letters that numbers tell."""

import pytest

from adamref import audit

_FENCED = """# Adam

```
{}
```
"""
_NABLA = """m ← β₁·m + (1 − β₁)·∇
s ← β₂·s + (1 − β₂)·∇⊙∇
m̂ ← m / (1 − β₁^t)
ŝ ← s / (1 − β₂^t)
θ ← θ − γ·m̂ / ({}ŝ + ε)"""
_BESIDE = """mₜ = β₁mₜ₋₁ + (1 − β₁)gₜ
vₜ = β₂vₜ₋₁ + (1 − {})gₜ²
m̂ₜ = mₜ/(1 − β₁ᵗ), v̂ₜ = vₜ/(1 − β₂ᵗ)
θₜ = θₜ₋₁ − ηm̂ₜ/(√v̂ₜ + ε)"""
_LOOP = """for t = 1, 2, …
  m ← β₁·m + (1 − β₁)·g
  v ← β₂·v + (1 − β₂)·g²
  m̂ ← m / (1 − β₁ᵗ)
  v̂ ← v / (1 − β₂{})
  w ← w − α·m̂ / (√v̂ + ε)"""


@pytest.mark.parametrize("text", [_NABLA.format("√"), _BESIDE.format("β₂"), _LOOP.format("ᵗ")])
def test_formulas_set_like_code_hold(text: str) -> None:
    """All lines are read, as text or as a program."""
    found = audit(_FENCED.format(text))
    assert found.verdict == "holds"
    assert {"m", "v", "m_hat", "v_hat", "theta"} <= {c.field for c in found.claims}


@pytest.mark.parametrize(
    ("text", "field", "cause"),
    [
        (_NABLA.format(""), "theta", "root-forgotten"),
        (_BESIDE.format("β₁"), "v", "solved"),
        (_LOOP.format(""), "v_hat", "v_hat-without-power"),
    ],
)
def test_a_slip_in_them_is_found(text: str, field: str, cause: str) -> None:
    """The line is named, with its cause."""
    found = audit(_FENCED.format(text))
    wrong = [c for c in found.claims if c.is_wrong]
    assert [(c.field, c.causes[0].id) for c in wrong] == [(field, cause)]


_WORKED = """Adam. The gradients are 1, 2 and the weight begins at 10; the rate is 0.1; β₁ = 0.9,
β₂ = 0.999, ε = 1e-8.

## n = 1

{a} = 0.1 · 1 = 0.1 and {b} = 0.001 · 1² = 0.001.
{a}′ = 0.1/(1 − 0.9) = 1 and {b}′ = 0.001/(1 − 0.999) = 1.
w = 10 − 0.1 · 1/√1 = 9.9

## n = 2

{a} = 0.9 · 0.1 + 0.1 · 2 = 0.29 and {b} = 0.999 · 0.001 + 0.001 · 2² = 0.004999.
{a}′ = 0.29/(1 − 0.9²) = 0.29/0.19 = 1.5263
{b}′ = 0.004999/(1 − {c}²) = {d}
"""


@pytest.mark.parametrize(("a", "b"), [("s", "q"), ("p", "q"), ("r", "s"), ("v", "h"), ("c", "r")])
def test_letters_that_numbers_tell(a: str, b: str) -> None:
    """The letter worked with 0.9 and 0.1 is the first moment, whatever it is."""
    right = audit(_WORKED.format(a=a, b=b, c="0.999", d="2.5008"))
    assert right.verdict == "holds"
    assert len(right.claims) == 9
    wrong = audit(_WORKED.format(a=a, b=b, c="0.9", d="0.004999/0.19 = 0.02631"))
    first = wrong.claims[wrong.first_wrong]
    assert (first.field, first.t, first.causes[0].id) == ("v_hat", 2, "v_hat-with-beta1")


_ZOO = """### Momentum
$u_k = \\mu u_{k-1} + g_k$, then $w_k = w_{k-1} - \\eta u_k$.

### Adam
$$m_k = \\beta_1 m_{k-1} + (1-\\beta_1) g_k,\\quad v_k = \\beta_2 v_{k-1} + (1-\\beta_2) g_k^2$$

### AdamW
$$w_k = w_{k-1} - \\eta\\left(\\frac{\\hat m_k}{\\sqrt{\\hat v_k}+\\epsilon}
SIGN \\lambda w_{k-1}\\right)$$
"""


def test_an_m_of_one_chapter_is_the_m_of_the_next() -> None:
    """AdamW's step speaks of the moments that Adam's chapter has."""
    assert audit(_ZOO.replace("SIGN", "+")).verdict == "holds"
    found = audit(_ZOO.replace("SIGN", "-"))
    first = found.claims[found.first_wrong]
    assert first.optimizer == "adamw"
    assert "tilde" not in first.because


_COUNTED = """Adam: beta1 = 0.9, beta2 = 0.999, eps = 1e-8, g(1) = 0.6, g(2) = 0.4.

   mc(t) = m(t) / (1 - beta1^t)
   vc(t) = v(t) / (1 - beta2^t)

   m(1) = 0.1 * 0.6 = 0.06
   v(1) = 0.001 * 0.36 = {}
   mc(1) = 0.06 / 0.1 = 0.6
   m(2) = 0.9 * 0.06 + 0.1 * 0.4 = 0.094
   mc(2) = 0.094 / 0.19 = 0.49474
"""


def test_steps_in_round_brackets() -> None:
    """m(1) is m at step 1, and what is divided by 1 - beta^t is corrected, whatever its name."""
    right = audit(_COUNTED.format("0.00036"))
    assert right.verdict == "holds"
    assert [c.field for c in right.claims if c.t] == ["m", "v", "m_hat", "m", "m_hat"]
    wrong = audit(_COUNTED.format("0.0036"))
    assert [(c.field, c.t) for c in wrong.claims if c.is_wrong] == [("v", 1)]


_PLACES = """Adam: α = 0.1, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, start (1, −2), f(x, y) = x² + 3y².

  t = 1   g = (2, −12)
          m = (0.2, −1.2)          v = (0.004, {})
          m̂ = (2, −12)             v̂ = (4, 144)
"""


def test_vectors_side_by_side() -> None:
    """Each of two vectors in a line has all its elements."""
    right = audit(_PLACES.format("0.144"))
    assert right.verdict == "holds"
    assert [c.parameter for c in right.claims if c.field == "v"] == ["1", "2"]
    wrong = audit(_PLACES.format("0.12"))
    assert [(c.field, c.parameter) for c in wrong.claims if c.is_wrong] == [("v", "2")]


@pytest.mark.parametrize(("number", "wrong"), [("0.3", 0), ("0.4", 1)])
def test_a_vector_after_what_it_is_made_of(number: str, wrong: int) -> None:
    """``m_1 = 0.1 g_1 = (…)`` gives m_1 its elements, and g_1 none."""
    text = "Adam: $\\beta_1=0.9$, $\\beta_2=0.999$, $\\mathbf g_1 = (3, 4)$,\n\n"
    found = audit(text + f"$$\\mathbf m_1 = 0.1\\,\\mathbf g_1 = ({number},\\,0.4)$$")
    assert [c.field for c in found.claims] == ["m", "m"]
    assert sum(c.is_wrong for c in found.claims) == wrong


def test_expressions_side_by_side() -> None:
    """What stands in columns is no product, whatever it begins with."""
    text = "Adam: η = 0.3, β₁ = 0.9, β₂ = 0.999, g₁ = −2.\n\n  m = −0.2       v = 0.004\n"
    found = audit(text + "  m/(1 − β₁¹) = −2        v/(1 − β₂¹) = 4\n")
    assert found.verdict == "holds"
    assert len(found.claims) == 4


_LETTERS = """Adam: $\\beta_1 = 0.8$, $\\beta_2 = 0.9$.

$u_n = \\beta_1 u_{n-1} + (1-\\beta_1) g_n$, $q_n = \\beta_2 q_{n-1} + (1-\\beta_2) %s$
"""


def test_a_letter_is_what_its_recurrence_makes_it() -> None:
    """A u that averages gradients by beta1 is the first moment, though u is often the second."""
    right = audit(_LETTERS % "g_n^2")
    assert right.verdict == "holds"
    assert [c.field for c in right.claims] == ["m", "v"]
    assert audit(_LETTERS % "g_n").verdict == "wrong"


def test_a_minimum_for_a_maximum() -> None:
    """AMSGrad keeps the largest."""
    text = "# AMSGrad\n\n$v_t = \\beta_2 v_{t-1} + (1-\\beta_2) g_t^2$, "
    text += "$\\hat v_t = \\%s(\\hat v_{t-1}, v_t)$"
    assert audit(text % "max").verdict == "holds"
    wrong = audit(text % "min").claims[1]
    assert (wrong.verdict, wrong.causes[0].id) == ("wrong", "minimum-for-maximum")


@pytest.mark.slow
def test_a_step_that_is_too_large_spoils_no_other() -> None:
    """What cannot be worked out is unread, and the rest is judged."""
    steps = "\n".join(f"t = {t}: x_{t} = 0.{t % 9}" for t in (300, 350, 390))
    text = "Adam: α = 0.02, β₁ = 0.9, β₂ = 0.999, x_0 = −1, f(x) = (1−x)⁴ + 100(x²−1)⁴.\n\n" + steps
    found = audit(f"{text}\n\nm_t = β₁ m_(t−1) + (1 − β₁) g_t\nv_t = β₂ v_(t−1) + (1 − β₁) g_t²\n")
    assert [(c.field, c.kind) for c in found.claims if c.is_wrong] == [("v", "formula")]


def test_a_fraction_of_both_corrections_is_explained() -> None:
    """One of two rates of a long line is exchanged: the line is told as it should stand."""
    text = "Adam: $m_k = \\beta_1 m_{k-1} + (1-\\beta_1) g_k$, $v_k = \\beta_2 v_{k-1} + "
    text += "(1-\\beta_2) g_k^2$,\n$$w_k = w_{k-1} - \\eta\\, \\frac{m_k/(1-\\beta_1^k)}"
    text += "{\\sqrt{v_k/(1-\\beta_1^k)}+\\epsilon}.$$\n"
    found = audit(text)
    assert found.claims[found.first_wrong].because.count("\\beta_2^{k}") == 1
