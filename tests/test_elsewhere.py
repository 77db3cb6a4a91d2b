"""A package from elsewhere that is broken is told in one line by the commands that ask for it."""

from __future__ import annotations

import re

import pytest

import packages
from adamref import faults, render
from adamref.documents import formats
from adamref.errors import CannotLoad
from adamref.oracle.observe.sessions import declared
from adamref.rules.family import GROUP as RULES
from adamref.rules.family import family
from command import ONE_STEP, RIGHT, called, is_one_line

CODE = """
from dataclasses import replace

from sympy import Symbol, evaluate

from adamref import faults, rules
from adamref.documents.formats.plain import FORMAT
from adamref.oracle.observe.calling.adapter import Adapter
from adamref.rules.optimizer import Optimizer

NUMBER = 1
ADAM = rules.optimizer("adam")
RULE = replace(rules.ADAM, name="mine", title="Mine")
FAULT = faults.get("v-of-m")


class Impostor(Adapter):
    name = "function"


def undeclared(_):
    return replace(RULE, defaults={**RULE.defaults, "nu": "0.5"})


def raising(_):
    raise ValueError("two\\nlines")


MINE = Optimizer.of(RULE)
TWICE = [MINE, MINE]
CALLED = replace(MINE, called=("fused", "adamw"))
UNDECLARED = replace(MINE, make=undeclared)
RAISING = replace(MINE, make=raising)
OUTSIDE = Optimizer.of(replace(RULE, defaults={**RULE.defaults, "beta1": "1"}))
EMPTY = replace(MINE, make=lambda _: None)
with evaluate(False):
    STRAY = Optimizer.of(RULE.substituted(rules.symbols.alpha, Symbol("nu")))
"""


class Thing(render.Result):
    kind = "thing"


LOADERS = {
    RULES: family,
    faults.GROUP: faults.families,
    formats.GROUP: formats.formats,
    declared.GROUP: declared.declared,
    render.WRITERS: lambda: render.render(Thing(), "csv"),
}
OF_ANY = {
    "no_such_module:X": "ModuleNotFoundError: No module named 'no_such_module'",
    "broken:NOTHING": "AttributeError: module 'broken' has no attribute 'NOTHING'",
    "exits:X": "SystemExit: at once",
    "broken:NUMBER": "1 is no ",
}
OF_ONE = [
    (RULES, "broken:ADAM", "there is another optimizer adam"),
    (RULES, "broken:TWICE", "there is another optimizer mine"),
    (RULES, "broken:CALLED", "there is another optimizer adamw"),
    (RULES, "broken:UNDECLARED", "the hyperparameter nu is missing: mine has it"),
    (RULES, "broken:RAISING", "ValueError: two lines"),
    (RULES, "broken:OUTSIDE", "beta1 = 1, but should be in [0, 1)"),
    (RULES, "broken:EMPTY", "mine has no dialect"),
    (RULES, "broken:STRAY", "nu in the line of delta is no hyperparameter"),
    (faults.GROUP, "broken:FAULT", "there is another fault v-of-m"),
    (formats.GROUP, "broken:FORMAT", "there is another format plain"),
    (declared.GROUP, "broken:Impostor", "there is another adapter function"),
]
CASES = [(group, value, says) for group in LOADERS for value, says in OF_ANY.items()] + OF_ONE


@pytest.fixture
def broken(tmp_path, request):
    group, value = request.param
    name = "thing.csv" if group == render.WRITERS else "mine"
    point = {group: f"{name} = {value}"}
    code = {"broken": CODE, "exits": "raise SystemExit('at once')\n"}
    with packages.installed(tmp_path / "installed", point, **code):
        yield group


@pytest.mark.parametrize(
    ("broken", "says"),
    [pytest.param((group, value), says, id=f"{group} {value}") for group, value, says in CASES],
    indirect=["broken"],
)
def test_what_is_broken_is_told_with_its_package_its_group_and_the_reason(broken, says):
    with pytest.raises(CannotLoad, match=re.escape(says)) as caught:
        LOADERS[broken]()
    assert str(caught.value).startswith(f"{broken}: ")
    assert " of elsewhere: " in str(caught.value)
    assert "\n" not in str(caught.value)


COMMANDS = {
    "step": (*ONE_STEP, "--optimizer", "lion"),
    "step --help": ("step", "--help"),
    "audit": ("audit", "notes.md"),
    "golden": ("golden", "tail-float16"),
    "derive": ("derive", "lion"),
    "check": ("check", "by_hand:step", "--probes", "generic-float32-literal"),
}
ASK = {
    RULES: {"step --help", "audit", "golden", "derive", "check"},
    faults.GROUP: {"audit", "check"},
    formats.GROUP: {"audit"},
    declared.GROUP: {"check"},
    render.WRITERS: set(),
}
EDIT = """
from adamref.faults import Fault


def edit(rule):
    raise ValueError("two\\nlines")


FAULT = Fault("mine", "it is wrong", "it shows", edit)
"""


def test_a_fault_whose_edit_raises_is_told_by_audit_in_one_line(tmp_path):
    (tmp_path / "notes.md").write_text(RIGHT + "m_1 = 1.6\n")
    with packages.installed(
        tmp_path / "installed", {faults.GROUP: "mine = edits:FAULT"}, edits=EDIT
    ):
        code, _, err = called("audit", "notes.md", cwd=tmp_path)
    assert code == 2
    assert is_one_line(err), err
    assert "the fault mine: its edit of adam raised ValueError: two lines" in err


STEP = """
def step(theta, grad, state, *, lr, beta1, beta2, eps):
    return theta - lr * grad, {}
"""


@pytest.mark.parametrize(
    "command", [pytest.param(x, marks=[pytest.mark.slow] * (x == "check")) for x in COMMANDS]
)
@pytest.mark.parametrize(
    "broken",
    [(group, "broken:NOTHING") for group in LOADERS],
    ids=LOADERS,
    indirect=True,
)
def test_a_command_that_asks_for_what_is_broken_ends_in_one_line(tmp_path, broken, command):
    (tmp_path / "notes.md").write_text(RIGHT + "m_1 = 1.6\n")
    (tmp_path / "by_hand.py").write_text(STEP)
    code, out, err = called(*COMMANDS[command], cwd=tmp_path)
    if command in ASK[broken]:
        assert code == 2, out
        assert is_one_line(err), err
        assert f"{broken}: " in err
    else:
        assert code in (0, 1), err
        assert err == ""
