"""A line that chooses is an equation where its case is known to be taken, and nowhere else."""

from __future__ import annotations

import pytest
from sympy import Function, Integer, Lambda, Symbol

from adamref.logic.arithmetic import Certificate, Identity
from adamref.logic.check import algebra
from adamref.logic.context import Context
from adamref.logic.facts import Fact
from adamref.logic.induction import Induction
from adamref.logic.magnitudes import Applied
from adamref.logic.proof import Cite, ProofStep, Use
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, gt, le, lt, ne
from adamref.logic.statement import Statement
from adamref.numbers.rational import Rational as Rationals
from adamref.rules import ADAM, ADAMW, MOMENTUM, get
from adamref.theorems.evaluation import Evaluation, refuted_at
from adamref.theorems.expectations import Mean, NotLinear
from adamref.theorems.points import Point, Space
from adamref.theorems.quantities import Run
from adamref.theorems.spaces import points
from adamref.theorems.symbols import alpha, beta1, beta2, eps, i, j, t
from small_theorems import g, theorem, x

lion = Run(get("lion"), hypers={"beta1": Integer(0)})
radam = Run(get("radam"))
damped = Run(get("sgd", momentum="dampened"))


def refusal(claim, *uses, domain=(), runs=()):
    """Check a claim that follows from lines of the runs of which it is."""
    one = ProofStep("only", claim, "", Identity(uses))
    own = {use.run.mark: use.run for use in uses if isinstance(use, Fact)}
    runs = runs or tuple(own.values())
    return algebra(theorem(claim, one, domain=domain, runs=runs)).refusal


def proved(claim, *uses, domain=(), runs=()):
    return refusal(claim, *uses, domain=domain, runs=runs) is None


# A sign.

_STEP = lion("delta", 1)
_C = lion("c", 1)


def test_a_sign_is_what_has_it_over_its_size_where_it_is_not_0():
    assert proved(eq(_STEP, -alpha), lion.case("delta", 1), domain=(gt(_C, 0),))
    assert proved(eq(_STEP, alpha), lion.case("delta", 1), domain=(lt(_C, 0),))


@pytest.mark.parametrize(
    ("claim", "domain"),
    [
        (eq(_STEP, -alpha), ()),
        (eq(_STEP, -alpha), (ge(_C, 0),)),
        (eq(_STEP, -alpha), (ne(_C, 0),)),
        (eq(_STEP, -alpha), (lt(_C, 0),)),
        (eq(_STEP, alpha), (gt(_C, 0),)),
        (eq(_STEP, 0), (gt(_C, 0),)),
    ],
)
def test_what_a_sign_may_not_be_is_refused(claim, domain):
    """With a gradient of 0 the step is 0; with one of another sign it is the opposite."""
    assert not proved(claim, lion.case("delta", 1), domain=domain)
    space = Space(points(), (lion,))
    values = [Point.of(alpha=1, beta2=0, g=(0, way)) for way in (-1, 0, 1)]
    assert any(refuted_at(Statement(claim, tuple(domain)), space, at) for at in values)


def test_a_sign_of_0_is_no_case_that_an_inequality_tells():
    """The case that remains would need an equation."""
    assert not proved(eq(_STEP, 0), lion.case("delta", 1, 1), domain=(le(_C, 0), ge(_C, 0)))


def test_a_line_with_a_sign_is_no_equation():
    assert "kind that is known" in refusal(eq(_STEP, -alpha), lion.line("delta", 1))


# Conditions on the reals.


def test_a_case_needs_its_condition_and_that_none_before_it_holds():
    length = radam("rho", 1)
    claim = eq(radam("r", 1), 1)
    rate = (ge(beta2, 0), lt(beta2, 1))
    rates = (*rate, ge(beta1, 0), lt(beta1, 1), gt(eps, 0))
    assert proved(claim, radam.case("r", 1, 1), domain=(le(length, 5), *rate))
    for domain in ((), (gt(length, 5),), (le(length, 6),)):
        assert "not known here" in refusal(claim, radam.case("r", 1, 1), domain=domain)
    trust = Run(get("lamb"))
    claim = eq(trust("trust", 1), 1)
    case = trust.case("trust", 1, 1)
    positive, none = gt(trust("theta_norm", 1), 0), le(trust("update_norm", 1), 0)
    assert proved(claim, case, domain=(positive, none, *rates))
    assert not proved(claim, case, domain=(none, *rates))
    assert not proved(claim, case, domain=(positive, *rates))


def test_nothing_is_given_by_what_holds_only_where_it_is():
    """x > 0 because x > 0, or because of what holds because x > 0, says nothing."""
    itself = Fact(gt(x, 0), (), "a circle", given=(gt(x, 0),))
    with pytest.raises(Refused, match="not known here"):
        Context((), (), (itself,))
    one = Fact(gt(x, 0), (), "one", given=(gt(x, -1),))
    other = Fact(gt(x, -1), (), "another", given=(gt(x, 0),))
    with pytest.raises(Refused, match="not known here"):
        Context((), (), (one, other))
    assert Context((gt(x, -1),), (), (one,)).states(gt(x, 0))


def test_what_is_known_of_an_equation_is_not_read_off():
    assert not Context((eq(x, 1),)).states(eq(x, 1))
    assert Context((ne(x, 1),)).states(ne(x, 1))


def test_what_a_case_is_given_by_moves_with_its_index():
    fact = radam.case("r", t, 1).at({t: Integer(3)})
    assert fact.given == (le(radam("rho", 3), 5),)


def test_a_case_by_the_induction_hypothesis_is_one():
    """z3 is asked for the claim without the hypothesis only where that can be said."""
    from adamref.logic import smt

    free = Run(get("schedule-free-adamw"))
    total, now = free("weight_sum", t), free("weight_sum", t - 1)
    step = ProofStep(
        "more",
        ge(total, 0),
        "",
        Certificate(
            (now, free("alpha_max", t) ** 2), (free.line("weight_sum", t), "induction hypothesis")
        ),
    )
    base = ProofStep(
        "none",
        ge(free("weight_sum", 0), 0),
        "",
        Certificate((Integer(0),), (free.start("weight_sum"),)),
    )
    by = Induction(t, 0, (base,), (step,))
    made = algebra(
        theorem(
            ge(total, 0), ProofStep("all", ge(total, 0), "", by), domain=(ge(t, 0),), runs=(free,)
        )
    )
    assert made.refusal is None
    assert all(smt.ask(one).status == "proved" for one in made.obligations)


# Conditions on the step.


def test_a_case_of_the_first_step_is_one_of_the_first_step():
    assert proved(eq(damped("m", 1), g(1)), damped.case("m", 1, 1))
    assert not proved(eq(damped("m", 2), g(2)), damped.case("m", 2, 1))
    assert not proved(eq(damped("m", t), g(t)), damped.case("m", t, 1), domain=(ge(t, 1),))
    later = beta1 * damped("m", t - 1) + (1 - Symbol("dampening", real=True)) * g(t)
    assert proved(eq(damped("m", t), later), damped.case("m", t), domain=(ge(t, 2),))
    assert not proved(eq(damped("m", t), later), damped.case("m", t), domain=(ge(t, 1),))


def test_a_line_that_chooses_nothing_or_too_much_has_no_case():
    with pytest.raises(ValueError, match="0 choices"):
        radam.case("m", 1)
    with pytest.raises(ValueError, match="2 cases"):
        radam.case("r", 1, 2)


# Sums over a tensor.


def test_a_line_about_a_whole_tensor_is_no_equation_of_an_element():
    for run, name in ((Run(get("lamb")), "update_norm"), (Run(get("cautious-adamw")), "k")):
        assert "kind that is known" in refusal(eq(run(name, 1), x), run.line(name, 1))


# Starts.


def test_a_state_may_start_as_theta():
    start = Symbol("theta_0", real=True)
    free = Run(get("schedule-free-adamw"), starts={"theta": start})
    assert free.start("z").relation == eq(free("z", 0), start)
    assert not proved(eq(free("z", 0), 0), free.start("z"))
    where = Evaluation(Rationals(64), Space(points(), (free,)), Point.of(theta_0="1/3"))
    assert str(where.value(free("z", 0))) == "1/3"
    with pytest.raises(AssertionError, match="caller"):
        Run(get("schedule-free-adamw")).start("z")


# Schedules.

falling = Run(MOMENTUM, hypers={"alpha": Lambda(i, alpha / i)})


def test_a_schedule_has_a_value_at_each_step():
    assert falling.line("delta", 3).relation.rhs == -alpha * falling("m", 3) / 3
    assert falling.line("delta", t).relation.rhs == -alpha * falling("m", t) / t
    assert t not in falling.speaks_of
    where = Evaluation(
        Rationals(64), Space(points(), (falling,)), Point.of(alpha=1, beta1=0, g=(0, 1, 1))
    )
    assert str(where.value(falling("delta", 2))) == "-1/2"


def test_what_holds_of_a_number_need_not_hold_of_a_schedule():
    """From delta(2) = -alpha m(2) nothing follows for alpha/t."""
    plain = Run(MOMENTUM)
    said = eq(plain("delta", 2), -alpha * plain("m", 2))
    lemma = theorem(
        said,
        ProofStep("it", said, "", Identity((plain.line("delta", 2),))),
        runs=(plain,),
        id_="plain",
    )
    assert algebra(lemma).refusal is None
    assert proved(said, Cite(lemma), runs=(plain,))
    assert not proved(said, Cite(lemma), runs=(falling,))
    assert not proved(said, Cite(lemma, {alpha: Lambda(i, alpha / i)}), runs=(falling,))


def test_what_holds_of_a_run_does_not_hold_of_its_fields_with_another_number():
    """From delta(2) = -alpha m(2) it does not follow that this is -2 m(2)."""
    plain = Run(MOMENTUM)
    said = eq(plain("delta", 2), -alpha * plain("m", 2))
    by = Identity((plain.line("delta", 2),))
    lemma = theorem(said, ProofStep("it", said, "", by), runs=(plain,), id_="plain")
    other = eq(plain("delta", 2), -2 * plain("m", 2))
    own, last = (
        ProofStep("it", claim, "", Applied(lemma, {alpha: value}))
        for claim, value in ((said, alpha), (other, Integer(2)))
    )
    assert algebra(theorem(said, own, runs=(plain,))).refusal is None
    refused = algebra(theorem(other, last, runs=(plain,))).refusal
    assert "is about a run with one alpha" in refused


def test_a_schedule_that_speaks_of_one_step_is_not_one_of_all():
    run = Run(MOMENTUM, hypers={"alpha": Lambda(i, alpha / t)})
    claim = eq(run("delta", 1), -alpha * run("m", 1) / 2)
    one = ProofStep(
        "one",
        eq(run("delta", j), -alpha * run("m", j) / t),
        "",
        Identity((run.line("delta", j),)),
        (j - 1,),
    )
    moved = ProofStep("moved", claim, "", Identity((Use("one", {j: 1, t: 2}),)))
    assert algebra(theorem(claim, one, moved, domain=(ge(t, 1),))).refusal is not None


def test_no_expectation_passes_by_a_schedule_that_may_be_random():
    """The expectation of x g is x times that of g only where x is a number."""
    other = Run(MOMENTUM, "'", g)
    mean = Mean(Run(MOMENTUM, hypers={"alpha": Lambda(i, other("m", i))}))
    assert mean.line("m", 1)
    with pytest.raises(NotLinear):
        mean.line("delta", 1)


def test_a_schedule_may_not_speak_of_its_own_run():
    run = Run(ADAM, hypers={"eps": Lambda(i, Function("delta", real=True)(i))})
    with pytest.raises(ValueError, match="the run itself"):
        run.line("delta", 1)


def test_runs_may_not_rest_on_each_other():
    """m' = m + 1 and m = m' + 1 would make 0 = 2."""
    one, other = Function("m", real=True), Function("m'", real=True)
    no = {"beta1": Integer(0)}
    first = Run(MOMENTUM, "", lambda at: other(at) + 1, no)
    second = Run(MOMENTUM, "'", lambda at: one(at) + 1, no)
    claim = eq(one(1), one(1) + 2)
    found = refusal(claim, first.line("m", 1), second.line("m", 1))
    assert "rest on each other" in found
    third = Run(MOMENTUM, "*", lambda at: one(at) + 1, no)
    plain = Run(MOMENTUM, "", g, no)
    assert proved(eq(third("m", 1), g(1) + 1), third.line("m", 1), plain.line("m", 1))


def test_nor_in_a_longer_circle():
    no = {"beta1": Integer(0)}
    marks = ("", "'", "*")
    m = {mark: Function("m" + mark, real=True) for mark in marks}

    def after(mark, before):
        return Run(MOMENTUM, mark, lambda at: m[before](at) + 1, no)

    runs = [after(mark, marks[at - 1]) for at, mark in enumerate(marks)]
    uses = [run.line("m", 1) for run in reversed(runs)]
    assert "rest on each other" in refusal(eq(m["*"](1), m["*"](1) + 3), *uses)


def test_two_runs_are_one_only_with_the_same_schedule():
    same = Run(MOMENTUM, hypers={"alpha": Lambda(i, alpha / i)})
    other = Run(MOMENTUM, hypers={"alpha": Lambda(i, alpha / i**2)})
    assert falling.is_same_as(same)
    assert not falling.is_same_as(other)
    assert falling.is_case_of(same)
    assert not falling.is_case_of(other)
    assert not falling.is_case_of(Run(MOMENTUM))


def test_an_element_is_looked_at_alone_in_its_tensor():
    """LAMB's trust ratio is then |theta| over the size of the update."""
    lamb = Run(get("lamb"), starts={"theta": Integer(3)})
    decayed = Run(
        ADAMW, "'", g, {"alpha": Lambda(i, alpha * lamb("trust", i))}, {"theta": Integer(3)}
    )
    at = Point.of(alpha=1, eps=1, beta1=0, beta2=0, weight_decay=0, g=(0, 1))
    where = Evaluation(Rationals(128), Space(points(), (lamb, decayed)), at)
    assert str(where.value(lamb("trust", 1))) == "6"
    assert str(where.value(decayed("theta", 1))) == "0"
    assert {eps, beta2} <= lamb.speaks_of
