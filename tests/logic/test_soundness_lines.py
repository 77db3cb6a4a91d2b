"""A field is named where its lines are defined: they divide by no field that is 0 or may be."""

import pytest
from sympy import Integer

from adamref.logic.arithmetic import Certificate
from adamref.logic.check import algebra
from adamref.logic.facts import Always
from adamref.logic.lines import RunLines
from adamref.logic.relations import ge, gt, lt, ne
from adamref.rules import ADAM, get
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import beta1, beta2, decay_rate, eps, g, i, t
from small_theorems import step, theorem

adam = Run(ADAM)
without = Run(ADAM, hypers={"eps": Integer(0)})
negative = Run(ADAM, starts={"v": Integer(-1)})
RATES = (*decay_rate(beta1), *decay_rate(beta2), ge(t, 1))


@pytest.mark.parametrize(
    ("run", "name", "domain", "there"),
    [
        (adam, "delta", (gt(eps, 0),), True),
        (adam, "theta", (gt(eps, 0),), True),
        (adam, "delta", (), False),
        (adam, "delta", (ge(eps, 0),), False),
        (adam, "delta", (lt(eps, 0),), False),
        (adam, "delta", (ne(eps, 0),), False),
        (adam, "delta", (ge(eps, 0), gt(adam("v", t), 0)), True),
        # Before step t nothing is said of v.
        (adam, "theta", (ge(eps, 0), gt(adam("v", t), 0)), False),
        (without, "delta", (ne(g(t), 0),), True),
        (without, "theta", (ne(g(t), 0),), False),
        (without, "delta", (ne(g(t - 1), 0),), False),
        # A v that begins below 0 stays there where gradients are 0.
        (negative, "delta", (gt(eps, 0),), False),
    ],
)
def test_a_step_is_named_where_its_lines_divide_by_no_field_that_is_0(run, name, domain, there):
    """A square is >= 0 wherever it is there."""
    claim = ge(run(name, t) ** 2, 0)
    one = step(claim, Certificate((run(name, t) ** 2,)))
    found = algebra(theorem(claim, one, domain=(*RATES, *domain), runs=(run,))).refusal
    assert (found is None) == there, found
    assert there or "rests on what may not be there" in found


@pytest.mark.parametrize(
    ("domain", "last", "there"),
    [
        ((gt(beta2, 0),), t, True),
        ((gt(beta2, 0),), Integer(1), True),
        # With beta2 = 0 a gradient is forgotten at once.
        ((), t, True),
        ((), t - 1, False),
        ((), Integer(1), False),
    ],
)
def test_a_sign_is_kept_from_step_to_step(domain, last, there):
    """Gradients that are not 0, up to some step, and what is left of them in v at step t."""
    known = Always(ne(g(i), 0), i, Integer(1), last)
    lacks = RunLines(without, (*RATES, *domain), (known,)).lacking(without("theta", t))
    assert (not lacks) == there, lacks


def test_a_variance_is_not_known_to_keep_its_sign():
    """Centred RMSprop takes the root of v - m^2, of which its lines alone do not say it is >= 0."""
    centred = Run(get("rmsprop", centered="on"))
    lacks = RunLines(centred, (*RATES, gt(eps, 0))).lacking(centred("delta", t))
    assert "must be nonnegative" in lacks
