"""A terminal that is not Unicode's is given names in its own letters, and never an escape."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
from rich.text import Text

from adamref import rules, run
from adamref.output import put
from adamref.spelling import spelled
from adamref.writers.tables import table

ESCAPE = re.compile(r"\\[ux][0-9a-fA-F]{2}")
ENVIRONMENTS = {
    "PYTHONIOENCODING": {"PYTHONIOENCODING": "ascii"},
    "LC_ALL": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
}


@pytest.mark.parametrize(
    ("text", "ascii_"),
    [
        ("m̂ₜ = mₜ/(1 - β₁ᵗ)", "m_hat_t = m_t/(1 - beta1^t)"),
        ("θₜ₋₁ − α·gₜ²", "theta_(t-1) - alpha*g_t^2"),
        ("β₂ᵗ⁻¹ ≈ 3 × 10⁻⁸", "beta2^(t-1) ~= 3 x 10^(-8)"),
        ("√v̂ₜ + ε, √225, √(2)", "sqrt(v_hat_t) + eps, sqrt(225), sqrt(2)"),
        ("1/√2.5e-3", "1/sqrt(2.5e-3)"),
        ("‖θ‖ ≤ ∞ … αβ", "||theta|| <= inf ... alpha beta"),
        ("½ é ĝ₁ ﬁ", "1/2 e g_hat_1 fi"),
        ("θ₁ β₁", "theta_1 beta1"),
        ("plain = 1", "plain = 1"),
        ("梯", r"\u68af"),  # nothing is left out
    ],
)
def test_names_are_spelled(text, ascii_):
    assert spelled(text, "ascii") == ascii_
    assert spelled(text, "utf-8") == text


def test_an_encoding_keeps_the_letters_that_it_has():
    assert spelled("gₜ² · é β₁", "latin-1") == "g_t² · é beta1"
    assert spelled("θ", None) == "θ"


@pytest.mark.parametrize("name", rules.family())
def test_every_rule_can_be_spelled(name):
    rule = rules.get(name)
    assert not ESCAPE.search(spelled(str(rule), "ascii"))


def here(code, environment):
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True,
        check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_to_print_a_rule_or_a_result_never_raises(name):
    code = (
        "from adamref import exact_step, rules, run\n"
        "for name in rules.family():\n"
        "    rule = rules.get(name); print(rule); print(*rule.lines)\n"
        "trace = run(rules.ADAM, [0.5] * 9, [[-15] * 9])\n"
        "print(trace, trace[0])\n"
    )
    ran = here(code, ENVIRONMENTS[name])
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"delta_t = -alpha" in ran.stdout


COMMANDS = [
    ("step", "--theta", "0.5", "--grad", "-15", "--dtype", "float32"),
    ("step", "--theta", "0.5", "--grad", "-15", "--format", "md"),
    ("step", "--theta", "θ", "--grad", "-15"),
    ("audit", "examples/audit/w-half.md"),
    ("audit", "nöt–there.md"),
    ("golden", "tail-float16"),
    ("prove", "--no-kernel", "first-step"),
    ("derive", "--unchecked", "first-step"),
    ("derive", "--unchecked", "adan"),
    ("check", "examples/check/wrong.py:step"),
    ("--help",),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda x: "-".join(x)[:40])
def test_no_command_writes_an_escape(command):
    environment = {**os.environ, **ENVIRONMENTS["PYTHONIOENCODING"]}
    ran = subprocess.run(
        [sys.executable, "-m", "adamref", *command], env=environment, capture_output=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode in (0, 1, 2)
    for out in (ran.stdout, ran.stderr):
        assert not ESCAPE.search(out.decode("ascii"))
    assert ran.stdout or ran.stderr


@pytest.fixture
def ascii_(monkeypatch):
    """Return what begins to stand for a terminal of ASCII, and returns what tells what it got.

    Not before the test itself: pytest has its own standard output for each part of it.
    """

    def begun():
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", stream)
        return lambda: stream.buffer.getvalue().decode("ascii")

    return begun


def test_columns_are_measured_as_they_are_spelled(ascii_):
    got = ascii_()
    made = table("line", "right", numeric=("right",))
    made.add_row(Text("m̂ₜ", style="bold"), "1.5")
    made.add_row(Text("g"), "-15")
    put(made, None)
    assert got() == "line     right\nm_hat_t    1.5\ng          -15\n"


def test_json_keeps_what_it_says(ascii_):
    """Its escapes are JSON's own: a program reads the letters."""
    got = ascii_()
    put({"left": "θ₁"}, None)
    assert '"\\u03b8\\u2081"' in got()


def test_a_trace_is_spelled_where_it_is_printed(ascii_):
    trace = run(rules.ADAM, [0.5] * 9, [[-15] * 9])
    assert "…" in str(trace)
    ascii_()
    assert str(trace[0]).isascii()
    assert str(trace).isascii()
    assert str(rules.ADAM).isascii()
    assert str(rules.ADAM.lines[0]) == "<Line m_t = beta1*m_(t-1) + (1 - beta1)*g_t>"
