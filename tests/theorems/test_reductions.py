"""Every optimizer says what it reduces to, and the theorem is about its own lines."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest
from sympy import Integer, Piecewise, evaluate

from adamref.logic.check import algebra
from adamref.rules import symbols
from adamref.rules.family import family
from adamref.theorems.library import PROOFS, theorems

TRAINED = {name: one for name, one in family().items() if one.trains}
ROOTS = {"adam", "gradient-descent"}
"""What the others are reduced to."""

POINTED = [(name, id_) for name, one in TRAINED.items() for id_ in one.reductions]


def test_every_optimizer_has_a_reduction():
    assert {name for name, one in TRAINED.items() if not one.reductions} == ROOTS


@pytest.mark.parametrize(("name", "id_"), POINTED)
def test_a_reduction_is_a_theorem_about_the_optimizer(name, id_):
    theorem = theorems()[id_]
    assert theorem.verdict == "PROVED"
    fields = {value.func for value in theorem.statement.claim.atoms(symbols.Function)}
    spoken = [run for run in theorem.runs if run.fields & fields]
    assert name in {run.rule.name for run in spoken}
    if id_ not in EDITS:  # those are checked below
        assert algebra(theorem).refusal is None


# A changed line breaks the theorem. Each edit is of a line that the reduction rests on: chapter,
# run, line, and what is put in for what.


def edited(rule, line, old, new):
    with evaluate(False):
        changed = rule.line(line).expr.xreplace({old: new})
    assert changed != rule.line(line).expr, line
    return rule.edited(**{line: changed})


EDITS = {
    "lamb-is-adamw": ("reduced_by_a_schedule", "lamb", "delta", symbols.trust, Integer(1)),
    "stable-adamw-is-adamw": (
        "reduced_by_a_schedule",
        "stable",
        "theta_decayed",
        symbols.eta,
        symbols.alpha,
    ),
    "adagrad-is-adam": ("reduced_by_a_schedule", "adagrad", "v", symbols.g, 2 * symbols.g),
    "ademamix-equal-rates": ("reduced_by_a_schedule", "equal", "m_slow", symbols.g, symbols.m),
    "ademamix-is-adamw": (
        "reduced_by_a_rate",
        "ademamix",
        "delta",
        symbols.alpha_mix,
        1 - symbols.alpha_mix,
    ),
    "adan-is-adamw": ("reduced_by_a_rate", "adan_w", "n", symbols.beta2, 1 - symbols.beta2),
    "nadam-is-adam": ("reduced_by_a_rate", "nadam", "m_hat", symbols.mu, symbols.beta2),
    "adamax-is-adam": ("reduced_by_a_rate", "adamax", "u", symbols.beta2, symbols.beta1),
    "schedule-free-is-adamw": ("reduced_by_a_rate", "free", "z", symbols.alpha, symbols.eps),
    "amsgrad-is-adam": ("reduced_where", "amsgrad", "v_max", symbols.v, symbols.v_prev),
    "lamb-equal-norms": (
        "reduced_where",
        "lamb",
        "trust",
        symbols.theta_norm,
        2 * symbols.theta_norm,
    ),
    "stable-adamw-unclipped": ("reduced_where", "stable", "eta", symbols.rms, 2 * symbols.rms),
    "cautious-adamw-agreeing": ("reduced_where", "cautious", "phi", symbols.g, -symbols.g),
    "radam-rectified": ("steps_in_proportion", "radam", "below", Integer(5), Integer(6)),
    "cautious-adamw-step": ("steps_in_proportion", "cautious", "delta", symbols.phi, Integer(1)),
    "adabelief-of-surprises": ("steps_in_proportion", "belief", "v", symbols.m, symbols.m_prev),
    "lion-is-adamw": ("reduced_to_signs", "lion", "c", symbols.g, -symbols.g),
    "lion-equal-rates": ("reduced_to_signs", "equal", "m", symbols.beta2, symbols.beta1**2),
    "adabelief-is-descent": ("reduced_to_momentum", "belief", "v", symbols.m, symbols.m_prev),
    "radam-is-momentum": ("reduced_to_momentum", "radam", "r", Integer(5), Integer(4)),
    "adopt-is-momentum": ("reduced_to_momentum", "adopt", "g_hat", symbols.v_prev, symbols.g**2),
    "rmsprop-centered-is-descent": ("rmsprop_forms", "centered", "m", symbols.beta2, symbols.beta1),
    "rmsprop-rate-inside": ("rmsprop_forms", "moves", "b", symbols.alpha, Integer(1)),
    "sgd-dampened": ("sgd_forms", "dampened", "m", symbols.dampening, symbols.beta1),
    "sgd-rate-inside": ("sgd_forms", "inside", "m", symbols.alpha, symbols.beta1),
    "sgd-is-momentum": ("sgd_forms", "accumulated", "m", symbols.g, 2 * symbols.g),
}


def over(theorem, chapter, name, run):
    """Return a theorem whose proof and statement are about another run of the same mark."""
    old = getattr(chapter, name)
    runs = tuple(run if one is old else one for one in theorem.runs)
    assert run in runs
    return replace(theorem, space=replace(theorem.space, runs=runs))


@pytest.mark.long
@pytest.mark.parametrize("id_", EDITS)
def test_a_changed_line_breaks_the_reduction(id_, monkeypatch):
    where, name, line, old, new = EDITS[id_]
    chapter = import_module(f"{PROOFS}.{where}")
    theorem, run = theorems()[id_], getattr(chapter, name)
    for rule, holds in ((run.rule, True), (edited(run.rule, line, old, new), False)):
        other = replace(run, rule=rule)
        moved = over(theorem, chapter, name, other)
        with monkeypatch.context() as patch:
            patch.setattr(chapter, name, other)
            assert (algebra(moved).refusal is None) == holds, id_


def test_the_edits_are_of_lines_that_choose_too():
    kinds = [
        bool(
            getattr(import_module(f"{PROOFS}.{where}"), name).rule.line(line).expr.atoms(Piecewise)
        )
        for where, name, line, *_ in EDITS.values()
    ]
    assert sum(kinds) >= 5
