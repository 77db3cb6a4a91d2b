"""What is public is one list: it is documented, and documents use nothing else of the package."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from importlib import import_module
from pathlib import Path

import pytest
import python_pages
import reference

import adamref

ROOT = Path(__file__).parent.parent
DOCS = [x for x in (ROOT / "docs").rglob("*.md") if not {"generated", "_build"} & {*x.parts}]
SHOWN = [ROOT / "README.md", *DOCS, *(ROOT / "examples").rglob("*.py")]
_FROM = re.compile(r"^(?:>>> |\s*)from (adamref[\w.]*) import ([\w, ]+)$", re.MULTILINE)
PUBLIC = list(reference.public())
IDS = [f"{module}.{name}" for module, name, _ in PUBLIC]


def _raised(function):
    """Return the exceptions that a function raises in its own lines, but what is for developers."""
    if not getattr(function, "__module__", "").startswith("adamref"):
        return set()  # what Python itself makes, of an enumeration or a protocol
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    except OSError:  # made by a decorator
        return set()
    raised = (x.exc for x in ast.walk(tree) if isinstance(x, ast.Raise) and x.exc is not None)
    names = {ast.unparse(getattr(x, "func", x)) for x in raised}
    return {x for x in names if x[0].isupper()} - {"AssertionError", "AttributeError"}


def _parts(thing):
    """Yield what has a docstring, with its text and the functions that it speaks for."""
    if not isinstance(thing, type):
        yield thing.__name__, inspect.getdoc(thing), [thing]
        return
    made = [vars(thing)[n] for n in ("__init__", "__post_init__", "__new__") if n in vars(thing)]
    yield thing.__name__, thing.__doc__, made
    for name, method in reference.methods(thing).items():
        yield f"{thing.__name__}.{name}", inspect.getdoc(getattr(thing, name)), [method]


@pytest.mark.parametrize(("module", "thing"), [(x, thing) for x, _, thing in PUBLIC], ids=IDS)
def test_a_public_name_says_what_it_is_and_what_it_raises(module, thing):
    for part, doc, functions in _parts(thing):
        assert doc, f"{module}: {part} has no docstring"
        for raised in set().union(*map(_raised, functions)):
            assert raised in doc, f"{module}: {part} does not say that it raises {raised}"


def test_the_names_of_the_package_are_in_the_list():
    names = reference.modules()
    homes = {f"adamref.{x}" for x in adamref.__all__ if inspect.ismodule(getattr(adamref, x))}
    assert homes <= names.keys()
    assert {*adamref.__all__} == {*adamref._HOMES, "__version__"} - {"strategies"}


def test_documents_and_examples_use_what_is_public():
    names = reference.modules()
    # Rules and theorems of other packages are written with modules that are not promised yet.
    inside = {"add-rule.md", "add-theorem.md"}
    used = {(module, name.strip()) for path in SHOWN if path.name not in inside
            for module, listed in _FROM.findall(path.read_text("utf-8"))
            for name in listed.split(",")}  # fmt: skip
    assert used, "nothing was found"
    assert {x for x in used if x[1] not in names.get(x[0], ())} == set()


def test_the_reference_has_every_public_name_on_the_page_of_its_module():
    made = python_pages.pages()
    for module, names in reference.modules().items():
        page = made[f"python/{module}.md"]
        for name in names:
            if not inspect.ismodule(getattr(import_module(module), name)):
                assert re.search(rf"^\.\. (auto|py:)\w+:: {module}\.{name}$", page, re.MULTILINE), (
                    name
                )
