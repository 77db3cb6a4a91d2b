"""A document of another optimizer is judged by its rule; one without a rule is told as unread.

The sheets were worked by hand and with Python's decimal module, by none of this package.
"""

from __future__ import annotations

import pytest

from adamref import audit
from adamref.documents import subjects
from adamref.rules import ADAM, optimizer
from adamref.rules.optimizer import Optimizer

# A sheet of each, and the lines that are spoiled, with what to: further off than one digit printed
# earlier in the sheet may account for.
SHEETS = {
    "rmsprop": (
        (
        "# RMSprop, two steps\n\nα = 0.3, ρ = 0.9, ε = 1e-6, θ_0 = -5, g_1 = -1, g_2 = 2\n\n"
        "s_1 = 0.9*0 + 0.1*(-1)^2 = 0.1\nθ_1 = -5 + 0.3*1/(sqrt(0.1) + 1e-6) = -4.05132\n"
        "s_2 = 0.9*0.1 + 0.1*2^2 = 0.49\nθ_2 = -4.05132 - 0.3*2/(0.7 + 1e-6) = -4.90846"
        ),
        {5: "0.11", 6: "-4.15132", 7: "1.49", 8: "-5.99"},
    ),
    "adagrad": (
        (
        "# AdaGrad\n\nη = 0.1, ε = 1e-8, θ_0 = 1, G_0 = 0, g_1 = 2, g_2 = 1\n\n"
        "G_1 = 0 + 2^2 = 4\nθ_1 = 1 - 0.1*2/sqrt(4) = 0.9\nG_2 = 4 + 1 = 5\n"
        "θ_2 = 0.9 - 0.1*1/sqrt(5) = 0.85528"
        ),
        {5: "5", 6: "0.8", 7: "6", 8: "1.86528"},
    ),
    "adamax": (
        (
        "# AdaMax\n\nα = 0.1, β1 = 0.9, β2 = 0.999, θ_0 = 0.5, g_1 = -15, g_2 = 4\n\n"
        "m_1 = 0.1*(-15) = -1.5\nu_1 = max(0.999*0, 15) = 15\n"
        "θ_1 = 0.5 + 0.1/0.1*1.5/15 = 0.6\nm_2 = 0.9*(-1.5) + 0.1*4 = -0.95\nu_2 = 14.985\n"
        "θ_2 = 0.6 + 0.1/0.19*0.95/14.985 = 0.63337"
        ),
        {5: "-1.6", 7: "0.7", 8: "-0.85", 9: "13.9", 10: "0.64337"},
    ),
    "heavy-ball": (
        (
        "# Momentum\n\nα = 0.1, β = 0.9, w_0 = 5, g_1 = 10, g_2 = 8\n\n"
        "v_1 = 0.9*0 + 10 = 10\nw_1 = 5 - 0.1*10 = 4\nv_2 = 0.9*10 + 8 = 17\n"
        "w_2 = 4 - 0.1*17 = 2.3"
        ),
        {6: "4.1", 7: "16", 8: "2.4"},
    ),
    "momentum": (
        (
        "# Momentum\n\nα = 0.2, β = 0.9, θ_0 = 10, g_1 = 12, g_2 = 5\n\n"
        "v_1 = 0.9*0 + 0.1*12 = 1.2\nθ_1 = 10 - 0.2*1.2 = 9.76\n"
        "v_2 = 0.9*1.2 + 0.1*5 = 1.58\nθ_2 = 9.76 - 0.2*1.58 = 9.444"
        ),
        {6: "9.86", 7: "1.68", 8: "9.544"},
    ),
    "ewa-corrected": (
        (
        "# Moving average\n\nβ = 0.9, v_0 = 0, θ_1 = 25, θ_2 = 28\n\nv_1 = 0.9*0 + 0.1*25 = 2.5\n"
        "v_2 = 0.9*2.5 + 0.1*28 = 5.05\nvhat_2 = 5.05/(1 - 0.9^2) = 26.5789"
        ),
        {5: "3.5", 6: "5.15", 7: "27.5789"},
    ),
    "amsgrad": (
        (
        "# AMSGrad\n\nα = 0.1, β1 = 0.9, β2 = 0.9, ε = 1e-8, θ_0 = 1, g_1 = 1, g_2 = 0.1\n\n"
        "m_1 = 0.1\nv_1 = 0.1\nv_max_1 = 0.1\nmhat_1 = 0.1/0.1 = 1\n"
        "vhat_1 = 0.1/0.1 = 1\nθ_1 = 1 - 0.1*1/(1 + 1e-8) = 0.9\n"
        "m_2 = 0.9*0.1 + 0.1*0.1 = 0.1\nv_2 = 0.9*0.1 + 0.1*0.01 = 0.091\nv_max_2 = 0.1\n"
        "mhat_2 = 0.1/0.19 = 0.526316\nvhat_2 = 0.1/0.19 = 0.526316\n"
        "θ_2 = 0.9 - 0.1*0.526316/(0.725476 + 1e-8) = 0.827452"
        ),
        {7: "0.9", 12: "0.011", 13: "0.9", 15: "1.526316", 16: "2.827452"},
    ),
    "adamw": (
        (
        "# AdamW\n\nlr = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.5, "
        "theta_0 = 1, g_1 = 2\n\nm_1 = 0.1*2 = 0.2\nv_1 = 0.001*4 = 0.004\n"
        "theta_1 = 1 - 0.1*(2/2 + 0.5*1) = 0.85"
        ),
        {5: "0.3", 6: "0.014", 7: "0.95"},
    ),
    "lion": (
        (
            "# Lion\n\nα = 0.1, β1 = 0.9, β2 = 0.99, θ_0 = 1, g_1 = 2\n\nm_1 = 0.01*2 = 0.02\n"
            "θ_1 = 1 - 0.1 = 0.9"
        ),
        {5: "0.2"},
    ),
    "radam": (
        (
            "# RAdam, first step\n\nα = 0.1, β1 = 0.9, β2 = 0.999, ε = 1e-8, θ_0 = 1, g_1 = 2\n\n"
            "m_1 = 0.2\nv_1 = 0.004\nmhat_1 = 0.2/0.1 = 2\nθ_1 = 1 - 0.1*2 = 0.8"
        ),
        {5: "0.3", 7: "5"},
    ),
}  # fmt: skip


def spoiled(text, line, number):
    lines = text.split("\n")
    head, relation, _ = lines[line - 1].rpartition("= ")
    lines[line - 1] = head + relation + number
    return "\n".join(lines)


@pytest.mark.parametrize("name", SHEETS)
def test_a_right_sheet_holds_by_its_own_rule(name):
    found = audit(SHEETS[name][0])
    assert found.verdict == "holds", found.claims
    values = [c for c in found.claims if c.kind == "value"]
    assert {c.optimizer for c in values} == {name}
    assert {c.verdict for c in values} <= {"holds", "dialect"}
    assert {c.line for c in values} >= set(SHEETS[name][1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, (_, wrong) in SHEETS.items() for line in wrong]
)
def test_a_wrong_number_is_found_in_its_line(name, line):
    text, wrong = SHEETS[name]
    found = audit(spoiled(text, line, wrong[line]))
    assert found.verdict == "wrong"
    assert found.claims[found.first_wrong].line == line


BELIEF = (
    "lr = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, theta_0 = 0.5, g_1 = -15.\n\n"
    "m_1 = 0.9 * 0 + 0.1 * (-15) = -1.5\ns_1 = 0.999 * 0 + 0.001 * (-15 + 1.5)^2 = 0.18225"
)


@pytest.mark.parametrize("name", subjects.UNRULED)
def test_what_has_no_rule_is_listed_and_not_judged(name):
    subject = subjects.announced(f"# {name}, first step")
    assert not subject.known, "there is a rule for it"
    found = audit(f"# {name}, first step\n\n{BELIEF}")
    assert found.verdict == "nothing-read"
    assert [(c.line, c.verdict) for c in found.claims] == [(5, "unread"), (6, "unread")]
    assert all(f"it is about {name}" in c.because for c in found.claims)


@pytest.mark.parametrize(
    "passing",
    [
        "Unlike Yogi, it squares the gradient.",
        "It is not Yogi.",
        "Adam is the default (as Yogi is elsewhere).",
        "Yogi would subtract here.",
        "In contrast to Yogi we add.",
    ],
)
def test_a_mention_in_passing_does_not_switch(passing):
    text = (
        f"{passing}\nalpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
        "m_1 = 1.5\nv_1 = 0.225"
    )
    found = audit(text)
    assert [(c.optimizer, c.verdict) for c in found.claims] == [("adam", "holds")] * 2


def test_a_page_may_hold_several_each_under_its_heading():
    page = (
        "# A comparison\n\nα = 0.1, θ_0 = 1, g_1 = 2, ε = 1e-8.\n\n"
        "## Adam (β1 = 0.9, β2 = 0.999)\nm_1 = 0.2\nv_1 = 0.004\nθ_1 = 0.9\n\n"
        "## AdaGrad\nG_1 = 4\nθ_1 = 1 - 0.1*2/2 = 0.9\n\n"
        "## Yogi\nv_1 = 0.004\n"
    )
    found = audit(page)
    assert [(c.line, c.optimizer, c.verdict) for c in found.claims] == [
        (6, "adam", "holds"),
        (7, "adam", "holds"),
        (8, "adam", "holds"),
        (11, "adagrad", "holds"),
        (12, "adagrad", "holds"),
        (15, "yogi", "unread"),
    ]
    wrong = audit(page.replace("G_1 = 4", "G_1 = 5"))
    assert [c.line for c in wrong.claims if c.is_wrong] == [11]


def test_a_part_of_adam_is_no_other_optimizer():
    text = (
        "# Adam by hand\n\nα = 0.1, β1 = 0.9, β2 = 0.999, ε = 1e-8, θ_0 = 1, g_1 = 2\n\n"
        "## Momentum part\nm_1 = 0.1*2 = 0.2\n\n## RMSprop part\nv_1 = 0.001*4 = 0.004\n"
    )
    assert [(c.optimizer, c.verdict) for c in audit(text).claims] == [("adam", "holds")] * 2


@pytest.fixture
def belief(monkeypatch):
    """A family with one rule more, as another package would add it."""
    from sympy import evaluate

    from adamref.rules.symbols import beta2, eps, g, m, v_prev

    with evaluate(False):
        second = beta2 * v_prev + (1 - beta2) * (g - m) ** 2 + eps
    lines = tuple(x for x in ADAM.edited(v=second).lines)
    rule = ADAM.edited(v=second)
    rule = type(rule)("belief", "Belief", lines, "", dict(ADAM.defaults))
    family = {"adam": optimizer("adam"), "belief": Optimizer.of(rule)}
    monkeypatch.setattr(subjects, "family", lambda: family)
    subjects._table.cache_clear()
    subjects._names.cache_clear()
    yield
    subjects._table.cache_clear()
    subjects._names.cache_clear()


@pytest.mark.usefixtures("belief")
def test_a_rule_that_is_added_is_judged_by():
    text = f"# Belief, first step\n\n{BELIEF.replace('= 0.18225', '+ 1e-8 = 0.18225001')}"
    found = audit(text)
    assert [(c.optimizer, c.field, c.verdict) for c in found.claims] == [
        ("belief", "m", "holds"),
        ("belief", "v", "holds"),
    ]
    wrong = audit(text.replace("= 0.18225001", "= 0.225"))
    assert wrong.claims[wrong.first_wrong].line == 6
