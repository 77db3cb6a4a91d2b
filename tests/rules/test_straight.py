"""All elements at once: the same numbers as one after the other, and no look at each value."""

from __future__ import annotations

from fractions import Fraction

import pytest

from adamref import rules
from adamref.numbers.ball import Ball
from adamref.numbers.carrier import Finite
from adamref.numbers.rational import Rational
from adamref.rules.program import compiled
from adamref.rules.rule import Rule
from adamref.rules.straight import straight_line
from adamref.rules.symbols import PREVIOUS

ALL = tuple(x for x in vars(rules).values() if isinstance(x, Rule))
BITS = 200
NUMBERS = [Fraction(k, 7) for k in (3, 5, 11, 2)]


def staged(rule, carrier):
    program = compiled(rule)
    inputs = frozenset(n for n in program.inputs if n == "g" or n.endswith(PREVIOUS))
    exacts = {name: Fraction(value) for name, value in rule.defaults.items()}
    return program.stage(carrier).given(exacts | {"t": Fraction(3)}, inputs)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: f"{rule.name}-{rule.dialect}")
def test_every_rule_is_one_line_of_operations_that_encloses_it(rule):
    carrier = Ball(BITS)
    with carrier.working():
        stage = staged(rule, carrier)
        columns = [carrier.lift_all([x + i for x in NUMBERS]) for i in range(len(stage.inputs))]
        found = stage.run_all(columns)
        assert all(isinstance(column, Finite) for column in found)
        for row, values in enumerate(zip(*columns, strict=True)):
            for one, other in zip(stage.run(values), (x[row] for x in found), strict=True):
                # Both enclose the number, and are as narrow.
                assert one.overlaps(other)
                assert other.rad() <= 2.0 ** (16 - BITS) * (1 + abs(other))
    exactly = staged(rule, Rational(1 << 16))
    values = exactly.run([NUMBERS[0] + i for i in range(len(columns))])
    for right, column in zip(values, found, strict=True):
        if isinstance(right, Fraction):
            low, high = Ball.ends(column[0])
            assert low <= right <= high


def test_what_is_not_finite_is_looked_at_one_by_one():
    carrier = Ball(BITS)
    with carrier.working():
        stage = staged(rules.ADAM, carrier)
        given = {"g": 1, "m" + PREVIOUS: 0, "v" + PREVIOUS: 1, "theta" + PREVIOUS: 2}
        columns = [carrier.lift_all([Fraction(given[name])] * 2) for name in stage.inputs]
        at = stage.inputs.index("v" + PREVIOUS)
        columns[at] = carrier.lift_all([Fraction(1), float("inf")])
        assert not isinstance(columns[at], Finite)
        found = dict(zip(compiled(rules.ADAM).outputs, stage.run_all(columns), strict=True))
    assert found["v"][1] == float("inf")
    # A step of 0: an infinity never went through the plain operations.
    assert Ball.ends(found["theta"][1]) == (2, 2)
    assert Ball.ends(found["theta"][0])[1] < 2


def test_an_operation_that_is_not_plain_leaves_it_to_the_carrier():
    program = compiled(rules.ADAM)
    places = tuple(program.inputs.values())
    outputs = tuple(program.outputs.values())
    plain = dict(Ball(BITS).plain)
    assert straight_line(program.operations, places, outputs, plain) is not None
    del plain["root"]
    assert straight_line(program.operations, places, outputs, plain) is None
