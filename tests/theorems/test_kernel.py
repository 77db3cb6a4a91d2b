"""The kernel checker: the theorems pass, and whatever assumes something is found."""

from __future__ import annotations

import re
import shutil

import pytest

from adamref.theorems import kernel
from adamref.theorems.gallina import rules_file
from adamref.theorems.record import KernelTheorem

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None,
    reason=f"THE COQ THEOREMS ARE NOT CHECKED: {kernel.NEEDS}",
)
TRUE = "Theorem one : 1 = 1.\nProof. reflexivity. Qed.\n"


def stated(names):
    """Every theorem that a file states, by its own words."""
    for path in names:
        for name in re.findall(r"^Theorem ([\w']+)", path.read_text("utf-8"), re.MULTILINE):
            yield KernelTheorem(path.stem, name)


THEOREMS = tuple(stated(sorted(kernel.folder_of_proofs().glob("*.v"))))


@pytest.fixture
def checked(tmp_path):
    """Check theorems of a small development: Rules.v and the files given."""

    def check(*names, **files):
        for name, text in {kernel.RULES: rules_file(), **files}.items():
            (tmp_path / f"{name}.v").write_text(text, "utf-8")
        results = kernel.check([KernelTheorem("Extra", name) for name in names], tmp_path)
        return [results[KernelTheorem("Extra", name)] for name in names]

    return check


@needs_coq
@pytest.mark.long  # CI has adamref prove build them all
def test_every_theorem_passes():
    assert len(THEOREMS) >= 30
    wrong = {t: r for t, r in kernel.check(THEOREMS).items() if r.status != "passed"}
    assert not wrong
    assert all(r.says.startswith("rests on") for r in kernel.check(THEOREMS).values())


def test_each_file_refutes_a_near_miss():
    for path in kernel.folder_of_proofs().glob("*.v"):
        if path.stem not in (kernel.RULES, kernel.STATEMENTS, "Sums"):
            names = [t.name for t in THEOREMS if t.file == path.stem]
            assert any(name.endswith("_refuted") for name in names), path.stem
            assert not all(name.endswith("_refuted") for name in names), path.stem


@pytest.mark.slow
@needs_coq
def test_a_theorem_without_axioms(checked):
    (result,) = checked("one", Extra=TRUE)
    assert result == kernel.KernelResult("passed", "rests on no axiom")


@pytest.mark.slow
@needs_coq
def test_a_theorem_of_a_section_may_have_hypotheses(checked):
    text = "Section S.\nHypothesis H : 1 = 1.\nTheorem one : 1 = 1.\nProof. exact H. Qed.\nEnd S.\n"
    (result,) = checked("one", Extra=text)
    assert result.status == "passed"


@pytest.mark.slow
@needs_coq
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Theorem one : 1 = 2.\nAdmitted.\n", "Admitted"),
        ("Theorem one : 1 = 2.\nProof. admit. Admitted.\n", "admit"),
        ("Axiom two : 1 = 2.\nTheorem one : 1 = 2.\nProof. exact two. Qed.\n", "Axiom"),
        ("Parameter two : 1 = 2.\n" + TRUE, "Parameter"),
        ("Hypothesis two : 1 = 2.\n" + TRUE, "Hypothesis"),
        ("Section S.\nEnd S.\nVariable two : 1 = 2.\n" + TRUE, "Variable"),
        ("(* (* nested *) *) Conjecture two : 1 = 2.\n" + TRUE, "Conjecture"),
        ("Unset Guard Checking.\n" + TRUE, "Checking"),
    ],
)
def test_a_file_that_assumes_something_is_refused(checked, text, word):
    (result,) = checked("one", Extra=text)
    assert result == kernel.KernelResult("failed", f"Extra.v assumes something: it holds {word}")


@pytest.mark.slow
@needs_coq
def test_words_in_comments_and_strings_assume_nothing(checked):
    text = (
        '(* Axiom (* "*)" Admitted *) admit *)\nNotation "\'Axiom\' x" := x (at level 9).\n' + TRUE
    )
    (result,) = checked("one", Extra=text)
    assert result.status == "passed"


@pytest.mark.slow
@needs_coq
def test_an_axiom_that_print_assumptions_finds(checked):
    """Coq's library holds axioms too; only those of the reals are allowed."""
    text = (
        "From Coq Require Import ProofIrrelevance.\n"
        "Theorem one : forall (P : Prop) (p q : P), p = q.\nProof. apply proof_irrelevance. Qed.\n"
    )
    (result,) = checked("one", Extra=text)
    assert result.status == "failed"
    assert result.says == "rests on ProofIrrelevance.proof_irrelevance"


@pytest.mark.slow
@needs_coq
def test_a_false_theorem(checked):
    (result,) = checked("one", Extra="Theorem one : 1 = 2.\nProof. reflexivity. Qed.\n")
    assert result.status == "failed"
    assert result.says.startswith("Extra.v: ")
    assert "unify" in result.says
    assert "\n" not in result.says


@pytest.mark.slow
@needs_coq
def test_a_missing_name_does_not_spoil_the_others(checked):
    one, two = checked("one", "two", Extra=TRUE)
    assert one.status == "passed"
    assert two.status == "failed"
    assert two.says.startswith("The reference AdamRef.Extra.two was not found")


@pytest.mark.slow
@needs_coq
def test_a_name_that_is_no_theorem(checked):
    one, two = checked("one", "two. Check nat", Extra="Definition one := 1.\n")
    assert one.says == "Extra.v does not state one as a theorem"
    assert two.says == "'two. Check nat' is not a name"


@needs_coq
def test_a_missing_file(checked):
    (result,) = checked("one")
    assert result == kernel.KernelResult("failed", "there is no file Extra.v")


@needs_coq
def test_a_file_that_needs_a_wrong_one(checked):
    text = "From AdamRef Require Import Base.\n" + TRUE
    (result,) = checked("one", Base="Axiom two : 1 = 2.\n", Extra=text)
    assert result.status == "failed"
    assert result.says == "Extra.v needs Base.v: Base.v assumes something: it holds Axiom"


@needs_coq
def test_rules_other_than_the_generated_ones_are_refused(checked):
    (result,) = checked("one", Rules=rules_file() + "(* edited *)\n", Extra=TRUE)
    assert result.status == "failed"
    assert result.says.startswith("Rules.v is not what")


@needs_coq
def test_a_library_that_is_not_installed(checked):
    (result,) = checked("one", Extra="From Nowhere Require Import Nothing.\n" + TRUE)
    assert result.status == "not run"
    assert result.says.startswith(kernel.NEEDS)


def test_without_coq(monkeypatch):
    monkeypatch.setattr(kernel.shutil, "which", lambda _: None)
    results = kernel.check(THEOREMS)
    assert set(results.values()) == {kernel.KernelResult("not run", kernel.NEEDS)}
