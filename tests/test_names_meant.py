"""A wrong name is answered with the right one, what is missing with what installs it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import adamref
from adamref import errors, rules, run
from adamref.errors import UnknownName, installing, meant, nearest

FEW = ("literal", "rounded", "mixed")
MANY = (*(f"theorem-{word}" for word in "abcdefghijklmnopqrstuvwxyz0123456"), "step-bound")


@pytest.mark.parametrize(
    ("got", "known", "says"),
    [
        ("litteral", FEW, "known are literal, rounded, mixed; did you mean literal?"),
        ("exact", FEW, "known are literal, rounded, mixed"),
        ("stepbound", MANY, "of 34 the nearest are step-bound, "),
        (7, ("1", "2"), "known are 1, 2"),
    ],
)
def test_an_unknown_name_says_which_are_known(got, known, says):
    error = UnknownName("thing", got, known)
    assert str(error).startswith(f"thing {got!r} is unknown; {says}")
    assert error.known == known
    assert ("did you mean" in str(error)) == ("did you mean" in says)


def test_of_many_names_five_are_said():
    assert str(UnknownName("theorem", "x", MANY)).count(", ") == 4
    assert nearest("bound", MANY, 1) == ("step-bound",)  # a word of it is near
    assert meant("xyz", ()) == ""


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (lambda: run("adamv", 0, [1]), "did you mean adam"),
        (lambda: run("adam", 0, [1], bta1=0.5), "hyperparameter of adam 'bta1' .*mean beta1?"),
        (lambda: rules.get("adam", form="eps_hat"), "did you mean eps-hat?"),
        (lambda: run("adam", 0, [1])["mhat"], "did you mean m_hat?"),
        (lambda: adamref.exact_stp, "no attribute 'exact_stp'; did you mean exact_step?"),
        (lambda: run("adam", 0, [1], dtype="float23"), "did you mean float32?"),
    ],
)
def test_wherever_a_name_is_wrong_the_right_one_is_said(asked, says):
    with pytest.raises((LookupError, AttributeError), match=says):
        asked()


def test_a_rule_may_be_named():
    assert run("adamw", "0.5", [-15], weight_decay="0.1") == run(
        rules.get("adamw"), "0.5", [-15], weight_decay="0.1"
    )


@pytest.mark.parametrize(
    "extra", ["bfloat16", "fast", "keras", "optax", "pdf", "plot", "proofs", "sklearn", "torch",
              "yaml"],
)  # fmt: skip
def test_every_extra_says_its_install_line(extra):
    line = installing(extra)
    assert line.startswith("pip install '")
    assert "adamref" not in line  # it is on no index


def test_where_the_package_says_nothing_the_extra_is_named():
    assert installing("dev") == installing("no such")[:-7] + "dev"


def test_no_error_of_python_speaks_of_flags():
    """The command line's own files do, and pytest's plug-in, whose options are pytest's."""
    place = Path(errors.__file__).parent
    own = {"cli.py", "command.py", "commands.py", "worked.py", "pytest_plugin.py"}
    found = []
    for file in place.rglob("*.py"):
        if file.name in own:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Raise):
                found += [
                    (file.name, part.value)
                    for part in ast.walk(node)
                    if isinstance(part, ast.Constant) and str(part.value).strip().startswith("--")
                ]
    # What reads the option of that name says its name.
    assert found == [("load.py", "--arg")]
