"""Several implementations in one call: each its report, in order, and one exit code."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

import reports
from adamref import check_many
from adamref.errors import CannotLoad, MissingInput, OutOfDomain, UnknownName
from adamref.oracle.observe.sessions.candidates import candidates
from adamref.oracle.report import summary
from adamref.oracle.report.several import Checks, Unreached
from adamref.oracle.several import expanded
from command import schema

FEW = ("generic-float32-literal", "constant-float32")
MODULE = """
import numpy as np


def _hidden(theta, grad):
    return theta


def plotted(history, axis):
    raise AssertionError


def step(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, {"m": m, "v": v, "t": t}


def no_root(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    theta = theta - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps)
    return theta, {"m": m, "v": v, "t": t}


class Layer:
    def forward(self, x):
        return x


class Odd:
    def __init__(self, model, data):
        self.model = model

    def step(self):
        return self.model.loss()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a package, and what must not be imported to be looked at."""
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    (tmp_path / "several_pkg").mkdir()
    (tmp_path / "several_pkg" / "__init__.py").write_text("")
    (tmp_path / "several_pkg" / "optim.py").write_text(MODULE)
    (tmp_path / "adam_alone.py").write_text("raise SystemExit\n\n\ndef adamw(p, q):\n    pass\n")
    return tmp_path


def test_of_a_folder_what_looks_like_an_optimizer_is_taken(folder):
    own = [f"several_pkg.optim:{name}" for name in ("step", "no_root", "Odd")]
    assert candidates(folder) == ["adam_alone:adamw", *own]
    assert expanded([folder / "several_pkg", *own, "x:y"]) == [*own, "x:y"]


def test_a_folder_with_nothing_of_the_kind_is_refused(tmp_path):
    with pytest.raises(CannotLoad, match="no function or class in its modules looks like"):
        candidates(tmp_path)
    (tmp_path / "broken.py").write_text("def (:")
    with pytest.raises(CannotLoad, match="it is no Python"):
        candidates(tmp_path)


@pytest.mark.slow
def test_the_command_checks_a_folder_and_says_of_each_what_became_of_it(call, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, err = call("check", folder, "--jobs", "2", *(f"--probes={x}" for x in FEW))
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, err) == (1, "")
    said = [line for line in lines if ":step conforms" in line or ":no_root deviates" in line]
    assert [line.split()[0] for line in said] == [
        "several_pkg.optim:step",
        "several_pkg.optim:no_root",
    ]
    assert "4 implementations: 1 conforms, 1 deviates, 2 could not be called." in lines
    assert "from several_pkg.optim import Odd" in lines


@pytest.mark.slow
def test_each_is_as_it_would_be_alone(folder):
    own = expanded([folder / "several_pkg"])[:2]
    done = []
    found = check_many(own, jobs=1, probes=FEW, tracked=lambda every: map(done.append, every))
    assert found.reports == ()
    assert [report.target for report in done] == own
    document = Checks(tuple(done)).to_json()
    jsonschema.validate(document, schema("checks"))
    for one in document["checks"]:
        jsonschema.validate(one, schema("check"))
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(
    ("codes", "lost", "code"),
    [
        ("conforming", 0, 0),
        ("conforming deviating", 0, 1),
        ("conforming", 1, 2),
        ("deviating", 1, 1),
        ("crashed deviating", 1, 3),
    ],
)
def test_an_error_outranks_a_deviation_and_that_what_was_not_reached(codes, lost, code):
    unreached = (Unreached("a:b", "there is no module a"),) * lost
    made = tuple(getattr(reports, name)() for name in codes.split())
    assert Checks(made, unreached).exit_code == code


def test_a_table_has_a_line_for_each_and_every_format_names_all():
    every = [getattr(reports, name)() for name in ("conforming", "deviating", "crashed")]
    named = [replace(report, target=f"mine:n{i}") for i, report in enumerate(every)]
    found = Checks(tuple(named), (Unreached("a:b", "<it> is gone", "x = 1\n"),), 1.0)
    said = (
        "4 implementations: 1 conforms, 1 deviates, 1 could not be judged, 1 could not be called."
    )
    assert summary.of_several(found) == said
    assert repr(found) == "<Checks: 1 conforms, 1 deviates, 1 error, 1 not reached>"
    page = found.to_html()
    for target in ("mine:n0", "mine:n1", "mine:n2", "a:b"):
        assert target in str(found)
        assert target in page
    assert "&lt;it&gt; is gone" in page
    assert "<it>" not in page
    assert page.count("<details><summary>") >= 3
    assert "A wrapper for a:b:\nx = 1" in str(found)


@pytest.mark.slow
def test_what_is_asked_of_all_is_refused_once(call):
    with pytest.raises(MissingInput):
        check_many([])
    with pytest.raises(OutOfDomain, match="jobs"):
        check_many(["a:b"], jobs=0)
    with pytest.raises(UnknownName, match="dtype 'float3' is unknown"):
        check_many(["a:b", "c:d"], dtype="float3")
    code, out, err = call("check", "a:b", "c:d")
    assert (code, err) == (2, "adamref: 2 of 2 could not be called: a:b, c:d\n")
    assert "there is no module a" in out
    code, _, err = call("check", "a:b", "c:d", "--save", "x.json")
    assert (code, err.count("\n")) == (2, 1)
    assert "--save and --against take one target at a time" in err
