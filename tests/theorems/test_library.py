"""One theorem is found without loading the others."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from adamref.errors import UnknownName
from adamref.theorems.library import PROOFS, _unlikely, chosen, theorems


@pytest.mark.slow
def test_every_id_is_found_in_few_chapters():
    chapters = {
        theorem.id: chapter
        for chapter in import_module(PROOFS).CHAPTERS
        for theorem in import_module(f"{PROOFS}.{chapter}").THEOREMS
    }
    assert list(chapters) == list(theorems())
    for name, own in chapters.items():
        likely = [c for c in import_module(PROOFS).CHAPTERS if _unlikely(c, name) == 0]
        assert _unlikely(own, name) < 2, f"{own} does not show that {name} stands in it"
        assert len(likely) <= 4, (name, likely)
        assert chosen([name]) == [theorems()[name]]


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
