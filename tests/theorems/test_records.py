"""Every record: its form, its verdict, its near-misses, and that no mutant of it survives."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from sympy import And, Integer, Limit, Rational, Sum

from adamref.logic.check import algebra
from adamref.logic.induction import Induction
from adamref.theorems.evaluation import refuted_at
from adamref.theorems.library import PROOFS, theorems
from adamref.theorems.prove import outcome
from adamref.theorems.search import search

ALL = list(theorems().values())
PROVED = [theorem for theorem in ALL if theorem.verdict == "PROVED"]
BY_ALGEBRA = [theorem for theorem in PROVED if "algebra" not in theorem.not_applicable]
REFUTED = [theorem for theorem in ALL if theorem.verdict == "REFUTED"]
FOLDER = Path(__file__).parents[2] / "proofs"


def named(theorem):
    return theorem.id


# Form.


def test_every_file_of_the_folder_is_a_chapter():
    from importlib import import_module

    files = {p.stem for p in FOLDER.glob("*.py") if "\nTHEOREMS = " in p.read_text("utf-8")}
    shared = {p.stem for p in FOLDER.glob("*.py")} - files - {"__init__"}
    assert sorted(import_module(PROOFS).CHAPTERS) == sorted(files)
    assert shared == {"alike", "moments"}, "a file of theorems has THEOREMS at its end"


@pytest.mark.parametrize("theorem", ALL, ids=named)
def test_a_record_says_everything(theorem):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", theorem.id)
    for said in (theorem.title, theorem.says, theorem.source):
        assert said == said.strip()
        assert said
    assert theorem.title[0].isupper() or not theorem.title[0].isalpha()
    assert theorem.says.endswith(".")
    assert not theorem.title.endswith(".")
    assert set(theorem.not_applicable) <= {"algebra", "smt", "numbers"}
    assert all(len(why) > 10 for why in theorem.not_applicable.values())
    assert theorem.verdict in ("PROVED", "REFUTED")


@pytest.mark.parametrize("theorem", PROVED, ids=named)
def test_a_theorem_has_a_near_miss(theorem):
    assert theorem.near_misses
    assert theorem.counterexample is None
    for miss in theorem.near_misses:
        assert miss.says.endswith(".")
        same = miss.statement.claim == theorem.statement.claim
        assert not same or miss.statement != theorem.statement


@pytest.mark.parametrize("theorem", REFUTED, ids=named)
def test_a_refuted_claim_has_a_counterexample_and_no_proof(theorem):
    assert theorem.counterexample is not None
    assert theorem.proof(theorem.statement) == ()


@pytest.mark.parametrize("theorem", ALL, ids=named)
def test_every_step_says_why(theorem):
    for step in every_step(theorem.proof(theorem.statement)):
        assert step.because.endswith(".")
        assert step.name == step.name.strip()


def every_step(steps):
    for step in steps:
        yield step
        for part in ("base", "step"):
            yield from every_step(getattr(step.by, part, ()))


# Checks. All of them on all records are what `adamref prove` does, and CI runs it before the tests;
# here every checker checks some, and in the long tests the algebra a record of each kind of step in
# each chapter, and all.

SOME = ALL[::24]


CHAPTERS = list(dict.fromkeys(theorem.proof.__module__ for theorem in BY_ALGEBRA))


def of(chapter):
    return [theorem for theorem in BY_ALGEBRA if theorem.proof.__module__ == chapter]


def kinds(theorem):
    """Return the kinds of steps that a record has."""
    return {type(step.by) for step in every_step(theorem.proof(theorem.statement))}


def covering(records):
    """Return records of which every other one is of the same kinds."""
    found, seen = [], set()
    for theorem in records:
        if not found or not kinds(theorem) <= seen:
            found.append(theorem)
            seen |= kinds(theorem)
    return found


@pytest.mark.long
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_algebra_accepts_the_proof_and_refuses_the_near_misses(chapter):
    for theorem in covering(of(chapter)):
        accepted_but_no_near_miss(theorem)


@pytest.mark.long
@pytest.mark.parametrize("theorem", BY_ALGEBRA, ids=named)
def test_so_it_does_with_all_of_them(theorem):
    accepted_but_no_near_miss(theorem)


def accepted_but_no_near_miss(theorem):
    assert algebra(theorem).refusal is None
    for miss in theorem.near_misses:
        assert algebra(theorem, miss.statement).refusal is not None, miss.says


@pytest.mark.parametrize("theorem", ALL, ids=named)
def test_every_counterexample_is_one(theorem):
    for miss in theorem.near_misses:
        space = miss.space or theorem.space
        assert refuted_at(miss.statement, space, miss.counterexample), miss.says
    if theorem.counterexample is not None:
        assert refuted_at(theorem.statement, theorem.space, theorem.counterexample)


@pytest.mark.slow
@pytest.mark.parametrize("theorem", SOME, ids=named)
def test_every_checker_agrees(theorem):
    agree(theorem)


@pytest.mark.long
@pytest.mark.parametrize("theorem", [t for t in ALL if t not in SOME], ids=named)
def test_every_checker_agrees_on_the_others_too(theorem):
    agree(theorem)


def agree(theorem):
    found = outcome(theorem)
    failed = {n: c.says for n, c in found.checks.items() if c.status == "failed"}
    assert not failed
    assert found.verdict == theorem.verdict
    assert found.near_misses == ((),) * len(theorem.near_misses)


# Mutants.


def without_each_step(steps):
    """Yield every proof with one step less, inside inductions too."""
    for at, step in enumerate(steps):
        yield steps[:at] + steps[at + 1 :]
        if isinstance(step.by, Induction):
            for part in ("base", "step"):
                for inner in without_each_step(getattr(step.by, part)):
                    mutant = replace(step, by=replace(step.by, **{part: inner}))
                    yield (*steps[:at], mutant, *steps[at + 1 :])


@pytest.mark.slow
@pytest.mark.parametrize("theorem", BY_ALGEBRA, ids=named)
def test_a_step_cannot_be_left_out(theorem):
    """One of them here, all of them in the long tests."""
    assert without_steps(theorem, 1) == 1


@pytest.mark.long
@pytest.mark.parametrize("theorem", BY_ALGEBRA, ids=named)
def test_no_step_can_be_left_out(theorem):
    count = without_steps(theorem, None)
    assert count >= len(list(every_step(theorem.proof(theorem.statement))))


def without_steps(theorem, most):
    count = 0
    for mutant in islice(without_each_step(theorem.proof(theorem.statement)), most):
        count += 1
        without = replace(theorem, proof=lambda _, m=mutant: m)
        assert algebra(without).refusal is not None
    return count


def changed(expr):
    """Yield an expression with one of its numbers changed, everywhere it has one."""
    if expr.is_Rational:
        yield expr + 1
        return
    for at, part in enumerate(expr.args):
        if isinstance(expr, Limit) and at > 0:
            continue  # the direction of a limit is no constant
        for other in changed(part):
            args = [*expr.args[:at], other, *expr.args[at + 1 :]]
            if isinstance(expr, Sum) and at > 0:
                args[at] = tuple(other)
            yield expr.func(*args)


def mutants(claim):
    """Yield a claim with one of its constants changed."""
    if isinstance(claim, And):
        for at, part in enumerate(claim.args):
            for other in mutants(part):
                yield And(*claim.args[:at], other, *claim.args[at + 1 :], evaluate=False)
        return
    left, right = claim.args
    for other in changed(left):
        yield claim.func(other, right, evaluate=False)
    for other in changed(right):
        yield claim.func(left, other, evaluate=False)


def test_mutants_are_made():
    from adamref.logic.relations import eq, total
    from adamref.theorems.symbols import beta, i, t

    claim = eq((1 - beta) * total(beta ** (t - i), i, 1, t), Rational(1, 2))
    made = {str(mutant) for mutant in mutants(claim)}
    assert len(made) == 5
    assert any("(i, 2, t)" in mutant for mutant in made)
    assert Integer(1) + Rational(1, 2) in {mutant.args[1] for mutant in mutants(claim)}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_constant_of_a_statement_cannot_be_changed(chapter):
    """One of them here, all of them in the long tests."""
    for theorem in covering(of(chapter)):
        assert surviving(theorem, 1) == []


@pytest.mark.long
@pytest.mark.parametrize("theorem", BY_ALGEBRA, ids=named)
def test_no_constant_of_a_statement_can_be_changed(theorem):
    assert surviving(theorem, None) == []


def surviving(theorem, most):
    survivors = []
    for claim in islice(mutants(theorem.statement.claim), most):
        mutant = replace(theorem, statement=replace(theorem.statement, claim=claim))
        if algebra(mutant).refusal is None:
            survivors.append(claim)
    return survivors


@pytest.mark.slow
@pytest.mark.parametrize("theorem", REFUTED, ids=named)
def test_a_refutation_is_a_matter_of_its_constants(theorem):
    """The counterexample refutes the claim by a number: some mutant of it withstands."""
    point = theorem.counterexample
    assert refuted_at(theorem.statement, theorem.space, point)
    withstanding = [
        claim
        for claim in mutants(theorem.statement.claim)
        if not refuted_at(replace(theorem.statement, claim=claim), theorem.space, point)
    ]
    found = search(theorem.statement, theorem.space).counterexample
    assert withstanding or found is not None or "numbers" in theorem.not_applicable
