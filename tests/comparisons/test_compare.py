"""Two implementations against the rule and each other."""

from __future__ import annotations

import json

import jsonschema
import pytest

import adamref
from adamref.errors import OutOfDomain
from command import called, schema

PROBES = ["generic-float32-literal", "near-eps-adam-float32", "first-step-float32"]
"""Enough to tell the dialects of these apart."""

TARGETS = """
import numpy as np


def _step(theta, grad, state, lr, beta1, beta2, eps, hat=False, power=True):
    f, none = theta.dtype.type, np.zeros_like(theta)
    m, v, t = (state["m"], state["v"], state["t"]) if state else (none, none, 0)
    t += 1
    m = f(beta1) * m + f(1 - beta1) * grad
    v = f(beta2) * v + f(1 - beta2) * grad * grad
    c1, c2 = 1 - beta1 ** (t if power else 1), 1 - beta2**t
    if hat:
        theta = theta - f(lr * np.sqrt(c2) / c1) * m / (np.sqrt(v) + f(eps))
    else:
        theta = theta - f(lr) * (m / f(c1)) / (np.sqrt(v / f(c2)) + f(eps))
    return theta, {"m": m, "v": v, "t": t}


def adam(theta, grad, state, *, lr, beta1, beta2, eps):
    return _step(theta, grad, state, lr, beta1, beta2, eps)


def adam_hat(theta, grad, state, *, lr, beta1, beta2, eps):
    return _step(theta, grad, state, lr, beta1, beta2, eps, hat=True)


def adam_wrong(theta, grad, state, *, lr, beta1, beta2, eps):
    return _step(theta, grad, state, lr, beta1, beta2, eps, power=False)


def adam_lerp(theta, grad, state, *, lr, beta1, beta2, eps):
    f, none = theta.dtype.type, np.zeros_like(theta)
    m, v, t = (state["m"], state["v"], state["t"]) if state else (none, none, 0)
    t += 1
    m = m + f(1 - beta1) * (grad - m)
    v = v + f(1 - beta2) * (grad * grad - v)
    c1, c2 = f(1) - f(beta1) ** f(t), f(1) - f(beta2) ** f(t)
    step = m / c1 / (np.sqrt(v) / np.sqrt(c2) + f(eps))
    return theta - f(lr) * step, {"m": m, "v": v, "t": t}


def adam_late(theta, grad, state, *, lr, beta1, beta2, eps):
    theta, state = _step(theta, grad, state, lr, beta1, beta2, eps)
    return theta + np.float32(6e-7 if state["t"] == 1 else 0), state


def adam_fails(theta, grad, state, *, lr, beta1, beta2, eps):
    raise RuntimeError("no")
"""


@pytest.fixture(scope="module")
def targets():
    made: dict[str, object] = {}
    exec(TARGETS, made)
    return made


def compared(targets, a, b, **options):
    return adamref.compare(
        targets[a], targets[b], isolate=False, probes=PROBES, optimizer="adam", **options
    )


@pytest.mark.slow
def test_two_dialects_are_both_right_and_part_where_epsilon_stands(targets):
    """In which axis they differ, from which step on and by how much over the reals."""
    found = compared(targets, "adam", "adam_hat")
    assert found.says[0].startswith(
        "They differ in where epsilon stands (paper, eps-hat); from step 1 by "
    )
    assert found.says[0].endswith("; both are right.")
    assert next((x.axis, x.a, x.b, x.is_real) for x in found.axes) == (
        "form", "paper", "eps-hat", True,
    )  # fmt: skip
    assert (found.exit_code, found.same_dialect) == (1, False)
    assert found.exact.first_step == 1
    assert 1e-8 < found.exact.largest < 1e-6
    assert found.was_run
    assert (found.beyond, found.allowed_at) == (None, found.observed.at_step)
    assert found.allowed > 0
    jsonschema.validate(found.to_json(), schema("compare"))
    assert "<details>" in found.to_html()
    assert repr(found).startswith("<Comparison of ")


@pytest.mark.slow
def test_an_implementation_is_as_itself(targets):
    """The same dialect, the same bits: exit code 0."""
    found = compared(targets, "adam", "adam")
    assert found.says[0] == "They are the same dialect, and both are right."
    assert (found.exit_code, found.observed, found.axes) == (0, None, ())
    assert any("the same bits" in says for says in found.says)


@pytest.mark.slow
def test_a_wrong_one_is_named_and_is_beyond_what_roundings_make(targets):
    """Which of the two is right, and what the other looks like."""
    found = compared(targets, "adam", "adam_wrong")
    assert "adam_wrong" in found.says[0]
    assert found.says[0].endswith("is not.")
    assert "m_hat-without-power" in found.b.likely
    assert found.observed.first_step == 2
    # At step 1 the right power and none are the same.
    assert found.allowed_at == 2
    assert found.beyond > 100 * found.allowed
    assert found.exit_code == 1


@pytest.mark.slow
def test_each_step_is_held_against_its_own_bound(targets):
    """What roundings may make of ten steps is no excuse at the first."""
    found = compared(targets, "adam", "adam_late")
    assert found.allowed_at == 1
    assert found.allowed < found.beyond < 1e-6
    end = adamref.tolerance(dtype="float32", steps=10, faults=False)["theta"]
    assert found.observed.largest < 2 * end.atol
    assert any("From step 1 on that is more than right ones of these" in x for x in found.says)


@pytest.mark.slow
def test_other_roundings_are_within_at_every_step(targets):
    found = compared(targets, "adam", "adam_lerp")
    assert (found.exit_code, found.beyond) == (0, None)
    assert found.observed.largest > 0
    assert found.allowed_at == found.observed.at_step


@pytest.mark.slow
def test_one_that_cannot_be_judged_ends_in_3(targets):
    """And nothing is said of what they differ in."""
    found = compared(targets, "adam", "adam_fails")
    assert found.exit_code == 3
    assert found.says[0].startswith("They cannot be compared: ")
    assert (found.axes, found.was_run) == ((), False)


@pytest.mark.slow
def test_a_baseline_stands_for_an_implementation(targets, tmp_path):
    """It is not run, and its dialect and errors are as they were kept."""
    file = tmp_path / "hat.json"
    adamref.check(targets["adam_hat"], isolate=False, probes=PROBES, optimizer="adam", save=file)
    found = adamref.compare(targets["adam"], file, isolate=False, probes=PROBES)
    assert found.b.kind == "baseline"
    assert found.says[0].startswith("They differ in where epsilon stands (paper, eps-hat)")
    assert not found.was_run
    assert (found.allowed, found.allowed_at, found.beyond) == (None, None, None)
    jsonschema.validate(found.to_json(), schema("compare"))
    with pytest.raises(OutOfDomain, match="one at least can be run"):
        adamref.compare(file, file)
    with pytest.raises(OutOfDomain, match="of which the baseline is"):
        adamref.compare(targets["adam"], file, dtype="float64")


def test_options_of_a_single_check_are_refused():
    """A baseline is given as one of the two, not beside them."""
    with pytest.raises(OutOfDomain, match="of a single check"):
        adamref.compare("a:b", "c:d", save="x.json")


@pytest.mark.slow
def test_the_command_says_it_and_exits_with_it(tmp_path):
    """Text, JSON by its schema, and exit code 1 for two dialects."""
    (tmp_path / "two.py").write_text(TARGETS, encoding="utf-8")
    arguments = [x for probe in PROBES for x in ("--probes", probe)]
    names = ("compare", "two.py:adam", "two.py:adam_hat", *arguments)
    code, out, err = called(*names, cwd=tmp_path)
    assert (code, err) == (1, "")
    assert out.startswith("They differ in where epsilon stands (paper, eps-hat); from step 1 by ")
    code, out, _ = called(*names, "--format", "json", cwd=tmp_path)
    jsonschema.validate(json.loads(out), schema("compare"))


def test_the_command_says_what_is_wrong_in_a_line():
    """Exit code 2."""
    code, out, err = called("compare", "nowhere.json", "nobody:here")
    assert (code, out) == (2, "")
    assert "nowhere.json" in err
