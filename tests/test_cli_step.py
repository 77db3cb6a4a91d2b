"""``adamref step`` on the command line: the worked step, by hand and in every format."""

from __future__ import annotations

import json

import jsonschema
import pytest

from command import ONE_STEP, schema
from pages import from_outside

PROBLEM = ("--objective", "(3*w - 4)**2", "--theta", "0.5", "--alpha", "0.1")
FIVE = ("0.599999999933", "0.699464807340", "0.797915643326", "0.894758938781", "0.989268338301")


@pytest.mark.parametrize("steps", range(1, 6))
def test_step_shows_the_values_worked_by_hand(call, steps):
    code, out, err = call("step", *PROBLEM, "--steps", steps)
    assert (code, err) == (0, "")
    for t, value in enumerate(FIVE, 1):
        assert (value in out) == (t <= steps)


def test_step_shows_every_line_of_the_first_step(call):
    _, out, _ = call("step", *PROBLEM)
    for line in (
        "g₁ = 18·w₀ - 24",
        "= 18·0.5 - 24",
        "= -15",
        "m₁ = β₁·m₀ + (1 - β₁)·g₁",
        "= -1.5",
        "= 0.225",
        "= 225",
        "≈ 0.0999999999333",
        "≈ 0.599999999933",
    ):
        assert line in out


@pytest.mark.parametrize("format_", ["md", "html", "latex", "text"])
def test_every_format_of_step_holds_the_numbers(call, format_):
    code, out, err = call("step", *PROBLEM, "--steps", "5", "--format", format_)
    assert (code, err) == (0, "")
    for value in (*FIVE, "225", "15"):
        assert value in out


def test_step_html_is_self_contained(call):
    _, out, _ = call("step", *PROBLEM, "--format", "html")
    assert from_outside(out) == []
    assert "<math" in out


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--steps", "5"),
        ("--dtype", "float32"),
        ("--dtype", "bfloat16", "--steps", "3"),
        ("--optimizer", "adamw", "--weight-decay", "0.01"),
        ("--optimizer", "nadam"),
        ("--digits", "40"),
    ],
    ids=lambda more: " ".join(more) or "plain",
)
def test_step_json_fits_its_schema(call, more):
    code, out, err = call("step", *PROBLEM, *more, "--format", "json")
    assert (code, err) == (0, "")
    jsonschema.validate(json.loads(out), schema("step"))


@pytest.mark.parametrize("special", ["nan", "inf", "-inf"])
def test_step_json_of_a_gradient_that_is_no_number_fits_its_schema(call, special):
    code, out, _ = call("step", "--theta", "1", "--grad", special, "--format", "json")
    found = json.loads(out)
    assert code == 0
    jsonschema.validate(found, schema("step"))
    gradient, *_ = found["steps"][0]["lines"]
    assert (gradient["name"], gradient["value"]) == ("g", special)


def test_a_nan_gradient_is_shown_as_nan_all_the_way(call):
    code, out, err = call("step", "--theta", "0.5", "--grad", "nan")
    assert (code, err) == (0, "")
    assert "g₁ = nan" in out
    assert out.rstrip().splitlines()[-3].split() == ["=", "nan"]


def test_lr_and_alpha_are_the_same(call):
    given = ("step", "--theta", "1", "--grad", "2", "--steps", "2")
    assert call(*given, "--lr", "0.25") == call(*given, "--alpha", "0.25")
    mixed = call(*given, "--lr", "0.25", "--alpha", "0.5")
    assert mixed == call(*given, "--alpha", "0.25", "--alpha", "0.5")


def test_a_negative_gradient_is_not_taken_for_an_option(call):
    for arguments in (("--grad", "-15"), ("--grad=-15",)):
        code, out, _ = call("step", "--theta", "0.5", *arguments, "--alpha", "0.1")
        assert code == 0
        assert "g₁ = -15" in out
        assert "0.599999999933" in out


def test_one_gradient_serves_all_steps(call):
    repeated = call("step", "--theta", "1", "--grad", "2", "--steps", "3")
    written = call("step", "--theta", "1", "--grad", "2", "--grad", "2", "--grad", "2")
    assert repeated == written


def test_a_schedule_takes_an_alpha_for_each_step(call):
    """With a constant gradient and epsilon 0, each step is exactly its alpha."""
    code, out, _ = call(
        "step", "--theta", "1", "--grad", "2", "--steps", "3", "--eps", "0",
        "--alpha", "0.5", "--alpha", "0.25", "--alpha", "0.125", "--format", "json",
    )  # fmt: skip
    steps = [{row["name"]: row for row in s["lines"]} for s in json.loads(out)["steps"]]
    assert code == 0
    assert [s["theta"]["value"] for s in steps] == ["0.5", "0.25", "0.125"]
    assert [s["delta"]["numbers"].split("·")[0] for s in steps] == ["-0.5", "-0.25", "-0.125"]


def test_a_state_and_a_t_continue_a_run(call):
    """The second of two steps is one step from the state that the first one left."""
    _, both, _ = call("step", "--theta", "1", "--grad", "2", "--grad", "3", "--format", "json")
    first, second = json.loads(both)["steps"]
    values = {row["name"]: row["value"] for row in first["lines"]}
    state = ("--theta", "1", "--m", values["m"], "--v", values["v"], "--t", "2")
    _, alone, _ = call("step", *state, "--grad", "3", "--format", "json")
    (again,) = json.loads(alone)["steps"]
    assert again["t"] == 2
    for name in ("m", "v", "m_hat", "v_hat"):
        (one,) = [row["value"] for row in second["lines"] if row["name"] == name]
        (other,) = [row["value"] for row in again["lines"] if row["name"] == name]
        assert one == other


def test_float32_is_shown_in_hexadecimal_too(call):
    code, out, _ = call(*ONE_STEP, "--dtype", "float32")
    assert code == 0
    assert "0x1.3333340000000p-1" in out
    assert "Rounded to float32" in out


def test_decimal_numbers_are_exact(call):
    """0.1 is one tenth, not the float beside it."""
    _, out, _ = call("step", "--theta", "0.1", "--grad", "0.1", "--digits", "40")
    assert "v₁ = β₂·v₀ + (1 - β₂)·g₁²" in out
    assert "= 0.00001\n" in out or "= 1e-5\n" in out


def test_digits_are_those_asked_for(call):
    """The real value, worked once more here to more digits."""
    import mpmath

    _, out, _ = call("step", *PROBLEM, "--digits", "30")
    with mpmath.workdps(60):
        right = mpmath.mpf("0.5") + mpmath.mpf("1.5") / (15 + mpmath.mpf("1e-8"))
        assert mpmath.nstr(right, 30, strip_zeros=False) in out


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_step_in_16_bits_has_the_scalars_of_such_code(call, dtype):
    """In bfloat16 beta2 = 0.999 would be 1, and v_hat 0/0."""
    code, out, _ = call("step", "--theta", "0.5", "--grad", "-15", "--dtype", dtype)
    assert code == 0
    assert "nan" not in out
    assert "Hyperparameters are held as rounded to float32." in " ".join(out.split())


def test_step_says_where_a_rate_is_held_as_1(call):
    held = ("--dtype", "bfloat16", "--compute", "storage")
    _, out, _ = call("step", "--theta", "0.5", "--grad", "-15", *held)
    assert "v̂₁ = v₁/(1 - β₂ᵗ)\n     = 0/(1 - 1¹)\n     = nan" in out
    said = "beta2 = 0.999 is held as 1: 1 - beta2 is 0, and its correction 0/0."
    assert said in " ".join(out.split())


def test_step_computes_in_something_only_in_a_dtype(call):
    code, _, err = call("step", "--theta", "0.5", "--grad", "1", "--compute", "storage")
    assert (code, err.count("\n")) == (2, 1)
    assert "--dtype is missing: --compute says in what code of a float format works" in err
