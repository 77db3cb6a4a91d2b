"""Right numbers in unusual dress, each of which an earlier version called wrong."""

from __future__ import annotations

import pytest

from adamref import audit

USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8"
STEP = f"{USUAL}, w_0 = 1, g_1 = 15\n"

RIGHT = {
    "equation number": STEP + "m_1 = 0.1*15 = 1.5   (6.11)",
    "repetition in brackets": STEP + "v_1 = 0.225 (0.2250)",
    "a gradient that is looked at again": (
        f"Adam on f(w) = w^2, {USUAL}, w_0 = 1\n\nt = 1: g = 2, w = 0.9\n\nt = 2: g = 1.8, "
        "w = 0.80041\n\nt = 3: g = 1.60082\n\nCheck of the second gradient: g = 1.8\n"
    ),
    "what a letter runs over": (
        f"{USUAL}, w_0 = 0, with $m_0 = 0$ and $k = 1, 2, \\dots$\n\n"
        "| k | $1-0.9^k$ |\n|---|---|\n| 1 | 0.1000 |\n| 2 | 0.1900 |\n\nm_1 = 0.1*2 = 0.2\n"
    ),
    "what many have done": (
        f"{USUAL}, w_0 = 0, g = 1\n\nm_1 = 0.1\n\nm_2 = 0.19\n\n"
        "**Anmerkung.** Viele haben im zweiten Schritt $\\hat m_2 = m_2/0.1$ gerechnet.\n"
    ),
    "names that begin their paragraphs": (
        "Minimise (x-1)^2 from x_0 = 3, without the constant in the denominator.\n\n"
        "**AdaGrad**, $\\eta=0.5$. Accumulate $G_t=G_{t-1}+g_t^2$:\n\n"
        "| $t$ | $g_t$ | $G_t$ | $x_t$ |\n|---|---|---|---|\n| 1 | 4.0000 | 16.0000 | 2.5000 |\n\n"
        "**RMSprop**, $\\eta=0.1$, $\\rho=0.9$. Average $E_t=\\rho E_{t-1}+(1-\\rho)g_t^2$:\n\n"
        "| $t$ | $g_t$ | $E_t$ | $x_t$ |\n|---|---|---|---|\n| 1 | 4.0000 | 1.6000 | 2.6838 |\n"
    ),
    "citation": STEP + "v_1 = 0.001*225 = 0.225 [8]",
    "citation after a bare number": STEP + "vhat_1 = 225 [2]",
    "more digits in brackets": STEP + "w_1 = 0.9 (0.9000000001)",
    "unit": STEP + "w_1 = 0.9 m/s",
    "percentage in brackets": STEP + "w_1 = 0.9 (10%)",
    "page reference": STEP + "w_1 = 0.9 [12, p. 3]",
    "constant gradient": f"{USUAL}, w_0 = 5, g = 10\nm_1 = 1\nm_2 = 1.9",
    "two gradients at once": f"{USUAL}, w_0 = 5, g_1 = g_2 = 2\nm_1 = 0.2\nm_2 = 0.38",
    "list of gradients": f"{USUAL}, w_0 = 5\ngradients: 1, 2, 3\nm_1 = 0.1\nm_2 = 0.29",
    "product with a blank": f"{USUAL}, w_0 = 3, L(w) = w^2\ng_1 = 2 w_0 = 6\nm_1 = 0.6",
    "product in dollars": f"{USUAL}, w_1 = 1, f(w) = w^2\n$g_1 = 2 w_1 = 2$, $m_1 = 0.2$",
    "product of a number and a moment": STEP + "m_1=1.5\nm̂_1 = 10 m_1 = 15",
    "brackets as factors": (
        f"{USUAL}, w_0=3, g_1 = 6\nm_1 = 0.9 m_0 + 0.1 g_1 = 0.9 (0) + 0.1 (6) = 0.6"
    ),
    "decoupled decay": (
        "AdamW: lr = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight decay = 0.1, θ_0 = 2, "
        "g_1 = 0.5\nm_1 = 0.05\nθ_1 = 2 - 0.01 * (0.5/0.5 + 0.1*2) = 1.988"
    ),
    "typical values": STEP
    + "Typical values: lr = 0.001 to 0.01, beta1 = 0.9, beta2 = 0.99 or 0.999.\nv_1 = 0.225",
    "rounded symbol": (
        f"{USUAL}, theta_0 = 2, g_1 = 1.3333, g_2 = 1.7777\nm_1 = 0.133\nm_2 = 0.298\n"
        "m_hat_2 = m_2 / (1 - 0.9^2) = 1.567"
    ),
    "epsilon neglected": (
        "alpha = 1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, x_0 = 10, g_1 = 20\nm_1 = 2\n"
        "v_1 = 0.4\nx_1 = 10 - 1*20/20 = 9"
    ),
    "broken before the sign": STEP + "m_1 = 0.9 * 0\n    + 0.1 * 15\n    = 1.5",
    "fraction slash": STEP + "vhat_1 = 0.225⁄0.001 = 225",
    "colon for division": STEP + "mhat_1 = 1.5 : 0.1 = 15",
    "heavy multiplication sign": STEP + "m_1 = 0.1 ✕ 15 = 1.5",
    "root without brackets": STEP + "w_1 = 1 - 0.1*15/sqrt 225 = 0.9",
    "percent": "lr = 10%, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 4\nw_1 = 0.9",
    "percent in a chain": STEP + "m_1 = 15*10% = 1.5",
    "percent as a result": f"{USUAL}, w=1, g_1=4\nm1 = 40%",
    "two parameters by number": (
        "lr = 0.01, β1 = 0.9, β2 = 0.999, ε = 1e-8\nFor w1: w1 = 0.5, g1 = 0.4\nm1 = 0.04\n"
        "For w2: w2 = -0.3, g2 = -0.8\nm2 = -0.08\nw2 = -0.29"
    ),
    "two parameters by heading": (
        "lr = 0.01, β1 = 0.9, β2 = 0.999, ε = 1e-8, t = 1\n## Weight w\nw = 0.5, g = 0.4\n"
        "m = 0.04\n## Bias b\nb = -0.3, g = -0.8\nm = -0.08"
    ),
    "steps from zero": f"{USUAL}, w_0 = 4\ng_0 = 8\nm_0 = 0.8\nw_1 = 3.9\ng_1 = 7.8\nm_1 = 1.5",
    "decimal comma among points": STEP + "m_1 = 1,5\nv_1 = 0,225",
    "worked again": (
        f"{USUAL}, w_0=1,g_1=15\nWith alpha = 0.1: w_1 = 1 - 0.1*15/15 = 0.9\n"
        "With alpha = 0.01: w_1 = 1 - 0.01*15/15 = 0.99"
    ),
    "another optimizer": STEP
    + "m_1 = 1.5\nFor comparison, plain SGD gives w_1 = 1 - 0.1*15 = -0.5.",
    "another optimizer's line": STEP + "m_1=1.5\nRMSProp: v_1 = 0.1*225 = 22.5",
    "a mistake described": STEP
    + "m_1=1.5\nA common mistake is to write vhat_1 = 0.225/(1-0.999^2) = 112.56, which is wrong.",
    "what would be": STEP + "m_1=1.5\nFor g = 0 we would have m_1 = 0.",
    "hat after a blank": STEP + "m ̂_1=m_1/(1-β_1^1 )=1.5/0.1=15",
    "binary64 noise": STEP + "m_1 = 1.4999999999999996",
    "pair of betas": "betas = (0.9, 0.999), lr = 0.01, eps = 1e-8, w_0 = 1, g_1 = 0.5\nm_1 = 0.05",
    "two lists in a sentence": (
        "We take β1, β2 = 0.9, 0.999 and α, ε = 0.1, 1e-8, with m0, v0 = 0, 0 and θ0 = 1.\n\n"
        "Step 1: g1 = 2, so m1 = 0.2 and v1 = 0.004, hence θ1 = 0.9000000005."
    ),
    "members in a list": (
        "```python\nclass Adam:\n    def __init__(self, lr=0.1, b1=0.9, b2=0.999, eps=1e-8):\n"
        "        self.lr, self.b1, self.b2, self.eps = lr, b1, b2, eps\n```\n\n"
        "w_0 = 1, g_1 = 0.5\n\nm_1 = 0.05\n\nw_1 = 0.900000002"
    ),
    "mathematical italics": (
        "𝛼 = 0.1, 𝛽₁ = 0.9, 𝛽₂ = 0.999, 𝜀 = 10⁻⁸, 𝑤₀ = 1, 𝑔₁ = 15\n𝑚₁ = 1.5"
    ),
}  # fmt: skip

WRONG = {
    "hyphened hat": STEP + "m-hat = 16",
    "index in brackets": STEP + "m[1] = 1.6",
    "fractions without braces": STEP + "v_1 = \\tfrac14\\cdot\\tfrac{9}{25} = \\tfrac{9}{50}",
    "in words": STEP + "m_1 is 1.6",
    "about": STEP + "m_1 = about 1.6",
    "pair of betas": "betas = (0.9, 0.999), lr = 0.01, eps = 1e-8, w_0 = 1, g_1 = 0.5\nm_1 = 0.06",
    "one rate given": "alpha = 0.1, beta1 = 0.9, w=1, g=15\nm = 1.7",
}

CUT = {
    "dot for a product": STEP + "m_1 = 0.1 . 15 = 1.5",
    "words for a power": STEP + "v_1 = 0.001 * 15 squared = 0.225",
    "function": STEP + "v_1 = 0.001 * pow(15,2) = 0.225",
    "two numbers": STEP + "v_1 = 0.001 × 15 2 = 0.225",
    "gradient of a later step unknown": f"{USUAL}, w_0 = 5, g_1 = 10\nm_2 = 1.9",
}


@pytest.mark.parametrize("name", ["two lists in a sentence", "members in a list"])
def test_what_is_given_in_a_list_is_known(name):
    assert {c.verdict for c in audit(RIGHT[name]).claims} == {"holds"}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_number_is_not_called_wrong(text):
    found = audit(text)
    assert found.verdict in ("holds", "partly-read"), found.claims
    assert any(c.kind == "value" and c.verdict in ("holds", "dialect") for c in found.claims)


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_number_in_the_same_dress_is_found(text):
    assert audit(text).verdict == "wrong"


@pytest.mark.parametrize("text", CUT.values(), ids=CUT.keys())
def test_what_is_not_understood_is_listed_and_not_guessed_at(text):
    found = audit(text)
    assert [c.verdict for c in found.claims] == ["unread"]


def test_a_fraction_may_neglect_an_epsilon_that_does_not_matter():
    text = f"{USUAL}, w_0 = 0.5, g_1 = -15\nw_1 = 1/2 + 1/10 = 3/5"
    assert audit(text).verdict == "holds"
    assert audit(text.replace("eps = 1e-8", "eps = 0.1")).verdict == "wrong"
    assert audit(text.replace("= 3/5", "= 4/5")).verdict == "wrong"
