"""Bounds on absolute values, theorems applied to steps, derivations, and real roundings."""

from __future__ import annotations

import dataclasses
import importlib
import math
import random
from fractions import Fraction

import pytest
from sympy import Abs, Integer, Symbol, expand

from adamref.bounds import operations
from adamref.bounds.orders import ORDERS
from adamref.logic.check import algebra
from adamref.logic.magnitudes import Applied, Magnitudes
from adamref.logic.proof import ProofStep
from adamref.logic.relations import ge, gt, le, lt
from adamref.logic.statement import Statement
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64
from adamref.proofs.rounding_of_operations import LEMMAS, PRODUCT, ROUNDING, SUM
from adamref.theorems import rounded, simulated
from adamref.theorems.bounds_writer import CHAPTERS, theorems
from adamref.theorems.evaluation import assumed, holds
from adamref.theorems.operations import eta, held, u
from adamref.theorems.points import Point, Space
from adamref.theorems.record import Theorem
from adamref.theorems.rounded import Rounded

x, y, z, a, c = (Symbol(name, real=True) for name in "x y z a c".split())
FORMATS = (BINARY16, BFLOAT16, BINARY32, BINARY64, *simulated.TOYS)


def refusal(claim, domain, *steps):
    """Check a proof whose last step has the claim."""
    statement = Statement(claim, domain)
    space = Space(lambda: None)
    return algebra(
        Theorem(
            id="t",
            title="",
            says="",
            statement=statement,
            proof=lambda _: steps,
            source="",
            space=space,
        )
    ).refusal


def magnitudes(claim, domain, terms, more=()):
    return refusal(claim, domain, ProofStep("s", claim, "", Magnitudes(terms, more)))


class TestMagnitudes:
    domain = (le(Abs(x), a), ge(c, 0))

    def test_each_factor_is_replaced_by_what_bounds_it(self):
        assert magnitudes(le(Abs(x * y), a * Abs(y)), self.domain, ((x, y),)) is None
        assert magnitudes(le(Abs(x - y), a + Abs(y)), self.domain, ((x,), (Integer(-1), y))) is None
        assert magnitudes(le(Abs(2 * x**2), 2 * a**2), self.domain, ((Integer(2), x, x),)) is None

    def test_what_is_known_up_to_sign_counts(self):
        domain = (le(Abs(x - y), a),)
        assert magnitudes(le(Abs(y - x), a), domain, ((y - x,),)) is None

    def test_what_is_nonnegative_is_its_own_bound(self):
        assert magnitudes(le(Abs(c * x), c * a), self.domain, ((c, x),)) is None

    def test_more_may_be_added_if_its_sign_can_be_read_off(self):
        assert magnitudes(le(Abs(x), a + c), self.domain, ((x,),), (c,)) is None
        assert "not known" in magnitudes(le(Abs(x), a + z), self.domain, ((x,),), (z,))

    def test_a_smaller_bound_is_refused(self):
        assert "not the sum" in magnitudes(le(Abs(x * y), a * Abs(y) / 2), self.domain, ((x, y),))
        assert "not the sum" in magnitudes(le(Abs(x + y), a), self.domain, ((x,), (y,)))

    def test_terms_of_another_number_are_refused(self):
        assert "not the absolute value" in magnitudes(le(Abs(x + y), a), self.domain, ((x,),))

    def test_an_upper_bound_without_absolute_value_does_not_count(self):
        domain = (le(x, a), lt(y, 1))
        assert "not the sum" in magnitudes(le(Abs(x), a), domain, ((x,),))
        assert "not the sum" in magnitudes(le(Abs(x * y), Abs(x)), domain, ((x, y),))

    def test_a_lower_bound_does_not_count(self):
        assert "not the sum" in magnitudes(le(Abs(x), a), (ge(Abs(x), a),), ((x,),))

    def test_only_an_upper_bound_can_be_claimed(self):
        assert "no bound" in magnitudes(ge(Abs(x), a), self.domain, ((x,),))
        assert "no bound" in magnitudes(lt(Abs(x), a), self.domain, ((x,),))


AT = {
    rounded.x: x,
    rounded.x_: y,
    rounded.a: a,
    rounded.y: z,
    rounded.y_: z,
    rounded.b_: Integer(0),
}


class TestApplied:
    def applied(self, claim, domain, theorem, at):
        return refusal(claim, domain, ProofStep("s", claim, "", Applied(theorem, at)))

    def test_a_theorem_holds_for_what_satisfies_its_assumptions(self):
        claim = le(Abs(y * z - x * z), Abs(z) * a)
        assert self.applied(claim, (le(Abs(y - x), a),), PRODUCT, AT) is None

    def test_its_assumptions_must_be_known(self):
        claim = le(Abs(y * z - x * z), Abs(z) * a)
        assert "needs" in self.applied(claim, (ge(a, 0),), PRODUCT, AT)

    def test_another_bound_is_refused(self):
        claim = le(Abs(y * z - x * z), Abs(z) * a / 2)
        assert "is claimed" in self.applied(claim, (le(Abs(y - x), a),), PRODUCT, AT)

    def test_another_kind_of_relation_is_refused(self):
        claim = lt(Abs(y * z - x * z), Abs(z) * a)
        assert "kind" in self.applied(claim, (le(Abs(y - x), a),), PRODUCT, AT)

    def test_a_theorem_that_is_not_proved_cannot_be_applied(self):
        false = dataclasses.replace(
            SUM, id="false", statement=Statement(le(rounded.a, rounded.b_), SUM.statement.domain)
        )
        claim = le(a, Integer(0))
        assert "not proved" in self.applied(claim, (le(Abs(y - x), a),), false, AT)

    def test_a_strict_assumption_needs_a_strict_fact(self):
        quotient = LEMMAS["quotient"]
        at = {**AT, rounded.y: z, rounded.y_: z}
        claim = le(Abs(y / z - x / z), a / Abs(z))
        near = le(Abs(y - x), a)
        assert self.applied(claim, (near, gt(Abs(z), 0)), quotient, at) is None
        assert "needs" in self.applied(claim, (near, ge(Abs(z), 0)), quotient, at)

    def test_it_may_rest_on_earlier_steps(self):
        first = ProofStep("near", le(Abs(y - x), a + c), "", Magnitudes(((y - x,),), (c,)))
        at = {**AT, rounded.a: a + c}
        claim = le(Abs(y * z - x * z), Abs(z) * (a + c))
        last = ProofStep("s", claim, "", Applied(PRODUCT, at, ("near",)))
        assert refusal(claim, (le(Abs(y - x), a), ge(c, 0)), first, last) is None
        alone = ProofStep("s", claim, "", Applied(PRODUCT, at))
        assert "needs" in refusal(claim, (le(Abs(y - x), a), ge(c, 0)), alone)


class TestDerivation:
    def test_the_bound_of_lerp_is_the_known_one(self):
        w, m, g = (Symbol(name, real=True) for name in "w m g".split())
        two = 2 * u + u**2
        wanted = u * Abs(m + w * (g - m)) + two * (1 + u) * w * Abs(g - m) + (1 + u) * eta
        positive = {w: Symbol("w", positive=True)}
        difference = Rounded(ORDERS["m"]["lerp"]).error() - wanted
        assert expand(difference.subs(positive)) == 0

    def test_one_rounding_is_a_relative_error(self):
        worked = Rounded(operations.Operand("x") * operations.Operand("y"))
        d, e = (Symbol(name, real=True) for name in ("d1", "e1"))
        assert worked.computed() == x * y * (1 + d) + e
        assert worked.error() == u * Abs(x * y) + eta

    def test_what_does_not_underflow_has_no_absolute_error(self):
        p, q = operations.Operand("x"), operations.Operand("y")
        for order in (p + q, p - q, operations.root(p)):
            assert not Rounded(order).error().has(eta)
        for order in (p * q, p / q, operations.fused(p * q + p, 0), operations.stored(p)):
            assert Rounded(order).error().has(eta)

    def test_a_step_less_is_refused(self):
        for name in ("lerp", "beta"):
            worked = Rounded(ORDERS["m"][name])
            steps = worked.derivation(LEMMAS)
            for left_out in range(len(steps)):
                kept = steps[:left_out] + steps[left_out + 1 :]
                assert refusal(worked.claim, worked.domain, *kept) is not None

    def test_repeated_operations_are_carried_out_once(self):
        order = ORDERS["v"]["back"]
        assert len(operations.operations(order)) == 4


def test_every_chapter_has_its_theorems():
    assert len(theorems()) == sum(
        len(importlib.import_module(f"adamref.proofs.{chapter}").THEOREMS) for chapter in CHAPTERS
    )
    assert len({theorem.id for theorem in theorems()}) == len(theorems())


class TestSimulation:
    @pytest.mark.parametrize("fmt", FORMATS)
    def test_real_roundings_satisfy_the_standard_model(self, fmt):
        """With u / (1 + u), too, and without underflow in sums and roots."""
        rng = random.Random(f"{fmt}")
        sharp = fmt.unit_roundoff / (1 + fmt.unit_roundoff)
        for order in (
            *ORDERS["m"].values(),
            *ORDERS["v"].values(),
            *ORDERS["denominator"].values(),
        ):
            for _ in range(30):
                given = {str(held(p)): number(rng, fmt) for p in operations.operands(order)}
                given = {n: abs(v) if n[0] in "ve" else v for n, v in given.items()}
                if "s'" in given:
                    given["s'"] = Fraction(1)
                try:
                    values = simulated.simulated(order, given, fmt)
                except simulated.Overflows:
                    continue
                for name, value in values.items():
                    if name[0] == "d":
                        assert abs(value) <= sharp
                    if name[0] == "e" and name[1:].isdigit():
                        assert abs(value) <= values["eta"]

    def test_a_root_is_rounded_as_the_processor_does(self):
        rng = random.Random(3)
        for _ in range(300):
            value = rng.random() * 2.0 ** rng.randrange(-60, 60)
            got = simulated.rounded(BINARY64, simulated.square_root(Fraction(value)))
            assert float(got) == math.sqrt(value)
        assert simulated.square_root(Fraction(9, 4)) == Fraction(3, 2)

    def test_pulled_errors_reach_the_bound(self):
        """Where all operands push the same way the derived bound is not too large at all."""
        at = {"b": "1/2", "w": "1/2", "m": 1, "v": 1, "g": 2, "u": "1/8", "eta": "1/64"}
        values = {name: Fraction(value) for name, value in at.items()}
        for name in ("beta-fma-state", "lerp", "lerp-fma", "back-fma"):
            order = ORDERS["m"][name]
            point = Point({**values, **simulated.pulled(order, values)})
            worked = Rounded(order)
            known = {Symbol(n, real=True): v for n, v in point.values.items()}
            off = (worked.computed() - worked.exact).subs(known)
            assert off == worked.error().subs(known), name

    def test_points_lie_inside_the_assumptions(self):
        from hypothesis import given, settings

        from adamref.numbers.rational import Rational
        from adamref.theorems.evaluation import Evaluation

        worked = Rounded(ORDERS["m"]["lerp"])
        statement = Statement(worked.claim, worked.domain)
        space = simulated.space(worked.order, simulated.Numbers(weights=("w",)))

        @settings(max_examples=50, database=None, derandomize=True, deadline=None)
        @given(space.points())
        def inside(point):
            where = Evaluation(Rational(1 << 16), space, point)
            assert assumed(statement, where)
            assert holds(statement.claim, where)

        inside()

    def test_an_overflow_is_no_point(self):
        big = Fraction(BINARY16.largest)
        with pytest.raises(simulated.Overflows):
            simulated.real_point(
                ORDERS["v"]["beta"], BINARY16, {"b": 1, "w": 1, "v": big, "g": big}
            )
        with pytest.raises(simulated.Overflows):
            simulated.square_root(Fraction(-1))


def number(rng, fmt):
    digits = rng.randrange(1, 2**fmt.precision)
    exponent = rng.choice([fmt.min_exponent, fmt.min_exponent // 2, -3, 0, 2])
    value = Fraction(fmt.round(digits * Fraction(2) ** (exponent - fmt.precision)))
    return rng.choice([-1, 1]) * value


def test_rounding_is_the_lemma_every_bound_ends_with():
    assert ROUNDING.statement.claim.args[1] == rounded.after_rounding(
        Abs(rounded.x), rounded.a, rounded.r, rounded.s
    )
