"""Statements in Coq are written from the records, and only those that can be written truly."""

from __future__ import annotations

import pytest
from sympy import Abs, Integer, Max, Rational, Symbol, log, sqrt

from adamref.logic.relations import eq, ge, gt, le, lt, total
from adamref.rules import ADAM, ADAMW
from adamref.theorems import kernel
from adamref.theorems.coq_statements import Unwritten, covering, proposition, statements_file
from adamref.theorems.library import theorem, theorems
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import beta, g, i, t
from small_theorems import theorem as made
from small_theorems import x

adam = Run(ADAM)
RECORDS = (kernel.folder_of_proofs() / "Records.v").read_text("utf-8")


def written(claim, domain=(), runs=()):
    return proposition(made(claim, domain=domain, runs=runs))


def test_the_file_is_what_is_written_of_the_records():
    held = (kernel.folder_of_proofs() / "Statements.v").read_text("utf-8")
    assert held == statements_file(RECORDS), "write it again with coq_statements.statements_file"


def test_forty_records_are_covered_or_refuted_by_the_kernel():
    by_kernel = [one for one in theorems().values() if kernel.of_record(one)]
    covered = [one for one in by_kernel if covering(one, RECORDS)]
    assert len(by_kernel) >= 40
    assert len(covered) >= 37


@pytest.mark.parametrize(
    "name",
    [
        "efficient-order",
        "step-bound-reached",
        "uncorrected-first-step",
        "uncorrected-first-step-defaults",
        "closed-form-m",
        "weights",
        "step-bound",
    ],
)
def test_the_main_line_is_covered(name):
    assert covering(theorem(name), RECORDS)


def test_nothing_is_covered_by_a_module_of_the_same_name():
    assert not covering(theorem("weights"), "Module Statements. End Statements.\n" + RECORDS)


@pytest.mark.parametrize(
    ("claim", "domain", "runs", "text"),
    [
        (ge(x**2, 0), (), (), "0 <= ((x) ^ 2)"),
        (eq(sqrt(x), 1 / x), (gt(x, 0),), (), "((sqrt (x)) ^ 1) = (/ ((x) ^ 1))"),
        (le(Abs(x), Max(x, -x)), (), (), "Rabs (x) <= Rmax ("),
        (lt(x, Rational(-1, 2)), (), (), "x < (-1 / 2)"),
        (eq(beta ** (t - 1), x), (ge(t, 1),), (), "((beta) ^ (t - 1%nat)%nat) = x"),
        (eq(total(g(i), i, 1, t), x), (ge(t, 0),), (), "(sum_to (fun i => (g i)) t) = x"),
        (eq(adam("m", t), x), (ge(t, 0),), (adam,), "(adam_m (beta1) g t) = x"),
    ],
)
def test_how_it_is_written(claim, domain, runs, text):
    assert text in written(claim, domain, runs)


@pytest.mark.parametrize(
    ("claim", "domain", "runs"),
    [
        (eq(beta ** (t - 1), x), (ge(t, 0),), ()),
        (eq(beta**t, x), (), ()),
        (eq(total(g(i), i, 0, t), x), (ge(t, 0),), ()),
        (eq(log(x), 0), (), ()),
        (eq(x**beta, 0), (), ()),
        (eq(Run(ADAMW)("theta", t), x), (ge(t, 0),), (Run(ADAMW),)),
        (
            eq(adam("v", t), x),
            (ge(t, 0),),
            (Run(ADAM, starts={"v": Symbol("v_0", real=True)}),),
        ),
        (eq(g(t - 1), x), (ge(t, Integer(0)),), ()),
    ],
)
def test_what_coq_would_read_otherwise_is_not_written(claim, domain, runs):
    """Its subtraction of natural numbers ends at 0, and its rules are a few."""
    with pytest.raises(Unwritten):
        written(claim, domain, runs)


def test_a_hypothesis_about_every_index_is_not_written():
    with pytest.raises(Unwritten):
        proposition(theorem("unbiased-m-hat"))


def test_hypotheses_of_a_section_are_told():
    (first, *_) = theorem("unbiased-m-hat").kernel
    assert [one.split(" ")[0] for one in kernel.supposed(first)] == ["E_plus", "E_scale"]
    (weights, *_) = theorem("weights").kernel
    assert kernel.supposed(weights) == ()
