"""Rules in Gallina: the committed file is the generated one, and says what the rules say."""

from __future__ import annotations

import pytest
from sympy import Add, Mul, Pow, Rational, Symbol, evaluate, exp

from adamref import rules
from adamref.theorems.gallina import gallina, rules_file
from adamref.theorems.kernel import RULES, folder_of_proofs

x, y = Symbol("x"), Symbol("y")
n = Symbol("n", integer=True, nonnegative=True)


def over(expr):
    return Pow(expr, -1, evaluate=False)


def test_the_committed_file_is_the_generated_one():
    committed = (folder_of_proofs() / f"{RULES}.v").read_text("utf-8")
    assert committed == rules_file(), "regenerate proofs/coq/Rules.v with gallina.rules_file()"


@pytest.mark.parametrize(
    "definition",
    [
        "adam_m_next (beta1 m_prev g : R) : R := beta1 * m_prev + (1 - beta1) * g.",
        "adam_v_next (beta2 v_prev g : R) : R := beta2 * v_prev + (1 - beta2) * g ^ 2.",
        "adam_m_hat_of (beta1 : R) (t : nat) (m : R) : R := m / (1 - beta1 ^ t).",
        "adam_v_hat_of (beta2 : R) (t : nat) (v : R) : R := v / (1 - beta2 ^ t).",
        "adam_delta_of (alpha eps m_hat v_hat : R) : R := - (alpha * m_hat / (sqrt v_hat + eps)).",
        "adam_theta_next (theta_prev delta : R) : R := theta_prev + delta.",
        "adam_eps_hat_delta_of (eps alpha_t m v : R) : R := - (alpha_t * m / (sqrt v + eps)).",
        "adam_uncorrected_delta_of (alpha eps m v : R) : R := - (alpha * m / (sqrt v + eps)).",
    ],
)
def test_one_step_of_each_line(definition):
    """Read by a person, against the paper's Algorithm 1 and the end of its section 2."""
    assert f"Definition {definition}\n" in rules_file()


def test_a_state_starts_at_its_lines_initial_value_and_takes_the_next_gradient():
    start, step = "  | O => 0\n", "adam_m_next beta1 (adam_m beta1 g before) (g (S before))"
    assert f"{start}  | S before => {step}\n" in rules_file()
    assert "  | O => theta_0\n" in rules_file()


def test_what_rules_share_stands_once():
    text = rules_file()
    assert "adam_eps_hat_m" not in text
    assert "adam_uncorrected_v" not in text


@pytest.mark.parametrize(
    ("expr", "written"),
    [
        (rules.ADAM.line("m").expr, "beta1 * m_prev + (1 - beta1) * g"),
        (Mul(x, Pow(y, -1), evaluate=False), "x / y"),
        (Pow(x, -1), "/ x"),
        (Pow(Add(x, y), Rational(1, 2)), "sqrt (x + y)"),
        (Pow(Add(x, y), n), "(x + y) ^ n"),
        (Pow(x, Add(n, 1, evaluate=False), evaluate=False), "x ^ (n + 1)"),
        (Add(x, Mul(-1, Add(x, y), evaluate=False), evaluate=False), "x - (x + y)"),
        (Mul(x, Mul(x, y, evaluate=False), evaluate=False), "x * (x * y)"),
        (Mul(x, over(Mul(x, y, evaluate=False)), evaluate=False), "x / (x * y)"),
        (Mul(x, over(Pow(y, Rational(1, 2))), evaluate=False), "x / sqrt y"),
        (Mul(-1, x, evaluate=False), "- (x)"),
    ],
)
def test_brackets(expr, written):
    assert gallina(expr) == written


def test_what_coq_could_not_be_told_is_refused():
    with evaluate(False), pytest.raises(AssertionError, match="not yet written"):
        gallina(exp(x))
    with pytest.raises(AssertionError, match="not a natural number"):
        gallina(Pow(x, y))
