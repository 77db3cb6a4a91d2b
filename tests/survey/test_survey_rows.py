"""What is to be surveyed is declared as it should be."""

from __future__ import annotations

import re

import pytest

from adamref import rules
from survey import rows
from survey.environments import is_of_a_gpu, resolved

ROWS = rows.rows()
GOOD = """
[environment]
package = "one"
version = "1.0"
install = ["one==1.0"]

[[implementation]]
name = "one-adam"
title = "one"
optimizer = "adam"
target = "one:Adam"
"""


def test_there_are_forty_and_more():
    assert len(ROWS) > 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_implementation_is_of_a_rule_and_at_one_version(row):
    where = row.environment
    assert rules.optimizer(row.optimizer).trains
    pin = re.compile(re.escape(where.package) + "(==|@)" + re.escape(where.version))
    assert where.kind == "program" or any(pin.fullmatch(x) for x in (*where.install, *where.alone))
    assert where.kind != "python" or ":" in row.target
    for known in row.known:
        assert set(known) == {"cause", "source"}
        assert all(known.values())


def test_every_glue_is_used():
    used = {row.glue for row in ROWS} | {"protocol.mjs"}
    assert {x.name for x in rows.GLUE.iterdir() if x.is_file()} == used - {""}


def test_a_lock_has_no_gpu():
    locks = rows.HERE / "locks"
    kept = [line.partition("==")[0] for x in locks.glob("*.txt") for line in x.read_text().split()]
    assert kept
    assert [x for x in kept if is_of_a_gpu(x)] == []


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("nvidia-cublas-cu12", True), ("nvidia_cudnn", True), ("triton", True),
     ("cuda-bindings", True), ("pytorch-triton-rocm", True), ("cupy-cuda12x", True),
     ("jax-cuda12-plugin", True), ("jaxlib", False), ("torch", False), ("tritonclient2", False),
     ("tensorflow-cpu", False), ("cubature", False)],
)  # fmt: skip
def test_a_gpu_s_stack_is_known_by_its_names(name, is_one):
    assert is_of_a_gpu(name) == is_one


def test_what_pip_would_install_is_pinned_without_how_it_was_built():
    report = {"install": [{"metadata": {"name": "Torch", "version": "2.13.0+cpu"}},
                          {"metadata": {"name": "a", "version": "1"}}]}  # fmt: skip
    assert resolved(report) == ["a==1", "torch==2.13.0"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('package = "one"\n', "", "package"),
        ('name = "one-adam"', 'name = "One"', "no name"),
        ('title = "one"', 'title = "one"\ncolour = "red"', "colour"),
        ('title = "one"', 'title = "one"\ndtypes = ["float8"]', "float8"),
        ('title = "one"', 'title = "one"\nglue = "none.py"', "none.py"),
        ("[environment]", '[environment]\nkind = "docker"', "docker"),
        ("[environment]", "[environment", "one.toml"),
    ],
)
def test_what_is_declared_otherwise_is_refused(tmp_path, old, new, says):
    path = tmp_path / "one.toml"
    path.write_text(GOOD)
    assert [row.name for row in rows.read(path)] == ["one-adam"]
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(rows.RowRefused, match=re.escape(says)):
        rows.read(path)


def test_dtypes_are_those_of_the_file_or_its_own(tmp_path):
    path = tmp_path / "one.toml"
    said = {}
    for before in ("", 'dtypes = ["float32", "bfloat16"]\n'):
        path.write_text(before + GOOD + GOOD.partition("\n\n")[2].replace("one-adam", "two-adam")
                        + 'dtypes = ["float64"]\n')  # fmt: skip
        said[before] = [row.dtypes for row in rows.read(path)]
    first, second = said.values()
    assert first == [("float32", "float64"), ("float64",)]
    assert second == [("float32", "bfloat16"), ("float64",)]


def test_a_digest_follows_what_is_asked(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(GOOD)
    (first,) = rows.read(path)
    for old, new in (
        ("one:Adam", "one:Adam2"),
        ("1.0", "1.1"),
        ('title = "one"', 'title = "one"\nargs = {a = 1}'),
    ):
        path.write_text(GOOD.replace(old, new))
        assert rows.read(path)[0].declared() != first.declared()
    path.write_text(GOOD.replace('title = "one"', 'title = "another"'))
    assert rows.read(path)[0].declared() == first.declared()
