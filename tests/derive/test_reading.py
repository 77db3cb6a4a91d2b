"""How the book is read: its parts, paths and questions are about theorems that there are."""

from __future__ import annotations

from importlib import import_module

import pytest

from adamref.derive.reading import PATHS, QUESTIONS, asked_of, citing, parts, selected
from adamref.errors import UnknownName
from adamref.rules import family
from adamref.theorems.index import ids, indexed
from adamref.theorems.library import PROOFS


def test_the_parts_hold_every_theorem_once():
    chapters = [name for part in parts() for name in part.chapters]
    assert len(chapters) == len(set(chapters))
    assert [name for one in chapters for name in indexed()[one].theorems] == list(ids())
    assert [part.title for part in parts()] == list(import_module(PROOFS).PARTS)


def test_the_main_line_comes_first():
    order = [name for name in ids() if name in {*PATHS["student"].theorems}]
    assert parts()[0].chapters[0] == "closed_forms"
    assert order[:6] == [
        "closed-form-m", "closed-form-v", "weights", "unbiased-m-hat", "first-step", "step-bound",
    ]  # fmt: skip


def test_what_a_proof_cites_stands_before_it_or_in_its_part():
    at = {name: i for i, name in enumerate(ids())}
    for chapter in indexed().values():
        for name, cited in chapter.cites.items():
            assert all(at[one] < at[name] for one in cited), (name, cited)


@pytest.mark.parametrize("path", PATHS.values(), ids=lambda path: path.id)
def test_a_path_leads_by_theorems_that_there_are(path):
    assert {*path.theorems} <= {*ids()}
    assert len({*path.theorems}) == len(path.theorems)
    assert path.id not in {*ids(), *indexed(), *family(), "all"}
    assert [one.id for one in selected([path.id])] == list(path.theorems)


def test_the_students_path_has_eight_theorems():
    assert len(PATHS["student"].theorems) == 8


def test_questions_are_answered_by_theorems_that_there_are():
    assert {name for one in QUESTIONS for name in one.theorems} <= {*ids()}
    assert all(one.asked.endswith("?") and one.theorems for one in QUESTIONS)
    assert [one.asked for one in asked_of("weights")] == ["Why divide by 1 - beta^t?"]


def test_what_rests_on_a_theorem_is_known():
    assert "step-bound" in citing("first-moment-below-second")
    assert citing("stalling-bfloat16-parameter") == ()


def test_what_is_selected():
    assert [one.id for one in selected(["weights", "bias-correction"])][:2] == [
        "weights", "closed-form-m",
    ]  # fmt: skip
    with pytest.raises(UnknownName, match="theorem or chapter 'studnet'"):
        selected(["studnet"])
