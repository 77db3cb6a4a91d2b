"""Orders of operations: each is its rule over the reals, and a line of the theorems."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, sqrt

from adamref.numbers.ball import Ball
from adamref.rules import Rule, family
from adamref.rules.orders import AVERAGE_ORDERS, SHARED, average, averages, every, steps
from adamref.rules.program import Program
from adamref.rules.symbols import PREVIOUS, beta1, beta2, g, m_prev, v_prev
from adamref.theorems.orders import ORDERS
from adamref.theorems.rounded import Operand, Operation

RULES = [rule for one in family().values() if one.trains for rule in one.rules()]
IDS = ["-".join((rule.name, *rule.dialect.values())) for rule in RULES]
NUMBERS = st.fractions(-4, 4, max_denominator=1000)
POSITIVE = st.fractions(Fraction(1, 100), 4, max_denominator=1000)
RATES = st.fractions(Fraction(1, 10), Fraction(99, 100), max_denominator=1000)


def fields_of(rule: Rule, changed: dict[str, Expr], values: dict, exacts: dict) -> dict:
    lines = [(line.name, changed.get(line.name, line.expr)) for line in rule.lines]
    shared = [(name, expr) for name, expr in SHARED.items() if "weight_decay" in rule.defaults]
    carrier = Ball(300)
    with carrier.working():
        lifted = {name: carrier.lift(x) for name, x in values.items()}
        return Program([*shared, *lines]).run(carrier, lifted, exacts)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
@settings(max_examples=8)
@given(data=st.data())
def test_an_order_is_the_rule_over_the_reals(rule, data):
    """theta and the states of every order lie in balls that meet those of the rule itself."""
    values = {"g": data.draw(NUMBERS, "g")}
    for name in rule.states:
        drawn = POSITIVE if name in rule.nonnegative else NUMBERS
        values[name + PREVIOUS] = data.draw(drawn, name)
    if {"m", "v"} <= {*rule.states}:
        values["v_prev"] += (
            values["m_prev"] ** 2
        )  # as it is of averages: a variance is none below 0
    exacts = {"t": Fraction(data.draw(st.integers(1, 50), "t")), "size": Fraction(1)}
    for hyper in rule.hypers:
        exacts[hyper.name] = data.draw(RATES if hyper.name.startswith("beta") else POSITIVE)
    right = fields_of(rule, {}, values, exacts)
    for changed in [*(averages(rule, x) for x in AVERAGE_ORDERS), *steps(rule).values()]:
        made = fields_of(rule, changed, values, exacts)
        for name in rule.states:
            assert made[name].overlaps(right[name]), (name, changed)


def test_adam_has_the_orders_that_were_read_in_frameworks():
    adamw = family()["adamw"].rule
    assert {name.partition(",")[0] for name in steps(adamw)} >= {
        "plain", "reciprocal", "root-divided", "folded",
    }  # fmt: skip
    assert len(set(every(adamw))) == len(every(adamw))
    assert set(averages(adamw, "beta")) == {"m", "v"}
    assert set(averages(adamw, "weight-first")) == {"v"}


@pytest.mark.parametrize(
    ("name", "expr", "rate", "put_in", "rest"),
    [
        ("m", beta1 * m_prev + (1 - beta1) * g, beta1, g, 0),
        ("v", beta2 * v_prev + (1 - beta2) * g**2, beta2, g**2, 0),
        ("v", beta2 * v_prev + (1 - beta2) * (g - m_prev) ** 2 + g, beta2, (g - m_prev) ** 2, g),
    ],
)
def test_an_average_is_recognised(name, expr, rate, put_in, rest):
    found = average(name, expr)
    assert found is not None
    assert (found.rate, found.put_in, found.rest) == (rate, put_in, rest)


@pytest.mark.parametrize(
    ("name", "expr"),
    [
        ("m", beta1 * m_prev + g),
        ("m", beta1 * m_prev + (1 - beta2) * g),
        ("m", beta1 * m_prev + (1 - beta1) * m_prev),
        ("v", v_prev + g**2),
        ("v", sqrt(v_prev)),
    ],
)
def test_what_is_no_average_is_not_taken_for_one(name, expr):
    assert average(name, expr) is None


def as_expression(value: Operand | Operation, names: dict[str, Expr]) -> Expr:
    """Return an order of the theorems as an expression over the reals: nothing is rounded."""
    if isinstance(value, Operand):
        return names[value.name]
    x, y, *z = [as_expression(part, names) for part in value.of] + [0] * (2 - len(value.of))
    return {
        "product": lambda: x * y,
        "sum": lambda: x + y,
        "difference": lambda: x - y,
        "fma": lambda: x * y + z[0],
        "fms": lambda: x * y - z[0],
        "fnma": lambda: z[0] - x * y,
    }[value.kind]()


@pytest.mark.parametrize("field", ["m", "v"])
def test_every_order_that_a_theorem_bounds_is_the_rules_line(field):
    rule = family()["adam"].rule
    rate, state = (beta1, m_prev) if field == "m" else (beta2, v_prev)
    names = {"b": rate, "w": 1 - rate, field: state, "g": g}
    for name, order in ORDERS[field].items():
        difference = as_expression(order, names) - rule.line(field).expr
        assert difference.expand() == 0, name
        plain = name.replace("-fma", "").replace("-fused-change", "")
        assert plain.removesuffix("-state").removesuffix("-gradient") in AVERAGE_ORDERS
