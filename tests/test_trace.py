"""Traces: access, display, and the first difference of two."""

from __future__ import annotations

import copy
import json
import math
import pickle
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest

from adamref import Difference, Step, Trace, first_difference, rules, run
from adamref.errors import ShapeMismatch, UnknownName

TRACE = run(rules.ADAM, "0.5", [-15, 2], digits=12, alpha="0.1")
FIELDS = ("a", "b")


def trace(*steps, fields=FIELDS):
    """A trace of (t, values) pairs."""
    return Trace(tuple(Step(t, values) for t, values in steps), fields)


def test_a_trace_is_a_sequence_of_steps():
    assert len(TRACE) == 2
    assert [step.t for step in TRACE] == [1, 2]
    assert TRACE[0] is TRACE.steps[0]
    assert TRACE[-1] is TRACE.at(2)
    assert TRACE[0:1] == (TRACE[0],)
    assert TRACE[0] in TRACE
    assert TRACE.index(TRACE[1]) == 1
    with pytest.raises(IndexError):
        TRACE[2]


def test_a_field_is_a_column():
    assert TRACE["g"] == [Decimal(-15), Decimal(2)]
    assert TRACE["theta"] == [step.theta for step in TRACE]
    partial = trace((1, {"a": 1}), (2, {"a": 2, "b": 3}))
    assert partial["b"] == [None, 3]


def test_a_step_gives_a_field_by_name_or_attribute():
    step = TRACE[0]
    assert step["m"] == step.m == Decimal("-1.5")
    assert list(step.values) == list(rules.ADAM.fields)


def test_unknown_fields_and_steps_are_refused():
    with pytest.raises(UnknownName, match=r"field 'w' is unknown; known are g, m, v, m_hat, v_hat"):
        TRACE["w"]
    with pytest.raises(UnknownName, match="field 'w' is unknown; known are g, m"):
        TRACE[0]["w"]
    with pytest.raises(AttributeError, match="a step has no field 'w'; it has g, m, v, m_hat"):
        _ = TRACE[0].w
    with pytest.raises(UnknownName, match="step 3 is unknown; known are 1, 2"):
        TRACE.at(3)


def test_neither_steps_nor_traces_can_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        TRACE[0].values["m"] = 0
    with pytest.raises(TypeError, match="does not support item assignment"):
        TRACE.about["rule"] = "x"
    with pytest.raises(AttributeError, match="cannot assign to field 't'"):
        TRACE[0].t = 2


def test_in_text_it_is_an_aligned_table():
    lines = str(TRACE).splitlines()
    assert lines[0].startswith("<Trace rule=adam, form=paper")
    assert lines[1].split() == ["t", *rules.ADAM.fields]
    assert lines[2].split() == [
        *["1", "-15", "-1.5", "0.225", "-15", "225"],
        *["0.0999999999333", "0.599999999933"],
    ]
    assert len({len(line) for line in (*lines[1:-1], lines[-1].removesuffix(">"))}) == 1
    assert repr(TRACE[0]).startswith("Step(t=1, g=-15, m=-1.5, v=0.225, m_hat=-15, v_hat=225, d")


def test_a_long_trace_is_shown_in_part():
    long = trace(*((t, {"a": t}) for t in range(1, 101)))
    lines = str(long).splitlines()
    assert len(lines) == 1 + 1 + 11 + 1 + 1
    assert lines[-2].split() == ["…", "…", "…"]
    assert lines[-1].split() == ["100", "100", "->"]
    assert len(long.rows()) == 100


def test_html_shows_every_row_and_escapes():
    made = trace((1, {"a": "<b>", "b": 2}), fields=("a", "b"))
    assert '<td class="number">&lt;b&gt;</td><td class="number">2</td>' in made.to_html()
    assert TRACE.to_html().count("<tr>") == 3
    assert TRACE._repr_html_().startswith("<style>")


def test_json_gives_every_number_back():
    values = {"a": Decimal("0.10"), "b": np.float32(0.1), "c": np.array([1.0, np.nan])}
    made = Trace((Step(1, values),),
                 ("a", "b", "c"), {"rule": "adam"})  # fmt: skip
    document = made.to_json()
    assert document["schema"] == "adamref.trace/1"
    assert document["about"] == {"rule": "adam"}
    values = document["steps"][0]["values"]
    assert values["a"] == "0.1"
    assert float.fromhex(values["b"]) == float(np.float32(0.1))
    assert values["c"] == ["0x1.0000000000000p+0", "nan"]
    assert json.loads(json.dumps(document)) == document


def test_arrays_are_shown_to_four_elements():
    made = trace((1, {"a": np.arange(6), "b": np.array([1.5])}), fields=("a", "b"))
    assert made.rows() == [["1", "[0, 1, 2, 3, …]", "[1.5]"]]


def test_a_repr_has_a_line_or_two_whatever_is_in_it():
    shown = repr(Step(1, {"a": np.arange(6), "b": np.array([1.5]), "c": Decimal(2) / 3}))
    assert shown == "Step(t=1, a=array(6,), b=[1.5], c=0.666666667)"
    many = run("adam", np.full(1000, 0.5), [np.ones(1000)] * 3)
    assert repr(many) == (
        "<Trace rule=adam, form=paper, rounded to=50 digits: 3 steps, t = 1 to 3; "
        "g, m, v, m_hat, v_hat, delta, theta>"
    )
    assert len(repr(many[0])) <= 160
    assert repr(trace((4, {"a": 1}), fields=("a",))) == "<Trace 1 step; a>"


def test_completion_knows_the_fields():
    assert {"theta", "m_hat", "t", "values"} <= set(dir(TRACE[0]))
    assert [*TRACE[0]._ipython_key_completions_()] == [*rules.ADAM.fields]
    assert TRACE._ipython_key_completions_() == [*rules.ADAM.fields]
    with pytest.raises(AttributeError, match=r"no field 'mhat'; it has g.* mean m_hat\?"):
        TRACE[0].mhat  # noqa: B018


def test_the_repr_does_not_depend_on_the_decimal_context():
    value = Decimal(2) / Decimal(3)
    step = run(rules.ADAM, Fraction(2, 3), [0], digits=50)[0]
    want = repr(step)
    with localcontext(Context(prec=3)):
        assert repr(step) == want
    assert value != step.theta


def test_a_step_and_a_trace_can_be_copied():
    assert copy.copy(TRACE[0]) == TRACE[0]
    assert list(copy.copy(TRACE)) == list(TRACE)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_trace_can_be_sent_to_another_process(again):
    assert list(again(TRACE)) == list(TRACE)


def test_traces_of_arrays_can_be_compared_for_equality():
    one, other = (run(rules.ADAM, [0, 0], [[1, 2]]) for _ in range(2))
    assert one == other


def test_equal_traces_have_no_difference():
    assert first_difference(TRACE, TRACE) is None
    assert first_difference(TRACE, run(rules.ADAM, "0.5", [-15, 2], digits=12, lr="0.1")) is None


def test_the_first_difference_is_first_in_time_then_in_field_order():
    want = trace((1, {"b": 1, "a": 1}), (2, {"a": 1, "b": 1}))
    got = trace((1, {"a": 1, "b": 2}), (2, {"a": 9, "b": 9}))
    found = first_difference(got, want)
    assert (found.t, found.field, found.index, found.got, found.want) == (1, "b", (), 2, 1)
    both = trace((1, {"a": 3, "b": 2}))
    assert first_difference(both, want).field == "a"
    assert first_difference(both, Trace(want.steps, ("b", "a"))).field == "b"


def test_a_difference_says_what_should_be():
    found = first_difference(trace((3, {"a": Decimal("0.0160")})), trace((3, {"a": 0.25})))
    assert str(found) == "a[t=3] = 0.016, but should be 0.25"
    assert repr(found) == "<Difference a[t=3] = 0.016, but should be 0.25>"
    assert "a[t=3] = 0.016, but should be 0.25" in found._repr_html_()
    missing = Difference(1, "m", (0, 2), None, 1)
    assert "m[t=1, 0, 2] = -, but should be 1" in missing.to_html()
    assert missing.to_json() == {
        "schema": "adamref.difference/1", "t": 1, "field": "m", "index": [0, 2], "got": None,
        "want": "1",
    }  # fmt: skip


def test_a_difference_in_an_array_has_its_place():
    got, want = (trace((1, {"a": np.array([[1.0, 2.0], [x, 4.0]])})) for x in (3.0, 3.5))
    found = first_difference(got, want)
    assert (found.index, found.got, found.want) == ((1, 0), 3.0, 3.5)
    assert str(found) == "a[t=1, 1, 0] = 3.0, but should be 3.5"


def test_what_one_trace_lacks_is_passed_over():
    want = trace((1, {"a": 1, "b": 2}), (2, {"a": 1, "b": 2}), (3, {"a": 1}))
    assert first_difference(trace((2, {"b": 2})), want) is None
    assert first_difference(trace((2, {"b": 3})), want).t == 2
    assert first_difference(trace((7, {"a": 5})), want) is None
    assert first_difference(trace((1, {"c": 5})), want) is None
    assert first_difference(trace(), want) is None


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (0.5, Decimal("0.5")),
        (np.float32(0.5), Fraction(1, 2)),
        (0.0, -0.0),
        (math.nan, Decimal("NaN")),
        (np.float16("nan"), np.float64("nan")),
        (math.inf, Decimal("Infinity")),
        ("0.1", Decimal("0.1")),
    ],
)
def test_the_same_real_number_agrees_in_any_type(got, want):
    assert first_difference(trace((1, {"a": got})), trace((1, {"a": want}))) is None


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (0.1, Decimal("0.1")),
        (math.nan, 1.0),
        (1.0, math.nan),
        (math.inf, -math.inf),
        (math.nan, math.inf),
    ],
)
def test_another_real_number_differs(got, want):
    found = first_difference(trace((1, {"a": got})), trace((1, {"a": want})))
    assert found.field == "a"


def test_agreement_may_be_defined_by_the_caller():
    asked = []

    def agree(got, want, field, t):
        asked.append((got, want, field, t))
        return field == "a"

    got, want = trace((4, {"a": 1, "b": 2})), trace((4, {"a": 3, "b": 5}))
    assert first_difference(got, want, agree).field == "b"
    assert asked == [(1, 3, "a", 4), (2, 5, "b", 4)]


def test_arrays_of_different_shape_are_refused():
    got, want = trace((1, {"a": np.zeros(2)})), trace((1, {"a": np.zeros(3)}))
    message = r"a\[t=1\] has shape \(2,\), but should have \(3,\), the shape of want"
    with pytest.raises(ShapeMismatch, match=message):
        first_difference(got, want)


def test_a_trace_of_tiny_values_can_be_compared():
    tiny = run(rules.ADAM, 0, ["1e-15000"], digits=5)
    assert first_difference(tiny, tiny) is None
