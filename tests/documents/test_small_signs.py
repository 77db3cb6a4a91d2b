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
