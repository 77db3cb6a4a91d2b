"""The drills of CONTRIBUTING: what comes from outside the tree is taken by every command.

A fault, an adapter and a format have theirs in tests/oracle/test_faults.py, test_declared.py and
tests/test_render.py.
"""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

import adamref.proofs
from adamref import audit, check, exact_step, rules, run
from adamref.errors import OutOfDomain
from adamref.oracle.observe import vocabulary
from packages import forget, installed

RULE = '''
"""An optimizer that is not adamref's, with a hyperparameter that no other has."""
from sympy import Symbol, evaluate, sign

from adamref.rules.hyper import Hyper
from adamref.rules.optimizer import Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, delta, g, m, m_prev, theta_prev

SOURCE = "made for this test"
NU = Hyper("nu", "how much of the average is in the step", "0.7", "[0, 1]", ("share",))
nu = Symbol("nu")
with evaluate(False):
    LINES = (
        Line("m", beta1 * m_prev + (1 - beta1) * g, "average", SOURCE),
        Line("delta", -1 * (alpha * sign(nu * m + (1 - nu) * g)), "step", SOURCE),
        Line("theta", theta_prev + delta, "parameter", SOURCE, initial=None),
    )
SIGNUM = Optimizer.of(
    Rule(
        "signum",
        "Signum",
        LINES,
        SOURCE,
        {"alpha": "0.01", "beta1": "0.9", "nu": "1"},
        own=(NU,),
    ),
    called=("signum",),
    spoken=("signSGD with momentum",),
)
'''
CODE = """
import numpy as np


def signum(theta, grad, state, *, lr, beta1, share=1.0):
    m = state["m"] if state else np.zeros_like(theta)
    kind = theta.dtype.type
    m = kind(beta1) * m + kind(1 - beta1) * grad
    both = kind(share) * m + kind(1 - share) * grad
    return theta - kind(lr) * np.sign(both), {"m": m, "t": state["t"] + 1 if state else 1}


def signum_of_gradient(theta, grad, state, *, lr, beta1, share=1.0):
    theta_, state = signum(theta, grad, state, lr=lr, beta1=beta1, share=share)
    return theta - theta.dtype.type(lr) * np.sign(grad), state
"""


@pytest.fixture
def elsewhere(tmp_path):
    """Install a distribution with a rule and two implementations of it, after rules were asked."""
    assert "signum" not in vocabulary.spoken()
    point = {"adamref.rules": "signum = signum_rule:SIGNUM"}
    with installed(tmp_path / "installed", point, signum_rule=RULE, signum_code=CODE):
        yield


@pytest.mark.usefixtures("elsewhere")
def test_a_rule_from_elsewhere_is_run():
    trace = run(rules.get("signum"), "1", ["-2", "0.5", "3"], digits=10)
    assert [str(x) for x in trace["theta"]] == ["1.01", "1.02", "1.01"]
    held = run(rules.get("signum"), [1.0, -1.0], np.float32([[-2.0, 0.0]]), dtype="float32")
    assert held[0].theta.tolist() == [np.float32(1.01), -1.0]
    other = run(rules.get("signum"), "1", ["-2", "0.5", "3"], nu="0.5", digits=10)
    assert [str(x) for x in other["theta"]] == ["1.01", "1", "0.99"]
    hyper = {"lr": "0.25", "beta1": "0.5", "nu": "0.5"}
    made = exact_step([1.0], [3.0], m=[-8.0], t=1, optimizer="signum", **hyper)
    assert (made.theta.tolist(), made.m.tolist()) == ([0.75], [-2.5])
    with pytest.raises(OutOfDomain, match=re.escape("nu = 2, but should be in [0, 1]")):
        run(rules.get("signum"), "1", ["-2"], nu="2")


@pytest.mark.usefixtures("elsewhere")
def test_a_rule_from_elsewhere_is_worked_and_derived(call):
    given = ("--theta", "1", "--grad", "-2", "--set", "beta1=0.5", "--set", "nu=0.25")
    code, sheet, err = call("step", *given, "--optimizer", "signum")
    assert code == 0, err
    assert "1.01" in sheet
    assert "0.25" in sheet
    assert call("step", *given, "--optimizer", "signum", "--dtype", "float32")[0] == 0
    assert "signum" in call("step", "--help")[1]
    code, derived, _ = call("derive", "signum")
    assert code == 0
    assert "made for this test" in derived
    assert r"$\alpha = 0.01$, $\beta_1 = 0.9$, $\nu = 1$" in derived


# All of its probes have thousands of steps, each of which is certified: most of a minute.
@pytest.mark.long
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    "probes",
    [
        ("generic-signum-float32", "random-generic-float32"),
        (),
    ],
    ids=["few", "all"],
)
def test_a_rule_from_elsewhere_is_what_an_implementation_is_checked_for(probes):
    """Whatever was known of rules before it was there."""
    right = check("signum_code:signum", probes=probes)
    assert (right.optimizer, right.verdict) == ("signum", "conforms"), str(right)
    assert right.accuracy["m"].max_over_bound <= 1
    wrong = check("signum_code:signum_of_gradient", probes="random-generic-float32")
    assert wrong.verdict == "deviates", str(wrong)
    assert wrong.probes[0].first_difference.field == "theta"


SHEET = """# Signum

Signum with alpha = 0.1, beta1 = 0.5, nu = 0.25, theta_0 = 1.

g_1 = -2

m_1 = 0.5*0 + 0.5*(-2) = -1

theta_1 = 1 + 0.1 = 1.1

g_2 = 0.5

m_2 = 0.5*(-1) + 0.5*0.5 = -0.25

theta_2 = 1.1 - 0.1 = 1.0
"""


@pytest.mark.usefixtures("elsewhere")
def test_a_document_is_judged_by_a_rule_from_elsewhere():
    found = audit(SHEET)
    assert [(x.field, x.verdict) for x in found.claims if x.field in ("m", "theta")] == [
        ("m", "holds"), ("theta", "holds"), ("m", "holds"), ("theta", "holds"),
    ]  # fmt: skip
    assert found.given["nu"].value == "0.25"
    # By the default of nu the second step would go on with the average.
    last = audit(SHEET.replace(", nu = 0.25", "")).claims[-1]
    assert (last.verdict, last.because) == ("unread", "nu is not given, so it cannot be judged")
    wrong = audit(SHEET.replace("= 1.1", "= 1.2"))
    assert wrong.claims[wrong.first_wrong].field == "theta"


@pytest.mark.usefixtures("elsewhere")
def test_a_rule_from_elsewhere_has_golden_vectors(call, tmp_path):
    code, out, err = call("golden", "generic-signum-float32", "--output", tmp_path / "vectors")
    assert code == 0, out + err
    assert (tmp_path / "vectors" / "generic-signum-float32.json").exists()
    code, out, err = call("golden", "--verify", tmp_path / "vectors")
    assert code == 0, out + err


@pytest.mark.parametrize("letter", ["eta", "gamma", "lambda", "rho", "sigma2"])
def test_a_letter_means_what_a_rule_from_elsewhere_has_by_that_name(tmp_path, letter):
    """Whatever it usually means: here how much of the average is in the step."""
    point = {"adamref.rules": "signum = signum_rule:SIGNUM"}
    rule = RULE.replace('"nu"', f'"{letter}"')
    with installed(tmp_path / "installed", point, signum_rule=rule):
        found = audit(SHEET.replace("nu =", f"{letter} ="))
        assert found.given[letter].value == "0.25"
        assert [x.verdict for x in found.claims if x.field == "theta"] == ["holds", "holds"]
        assert found.given["alpha"].value == "0.1"


THEOREM = '''
"""A chapter from elsewhere."""

from adamref.logic.relations import eq
from adamref.theorems.spaces import Point, among, rates
from adamref.theorems.symbols import beta, decay_rate
from adamref.theorems.writing import Statement, Steps, Theorem, near_miss, show


@Theorem(
    id="complement-squared",
    title="The complement of a rate, squared",
    says="It is 1 - 2 beta + beta^2.",
    statement=Statement(eq((1 - beta) ** 2, 1 - 2 * beta + beta**2), decay_rate(beta)),
    source="made for this test",
    space=among(rates("beta")),
)
@near_miss(eq((1 - beta) ** 2, 1 - beta**2), "The middle term is missing.", Point.of(beta="1/2"))
def TWICE(what: Statement) -> Steps:
    return show("square", what.claim).identity("It is multiplied out.")


THEOREMS = (TWICE,)
'''


@pytest.fixture
def another_chapter(tmp_path, monkeypatch):
    """Put a file with a theorem beside the others."""
    (tmp_path / "from_elsewhere.py").write_text(THEOREM, "utf-8")
    monkeypatch.setattr(adamref.proofs, "__path__", [*adamref.proofs.__path__, str(tmp_path)])
    forget()
    yield
    forget()
    sys.modules.pop("adamref.proofs.from_elsewhere", None)


@pytest.mark.usefixtures("another_chapter")
def test_a_theorem_from_elsewhere_is_proved_and_derived(call):
    code, out, _ = call("prove", "complement-squared", "--no-kernel")
    assert code == 0, out
    assert "1 PROVED; 1 of 1 near-misses refused" in out
    code, out, _ = call("derive", "complement-squared", "--unchecked")
    assert code == 0
    assert "A chapter from elsewhere" in out
