"""Right pages in notations that people use are not called wrong, and one slip in them is found."""

from __future__ import annotations

import pytest

from adamref import audit

RMSPROP = r"""RMSprop with $\rho = 0.8$, $\eta = 0.02$, $\epsilon = 10^{-6}$, $w_0 = 3$,
$E[g^2]_0 = 0$ and gradients 1 and -2.

$$E[g^2]_t = \rho\,E[g^2]_{t-1} + (1-\rho)\,g_t^2$$

- $t=1$: $E[g^2]_1 = 0.2 \cdot 1 = 0.2$ and $w_1 = 3 - 0.02/\sqrt{0.2} \approx 2.9553$.
- $t=2$: $E[g^2]_2 = 0.8 \cdot 0.2 + 0.2 \cdot 4 = 0.96$.
"""
HEAVY_BALL = r"""# Momentum as PyTorch has it

$$b_t = \mu b_{t-1} + g_t$$

$f(\theta) = \tfrac12(\theta-2)^2$, $g = \theta - 2$; $\theta_0 = 3$, $\gamma = 0.2$, $\mu = 0.5$.

1. $g_1 = 1$, $\theta_1 = 3 - 0.2 = 2.8$
2. $g_2 = 0.8$, $\theta_2 = 2.8 - 0.26 = 2.54$
3. $g_3 = 0.54$
"""
CSV = """# lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8, w0=1.0
t,g,m,v,m_hat,v_hat,w
1,0.1,0.01000000,0.0000100000,0.10000000,0.01000000,0.99000000
2,0.2,0.02900000,0.0000499900,0.15263158,0.02500750,0.98034818
3,0.3,0.05610000,0.0001399400,0.20701107,0.04669335,0.97076817
"""
NADAM = r"""\section{NAdam}
where $m_t = \beta_1 m_{t-1} + (1-\beta_1)g_t$ and $v_t = \beta_2 v_{t-1} + (1-\beta_2)g_t^2$, and
\begin{equation}
\theta_{t} = \theta_{t-1} - \frac{\eta}{\sqrt{\hat v_t}+\epsilon}
\left(\beta_1 \hat m_t + \frac{(1-\beta_1)\,g_t}{1-\beta_1^t}\right).
\end{equation}
"""


def judged(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return audit(path)


@pytest.mark.parametrize(
    ("name", "text", "least"),
    [("a.md", RMSPROP, 4), ("b.md", HEAVY_BALL, 5), ("c.csv", CSV, 12), ("d.tex", NADAM, 3)],
)
def test_a_right_page_is_not_called_wrong(tmp_path, name, text, least):
    found = judged(tmp_path, name, text)
    assert [claim for claim in found.claims if claim.is_wrong] == []
    assert sum(claim.verdict in ("holds", "dialect") for claim in found.claims) >= least


@pytest.mark.parametrize(
    ("name", "text", "right", "wrong", "line"),
    [
        ("a.md", RMSPROP, "= 0.96", "= 0.69", 7),
        ("b.md", HEAVY_BALL, "g_3 = 0.54", "g_3 = 0.45", 9),
        ("c.csv", CSV, "0.02500750", "0.02500850", 4),
    ],
)
def test_a_slip_in_it_is_found(tmp_path, name, text, right, wrong, line):
    assert right in text
    found = judged(tmp_path, name, text.replace(right, wrong))
    assert line in {claim.line for claim in found.claims if claim.is_wrong}


def test_the_index_of_what_is_not_read_is_no_number():
    found = audit(
        "alpha = 0.1, w_0 = 1, g_1 = 2\nQ[z]_1 = 3*2 = 6\n#1 = 3*2 = 6\nm_1 = 0.1*2 = 0.2\n"
    )
    assert [claim for claim in found.claims if claim.is_wrong] == []


ADAMW = """```python
class AdamW(torch.optim.Optimizer):
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                s = self.state[p]
                s["step"] += 1
                p.mul_(1 - group["lr"] * group["weight_decay"])
                s["exp_avg"].mul_(beta1).add_(p.grad, alpha=1 - beta1)
                s["exp_avg_sq"].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                m_hat = s["exp_avg"] / (1 - beta1 ** s["step"])
                v_hat = s["exp_avg_sq"] / (1 - beta2 ** s["step"])
                p.addcdiv_(m_hat, v_hat.sqrt().add_(group["eps"]), value=-group["lr"])
```
"""


def test_a_parameter_that_is_decayed_first_is_stepped_from_there():
    found = audit(ADAMW)
    assert {claim.optimizer for claim in found.claims} == {"adamw"}
    assert {claim.field: claim.verdict for claim in found.claims} == dict.fromkeys(
        ("m", "v", "m_hat", "v_hat", "theta"), "holds"
    )
    wrong = audit(ADAMW.replace("v_hat.sqrt()", "v_hat"))
    assert [claim.field for claim in wrong.claims if claim.is_wrong] == ["theta"]


UNICODE = """Adam:
mₜ = β₁·mₜ₋₁ + (1 − β₁)·gₜ
vₜ = β₂·vₜ₋₁ + (1 − β₂)·gₜ²
m̂ₜ = mₜ/(1 − β₁ᵗ)
v̂ₜ = vₜ/(1 − β₂ᵗ)
θₜ = θₜ₋₁ − α·m̂ₜ/(√v̂ₜ + ε)
"""


@pytest.mark.parametrize(
    ("right", "slip", "lines"),
    [
        ("", "", []),
        ("gₜ²", "gₜ", [3]),
        ("β₂ᵗ", "β₂", [5]),
        ("θₜ₋₁ − α", "θₜ₋₁ + α", [6]),
        ("mₜ₋₁", "m̂ₜ₋₁", [2]),
        ("√v̂ₜ", "v̂ₜ", [6]),
    ],
)
def test_formulas_with_subscripts_in_unicode_are_read(right, slip, lines):
    found = audit(UNICODE.replace(right, slip) if right else UNICODE)
    assert [claim.line for claim in found.claims if claim.is_wrong] == lines
    assert len(found.claims) == 5


def test_a_number_that_stands_in_the_document_is_no_rounding_of_another():
    """0.9 * 0.6 + 0.1 * 5.5 is 1.09; an m of 0.67, cut off, would have been another 0.6."""
    given = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 6, g_2 = 5.5\n"
    first = "m_1 = 0.1*6 = 0.6\nv_1 = 0.001*36 = 0.036\n"
    assert audit(f"{given}{first}m_2 = 0.9*0.6 + 0.1*5.5 = 1.09\n").verdict == "holds"
    for other in ("1.15", "1.04", "1.19"):
        found = audit(f"{given}{first}m_2 = 0.9*0.6 + 0.1*5.5 = {other}\n")
        assert [claim.line for claim in found.claims if claim.is_wrong] == [4], other


LION = """Lion (Chen et al. 2023) in short

    cₜ = β₁·mₜ₋₁ + (1 − β₁)·gₜ
    mₜ = β₂·mₜ₋₁ + (1 − β₂)·gₜ

Defaults: β₁ = 0.9, β₂ = 0.99. Take a smaller rate than with AdamW.
"""


def test_the_first_line_of_a_text_is_its_title():
    found = audit(LION)
    assert {claim.optimizer for claim in found.claims} == {"lion"}
    assert [claim for claim in found.claims if claim.is_wrong] == []
    assert [claim.field for claim in found.claims if claim.verdict == "holds"] == ["c", "m"]
