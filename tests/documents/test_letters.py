"""Letters that nobody is known for: which moment they are, the formulas themselves say."""

import pytest

from adamref import audit


def page(first, second, *, power="k"):
    return (
        "# Adam\n\n"
        rf"$${first}_k = \beta_1 {first}_{{k-1}} + (1-\beta_1)\, g_k$$"
        "\n\n"
        rf"$${second}_k = \beta_2 {second}_{{k-1}} + (1-\beta_2)\, g_k^2$$"
        "\n\n"
        rf"$$\hat {first}_k = \frac{{{first}_k}}{{1-\beta_1^{power}}}, \qquad "
        rf"\hat {second}_k = \frac{{{second}_k}}{{1-\beta_2^k}}$$"
        "\n\n"
        rf"$$w_{{k+1}} = w_k - \alpha\, \frac{{\hat {first}_k}}"
        rf"{{\sqrt{{\hat {second}_k}} + \epsilon}}$$"
        "\n"
    )


@pytest.mark.parametrize(
    ("first", "second"), [(r"\mu", r"\nu"), ("a", "c"), ("d", "s"), ("q", "h")]
)
def test_a_letter_is_the_moment_whose_rate_it_has(first, second):
    claims = audit(page(first, second)).claims
    assert [c.field for c in claims] == ["m", "v", "m_hat", "v_hat", "theta"]
    assert {c.verdict for c in claims} == {"holds"}


def test_a_fault_in_such_letters_is_found():
    wrong = [c for c in audit(page(r"\mu", r"\nu", power="2")).claims if c.verdict == "wrong"]
    assert [c.field for c in wrong] == ["m_hat"]


def test_a_square_that_is_missing_does_not_make_it_the_other_moment():
    text = page("a", "c").replace("g_k^2", "g_k")
    assert [c.field for c in audit(text).claims if c.verdict == "wrong"] == ["v"]


def test_a_gradient_is_no_moment_for_standing_beside_a_rate():
    text = "# Adam\n\n$$y_k = g_k + \\beta_1 y_{k-1} - \\beta_2 g_{k-1}$$\n"
    assert not any(c.verdict == "wrong" for c in audit(text).claims)


SIDE_BY_SIDE = r"""
# RMSprop

All begin with $\theta_0 = 2$ and see the gradient $h_1 = 0.6$.

$$ s_t = \rho s_{t-1} + (1-\rho) h_t^2, \qquad
   \theta_t = \theta_{t-1} - \eta \frac{h_t}{\sqrt{s_t} + \epsilon} $$
"""


def test_a_letter_that_makes_every_line_right_as_the_gradient_is_the_gradient():
    assert {c.verdict for c in audit(SIDE_BY_SIDE).claims if c.kind == "formula"} == {"holds"}
    wrong = SIDE_BY_SIDE.replace("h_t^2", "h_t")
    assert any(c.verdict in ("wrong", "unread") for c in audit(wrong).claims)


@pytest.mark.parametrize("dx", ["dx", r"\mathrm{d}x", "dW", "dz"])
def test_d_and_a_letter_is_the_gradient_by_it(dx):
    text = (
        f"# Adam\n\n$$V \\leftarrow \\beta_1 V + (1-\\beta_1)\\,{dx}$$\n\n"
        f"$$S \\leftarrow \\beta_2 S + (1-\\beta_2)\\,({dx})^2$$\n"
    )
    assert [c.verdict for c in audit(text).claims] == ["holds"] * 2


@pytest.mark.parametrize(("number", "verdict"), [("0.19", True), ("0.1", False)])
def test_a_line_of_one_step_may_have_the_power_of_a_rate_worked(number, verdict):
    text = (
        "Adam with $\\beta_1 = 0.9$ and $\\beta_2 = 0.999$.\n\n"
        f"$$\\hat m_2 = m_2 / {number}, \\qquad \\hat v_2 = v_2 / 0.001999$$\n"
    )
    found = [c for c in audit(text).claims if c.field == "m_hat"]
    assert [c.verdict != "wrong" for c in found] == [verdict]


GIVEN = (
    "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.5, theta_0 = 1, g_1 = 2"
)


@pytest.mark.parametrize(
    ("name", "line", "field"),
    [
        ("AdamW", r"$\tilde{\theta}_1 = (1 - 0.1 \cdot 0.5) \cdot 1 = 0.95$", "theta_decayed"),
        ("LAMB", "r_1 = 2/(sqrt(4) + 1e-8) + 0.5*1 = 1.5", "update"),
        ("LAMB", "‖θ‖_1 = 1.0", "theta_norm"),
        ("Cautious AdamW", "φ_1 = 1", "phi"),
        ("Cautious AdamW", "u_1 = 2/(sqrt(4) + 1e-8) = 1.0", "ratio"),
        ("RAdam", "ρ∞ = 2/(1 - 0.999) - 1 = 1999", "rho_inf"),
        ("RAdam", "rho_inf = 2/(1 - 0.999) - 1 = 1999", "rho_inf"),
    ],
)
def test_a_letter_that_the_named_rule_has_for_a_line_is_that_line(name, line, field):
    found = audit(f"# {name}\n\n{GIVEN}\n\n{line}\n")
    assert [(c.field, c.verdict) for c in found.claims] == [(field, "holds")]
    head, relation, _ = line.rpartition("= ")
    other = audit(f"# {name}\n\n{GIVEN}\n\n{head}{relation}7{'$' * (line[0] == '$')}\n")
    assert any(c.is_wrong for c in other.claims)


@pytest.mark.parametrize(
    "line",
    [
        r"$\tilde{\theta}_1 = 1 - 0.1 \cdot 0.5 = 0.95$",
        r"$\bar{v}_1 = 0.5 \cdot 6 = 3$",
        "v\N{COMBINING MACRON}_1 = 3",
        r"$\|\theta\|_1 = 5$",
    ],
)
def test_an_accent_that_the_rule_has_no_line_for_is_no_line_of_it(line):
    found = audit(f"# Adam\n\n{GIVEN}\n\n{line}\nm_1 = 0.2\n")
    assert not any(c.is_wrong for c in found.claims)
    assert [c.field for c in found.claims if c.field] == ["m"]


def test_a_norm_of_several_elements_is_not_judged_by_one():
    text = (
        "# LAMB\n\nlr = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0\n"
        "θ_0 = (3, 4), g_1 = (1, 2)\nm_1 = (0.1, 0.2)\n‖θ‖_1 = 5\nθ_1 = (2.64645, 3.64645)\n"
    )
    found = {(c.field, c.verdict) for c in audit(text).claims}
    assert found == {("m", "holds"), ("theta_norm", "unread"), ("theta", "unread")}


@pytest.mark.parametrize(
    "line",
    [
        r"m_t = \beta_1 m_{t-1} + (1-\beta_1) q",
        r"s_t = \beta_2 s_{t-1} + (1-\beta_2) v_t^2",
    ],
)
def test_a_letter_that_stands_in_one_line_alone_is_not_taken_for_the_gradient(line):
    text = f"# Adam\n\nThe equation of the quick average:\n\n$$ {line} $$\n"
    assert not any(c.verdict == "holds" for c in audit(text).claims)
