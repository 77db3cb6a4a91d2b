"""Records changed at random: nothing false is accepted, and what is accepted has a reason."""

from __future__ import annotations

import pytest
from sympy import Abs, Add, Mul, expand

from adamref.logic.relations import parts_of
from adamref.theorems.operations import eta, u
from record_mutants import accepted, found_false, mutant

BY_KIND = {
    "assumption": "the proof does not need what was left out: another assumption implies it",
    "domain": "the proof does not need the end of the range that was moved",
    "citation": "the record's own statement stands; the step holds of what was put in as well",
}
"""Why a survivor is true, by what was changed: the statement is one that both checkers prove."""

LISTED = {
    "adamax-step-bound-near-limit: relation": "for beta1 > 0 the two sides never meet",
    "sgd-dampened: field: g -> m'": "at the first step the momentum is the gradient",
    "step-bound-increases: sign": "a negative number is below the next bound as well",
    "stalling-bfloat16-from-0: index": "it stays there, so that it is there at the next step too",
    "stalling-bfloat16-from-4: index": "it is 4 at every step, the next one too",
}
"""And those whose claim is another one, each looked at."""

QUICK, BATCH, MANY = 100, 10, 3000


def why_true(one):
    """Return why a survivor is true; None if nobody has said it."""
    if one.weaker:
        return "it follows from the record by its form"
    if one.kind in BY_KIND:
        return BY_KIND[one.kind]
    sides = [p.args for p in parts_of(one.theorem.statement.claim)]
    before = [p.args for p in parts_of(one.of.statement.claim)]
    if all(map(same_sides, sides, before)):
        return "it is the record's claim, written otherwise"
    if all(map(is_wider, sides, before)):
        return "it is the record's bound, and more"
    if one.of.id.startswith("rounding-any-order-") and all(map(same_left, sides, before)):
        return "the bound is that of all orders of the operations, and this one needs less"
    return next((why for start, why in LISTED.items() if one.says.startswith(start)), None)


def same_sides(one, other):
    return all(
        expand(a - b) == 0 or (isinstance(a, Abs) and expand(a.args[0] ** 2 - b.args[0] ** 2) == 0)
        for a, b in zip(one, other, strict=True)
    )


def same_left(one, other):
    """Say whether an error is the same, and the bound on it another."""
    return expand(one[0] - other[0]) == 0


def is_wider(one, other):
    """Say whether a bound is another's, and what is not negative by its form."""
    more = expand(one[1] - other[1])
    return expand(one[0] - other[0]) == 0 and all(
        term.as_coeff_Mul()[0] > 0
        and all(x in (u, eta) or isinstance(x.as_base_exp()[0], Abs) or x.as_base_exp()[0] == u
                or x.as_base_exp()[1] == 2
                for x in Mul.make_args(term.as_coeff_Mul()[1]))
        for term in Add.make_args(more)
    )  # fmt: skip


def survivors(seeds):
    """Return the mutants that are accepted, none of them with a counterexample.

    What follows from a record by its form is searched with the record.
    """
    found = []
    for seed in seeds:
        one = mutant(seed)
        if accepted(one.theorem):
            assert one.kind != "circle", one.says
            if not one.weaker:
                at = found_false(one.theorem)
                assert not at, f"{one.says} is accepted, and false at {at}"
            found.append(one)
    return found


@pytest.mark.parametrize("first", range(0, QUICK, BATCH))
def test_no_false_mutant_survives(first):
    for one in survivors(range(first, first + BATCH)):
        assert why_true(one) is not None, one.says


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, MANY, 100))
def test_nor_does_one_of_many(first):
    """Every survivor is true for a reason that is written above."""
    unexplained = [one.says for one in survivors(range(first, first + 100)) if not why_true(one)]
    assert unexplained == []


def test_mutants_are_of_every_kind():
    kinds = {mutant(seed).kind for seed in range(200)}
    assert len(kinds) == 11
