"""Tables as people draw them, and what their rows and columns are about."""

from __future__ import annotations

import pytest

from adamref import audit

PARTED = r"""Adam's moments for beta1 = 0.8, beta2 = 0.9

 t | g    | m      | v      | mhat   | vhat
---+------+--------+--------+--------+-------
 1 |  1.0 | 0.2    | 0.1    | 1.0    | 1.0
 2 | -1.0 | -0.04  | 0.19   | -0.1111 | 1.0
 3 |  1.0 | 0.168  | 0.271  | 0.3443 | 1.0
"""
BOXED = r"""Adam by table. α = 0.1, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, θ₀ = 1, f(θ) = θ²

┌───┬─────┬──────┬──────────┬────────┐
│ t │ g   │ m    │ v        │ θ      │
├───┼─────┼──────┼──────────┼────────┤
│ 1 │ 2   │ 0.2  │ 0.004    │ 0.9    │
│ 2 │ 1.8 │ 0.36 │ 0.007236 │ 0.8004 │
└───┴─────┴──────┴──────────┴────────┘
"""
RULED = r"""Adam
====

With :math:`\beta_1 = 0.9`, :math:`\beta_2 = 0.999`, gradients 2, -1:

+---+------+----------+
| t | m    | v        |
+===+======+==========+
| 1 | 0.2  | 0.004    |
+---+------+----------+
| 2 | 0.08 | 0.004996 |
+---+------+----------+
"""
BLANKS = r"""Adam, beta1 = 0.9, beta2 = 0.999.

  t    g       m        v
  1    2       0.2      0.004
  2    -1      0.08     0.004996
"""
BARS = r"""# Moments only

β₁ = 0.9, β₂ = 0.999. No parameter here, just the averages of a list of gradients.

| step | gradient | first moment | second moment |
|---|---|---|---|
| 1 | 2 | 0.2 | 0.004 |
| 2 | -1 | 0.08 | 0.004996 |
| 3 | 0.5 | 0.122 | 0.005241 |
"""
ROWS = r"""# Adam in two variables

F(x, y) = x² + 2y², gradient (2x, 4y).
α = 0.1, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, start (x₀, y₀) = (1, −1).

### Step 1

The gradient in x is 2·1 = 2, the gradient in y is 4·(−1) = −4.

|  | x | y |
|--|--|--|
| m | 0.2 | −0.4 |
| v | 0.004 | 0.016 |
| m̂ | 2 | −4 |
| v̂ | 4 | 16 |
| updated value | 0.9 | −0.9 |

F(0.9, −0.9) = 0.81 + 1.62 = 2.43

### Step 2

The gradient in x is 1.8, the gradient in y is −3.6.

|  | x | y |
|--|--|--|
| m | 0.36 | −0.72 |
| v | 0.007236 | 0.028944 |
| new | 0.8004 | −0.8004 |
"""
WORDS = r"""Adam for f(w) = w^2, w0 = 1, lr = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8

step 1
   gradient              2
   1st moment            0.2
   2nd moment            0.004
   1st moment corrected  2
   2nd moment corrected  4
   w                     0.9
step 2
   gradient              1.8
   1st moment            0.36
   2nd moment            0.007236
   1st moment corrected  1.8947
   2nd moment corrected  3.6198
   w                     0.8004
"""
METHODS = """# AMSGrad without bias correction

xₖ = xₖ₋₁ − α mₖ ∕ (√ṽₖ + ε), ṽₖ = max(ṽₖ₋₁, vₖ), α = 0.1, β₁ = 0.9, β₂ = 0.5, ε = 10⁻⁸, x₀ = 1,
gradients 3, 0.1, 0.1

 k │ m       │ v        │ ṽ      │ x (AMSGrad) │ x (without ṽ)
───┼─────────┼──────────┼────────┼─────────────┼──────────────
 1 │ 0.30000 │ 4.500000 │ 4.5000 │ 0.98586     │ 0.98586
 2 │ 0.28000 │ 2.255000 │ 4.5000 │ 0.97266     │ 0.96721
 3 │ 0.26200 │ 1.132500 │ 4.5000 │ 0.96031     │ 0.94259
"""


@pytest.mark.parametrize(
    ("text", "judged", "right", "slip", "line"),
    [
        (PARTED, 12, "0.271 ", "0.261 ", 7),
        (BOXED, 8, "0.007236", "0.008236", 7),
        (RULED, 4, "0.004996", "0.005996", 11),
        (BLANKS, 4, "0.08 ", "0.09 ", 5),
        (BARS, 6, "0.005241", "0.005341", 9),
        (ROWS, 21, "0.028944", "0.029944", 27),
        (WORDS, 12, "3.6198", "3.7198", 15),
    ],
    ids=["parted", "boxed", "ruled", "blanks", "bars", "rows", "words"],
)
def test_a_table_is_read_however_it_is_drawn(text, judged, right, slip, line):
    found = audit(text)
    assert [claim.verdict for claim in found.claims] == ["holds"] * judged
    found = audit(text.replace(right, slip))
    assert [claim.line for claim in found.claims if claim.is_wrong] == [line]


def test_two_columns_are_one_quantity_by_two_methods():
    found = audit(METHODS)
    assert not [claim for claim in found.claims if claim.is_wrong or claim.verdict == "unread"]
    found = audit(METHODS.replace("1.132500", "2.260000"))
    assert [(c.line, c.field) for c in found.claims if c.is_wrong] == [(10, "v")]


def test_a_gradient_is_of_the_parameter_that_the_words_say():
    text = ROWS.replace("gradient in y is −3.6", "gradient in y is −3.7")
    first = next(claim for claim in audit(text).claims if claim.is_wrong)
    assert (first.line, first.field, first.parameter) == (22, "g", "2")


def test_the_value_of_the_objective_is_arithmetic():
    found = audit(ROWS.replace("= 2.43", "= 2.53"))
    assert [(c.line, c.kind) for c in found.claims if c.is_wrong] == [(18, "arithmetic")]


def test_numbered_columns_beside_a_gradient_count_no_parameters():
    text = """Adam, β₁ = 0.9, β₂ = 0.999

| t | g | m | v | c1 | c2 |
|---|---|---|---|---|---|
| 1 | 2 | 0.2 | 0.004 | 0.1 | 0.001 |
| 2 | -1 | 0.08 | 0.004996 | 0.19 | 0.001999 |
"""
    assert [(c.field, c.verdict) for c in audit(text).claims] == [
        ("m", "holds"),
        ("v", "holds"),
    ] * 2


def test_a_column_about_a_stranger_is_not_judged_by_the_rule():
    text = """# Comparing optimizers on f(x) = x², x₀ = 1

| t | x (SGD, lr 0.1) | x (Adam, lr 0.1) |
|---|---|---|
| 1 | 0.8 | 0.9 |
| 2 | 0.64 | 0.8004 |

Adam uses β₁ = 0.9, β₂ = 0.999, α = 0.1.
"""
    assert [c.verdict for c in audit(text).claims] == ["unread", "holds"] * 2
    wrong = [c.line for c in audit(text.replace("0.8004", "0.8104")).claims if c.is_wrong]
    assert wrong == [6]


def test_the_number_of_a_step_is_no_factor_of_what_follows_it():
    text = """Adam, alpha = 0.001, beta1 = 0.9, beta2 = 0.999

step 1  g = 0.5
  m     0.05
  v     0.00025
step 2  g = -0.5
  m     -0.005
  v     0.00049975
"""
    assert [c.verdict for c in audit(text).claims] == ["holds"] * 4
