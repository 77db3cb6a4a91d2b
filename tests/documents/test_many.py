"""Folders, patterns, standard input, and many documents at once."""

from __future__ import annotations

import io
import json
import sys

import pytest

import document_formats as written
from adamref.documents.files import documents
from adamref.documents.many import FEW, audit_all
from adamref.errors import Unreadable

USUAL = "Adam: alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
RIGHT, WRONG, OTHER = USUAL + "m_1 = 1.5\n", USUAL + "m_1 = 1.6\n", "Bread wants flour.\n"


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "b.md": RIGHT,
        "a.txt": WRONG,
        "below/c.tex": RIGHT,
        "below/recipe.md": OTHER,
        "below/settings.json": '{"indent": 4}',
        ".hidden/d.md": WRONG,
        "node_modules/e.md": WRONG,
        "picture.png": "\x89PNG",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def found(folder, *names):
    return [
        str(one) if isinstance(one, Unreadable) else one.path.removeprefix(f"{folder}/")
        for one in documents([str(folder / name) for name in names])
    ]


def test_a_folder_is_read_in_the_order_of_names_and_what_is_hidden_is_not(folder):
    wanted = ["a.txt", "b.md", "below/c.tex", "below/recipe.md", "below/settings.json"]
    assert found(folder, ".") == wanted


def test_a_pattern_is_expanded_and_one_that_matches_nothing_says_so(folder):
    assert found(folder, "*.md") == ["b.md"]
    assert found(folder, "**/*.md") == ["b.md", "below/recipe.md", "node_modules/e.md"]
    assert found(folder, "*.rst") == [f"{folder}/*.rst: no file matches this pattern"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    (tmp_path / "[1].md").write_text(RIGHT)
    assert found(tmp_path, "[1].md") == ["[1].md"]


def test_a_folder_ends_with_a_line_for_each_and_one_for_all(call, folder, monkeypatch):
    monkeypatch.chdir(folder)
    code, out, err = call("audit", ".")
    assert (code, err) == (1, "")
    *_, first, second, third, recipe, settings, last = out.splitlines()
    assert first == "./a.txt: wrong, first at line 2, m at t = 1; 1 claim: 1 wrong."
    assert "b.md: holds; 1 claim: 1 hold" in second
    assert "c.tex: holds" in third
    assert recipe.endswith("recipe.md: nothing-read")
    assert settings.endswith("settings.json: nothing-read")
    assert last == "5 documents: 2 hold, 2 with nothing read, 1 wrong."


def test_what_is_wrong_decides_though_another_file_cannot_be_read(call, folder):
    missing = folder / "missing.md"
    code, _, err = call("audit", missing, folder / "a.txt")
    assert code == 1
    assert "missing.md: there is no such file" in err
    assert call("audit", missing, folder / "b.md")[0] == 2


def test_a_folder_without_a_document_is_one_line_and_exit_2(call, tmp_path):
    code, out, err = call("audit", tmp_path)
    assert (code, out) == (2, "")
    assert err == f"adamref: {tmp_path}: no document is in this directory\n"


def test_a_folder_in_which_nothing_is_read_is_one_line_and_exit_2(call, tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(OTHER)
    code, _, err = call("audit", tmp_path)
    assert code == 2
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["notes.md", "cells.ipynb", "word.docx", "case.json"])
def test_standard_input_is_read_in_whatever_format_it_is(call, monkeypatch, name):
    made = written.FORMATS[name](written.NUMBERS | written.WRONG)
    data = made if isinstance(made, bytes) else made.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, out, _ = call("audit", "-", "--format", "json")
    (document,) = json.loads(out)["documents"]
    assert code == 1
    assert document["path"] == "<stdin>"
    assert document["claims"][document["first_wrong"]]["claimed"] == "0.70024"


@pytest.mark.long
def test_several_processes_say_what_one_says_in_the_same_order(folder):
    names = [str(folder / name) for name in ("a.txt", "b.md", "missing.md", "below/c.tex")]
    names *= FEW // 3
    alone = list(audit_all(names, jobs=1))
    together = list(audit_all(names, jobs=2))
    assert [str(one) for one in together] == [str(one) for one in alone]
