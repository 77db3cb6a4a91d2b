"""Orders of operations: each is its rule over the reals, and a line of the theorems."""

from fractions import Fraction
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Symbol, sqrt

from adamref.bounds.operations import Operation, carry_out, operands, over_the_reals
from adamref.bounds.orders import ORDERS
from adamref.numbers.ball import Ball
from adamref.rules import ADAM, Rule, family
from adamref.rules.orders import AVERAGE_ORDERS, SHARED, average, averages, every, steps
from adamref.rules.program import Program
from adamref.rules.symbols import (
    PREVIOUS,
    alpha,
    beta1,
    beta2,
    current,
    eps,
    eps_root,
    g,
    m_prev,
    t,
    theta_prev,
    v_prev,
    weight_decay,
)

RULES = [rule for one in family().values() if one.trains for rule in one.rules()]
IDS = ["-".join((rule.name, *rule.dialect.values())) for rule in RULES]
NUMBERS = st.fractions(-4, 4, max_denominator=1000)
POSITIVE = st.fractions(Fraction(1, 100), 4, max_denominator=1000)
RATES = st.fractions(Fraction(1, 10), Fraction(99, 100), max_denominator=1000)


def compiled(rule: Rule, changed: dict[str, Expr]) -> Program:
    lines = [(line.name, changed.get(line.name, line.expr)) for line in rule.lines]
    shared = [(name, expr) for name, expr in SHARED.items() if "weight_decay" in rule.defaults]
    return Program([*shared, *lines])


@lru_cache(maxsize=1)  # compiled once for all the examples of a rule
def programs(rule: Rule) -> tuple[Program, list[tuple[dict[str, Expr], Program]]]:
    """Compile a rule, and it in each of its orders."""
    orders = [*(averages(rule, x) for x in AVERAGE_ORDERS), *steps(rule).values()]
    return compiled(rule, {}), [(changed, compiled(rule, changed)) for changed in orders]


def fields_of(program: Program, values: dict, exacts: dict) -> dict:
    carrier = Ball(300)
    with carrier.working():
        lifted = {name: carrier.lift(x) for name, x in values.items()}
        return program.run(carrier, lifted, exacts)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=IDS)
@settings(max_examples=4)
@given(data=st.data())
def test_an_order_is_the_rule_over_the_reals(rule, data):
    """theta and the states of every order lie in balls that meet those of the rule itself."""
    values = {"g": data.draw(NUMBERS, "g")}
    for name in rule.states:
        drawn = POSITIVE if name in rule.nonnegative else NUMBERS
        values[name + PREVIOUS] = data.draw(drawn, name)
    # An average kept corrected forgets all at t = 1: a sum that cancels has no sign in balls.
    first = 2 if rule.dialect.get("averages") == "corrected" else 1
    exacts = {"t": Fraction(data.draw(st.integers(first, 50), "t")), "size": Fraction(1)}
    for name in rule.hypers:
        exacts[name] = data.draw(RATES if name.startswith("beta") else POSITIVE)
    if {"m", "v"} <= {*rule.states}:
        # As it is of averages, whose weights add up to less than 1: a variance is none below 0.
        weights = 1 - exacts.get("beta2", Fraction(0)) ** int(exacts["t"] - 1)
        values["m_prev"] = values["m_prev"] if weights else Fraction(0)
        values["v_prev"] += values["m_prev"] ** 2 / (weights or 1)
    plain, orders = programs(rule)
    right = fields_of(plain, values, exacts)
    for changed, program in orders:
        made = fields_of(program, values, exacts)
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


def put_into(order: Operation, given: dict[str, Expr]) -> Expr:
    """Return an order of the theorems as an expression over the reals: nothing is rounded."""
    return carry_out(
        order,
        lambda operand: given[operand.name] if operand.number is None else operand.number,
        lambda done, parts: over_the_reals(done.kind, parts, sqrt),
    )[order]


@pytest.mark.parametrize("field", ["m", "v"])
def test_every_order_that_a_theorem_bounds_is_the_rules_line(field):
    """With stored coefficients, too, where an order takes one for the complement of the other."""
    line, kept, taken = ADAM.line(field).expr, Symbol("kept"), Symbol("taken")
    rate, state = (beta1, m_prev) if field == "m" else (beta2, v_prev)
    for name, order in ORDERS[field].items():
        used = {operand.name for operand in operands(order)}
        b = kept if "b" in used else 1 - taken
        w = taken if "w" in used else 1 - kept
        stored = line.replace(lambda part: part == 1 - rate, lambda _, w=w: w).subs(rate, b)
        made = put_into(order, {"b": kept, "w": taken, field: state, "g": g})
        assert (made - stored).expand() == 0, name
        plain = name.replace("-fma", "").replace("-fused-change", "")
        assert plain.removesuffix("-state").removesuffix("-gradient") in AVERAGE_ORDERS


C1, C2 = Symbol("c1", positive=True), Symbol("c2", positive=True)
_BEFORE = ("decoupled-before", "decoupled-before-fma", "decoupled-taken", "decoupled-taken-fma")
THETAS = {
    "decoupled-before": _BEFORE,
    "decoupled-unscaled": _BEFORE,
    "decoupled-after": ("decoupled-after",),
}


class Step:
    """A step put together from orders: the first one of each field, or another that is asked for.

    ``used`` collects the fields and orders that took part.
    """

    def __init__(self, dialect, field="", name="", moments="hats"):
        self.dialect, self.other, self.moments = dialect, (field, name), moments
        self.used = set()

    def put(self, field, first, **given):
        name = self.other[1] if self.other[0] == field else first
        self.used.add((field, name))
        return put_into(ORDERS[field][name], given)

    def theta(self):
        gradient, decay, form = g, self.dialect["weight_decay"], self.dialect["form"]
        if decay == "l2":
            gradient = self.put("g_total", "plain", decay=weight_decay, theta=theta_prev, g=g)
        m, v = (
            self.put(field, "beta", b=rate, w=1 - rate, g=gradient, **{field: state})
            for field, rate, state in (("m", beta1, m_prev), ("v", beta2, v_prev))
        )
        size, first, below = alpha, m, {"v_hat": v, "eps": eps, "eps_root": eps_root}
        named = {"eps-hat": "paper"}.get(form, form)
        if self.dialect["bias_correction"] == "on":
            c1, c2 = (self.put("correction", "exact", c=c, power=1 - c) for c in (C1, C2))
            s = self.put("correction_root", "root", c=c2)
            below |= {"v": v, "s": s}
            if form == "eps-hat" or self.moments == "folded":
                size = self.put("step_size", "efficient", alpha=alpha, s=s, c=c1)
                below["eps"] = eps if form == "eps-hat" else eps * s
            elif self.moments == "root-divided":
                size = self.put("step_size", "divided", alpha=alpha, c=c1)
                named = "root-divided"
            else:
                first = self.put("m_hat", "divided", m=m, c=c1)
                below["v_hat"] = self.put("v_hat", "divided", v=v, c=c2)
        denominator = self.put("denominator", named, **below)
        ratio = self.put("ratio", "divided", m_hat=first, denominator=denominator)
        parts = {"alpha": size, "m_hat": first, "denominator": denominator}
        delta = self.put("delta", "size-first", **parts)
        taken = weight_decay if decay == "decoupled-unscaled" else alpha * weight_decay
        given = {"theta": theta_prev, "delta": delta, "keep": 1 - taken, "decay": taken}
        return self.put("theta", orders_of(self.dialect)[0], **given, alpha=size, ratio=ratio)


def orders_of(dialect):
    return THETAS.get(dialect["weight_decay"], ("plain", "fma"))


def steps_of(dialect):
    """Return a step for each order of each field that the dialect has, the others as they come."""
    found = [Step(dialect)]
    if dialect["bias_correction"] == "on" and dialect["form"] == "paper":
        found += [Step(dialect, moments=x) for x in ("folded", "root-divided")]
    for one in found[:]:
        one.theta()
        for field in {field for field, _ in one.used} - {"denominator", "step_size"}:
            names = orders_of(dialect) if field == "theta" else ORDERS[field]
            found += [Step(dialect, field, name, one.moments) for name in names]
    return found


DIALECTS = [r for n in ("adam", "adam-l2", "adamw") for r in family()[n].rules()]


# A third of the dialects always, each axis of them with all its values; the rest of them, which
# are other combinations of these, by make test-long.
WHOLE = [
    pytest.param(rule, id="-".join((rule.name, *rule.dialect.values())),
                 marks=() if i % 3 == 1 else pytest.mark.long)
    for i, rule in enumerate(DIALECTS)
]  # fmt: skip


def test_a_third_of_the_dialects_has_every_value_of_an_axis():
    for axis in DIALECTS[0].dialect:
        few, every = ({x.dialect.get(axis) for x in some} for some in (DIALECTS[1::3], DIALECTS))
        assert few == every


@pytest.mark.slow
@pytest.mark.parametrize("rule", WHOLE)
def test_a_whole_step_of_the_theorems_orders_is_the_dialects(rule):
    """Over the reals: theta from its orders is that of the rule, each line put into the next."""
    lines = {}
    for line in rule.lines:
        lines[current(line.name)] = line.expr.subs(lines).subs({beta1**t: 1 - C1, beta2**t: 1 - C2})
    right = lines[current("theta")]
    for step in steps_of(rule.dialect):
        difference = (step.theta() - right).together().as_numer_denom()[0]
        assert difference.expand() == 0, (step.other, step.moments)


def test_every_order_takes_part_in_a_step():
    used = set()
    for rule in DIALECTS:
        for step in steps_of(rule.dialect):
            step.theta()
            used |= step.used
    assert used == {(field, name) for field, orders in ORDERS.items() for name in orders}
