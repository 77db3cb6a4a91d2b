"""The size of the trusted core is counted, and everything that decides a step is in it."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

from adamref import logic
from adamref.logic.proof import Inference
from adamref.logic.size import core_files, trusted_core

ALL = {path.stem for path in Path(logic.__file__).parent.glob("*.py")}
NOT_TRUSTED = {"__init__", "size", "smt", "steps"}


def test_all_of_the_package_is_trusted_but_for_what_decides_nothing():
    assert ALL - {path.stem for path in core_files()} == NOT_TRUSTED & ALL


def test_every_inference_of_the_package_is_in_it():
    for name in ALL - {"__init__"}:
        import_module(f"adamref.logic.{name}")
    own = {one.__module__ for one in Inference.__subclasses__()}
    own = {name.rpartition(".")[2] for name in own if name.startswith("adamref.logic.")}
    assert own <= {path.stem for path in core_files()}


def test_lines_of_code_are_neither_empty_nor_said():
    size = trusted_core()
    assert size.files == len(core_files())
    statements = lines = 0
    for path in core_files():
        text = path.read_text("utf-8")
        lines += len(text.splitlines())
        statements += sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(text)))
    assert 0.5 * statements < size.lines < lines
