"""One theorem is found without loading the others."""

from __future__ import annotations

import subprocess
import sys

import pytest

import theorem_index
from adamref.errors import UnknownName
from adamref.theorems import library
from adamref.theorems.citing import cited, with_grounds
from adamref.theorems.index import ids
from adamref.theorems.library import chosen, theorem, theorems


@pytest.mark.slow
def test_the_table_is_what_the_chapters_say():
    assert theorem_index.FILE.read_text("utf-8") == theorem_index.text(), (
        "write it again: python tests/support/theorem_index.py"
    )
    assert ids() == tuple(theorems())


def test_what_the_table_lacks_is_found_all_the_same(monkeypatch):
    monkeypatch.setattr(library, "indexed", dict)
    library._found.cache_clear()
    assert chosen(["power-below-one"])[0].id == "power-below-one"
    library._found.cache_clear()


def test_a_chapter_stands_for_its_theorems():
    assert [one.id for one in chosen(["closed_forms"])] == ["closed-form-m", "closed-form-v"]
    # Together with one of its own it is said once.
    assert len(chosen(["closed-form-v", "closed_forms"])) == 2


def test_what_a_theorem_rests_on_comes_before_it():
    (bound,) = chosen(["step-bound"])
    order = [one.id for one in with_grounds([bound])]
    assert order[-1] == "step-bound"
    assert set(cited(bound)) <= set(order[:-1])
    for place, name in enumerate(order):
        assert set(cited(theorem(name))) <= set(order[:place])


def test_one_theorem_does_not_load_the_book():
    code = (
        "import sys; from adamref.theorems.library import chosen; chosen(['step-bound']); "
        "print(*(m for m in sys.modules if m.startswith('adamref.proofs.')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in out.stdout.split()}
    assert loaded == {"step_bound", "cauchy_schwarz", "closed_forms", "powers"}


def test_an_unknown_id_is_named_with_those_there_are():
    with pytest.raises(UnknownName, match="step-bound"):
        chosen(["step-bounds"])
