"""What no adapter can call is refused with a wrapper, which is taken as it was printed."""

import ctypes
import sys

import numpy as np
import pytest

from adamref.errors import Ambiguous
from adamref.oracle.check import check
from adamref.oracle.observe.forms.wrapping import wrapper

ODD = """
def adam(weights, memory, velocity, gradient_list, config_path):
    raise FileNotFoundError(config_path)


class Engine:
    def __init__(self, model, data):
        self.model = model

    def fit(self):
        return self.model.loss()
"""


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """A module that no adapter can call."""
    (tmp_path / "odd_forms.py").write_text(ODD)
    monkeypatch.syspath_prepend(tmp_path)
    yield "odd_forms"
    sys.modules.pop("odd_forms", None)


@pytest.mark.parametrize("name", ["adam", "Engine"])
def test_the_command_prints_a_wrapper_that_can_be_pasted(call, odd, name):
    code, out, err = call("check", f"{odd}:{name}")
    said, code_to_paste = err.split("\n\n", 1)
    assert (code, out) == (2, "")
    assert said.startswith(f"adamref: {odd}:{name}: ")
    assert "\n" not in said
    compile(code_to_paste, "pasted", "exec")
    assert f"from {odd} import {name}" in code_to_paste.splitlines()


def test_a_wrapper_hands_the_gradient_to_what_speaks_of_one(odd):
    code = wrapper(__import__(odd).adam)
    given = "weights=theta, memory=m, velocity=v, gradient_list=grad, config_path=None"
    assert f"theta, m, v = adam({given})" in code


def test_an_exception_from_another_process_says_the_same(odd):
    with pytest.raises(Ambiguous) as told:
        check(f"{odd}:Engine")
    assert str(told.value) == f"{told.value.says}:\n\n{told.value.to_paste}"
    assert told.value.to_paste.startswith("import numpy as np\nfrom odd_forms import Engine\n")


def test_the_wrapper_of_a_function_in_c_conforms(monkeypatch):
    real = ctypes.POINTER(ctypes.c_double)

    @ctypes.CFUNCTYPE(None, *[real] * 4, *[ctypes.c_int] * 2, *[ctypes.c_double] * 4)
    def adam(theta, g, m, v, n, t, lr, beta1, beta2, eps):
        for i in range(n):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
            corrected = np.sqrt(v[i] / (1 - beta2**t)) + eps
            theta[i] -= lr * (m[i] / (1 - beta1**t)) / corrected

    monkeypatch.setitem(sys.modules, "in_c", module := type(sys)("in_c"))
    module.adam = adam
    pasted = {}
    exec(wrapper(adam), pasted)
    report = check(
        pasted["step"], dtype="float64", probes=["generic-float64", "random-scalar-float64"]
    )
    assert report.verdict == "conforms"


def test_what_has_the_name_of_the_wrapper_is_imported_under_another(tmp_path, monkeypatch):
    body = "def step(weights, slope, a, b, lr, extra):\n    return weights - lr * slope, a, b\n"
    (tmp_path / "same_name.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    import same_name

    pasted = wrapper(same_name.step)
    assert "from same_name import step as theirs\n" in pasted
    assert "theta, m, v = theirs(" in pasted
