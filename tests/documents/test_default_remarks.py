"""Published defaults in programs, of relatives of Adam, and of releases."""

import inspect

import pytest

from adamref import audit
from adamref.rules.published import PUBLISHED

STEP = (
    "def adam(w, grad, steps):\n    m = v = 0.0\n    for t in range(1, steps + 1):\n"
    "        g = grad(w)\n        m = BETA1 * m + (1 - BETA1) * g\n"
    "        v = BETA2 * v + (1 - BETA2) * g * g\n"
    "        w -= LR * m / (1 - BETA1**t) / ((v / (1 - BETA2**t)) ** 0.5 + EPS)\n    return w\n"
)


def wrong(text):
    return [c.field for c in audit(text).claims if (c.kind, c.verdict) == ("constant", "wrong")]


def in_file(directory, text, name="adam.py"):
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return [c.field for c in audit(path).claims if (c.kind, c.verdict) == ("constant", "wrong")]


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ("BETA2 = 0.9999  # Adam, value from the paper", ["beta2"]),
        ("BETA2 = 0.999  # Adam, value from the paper", []),
        ("beta1, beta2 = 0.9, 0.99  # Adam defaults", ["beta2"]),
        ("betas = (0.9, 0.999)  # Adam defaults", []),
        ("EPS = 1e-6  # as in PyTorch's Adam", ["eps"]),
        ("EPS = 1e-7  # as in Keras, Adam", []),
        ("EPS = 1e-7  # usual defaults", []),
        ("# Defaults of the paper\nLR = 1e-3\nBETA1 = 0.9\nBETA2 = 0.99\nEPS = 1e-8", ["beta2"]),
        ("# Defaults of the paper\nLR = 1e-3\n\nBETA2 = 0.99", []),
        ("BETA2 = 0.99  # not the paper's value", []),
        ("BETA2 = 0.99  # smaller than in the paper", []),
        ("BETA2 = 0.99  # the paper has 0.999, we need less", []),
        ("BETA2 = 0.99", []),
        ("LR = 3e-4  # tuned", []),
        ("RHO = 0.9  # RMSprop, value from Hinton's lecture\nBETA2 = 0.999  # Adam", []),
    ],
)
def test_a_remark_says_whose_number_it_is(rows, fields, tmp_path):
    assert in_file(tmp_path, f"{rows}\n\n{STEP}") == fields
    assert wrong(f"# Adam\n\n```python\n{rows}\n\n{STEP}```\n") == fields


def test_a_remark_in_c_is_read(tmp_path):
    text = "// Adam\nconst float beta2 = 0.99f;  // default of the Adam paper\n"
    assert in_file(tmp_path, text, "adam.c") == ["beta2"]


@pytest.mark.parametrize(
    ("sentence", "fields"),
    [
        ("The paper suggests $\\alpha = 0.001$ and $\\beta_1 = 0.9$ for AdaMax.", ["alpha"]),
        ("For Adamax the authors recommend $\\alpha = 0.002$.", []),
        ("The Adam paper suggests $\\alpha = 0.001$ for Adamax.", ["alpha"]),
        ("PyTorch's `AdamW` has `weight_decay=0.01` as its default.", []),
        ("PyTorch's `AdamW` has `weight_decay=0.1` as its default.", ["weight_decay"]),
        ("The default of RMSprop in Keras is a learning rate of 0.01.", ["alpha"]),
        ("The paper suggests $\\alpha = 0.001$ for Adam and not for Adamax.", []),
        ("We use $\\alpha = 0.001$ for Adamax, not what the paper suggests.", []),
    ],
)
def test_the_defaults_of_a_relative_are_its_own(sentence, fields):
    assert wrong(f"# Adam and AdaMax\n\n{sentence}\n") == fields


def test_an_earlier_release_may_have_had_another():
    table = "## Defaults\n\n| | library | epsilon |\n|---|---|---|\n| Adam | Keras | 1e-8 |\n"
    assert wrong(f"# Adam\n\n{table}") == []
    assert wrong(f"# Adam\n\nAs in TensorFlow 2.x.\n\n{table}") == ["eps"]


_CALLED = {
    "alpha": ("lr", "learning_rate"),
    "beta1": ("b1", "beta_1"),
    "beta2": ("b2", "beta_2", "rho", "decay"),
    "eps": ("eps", "epsilon"),
    "weight_decay": ("weight_decay",),
}
_CLASSES = {"adamw": "AdamW", "rmsprop": "RMSprop", "radam": "RAdam"}


def _said(signature):
    given = {name: one.default for name, one in signature.parameters.items()}
    if "betas" in given:
        given["b1"], given["b2"] = given["betas"]
    found = {
        name: next((given[x] for x in called if isinstance(given.get(x), float)), None)
        for name, called in _CALLED.items()
    }
    if "alpha" in given and "rho" not in given and "b2" not in given:
        found["beta2"] = given["alpha"]  # as torch calls the rate of RMSprop
    return found


@pytest.mark.parametrize("who", ["PyTorch", "Keras and TensorFlow", "optax"])
def test_they_are_what_the_frameworks_have(who):
    module = {"PyTorch": "torch.optim", "optax": "optax"}.get(who, "keras.optimizers")
    framework = pytest.importorskip(module, reason=f"{module} is not installed")
    published = next(one for one in PUBLISHED if one.who == who)
    for name, values in {"adam": published.values, **published.others}.items():
        spelled = (name, name.capitalize(), _CLASSES.get(name, ""), "NAdam")
        made = next((getattr(framework, x) for x in spelled if hasattr(framework, x)), None)
        if made is None or name == "amsgrad":
            continue
        here = _said(inspect.signature(made))
        assert {n: float(x[0]) for n, x in values.items()} == {n: here[n] for n in values}, name
