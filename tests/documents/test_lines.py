"""Lines in symbols: what is right in any letters, what is wrong, and what makes it so."""

import pytest

from adamref import audit

M = r"m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t"


def judged(*lines, about="Adam"):
    text = f"{about}:\n\n" + "\n\n".join(f"$${line}$$" for line in lines) + "\n"
    return [c for c in audit(text).claims if c.kind == "formula"]


@pytest.mark.parametrize(
    ("line", "cause", "expected"),
    [
        (r"\hat m_t = \frac{m_t}{1-\beta_1}", "m_hat-without-power", r"\beta_1^{t}"),
        (r"\hat v_k = \frac{v_k}{1-\beta_2}", "v_hat-without-power", r"\beta_2^{k}"),
        (r"\hat m_t = \frac{m_t}{1-\beta_1^{t+1}}", "m_hat-power-t-plus-one", r"\beta_1^{t}"),
        (r"\hat m_t = m_t (1-\beta_1^t)", "m_hat-multiplied", r"\frac{m_t}"),
        (r"\hat m_t = \frac{m_t}{1-\beta_2^t}", "m_hat-with-beta2", r"\beta_1^{t}"),
        (r"v_t = \beta_2 v_{t-1} + g_t^2", "v-without-complement", r"1 - \beta_2"),
        (r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t", "v-without-square", r"g_t^{2}"),
        (r"v_t = \beta_1 v_{t-1} + (1-\beta_1) g_t^2", "v-with-beta1", r"\beta_2"),
        (r"m_{k+1} = \beta_2 m_k + (1-\beta_2) g_k", "m-with-beta2", "m_{k+1} = "),
        (r"m_t = \beta_1 m_{t-1} - (1-\beta_1) g_t", "m-gradient-subtracted", "+"),
        (r"m_t = \frac{\beta_1 m_{t-1} + (1-\beta_1) g_t}{1-\beta_1^t}", "m-overwritten", "m_t"),
        (r"w_{k+1} = w_k + \eta \frac{\hat m_k}{\sqrt{\hat v_k}+\epsilon}", "update-added", "w_k"),
        (r"w = w - \eta \frac{\hat m}{\hat v+\epsilon}", "root-forgotten", r"\sqrt{\hat v}"),
        (r"w = w - \eta \frac{\hat m}{\sqrt{v}+\epsilon}", "step-with-v", r"\sqrt"),
        (r"m_t = (1-\beta_1) \sum_{i=0}^{t} \beta_1^{t-i} g_i", "sum-ends", "m_t = "),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_the_right_line_is_in_the_authors_letters(line, cause, expected):
    (found,) = judged(line)
    assert found.verdict == "wrong"
    assert [c.id for c in found.causes] == [cause]
    assert expected in found.expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (r"\hat v_t = \frac{v_t}{1-\beta_2^2}", "the exponent is 2 where t should stand"),
        (r"\hat v_t = \frac{v_t}{1-\beta^2}", "the exponent is 2 where t should stand"),
        (r"\hat m_t = \frac{\beta_1 \hat m_{t-1} + (1-\beta_1) g_t}{1-\beta_1^t}", "should"),
        (r"m_t = \beta_1 m_{t-1} + \eta g_t", r"\eta stands where 1 - \beta_1 should"),
    ],
)
def test_a_fault_that_nobody_listed_is_solved_for(line, says):
    (found,) = judged(line)
    assert found.verdict == "wrong"
    (cause,) = found.causes
    assert says in cause.says


RIGHT = [
    M,
    r"m_{t+1} = \beta_1 m_t + (1-\beta_1) g_t",
    r"m_k := \beta_1 \cdot m_{k-1} + (1-\beta_1) \cdot \nabla f(w_{k-1})",
    r"m \leftarrow \beta_1 m + (1-\beta_1) \nabla_\theta J(\theta)",
    r"m_t = m_{t-1} + (1-\beta_1)(g_t - m_{t-1})",
    r"m_t = (1-\beta_1)\sum_{i=1}^t \beta_1^{t-i} g_i",
    r"m_t = (1-\beta_1)\sum_{i=0}^{t-1} \beta_1^{i} g_{t-i}",
    r"v_t = (1-\beta_2)\sum_{j=1}^{t} \beta_2^{t-j} g_j^2",
    r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t \odot g_t",
    r"v_n = \beta_2 v_{n-1} + (1-\beta_2) g_n^2",
    r"s_t = \beta_2 s_{t-1} + (1-\beta_2) g_t^2",
    r"V_{dw} = \beta_1 V_{dw} + (1-\beta_1) dw, \quad S_{dw} = \beta_2 S_{dw} + (1-\beta_2) dw^2",
    r"m_2 = \beta_1 (1-\beta_1) g_1 + (1-\beta_1) g_2",
    r"\hat m_t = \frac{m_t}{1-\beta_1^t}",
    r"\hat v_{t+1} = v_{t+1} / (1 - \beta_2^{t+1})",
    r"m_t' = \frac{m_t}{1-\beta_1^t}",
    r"\hat m_t = \frac{\beta_1 m_{t-1} + (1-\beta_1) g_t}{1-\beta_1^t}",
    r"m_t = (1-\beta_1^t) \hat m_t",
    r"v_{t+1} = \beta_2 v_t + (1-\beta_2) g(w_t)^2",
    r"m_{t+1} = \beta_1 m_t + (1-\beta_1) g(w_t)",
    r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2 \approx \frac{1}{1-\beta_2}",
    r"\theta_t = \theta_{t-1} - \alpha \frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon}",
    r"\theta_{t+1} = \theta_t - \frac{\eta}{\sqrt{\hat v_t}+\epsilon} \hat m_t",
    r"w_{k+1} = w_k - \eta \frac{\hat m_{k+1}}{\epsilon + \sqrt{\hat v_{k+1}}}",
    r"w_j := w_j - \alpha \frac{\hat m_j}{\sqrt{\hat v_j}+\epsilon}",
    r"w = w - \alpha \frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)}+\epsilon}",
    r"\hat m_w = \frac{m_w^{(t+1)}}{1-\beta_1^{t+1}}",
    r"\hat m = \frac{m_{t+1}}{1-\beta_1^{t+1}}",
    r"m_w^{(t+1)} \leftarrow \beta_1 m_w^{(t)} + (1-\beta_1) \nabla_w L^{(t)}",
    r"\Delta\theta_t = -\alpha \frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon}",
]


@pytest.mark.parametrize("line", RIGHT)
def test_what_is_true_of_the_rule_holds(line):
    found = judged(line)
    assert found
    assert {c.verdict for c in found} == {"holds"}


@pytest.mark.parametrize(
    ("line", "dialect"),
    [
        (r"w_t = w_{t-1} - \alpha \frac{\hat m_t}{\sqrt{\hat v_t+\epsilon}}", "eps-inside"),
        (r"w = w - \alpha \frac{m}{\sqrt{v}+\epsilon}", "no-bias-correction"),
    ],
)  # fmt: skip
def test_a_dialect_is_named(line, dialect):
    (found,) = judged(line)
    assert (found.verdict, found.expected) == ("dialect", dialect)


@pytest.mark.parametrize(
    "line",
    [
        r"w = w - \alpha \frac{\partial J}{\partial w}",
        r"V_t = \beta V_{t-1} + (1-\beta) g_t",
        r"v_t = \gamma v_{t-1} + \eta g_t",
        r"m_t = \beta_1 m_{t-1} + (1-\beta_1) q_t",
        r"\theta_t = \theta_{t-1} - \eta g_t / \sqrt{q_t}",
        r"m_t = \beta_1 m_{j} + (1-\beta_1) g_t",
    ],
)
def test_what_may_be_about_something_else_is_never_wrong(line):
    assert not [c for c in judged(line) if c.verdict == "wrong"]


def test_what_is_not_understood_is_unread_with_its_symbol():
    (found,) = judged(r"m_t = \beta_1 m_{t-1} + (1-\beta_1) q_t")
    assert found.verdict == "unread"
    assert "q_t" in found.because


def test_an_average_of_momentum_is_right_as_that():
    found = judged(r"v_t = \beta v_{t-1} + (1-\beta) g_t", about="## Momentum")
    assert [c.verdict for c in found] == ["holds"]


@pytest.mark.parametrize("number", ["0.9", "0.99"])
def test_a_number_stands_for_a_decay_rate(number):
    found = judged(rf"v_t = {number} v_{{t-1}} + g_t^2", about="## RMSProp")
    assert [c.verdict for c in found] == ["wrong"]
    assert f"1 - {number}" in found[0].expected


OTHERS = {
    "AMSGrad": [
        (r"\hat v_t = \max(\hat v_{t-1}, v_t)", "holds"),
        (r"w_{t+1} = w_t - \frac{\eta}{\sqrt{\hat v_t}+\epsilon} m_t", "dialect"),
    ],
    "AdaMax": [
        (r"u_t = \max(\beta_2 u_{t-1}, |g_t|)", "holds"),
        (r"w_t = w_{t-1} - \frac{\alpha}{1-\beta_1^t}\frac{m_t}{u_t}", "holds"),
    ],
    "Nadam": [
        (r"\hat m_t = \frac{m_t}{1-\beta_1^t}", "holds"),
        (
            r"w = w - \eta (\beta_1 \hat m + (1-\beta_1)g/(1-\beta_1^t))/(\sqrt{\hat v}+\epsilon)",
            "dialect",
        ),
    ],
    "Adam": [
        (r"\alpha_t = \alpha \sqrt{1-\beta_2^t}/(1-\beta_1^t)", "dialect"),
        (r"w_t = w_{t-1} - \alpha_t m_t/(\sqrt{v_t}+\hat\epsilon)", "dialect"),
    ],
}


@pytest.mark.parametrize("about", OTHERS)
def test_other_optimizers_lines_are_judged_by_their_own_rules(about):
    found = judged(*(line for line, _ in OTHERS[about]), about=f"# {about}")
    assert [c.verdict for c in found] == [verdict for _, verdict in OTHERS[about]]


SIGNED = r"m = \beta_1 m - (1-\beta_1) g"
ADDED = r"w = w + \eta \frac{\hat m}{\sqrt{\hat v} + \epsilon}"


def test_two_signs_that_make_up_for_each_other_are_a_habit_and_each_alone_a_mistake():
    assert [c.verdict for c in judged(SIGNED, ADDED)] == ["dialect", "dialect"]
    assert [c.verdict for c in judged(SIGNED)] == ["wrong"]
    assert [c.verdict for c in judged(ADDED)] == ["wrong"]


@pytest.mark.parametrize("line", ["m_t = beta1*m_(t-1) + (1-beta1)*g_t", "m = beta1 m(t-1) + g"])
def test_an_index_in_brackets_is_no_factor(line):
    found = audit(f"Adam:\n\n{line}\n").claims
    assert not [c for c in found if c.is_wrong]


def test_a_corrected_value_that_is_fed_back_into_an_average_that_nobody_named():
    text = r"""The curve starts too low, so a correction is made.

$$x_0 = 0, \quad s_t^{corrected} = \frac{\beta s_{t-1}^{corrected} + (1-\beta) x_t}{1-\beta^t}$$
"""
    right = text.replace("s_{t-1}^{corrected}", "s_{t-1}").replace("x_", "\\theta_")
    wrong = text.replace("x_", "\\theta_")
    assert [c.verdict for c in audit(wrong).claims if c.kind == "formula"] == ["wrong"]
    assert not [c for c in audit(right).claims if c.is_wrong]


@pytest.mark.parametrize(
    ("sentence", "line", "verdicts"),
    [
        ("The averages are unbiased:", r"E[m_t] = E[g_t]", ["wrong"]),
        ("The averages are unbiased:", r"\mathbb{E}[v_t] = \mathbb{E}[g_t^2]", ["wrong"]),
        ("The averages are unbiased:", r"E[\hat m_t] = E[g_t]", ["holds"]),
        ("What we want is", r"E[m_t] = E[g_t]", []),
    ],
)
def test_only_a_corrected_moment_expects_what_it_averages(sentence, line, verdicts):
    text = f"Adam has $\\beta_1 = 0.9$ and $\\beta_2 = 0.999$.\n\n{sentence}\n\n$${line}$$\n"
    assert [c.verdict for c in audit(text).claims if c.kind == "formula"] == verdicts


def test_corrected_may_stand_above_or_below_the_parameter():
    found = judged(
        r"V_{dw} = \beta_1 V_{dw} + (1-\beta_1) dw",
        r"S_{dw} = \beta_2 S_{dw} + (1-\beta_2) dw^2",
        r"V^{corrected}_{dw} = \frac{V_{dw}}{1-\beta_1^t}",
        r"S_{dw}^{\text{corrected}} = \frac{S_{dw}}{1-\beta_2^t}",
        r"w = w - \alpha \frac{V_{dw}^{corrected}}{\sqrt{S_{dw}^{corrected}} + \epsilon}",
    )
    assert [(c.field, c.verdict) for c in found] == [
        (field, "holds") for field in ("m", "v", "m_hat", "v_hat", "theta")
    ]


CORRECTED = (
    r"$m = \beta_1 m + (1-\beta_1) g$, $v = \beta_2 v + (1-\beta_2) g^{\odot 2}$",
    r"$\hat m = m/(1-\beta_1^t)$, $\hat v = v/(1-\beta_2^t)$",
)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (r"\Delta\theta_t = -\eta \hat m/(\sqrt{\hat v} + \epsilon)", ("holds", [])),
        (r"\Delta\theta_t = -\eta \hat m/\sqrt{\hat v + \epsilon}", ("dialect", [])),
        (r"\Delta\theta_t = -\eta \hat m/(\hat v + \epsilon)", ("wrong", ["root-forgotten"])),
        (r"\Delta\theta_t = -\eta \hat m/(\sqrt{v} + \epsilon)", ("wrong", ["step-with-v"])),
    ],
)
def test_a_step_by_itself_is_judged_as_the_update_is(step, expected):
    found = audit("\n\n".join(("# Adam", *CORRECTED, f"$${step}$$"))).claims
    assert [c.verdict for c in found[:4]] == ["holds"] * 4
    assert [(c.verdict, [x.id for x in c.causes]) for c in found[4:]] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("α₁ = α · 0.0316 / 0.1 ≈ 3.16 α", ["wrong"]),
        ("α₁ = α · 0.0316 / 0.1 ≈ 0.316 α", []),
        ("c = 0.5 x + 0.25 x = 0.85 x", ["wrong"]),
        ("c = 0.5 x + 0.25 x = 0.75 x", []),
    ],
)
def test_sides_behind_a_name_differ_whatever_their_symbols_are(text, expected):
    found = audit(f"# Adam\n\nm = β₁ m + (1-β₁) g\n\n{text}\n").claims
    assert [c.verdict for c in found if c.line == 5 and c.verdict != "unread"] == expected
