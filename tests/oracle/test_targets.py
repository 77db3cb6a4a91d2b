"""What is to be checked: found by its name, known by what it is, and given its arguments."""

from __future__ import annotations

import functools
import importlib.util
import math
import sys

import numpy as np
import pytest

import check_targets as targets
from adamref import fast
from adamref.errors import Ambiguous, CannotIsolate, CannotLoad, OutOfDomain, UnknownName
from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.load import importable, named, read_arguments
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.optimizers import optimizer_of
from adamref.oracle.observe.sessions.session import Start


@pytest.mark.parametrize(
    ("target", "want"),
    [
        ("torch.optim:Adam", "adam"),
        ("torch.optim:AdamW", "adamw"),
        ("torch.optim:NAdam", "nadam"),
        ("torch.optim:Adamax", "adamax"),
        ("torch.optim:RMSprop", "rmsprop"),
        ("optax:amsgrad", "amsgrad"),
        ("mine:adam_l2_step", "adam-l2"),
        ("mine:AdamL2", "adam-l2"),
        ("adamw_numpy:step", "adamw"),
        ("mine:step", ""),
        (fast.AdamW, "adamw"),
        (functools.partial(fast.adamw_step, threads=1), "adamw"),
        (type("Mine", (fast.AMSGrad,), {}), "amsgrad"),
        (targets.makes_adamw, "adamw"),
    ],
)
def test_the_optimizer_is_guessed_from_names(target, want):
    assert optimizer_of(target) == want


def test_arguments_tell_the_optimizer_as_well():
    assert optimizer_of("torch.optim:AdamW", {"amsgrad": True}) == "amsgrad"
    assert optimizer_of("torch.optim:Adam", {"weight_decay": 0.1}) == "adam-l2"
    assert optimizer_of("torch.optim:AdamW", {"weight_decay": 0.1}) == "adamw"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (targets.Both, "it has init and update, and step; say which adapter: optax, class"),
        (targets.makes_a_number, "it returns int, which has neither step, nor init and update"),
        (targets.needs_what_nobody_knows, "it cannot be constructed (TypeError: "),
        (np, "it is module, but should be a function or a class"),
        (3, "it is int, but should be a function or a class"),
    ],
)
def test_what_is_ambiguous_names_the_choices(target, says):
    with pytest.raises(Ambiguous) as raised:
        chosen(target)
    first, _, rest = str(raised.value).partition("\n")
    assert says in first
    # What can be called at all can be wrapped.
    called = target in (targets.makes_a_number, targets.needs_what_nobody_knows)
    assert ("def step(" in rest) == called


def test_an_unknown_adapter_is_refused():
    with pytest.raises(UnknownName, match="adapter 'jax' is unknown; known are function, torch"):
        chosen(targets.step, "jax")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("check_targets", "should be module:attribute"),
        ("check_targets.py:step", "there is no file check_targets.py"),
        ("./mine.py:step", "there is no file mine.py"),
        ("check_targets.py", "should be module:attribute or file.py:attribute"),
        ("no_such_module:step", "there is no module no_such_module"),
        ("check_targets:stepp", "check_targets has no stepp (it has step"),
        ("check_targets:Adam.stepp", "Adam has no stepp (it has step"),
    ],
)
def test_what_cannot_be_loaded_says_so_on_a_line(target, says):
    with pytest.raises(CannotLoad) as raised:
        named(target)
    assert str(raised.value).startswith(f"{target}: ")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_is_imported_as_what_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [*sys.path])
    package = tmp_path / "in_a_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "own_step.py").write_text("from . import __name__ as a\ndef step(): return a")
    assert named(f"{package}/own_step.py:step")() == "in_a_package"
    (tmp_path / "alone_step.py").write_text("class Mine:\n    def step(self): pass")
    monkeypatch.chdir(tmp_path)
    assert named("alone_step.py:Mine.step").__module__ == "alone_step"


def test_a_file_that_another_module_hides_is_not_taken_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [*sys.path])
    (tmp_path / "math.py").write_text("def sqrt(): pass")
    with pytest.raises(CannotLoad, match="another module has the name math"):
        named(f"{tmp_path}/math.py:sqrt")


@pytest.mark.parametrize("body", ["1/0", "import sys; sys.exit(3)", "import no_such_module", "("])
def test_a_module_that_raises_cannot_be_loaded(tmp_path, monkeypatch, body):
    (tmp_path / "raising_module.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CannotLoad, match=r"importing raising_module (raised|failed)"):
        named("raising_module:step")


def test_arguments_are_literals_or_text():
    read = read_arguments(["a=True", "b=(0.9, 0.99)", "c = x=y", "d=None", "e="])
    assert read == {"a": True, "b": (0.9, 0.99), "c": " x=y", "d": None, "e": ""}


def test_arguments_are_written_in_python_or_in_json():
    read = read_arguments(["a=false", "b=true", "c=null", "d=[0.9, true]", 'e={"x": false}'])
    assert read == {"a": False, "b": True, "c": None, "d": [0.9, True], "e": {"x": False}}


@pytest.mark.parametrize("text", ["amsgrad", "=3", "a b=3", ""])
def test_arguments_without_a_key_are_refused(text):
    with pytest.raises(OutOfDomain, match=r"--arg = .*, but should be KEY=VALUE"):
        read_arguments([text])


def test_what_another_process_can_import():
    assert importable(targets.step) == "check_targets:step"
    assert importable(targets.Adam.step) == "check_targets:Adam.step"
    assert importable(lambda: 0) is None
    assert importable(functools.partial(targets.step)) is None


def test_a_module_that_no_search_finds_again_cannot_be_imported_by_another(tmp_path, monkeypatch):
    """Test runners and notebooks load files by their path, under any name."""
    file = tmp_path / "by_path.py"
    file.write_text("def step(theta, grad, state): return theta, state")
    for name in ("by_path", "check_targets"):
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setitem(sys.modules, name, module)
        assert importable(module.step) is None
    monkeypatch.syspath_prepend(tmp_path)
    assert importable(sys.modules["by_path"].step) == "by_path:step"


def test_a_closure_runs_here_and_cannot_be_isolated():
    def step(theta, grad, state):
        del grad
        return theta, state

    found = opened(step)
    assert (found.isolated, found.adapter) == (False, "function")
    one = np.array(1.0)
    assert found.session.start(Start("float32", "adam", (one,), {"lr": 0.1})).controls == set()
    assert found.session.step([one])[0].theta == 1.0
    found.session.close()
    with pytest.raises(CannotIsolate, match="cannot run in a process of its own: it is no attr"):
        opened(step, isolate=True)
    with pytest.raises(CannotIsolate, match="are not all plain values"):
        opened(targets.step, isolate=True, args={"dtype": np.float32})


def test_a_file_with_the_name_of_the_package_is_named(tmp_path, monkeypatch):
    (tmp_path / "hides").mkdir()
    (tmp_path / "hides" / "optim.py").write_text("step = None\n", "utf-8")
    (tmp_path / "hides.py").write_text("step = None\n", "utf-8")
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    with pytest.raises(CannotLoad, match=r"hides is .*hides\.py, which is no package"):
        named("hides.optim:step")


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, {"a": (None, b"x")}])
def test_arguments_reach_another_process_as_they_are(value):
    found = opened(targets.Told, isolate=True, args={"word": value})
    one = np.array(1.0)
    assert found.isolated
    found.session.start(Start("float64", "adam", (one,), {"lr": 0.1}))
    assert str(found.session.step([one])[0].theta) == str(float(len(repr(value))))
    found.session.close()
