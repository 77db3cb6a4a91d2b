"""Inequalities from derivatives; limits, and starts of the caller's, at a point."""

from __future__ import annotations

import pytest
from sympy import And, Function, Integer, Limit, Rational, Symbol, log, oo, sqrt

import small_theorems
from adamref.logic.arithmetic import Certificate
from adamref.logic.facts import Always
from adamref.logic.induction import Induction
from adamref.logic.proof import ProofStep
from adamref.logic.relations import eq, ge, gt, le, lt, ne
from adamref.logic.slopes import Slope
from adamref.logic.statement import Statement
from adamref.rules import ADAMW
from adamref.theorems.evaluation import NoValue, refuted_at
from adamref.theorems.points import Point, Space
from adamref.theorems.quantities import Run
from adamref.theorems.spaces import points
from adamref.theorems.symbols import alpha, beta, n, t
from small_theorems import x, y

OPEN = (gt(x, 0), lt(x, 1))
ABOVE = (gt(x, 0), gt(x, 1))
ONE = Integer(1)
NOWHERE = Space(points())


def refusal(claim, slope, *, end=ONE, domain=OPEN, hypotheses=None):
    steps = (
        ProofStep("slope", slope, "", Certificate()),
        ProofStep("claim", claim, "", Slope(x, end, "slope")),
    )
    return small_theorems.refusal(claim, *steps, domain=domain, hypotheses=hypotheses)


def refused(claim, slope, **more):
    """Say whether the inference, and not the step about the slope, is refused."""
    return (refusal(claim, slope, **more) or "").startswith("step 'claim'")


def test_a_logarithm_is_below_its_tangent():
    assert refusal(lt(log(x), x - 1), gt((1 - x) / x, 0)) is None
    assert refusal(lt(log(x), x - 1), gt((x - 1) / x, 0), domain=ABOVE) is None


def test_the_sign_of_the_derivative_counts():
    """Below the end the difference must fall towards it, and above it rise from it."""
    assert refused(gt(log(x), 0), gt(1 / x, 0))
    assert refusal(gt(log(x), 0), gt(1 / x, 0), domain=ABOVE) is None
    assert refusal(lt(log(x), 0), gt(1 / x, 0)) is None
    assert refused(lt(log(x), 0), gt(1 / x, 0), domain=ABOVE)


def test_a_number_lies_on_one_side_of_the_end():
    """The logarithm rises, and is not above 0 wherever it is defined."""
    found = refusal(gt(log(x), 0), gt(1 / x, 0), domain=(gt(x, 0),))
    assert "is not known to lie on one side of 1" in found


def test_what_a_slope_shows_is_one_strict_inequality_of_one_number():
    both = And(lt(log(x), x - 1), lt(2 * log(x), 2 * x - 2), evaluate=False)
    assert "is more than one relation" in refusal(both, gt((1 - x) / x, 0))
    assert "is not about" in refusal(gt(y * log(x), 0), gt(y / x, 0), domain=(*ABOVE, gt(y, 0)))
    found = refusal(lt(log(x), x - 1), ge((1 - x) / x, 0))
    assert "slope is no strict inequality" in found
    apart = (*OPEN, ne(x, Rational(1, 2)))
    assert "does not describe an interval" in refusal(
        lt(log(x), x - 1), gt((1 - x) / x, 0), domain=apart
    )


def test_a_function_is_defined_up_to_the_end():
    """(x - 1) log(x - 1) is nothing at 1, and below 0 beside it."""
    claim = gt((x - 1) * log(x - 1), 0)
    assert "is not known to be defined up to 1" in refusal(claim, gt(x, 0), domain=ABOVE)


def test_a_whole_number_has_no_slope():
    """Between 0 and 1 there is none of them."""
    claim, steep = lt(log(n), n - 1), gt((n - 1) / n, 0)
    steps = (
        ProofStep("slope", steep, "", Certificate()),
        ProofStep("claim", claim, "", Slope(n, ONE, "slope")),
    )
    found = small_theorems.refusal(claim, *steps, domain=(gt(n, 0), gt(n, 1)))
    assert "takes no values between whole numbers" in found


def test_the_derivative_must_be_that_of_the_difference():
    assert refused(lt(log(x), 2 * (x - 1)), gt((1 - x) / x, 0))
    assert refused(lt(log(x), x - 1), gt((1 - x) / x**2, 0))


def test_the_sides_must_meet_at_the_end():
    assert refused(lt(log(x), x - Rational(11, 10)), gt((1 - x) / x, 0))
    assert refused(lt(log(x), x), gt((1 - x) / x, 0))


def test_the_sign_must_be_strict():
    assert refused(lt(log(x), x - 1), ge((1 - x) / x, 0))


def test_the_function_must_be_defined_up_to_the_end():
    """The logarithm rises from 0 on, but not from a value at 0."""
    assert refused(gt(log(x), 0), gt(1 / x, 0), end=Integer(0))
    assert refused(lt(1 / x, 0), gt(1 / x**2, 0), end=Integer(0))
    assert refused(gt(1 - sqrt(x), 0), gt(1 / (2 * sqrt(x)), 0))


def test_the_domain_must_reach_the_end():
    """Between x and the end nothing is known of numbers outside the domain."""
    claim, slope = lt(log(x), 0), gt(1 / x, 0)
    assert refusal(claim, slope) is None
    for more in (lt(x, Rational(1, 2)), lt(x, y), eq(x, Rational(1, 2)), gt(x**2, 0)):
        assert refused(claim, slope, domain=(*OPEN, more))
    assert refused(claim, slope, domain=(gt(x, 0),))


def test_other_symbols_and_hypotheses_are_refused():
    assert refused(lt(log(x) * y, y * (x - 1)), gt((1 - x) / x, 0))
    f = Function("f", real=True)
    supposed = {"said": Always(ge(f(n), x), n, Integer(0))}
    assert refused(lt(log(x), x - 1), gt((1 - x) / x, 0), hypotheses=supposed)


def test_it_is_no_way_to_an_equation_or_a_conjunction():
    assert refused(eq(log(x), x - 1), gt((1 - x) / x, 0))
    both = And(lt(log(x), x - 1), lt(log(x), 0))
    assert refused(both, gt((1 - x) / x, 0))


def test_a_slope_that_holds_by_induction_hypothesis_is_refused():
    claim = lt(log(x), x - 1)
    inner = (
        ProofStep("slope", gt((1 - x) / x, 0), "", Certificate((), ("induction hypothesis",))),
        ProofStep("again", claim, "", Slope(x, Integer(1), "slope")),
    )
    base = (
        ProofStep("slope", gt((1 - x) / x, 0), "", Certificate()),
        ProofStep("claim", claim, "", Slope(x, Integer(1), "slope")),
    )
    steps = (ProofStep("all", claim, "", Induction(n, 0, base, inner)),)
    found = small_theorems.refusal(claim, *steps, domain=(*OPEN, ge(n, 0)))
    assert found is not None


def refuted(claim, **values):
    return refuted_at(Statement(claim, ()), NOWHERE, Point(values))


def test_a_limit_has_a_value_at_a_point():
    limit = Limit(n * beta**n + beta, n, oo)
    for rate in ("1/2", "9/10", 0):
        assert not refuted(eq(limit, beta), beta=rate)
        assert refuted(eq(limit, beta + 1), beta=rate)
    assert refuted(eq(limit, 0), beta=2)  # there is none, and so it is not 0


def test_a_limit_elsewhere_has_none():
    assert not refuted(eq(Limit(beta, beta, 0), 1))


def test_a_caller_may_say_where_theta_starts():
    theta_0 = Symbol("theta_0", real=True)
    run = Run(ADAMW, starts={"theta": theta_0})
    assert run.start("theta").relation == eq(run("theta", 0), theta_0)
    space = Space(points(), (run,))
    values = {"alpha": 1, "weight_decay": "1/2", "beta1": 0, "beta2": 0, "eps": 1, "theta_0": 3}
    point = Point({**values, "t": 1}, {"g": (0, 0)})

    def value(claimed):
        return not refuted_at(Statement(eq(run("theta", t), claimed), ()), space, point)

    assert value(theta_0 * (1 - alpha / 2))
    assert not value(theta_0)
    assert not refuted_at(Statement(le(run("theta", 0), theta_0), ()), space, point)
    assert refuted_at(Statement(lt(run("theta", 0), theta_0), ()), space, point)
    with pytest.raises(AssertionError):
        Run(ADAMW).start("theta")


def test_a_limit_without_a_value_says_so():
    from adamref.numbers.rational import Rational as Rationals
    from adamref.theorems.evaluation import Evaluation

    where = Evaluation(Rationals(100), NOWHERE, Point({}))
    with pytest.raises(NoValue):
        where.value(Limit(n, n, oo))
