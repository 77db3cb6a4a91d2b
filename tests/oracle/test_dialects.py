"""Every legitimate dialect is identified as itself, and deviates only where another is pinned."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

import observed
import plantable
from adamref.errors import OutOfDomain, UnknownName
from adamref.numbers import formats
from adamref.oracle.explain.asked import Asked
from adamref.oracle.judge.dialects import BESIDE, dialects, read_pins, refuse_no_dialect
from adamref.oracle.judge.identification import candidates, conventions, machines
from adamref.oracle.observe.asking import asked
from adamref.oracle.observe.trials import trials
from adamref.oracle.report.verdicts import reported as judge

FORMS = {
    "paper": {},
    "eps-hat": {"delta": lambda k: (k.lr * k.c2**0.5 / k.c1) * k.m / (np.sqrt(k.second) + k.eps)},
    "eps-inside": {"below": lambda k: np.sqrt(k.v_hat + k.eps)},
}
CORRECTIONS = {"on": {}, "off": {"m_hat": lambda k: k.m, "v_hat": lambda k: k.second}}
DECAYS = {
    "none": {},
    "l2": {},
    "decoupled-before": {},
    "decoupled-after": {
        "kept": lambda k: k.theta,
        "new": lambda k: (k.theta - k.delta) * (1 - k.lr * k.wd),
    },
    "decoupled-unscaled": {"kept": lambda k: k.theta * (1 - k.wd)},
}
MAXIMA = {
    "none": {},
    "v": {},
    "v_hat": {
        "greatest": lambda k: np.maximum(k.max0, k.v / (1 - k.b2**k.t)),
        "v_hat": lambda k: k.greatest,
    },
}
OPTIMIZERS = ("adam", "adam-l2", "adamw", "amsgrad")
PLANTABLE = [
    dialect
    for optimizer in OPTIMIZERS
    for dialect in dialects(optimizer, {}, [("literal", "float64")])
    if dialect.on("form") in FORMS
]


def pieces_of(dialect):
    return {
        **FORMS[dialect.on("form")],
        **CORRECTIONS[dialect.on("bias_correction")],
        **DECAYS[dialect.on("weight_decay")],
        **MAXIMA[dialect.on("amsgrad")],
    }


def name_of(dialect):
    return "-".join((dialect.optimizer, *dict(dialect.axes).values()))


def few(dtype, optimizer):
    """A few probes that tell dialects apart."""
    found = [f"random-generic-{dtype}", f"schedule-{dtype}", f"random-state-{dtype}"]
    if optimizer == "amsgrad":
        found.append(f"shrinking-amsgrad-{dtype}")
    return found


def found_in(report):
    names = ("form", "bias_correction", "weight_decay", "amsgrad")
    return {name: report.dialect[name] for name in names}


def axes_of(dialect):
    return {
        "form": dialect.on("form"),
        "bias_correction": dialect.on("bias_correction") == "on",
        "weight_decay": dialect.on("weight_decay"),
        "amsgrad": dialect.on("amsgrad"),
    }


def checked(dialect, dtype, **options):
    names = options.pop("names", few(dtype, dialect.optimizer))
    pieces = pieces_of(dialect)
    return plantable.checked(pieces, dtype, dialect.optimizer, names=names, **options)


# Each dialect always in one of the formats, in turns, and in both by make test-long.
DTYPES = ("float32", "float64")
IN_TURNS = [
    pytest.param(dialect, dtype, id=f"{name_of(dialect)}-{dtype}", marks=marks)
    for i, dialect in enumerate(PLANTABLE)
    for dtype, marks in ((DTYPES[i % 2], ()), (DTYPES[1 - i % 2], pytest.mark.long))
]


@pytest.mark.slow
@pytest.mark.parametrize(("dialect", "dtype"), IN_TURNS)
def test_a_dialect_is_identified_as_itself(dialect, dtype):
    report = checked(dialect, dtype)
    assert report.verdict == "conforms", str(report)
    assert found_in(report) == axes_of(dialect)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("at", [1, -1])
def test_a_dialect_with_a_hidden_state_is_identified(dtype, at):
    dialect = PLANTABLE[at]
    report = checked(dialect, dtype, visible=False, names=few(dtype, dialect.optimizer)[:2])
    assert report.verdict == "conforms", str(report)
    assert found_in(report) == axes_of(dialect)


def stepped_with_eps_root(theta, g, state, t, h):
    b1, b2 = h["beta1"], h["beta2"]
    m, v = b1 * state["m"] + (1 - b1) * g, b2 * state["v"] + (1 - b2) * g * g
    root = np.sqrt(v / (1 - b2**t) + h.get("eps_root", 0.0))
    return theta - h["lr"] * (m / (1 - b1**t)) / (root + h["eps"]), {"m": m, "v": v}


def reported(session, names, dtype="float32", optimizer="adam", **options):
    """Check a session of one's own."""
    records, findings = asked(session, trials(dtype, optimizer, names), dtype, optimizer)
    usual = {
        "target": "made", "isolated": False, "adapter": "session", "dtype": dtype,
        "state_dtypes": {}, "compute": None, "optimizer": optimizer, "pins": {}, "ulps": {},
        "strict": False, "records": records, "findings": findings, "environment": {},
    }  # fmt: skip
    return judge(Asked(**{**usual, **options}), time.perf_counter())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_epsilon_inside_beside_the_one_outside_is_identified(dtype):
    names = [f"generic-eps-root-{dtype}", f"random-generic-{dtype}"]
    report = reported(observed.Stepping(stepped_with_eps_root), names, dtype)
    assert (report.verdict, report.dialect["form"]) == ("conforms", "eps-root")


def test_where_there_is_no_eps_root_the_form_is_the_papers():
    """With eps_root = 0 both are the same function."""
    names = ["random-generic-float32"]
    report = reported(observed.Stepping(stepped_with_eps_root), names)
    assert (report.verdict, report.dialect["form"]) == ("conforms", "paper")


def float64(piece):
    """Work a piece in float64 and round once, as what holds literal hyperparameters does."""

    def made(k):
        wide = SimpleNamespace(
            **{n: x.astype(np.float64) if isinstance(x, np.ndarray) else x
               for n, x in vars(k).items()}
        )  # fmt: skip
        return piece(wide).astype(k.g.dtype)

    return made


def single(x):
    return float(np.float32(x))


HYPERS = {
    "mixed": {},
    "rounded": {
        "hyper": lambda h: {name: single(x) for name, x in h.items()},
        "alpha": lambda lr, _first, _last: single(lr),
    },
    "literal": {
        name: float64(plantable.RIGHT[name]) for name in ("total", "m", "square", "v")
    } | {"new": float64(lambda k: k.theta - k.lr * (k.m / k.c1) / (np.sqrt(k.v / k.c2) + k.eps))},
}  # fmt: skip


@pytest.mark.parametrize("hyper", BESIDE["hyper"])
def test_hyperparameter_conventions_are_told_apart_in_float32(hyper):
    names = ("random-generic-float32", "random-many-float32", "random-state-float32")
    report = plantable.checked(HYPERS[hyper], names=names)
    assert (report.verdict, report.dialect["hyper"]) == ("conforms", hyper)


def test_in_float64_there_is_one_convention():
    report = plantable.checked({}, "float64", names=few("float64", "adam"))
    assert report.dialect["hyper"] == "literal"


OTHER = {
    "form": ("paper", "eps-hat"),
    "bias_correction": ("on", "off"),
    "weight_decay": ("decoupled-before", "decoupled-after"),
    "amsgrad": ("v", "v_hat"),
}


@pytest.mark.slow
@pytest.mark.parametrize("axis", OTHER)
@pytest.mark.parametrize("turned", [False, True])
def test_another_dialect_than_the_pinned_one_deviates_and_is_named(axis, turned):
    pinned, mine = OTHER[axis][:: -1 if turned else 1]
    optimizer = {"weight_decay": "adamw", "amsgrad": "amsgrad"}.get(axis, "adam")
    dialect = next(x for x in PLANTABLE if x.optimizer == optimizer and x.on(axis) == mine)
    assert checked(dialect, "float32", pins={axis: mine}).verdict == "conforms"
    report = checked(dialect, "float32", pins={axis: pinned})
    assert report.verdict == "deviates"
    (explained,) = report.diagnosis
    assert explained.faults == (f"dialect-{axis}-{mine}".replace("_", "-"),)
    assert explained.confirmed
    assert report.dialect[axis] == (pinned if axis != "bias_correction" else pinned == "on")


def test_what_no_probe_tells_apart_is_said():
    """Without a weight decay its place is not seen."""
    report = checked(PLANTABLE[0], "float32")
    assert report.dialect["weight_decay"] == "none"
    dialect = next(x for x in PLANTABLE if x.optimizer == "adamw")
    report = checked(dialect, "float32", names=["first-step-float32"])
    assert report.verdict == "conforms"
    places = {"decoupled-before", "decoupled-after", "decoupled-unscaled"}
    assert set(report.dialect["weight_decay"]) == places


@pytest.mark.parametrize(
    ("pins", "read"),
    [
        ([], {}),
        (["eps-hat"], {"form": "eps-hat"}),
        (["form=eps-inside"], {"form": "eps-inside"}),
        ([" form = eps-root "], {"form": "eps-root"}),
        (["bias-correction=off", "paper"], {"bias_correction": "off", "form": "paper"}),
        (["bias_correction=True"], {"bias_correction": "on"}),
        (["bias_correction=false"], {"bias_correction": "off"}),
        (["weight_decay=decoupled-after"], {"weight_decay": "decoupled-after"}),
        (["amsgrad=v_hat", "amsgrad=v_hat"], {"amsgrad": "v_hat"}),
        (["hyper=rounded", "moments=lerp"], {"hyper": "rounded", "moments": "lerp"}),
    ],
)
def test_pins_are_read(pins, read):
    assert read_pins(pins) == read


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        (["colour=red"], "axis of the dialect 'colour' is unknown; known are form, "),
        (["epsilon-hat"], "dialect form 'epsilon-hat' is unknown; known are paper, eps-hat, "),
        (["form="], "dialect form '' is unknown"),
        (["weight_decay=adamw"], "dialect weight_decay 'adamw' is unknown; known are none, l2, "),
    ],
)
def test_an_unknown_pin_is_refused(pins, message):
    with pytest.raises(UnknownName, match=message):
        read_pins(pins)


def test_an_axis_that_is_pinned_twice_is_refused():
    with pytest.raises(OutOfDomain, match=r"form = eps-hat, but .*it is paper too"):
        read_pins(["paper", "eps-hat"])


def test_the_usual_dialects_come_first():
    """The papers' own: the first of what accounts for everything is taken."""
    for optimizer in OPTIMIZERS:
        first = dialects(optimizer, {}, [("literal", "float64")])[0]
        assert (first.on("form"), first.on("bias_correction")) == ("paper", "on")
        assert first.on("weight_decay") != "decoupled-after"
        assert first.on("amsgrad") != "v_hat"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_dialect_has_a_rule_of_its_own(optimizer):
    """And says the same of itself."""
    every = dialects(optimizer, {}, [("literal", "float64")])
    lines = {tuple((line.name, line.expr) for line in x.rule.lines) for x in every}
    assert len(lines) == len(every)
    for x in every:
        assert dict(x.rule.dialect) == {
            "form": x.on("form"), "bias_correction": x.on("bias_correction"),
            "weight_decay": x.on("weight_decay"), "amsgrad": x.on("amsgrad"),
        }  # fmt: skip


def test_pins_leave_what_they_allow():
    pins = {"form": "eps-inside", "bias_correction": "off"}
    assert [
        (x.on("form"), x.on("bias_correction"), x.hyper)
        for x in dialects("adam", pins, [("mixed", "float32"), ("rounded", "float32")])
    ] == [("eps-inside", "off", "mixed"), ("eps-inside", "off", "rounded")]
    asked = dialects("adam", {"weight_decay": "l2"}, [("literal", "float64")])
    assert {x.on("weight_decay") for x in asked} == {"l2"}
    with pytest.raises(OutOfDomain, match="weight_decay=l2"):
        refuse_no_dialect("adam", {"weight_decay": "l2"})


def test_conventions_are_those_that_differ():
    """Float64 knows one; a narrow storage may have rounded the numbers before a wide step."""
    one, other = formats.BINARY32, formats.BFLOAT16
    states = {"m": one, "v": one}
    wide, narrow = machines(other, other, states, None, {})
    assert (wide.compute, narrow.compute) == (one, other)
    assert ("rounded", "bfloat16") in conventions(wide, None)
    assert conventions(wide, "literal") == [("literal", "float32")]
    (double,) = machines(formats.BINARY64, formats.BINARY64, {"m": formats.BINARY64}, None, {})
    assert conventions(double, "rounded") == [("literal", "float64")]


def test_a_machine_that_is_asked_for_is_the_only_one():
    states = {"m": formats.BINARY32}
    (machine,) = machines(formats.BFLOAT16, formats.BFLOAT16, states, "storage", {})
    assert machine.compute is formats.BFLOAT16
    (machine,) = machines(formats.BFLOAT16, formats.BFLOAT16, states, "float32", {"sqrt": 2.0})
    assert (machine.compute, machine.sqrt_ulp, machine.div_ulp) == (formats.BINARY32, 2.0, 0.5)


def test_eps_root_is_a_candidate_where_it_can_be_set_or_is_pinned():
    (machine,) = machines(formats.BINARY64, formats.BINARY64, {}, None, {})
    forms = {x.on("form") for x in candidates("adam", {}, machine)}
    assert forms == {"paper", "eps-hat", "eps-inside"}
    assert "eps-root" in {x.on("form") for x in candidates("adam", {}, machine, ("eps_root",))}
    pinned = candidates("adam", {"form": "eps-root"}, machine)
    assert {x.on("form") for x in pinned} == {"eps-root"}
