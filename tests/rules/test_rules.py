"""Rules as data: their lines, symbols, sources, spellings and dialects."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from mpmath import mpf, sqrt, workdps
from sympy import Symbol

from adamref import rules, run
from adamref.errors import UnknownName
from adamref.numbers.exact import exact
from adamref.rules import FORMS, MAXIMA, WEIGHT_DECAYS, Line, adam, family
from adamref.rules.program import compiled
from adamref.rules.symbols import g, m, v, weight_decay

ADAMS = ("adam", "adam-l2", "adamw", "amsgrad")
RELATIVES = tuple(
    rule for name, one in family().items() if name not in ADAMS for rule in one.rules()
)


def every_dialect():
    """All combinations of Adam's axes that make sense, then the relatives."""
    for form, corrected, decay, maximum in product(FORMS, (True, False), WEIGHT_DECAYS, MAXIMA):
        if form == "eps-hat" and not corrected:
            continue
        if maximum == "v_hat" and (not corrected or form == "eps-hat"):
            continue
        yield adam(form, bias_correction=corrected, weight_decay=decay, maximum=maximum)
    yield from RELATIVES


EVERY = tuple(every_dialect())
IDS = [f"{rule.name}-{'-'.join(rule.dialect.values())}" for rule in EVERY]


def dialect(rule):
    return "-".join(rule.dialect.values())


def test_the_axes_of_adam_combine_to_eighty_five_dialects():
    """Five weight decays each; v_hat has a maximum only where it is formed."""
    corrected = 3 * 5 * 3 + 1 * 5 * 2
    uncorrected = 3 * 5 * 2
    assert len(EVERY) - len(RELATIVES) == corrected + uncorrected


@pytest.mark.parametrize("rule", EVERY, ids=IDS)
def test_a_rule_compiles_to_its_own_fields(rule):
    program = compiled(rule)
    assert tuple(program.outputs) == tuple(line.name for line in rule.lines)
    asked = {name.partition(".")[0] for name in program.inputs}
    states = {name + "_prev" for name in rule.states}
    assert asked <= {"g", "t", "size", *rule.defaults} | states


@pytest.mark.parametrize("rule", EVERY, ids=IDS)
def test_a_line_speaks_of_earlier_things_only(rule):
    known = {"g", "t", "size", *rule.defaults, *(line.name + "_prev" for line in rule.lines)}
    for line in rule.lines:
        assert {s.name for s in line.expr.free_symbols} <= known
        known.add(line.name)


@pytest.mark.parametrize("rule", EVERY, ids=IDS)
def test_every_hyperparameter_is_used_and_has_a_domain(rule):
    used = {s.name for line in rule.lines for s in line.expr.free_symbols}
    used |= {line.initial for line in rule.lines}
    assert set(rule.defaults) <= used
    assert list(rule.hypers) == list(rule.defaults)
    for name, default in rule.defaults.items():
        assert rule.hypers[name].read(default) == Fraction(default)


@pytest.mark.parametrize("rule", EVERY, ids=IDS)
def test_every_line_has_a_source_and_says_what_it_is(rule):
    assert rule.source
    assert rule.title
    for line in rule.lines:
        assert line.source
        assert line.says
        assert line.text().count(" = ") == line.latex().count(" = ") == 1
        assert "_prev" not in line.text() + line.latex()


@pytest.mark.parametrize("rule", EVERY, ids=IDS)
def test_the_gradient_comes_first_and_theta_last(rule):
    assert rule.fields[0] == "g"
    assert rule.fields[1:] == tuple(line.name for line in rule.lines)
    if rule.name not in ("ewa", "ewa-corrected"):
        assert rule.fields[-1] == "theta"
        assert rule.line("theta").initial is None
    assert set(rule.states) <= set(rule.fields)


def test_adams_fields_and_states_are_algorithm_1s():
    assert rules.ADAM.fields == ("g", "m", "v", "m_hat", "v_hat", "delta", "theta")
    assert rules.ADAM.states == ("m", "v", "theta")
    assert rules.AMSGRAD.states == ("m", "v", "v_max", "theta")
    assert rules.NADAM.states == ("m", "v", "mu_product", "theta")


ADAM_TEXT = """\
mₜ = β₁·mₜ₋₁ + (1 - β₁)·gₜ
vₜ = β₂·vₜ₋₁ + (1 - β₂)·gₜ²
m̂ₜ = mₜ/(1 - β₁ᵗ)
v̂ₜ = vₜ/(1 - β₂ᵗ)
Δₜ = -α·m̂ₜ/(√v̂ₜ + ε)
θₜ = θₜ₋₁ + Δₜ"""

ADAM_LATEX = r"""\begin{aligned}
m_{t} &= \beta_1 \cdot m_{t-1} + \left(1 - \beta_1\right) \cdot g_{t} \\
v_{t} &= \beta_2 \cdot v_{t-1} + \left(1 - \beta_2\right) \cdot g_{t}^{2} \\
\hat{m}_{t} &= \frac{m_{t}}{1 - \beta_1^{t}} \\
\hat{v}_{t} &= \frac{v_{t}}{1 - \beta_2^{t}} \\
\Delta_{t} &= -\frac{\alpha \cdot \hat{m}_{t}}{\sqrt{\hat{v}_{t}} + \epsilon} \\
\theta_{t} &= \theta_{t-1} + \Delta_{t}
\end{aligned}"""


def test_adam_is_written_as_in_the_paper():
    assert rules.ADAM.text() == ADAM_TEXT
    assert rules.ADAM.latex() == ADAM_LATEX
    assert rules.ADAM._repr_latex_() == f"$\\displaystyle {ADAM_LATEX}$"
    assert rules.ADAM.lines[0]._repr_latex_() == f"${rules.ADAM.lines[0].latex()}$"


def test_the_repr_names_the_dialect_and_shows_the_lines():
    shown = repr(rules.ADAM)
    assert shown.startswith("<Rule adam, form=paper, bias_correction=on, weight_decay=none, am")
    assert "\n    mₜ = β₁·mₜ₋₁ + (1 - β₁)·gₜ\n" in shown
    assert repr(rules.ADAM.lines[-1]) == "<Line θₜ = θₜ₋₁ + Δₜ>"


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (rules.ADAM_EPS_HAT, "alpha_t", "αₜ = α·√(1 - β₂ᵗ)/(1 - β₁ᵗ)"),
        (rules.ADAM_EPS_HAT, "delta", "Δₜ = -αₜ·mₜ/(√vₜ + ε)"),
        (rules.ADAM_EPS_INSIDE, "delta", "Δₜ = -α·m̂ₜ/√(v̂ₜ + ε)"),
        (rules.ADAM_UNCORRECTED, "delta", "Δₜ = -α·mₜ/(√vₜ + ε)"),
        (rules.ADAM_L2, "v", "vₜ = β₂·vₜ₋₁ + (1 - β₂)·g̃ₜ²"),
        (rules.ADAMW, "theta", "θₜ = θ̃ₜ + Δₜ"),
        (rules.ADAMW_AFTER, "theta", "θₜ = (1 - α·λ)·(θₜ₋₁ + Δₜ)"),
        (rules.AMSGRAD, "v_hat", "v̂ₜ = v̄ₜ/(1 - β₂ᵗ)"),
        (rules.AMSGRAD_V_HAT, "delta", "Δₜ = -α·m̂ₜ/(√v̄ₜ + ε)"),
        (rules.RMSPROP_INSIDE, "delta", "Δₜ = -α·gₜ/√(vₜ + ε)"),
        (rules.ADAMAX, "delta", "Δₜ = -(α/(1 - β₁ᵗ))·(mₜ/uₜ)"),
        (rules.NADAM, "mu", "μₜ = β₁·(1 - 0.96^(t·ψ)/2)"),
    ],
)
def test_a_dialect_differs_in_the_line_it_should(rule, name, text):
    assert rule.line(name).text() == text


@pytest.mark.parametrize("name", rules.family())
def test_every_name_is_found(name):
    assert rules.get(name).name == name


@pytest.mark.parametrize(
    ("name", "axes", "rule"),
    [
        ("adam", {}, rules.ADAM),
        ("adam", {"form": "eps-hat"}, rules.ADAM_EPS_HAT),
        ("adam", {"bias_correction": False}, rules.ADAM_UNCORRECTED),
        ("adam-l2", {}, rules.ADAM_L2),
        ("adamw", {}, rules.ADAMW),
        ("adamw", {"weight_decay": "decoupled-after"}, rules.ADAMW_AFTER),
        ("amsgrad", {}, rules.AMSGRAD),
        ("amsgrad", {"maximum": "v_hat"}, rules.AMSGRAD_V_HAT),
        ("rmsprop", {}, rules.RMSPROP),
        ("rmsprop", {"form": "eps-inside"}, rules.RMSPROP_INSIDE),
    ],
)
def test_get_gives_the_named_dialect(name, axes, rule):
    assert rules.get(name, **axes) == rule


@pytest.mark.parametrize(
    ("name", "axes", "message"),
    [
        ("adamx", {}, "rule 'adamx' is unknown; known are adam, adam-l2, adamw, amsgrad, grad"),
        ("Adam", {}, "rule 'Adam' is unknown"),
        ("adam", {"eps": "in"}, "axis 'eps' is unknown; known are form, bias_correction, weight"),
        ("adam", {"form": "x"}, "form 'x' is unknown; known are paper, eps-hat, eps-inside, eps-r"),
        ("adam", {"weight_decay": "l1"}, "weight_decay 'l1' is unknown; known are none, l2, dec"),
        ("adam", {"maximum": "m"}, "maximum 'm' is unknown; known are none, v, v_hat"),
        (
            "adam",
            {"form": "eps-hat", "bias_correction": False},
            "dialect of adam 'form=eps-hat, bias_correction=off' is unknown; known are form=paper",
        ),
        (
            "amsgrad",
            {"maximum": "v_hat", "form": "eps-hat"},
            "dialect of amsgrad 'form=eps-hat, amsgrad=v_hat' is unknown; known are form=paper",
        ),
        (
            "rmsprop",
            {"form": "eps-hat"},
            "dialect of rmsprop 'form=eps-hat' is unknown; known are form=paper, form=eps-inside",
        ),
        ("ewa", {"form": "paper"}, "axis 'form' is unknown; known are none"),
    ],
)
def test_get_refuses_what_does_not_exist(name, axes, message):
    with pytest.raises(UnknownName) as caught:
        rules.get(name, **axes)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", family())
def test_no_axis_takes_another_value_than_its_own(name):
    for axis in family()[name].axes:
        with pytest.raises(UnknownName):
            rules.get(name, **{axis.name: "nowhere"})


def test_the_recorded_dialect_is_accepted_or_refused_but_not_inverted():
    recorded = rules.ADAM_UNCORRECTED.dialect["bias_correction"]
    try:
        found = rules.get("adam", bias_correction=recorded)
    except UnknownName:
        return
    assert found == rules.ADAM_UNCORRECTED


def test_an_unknown_line_is_refused():
    with pytest.raises(UnknownName, match="line 'w' is unknown; known are m, v, m_hat, v_hat, del"):
        rules.ADAM.line("w")
    with pytest.raises(UnknownName, match="line 'w' is unknown"):
        rules.ADAM.edited(w=m)


def test_edits_do_not_change_the_original():
    before = (rules.ADAM.lines, dict(rules.ADAM.defaults), rules.ADAM.text())
    line = Line("extra", m + v, "a sum", "this test")
    edited = rules.ADAM.edited(m=g)
    substituted = rules.ADAM.substituted(g, g + weight_decay, "v")
    inserted = rules.ADAM.inserted(line, before="m_hat")
    assert edited.line("m").text() == "mₜ = gₜ"
    assert substituted.line("v").text() == "vₜ = β₂·vₜ₋₁ + (1 - β₂)·(gₜ + λ)²"
    assert substituted.line("m") == rules.ADAM.line("m")
    assert inserted.fields == ("g", "m", "v", "extra", "m_hat", "v_hat", "delta", "theta")
    assert (rules.ADAM.lines, dict(rules.ADAM.defaults), rules.ADAM.text()) == before


def test_a_rules_mappings_cannot_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        rules.ADAM.defaults["beta1"] = "0.5"
    with pytest.raises(TypeError, match="does not support item assignment"):
        rules.ADAM.dialect["form"] = "x"


def test_a_rule_can_be_hashed():
    assert len({rules.ADAM, rules.get("adam")}) == 1


def thetas(rule, *, digits=60, **hyper):
    grads = ["-15", "3/7", "0.002", "40"]
    return run(rule, "0.5", grads, digits=digits, alpha="0.1", **hyper)["theta"]


def test_eps_root_zero_is_the_paper():
    assert thetas(rules.ADAM_EPS_ROOT, eps="0.1", eps_root=0) == thetas(rules.ADAM, eps="0.1")
    assert thetas(rules.ADAM_EPS_ROOT, eps_root="0.1") != thetas(rules.ADAM)


@pytest.mark.parametrize("rule", [rules.ADAM_L2, rules.ADAMW, rules.ADAMW_AFTER], ids=dialect)
def test_no_weight_decay_is_adam(rule):
    assert thetas(rule, weight_decay=0) == thetas(rules.ADAM)
    assert thetas(rule, weight_decay="0.1") != thetas(rules.ADAM)


@pytest.mark.parametrize("rule", [rules.AMSGRAD, rules.AMSGRAD_V_HAT], ids=dialect)
def test_amsgrad_is_adam_while_v_and_v_hat_do_not_fall(rule):
    growing, falling = [1, 2, 3, 5], [5, 1, 1, 1]
    for grads, equal in ((growing, True), (falling, False)):
        ours, adams = (run(r, 0, grads, beta2="0.5")["theta"] for r in (rule, rules.ADAM))
        assert (ours == adams) is equal


@pytest.mark.parametrize(
    ("t", "beta2", "root"),
    [
        (1, Fraction(16, 25), Fraction(3, 5)),
        (2, Fraction(4, 5), Fraction(3, 5)),
        (1, Fraction(3, 4), Fraction(1, 2)),
        (10, Fraction(999, 1000), None),
        (10**6, Fraction(999_999, 10**6), None),
    ],
)
def test_the_eps_hat_form_is_the_paper_with_a_scaled_epsilon(t, beta2, root):
    """Section 2: eps_hat = eps sqrt(1 - beta2^t), a rational number in the first cases."""
    if root is None:
        with workdps(200):
            root = exact(sqrt(1 - (mpf(beta2.numerator) / beta2.denominator) ** t))
    else:
        assert root**2 == 1 - beta2**t
    known = {"state": {"m": "0.3", "v": "0.49"}, "t": t, "alpha": "0.1", "beta2": beta2}
    eps = Fraction(1, 7)
    paper = run(rules.ADAM, "0.5", ["2/3"], digits=60, eps=eps, **known)[0].theta
    scaled = run(rules.ADAM_EPS_HAT, "0.5", ["2/3"], digits=60, eps=eps * root, **known)[0].theta
    assert paper == scaled


def test_symbols_are_real_and_counts_are_positive_whole_numbers():
    for rule in EVERY:
        for line in rule.lines:
            for symbol in line.expr.free_symbols:
                assert isinstance(symbol, Symbol)
                assert symbol.is_real
                counts = bool(symbol.is_integer and symbol.is_positive)
                assert (symbol.name in ("t", "size")) == counts
