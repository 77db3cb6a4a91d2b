"""Forms in which people write their Adam: each is taken as it is, and a bug in it is found."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.oracle.check import check

NAMES = ("random-generic", "random-many", "random-axes", "random-defaults")


def checked(target, dtype="float32"):
    with np.errstate(all="ignore"):
        return check(target, isolate=False, dtype=dtype, probes=[f"{n}-{dtype}" for n in NAMES])


def stepped(w, m, v, t, rate, b1, b2, eps, power):
    c1, c2 = 1 - b1 ** (t if power else 1), 1 - b2 ** (t if power else 1)
    return w - rate * (m / c1) / (np.sqrt(v / c2) + eps)


def all_in_all_out(power):
    def adam_update(param, grad, m, v, t, lr, beta1, beta2, eps):
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        return stepped(param, m, v, t, lr, beta1, beta2, eps, power), m, v

    return adam_update


def settings_and_state(power):
    def adam(w, dw, config=None):
        c = {} if config is None else config
        usual = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
        usual |= {"m": np.zeros_like(w), "v": np.zeros_like(w)}
        for name, value in usual.items():
            c.setdefault(name, value)
        c["t"] += 1
        c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
        c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw * dw
        numbers = (c["learning_rate"], c["beta1"], c["beta2"], c["epsilon"])
        return stepped(w, c["m"], c["v"], c["t"], *numbers, power), c

    return adam


def weight_and_gradient(power):
    class Update:
        def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
            self.h, self.m, self.v, self.t = (lr, beta1, beta2, eps), None, None, 0

        def update(self, w, grad):
            if self.m is None:
                self.m, self.v = np.zeros_like(w), np.zeros_like(w)
            self.t += 1
            _, b1, b2, _ = self.h
            self.m = b1 * self.m + (1 - b1) * grad
            self.v = b2 * self.v + (1 - b2) * grad**2
            return stepped(w, self.m, self.v, self.t, *self.h, power)

    return Update


def objects_with_data(power):
    class Adam:
        def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            self.params, self.lr, self.betas, self.eps, self.t = list(params), lr, betas, eps, 0
            self.m = [np.zeros_like(p.data) for p in self.params]
            self.v = [np.zeros_like(p.data) for p in self.params]

        def step(self):
            self.t += 1
            b1, b2 = self.betas
            for i, p in enumerate(self.params):
                self.m[i] = b1 * self.m[i] + (1 - b1) * p.grad
                self.v[i] = b2 * self.v[i] + (1 - b2) * p.grad**2
                p.data = stepped(
                    p.data, self.m[i], self.v[i], self.t, self.lr, b1, b2, self.eps, power
                )

    return Adam


def dictionaries(power):
    class Adam:
        def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
            self.lr, self.beta1, self.beta2, self.iter = lr, beta1, beta2, 0
            self.m = self.v = None

        def update(self, params, grads):
            if self.m is None:
                self.m = {k: np.zeros_like(x) for k, x in params.items()}
                self.v = {k: np.zeros_like(x) for k, x in params.items()}
            self.iter += 1
            for k in params:
                self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * grads[k]
                self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * grads[k] ** 2
                params[k] = stepped(
                    params[k], self.m[k], self.v[k], self.iter,
                    self.lr, self.beta1, self.beta2, 1e-7, power,
                )  # fmt: skip

    return Adam


FORMS = [
    all_in_all_out, settings_and_state, weight_and_gradient, objects_with_data, dictionaries,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_taken_as_it_is(form):
    report = checked(form(power=True))
    assert report.verdict == "conforms", str(report)
    assert sum(x.verdict == "holds" for x in report.probes) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "form", [FORMS[0], *(pytest.param(form, marks=pytest.mark.long) for form in FORMS[1:])]
)
def test_a_bug_in_it_is_found(form):
    assert checked(form(power=False)).verdict == "deviates"


def begun_with_g(theta, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = np.array(g) if t == 1 else beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return stepped(theta, m, v, t, lr, beta1, beta2, eps, power=True), m, v


def turned_round(theta, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * np.where(m * g < 0, 0, m) + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return stepped(theta, m, v, t, lr, beta1, beta2, eps, power=True), m.astype(g.dtype), v


def behind(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The step is made with m as it was before: the first of all moves nothing."""
    v = beta2 * v + (1 - beta2) * g * g
    new = stepped(theta, m, v, t, lr, beta1, beta2, eps, power=True)
    return new, beta1 * m + (1 - beta1) * g, v


class LeftOut:
    """No step is taken with a gradient that is much larger than those before."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.hyper, self.m, self.v, self.t, self.usual = (lr, beta1, beta2, eps), None, None, 0, 0.0

    def step(self, params, grads):
        norm, (lr, beta1, beta2, eps) = float(np.linalg.norm(grads)), self.hyper
        if self.t == 0:
            self.m, self.v, self.usual = np.zeros_like(params), np.zeros_like(params), norm
        self.t += 1
        self.m = beta1 * self.m + (1 - beta1) * grads
        self.v = beta2 * self.v + (1 - beta2) * grads * grads
        calm, self.usual = norm <= 1.25 * self.usual, 0.9 * self.usual + 0.1 * norm
        if not calm:
            return params
        return stepped(params, self.m, self.v, self.t, lr, beta1, beta2, eps, power=True)


class Listed:
    """A list of arrays is stepped in place, with a state for each."""

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.hyper, self.state = (lr, *betas, eps), {}

    def step(self, params, grads):
        _, beta1, beta2, _ = self.hyper
        for i, (p, g) in enumerate(zip(params, grads, strict=True)):
            m, v, t = self.state.get(i, (np.zeros_like(p), np.zeros_like(p), 0))
            m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g, t + 1
            self.state[i] = m, v, t
            p[...] = self.kept(stepped(p, m, v, t, *self.hyper, power=True), p, t)


class Late(Listed):
    """No parameter moves at its first step."""

    def kept(self, new, old, t):
        return old if t == 1 else new


def in_few_bits(new, *_):
    return new.astype(np.float16)


class InFewBits(Listed):
    """Parameters are written back through 16 bits, in which a small step of 8 is none."""

    kept = staticmethod(in_few_bits)


@pytest.mark.slow
@pytest.mark.parametrize("target", [begun_with_g, turned_round, behind, LeftOut, Late, InFewBits])
def test_what_is_wrong_at_its_first_steps_is_called_all_the_same(target):
    """How to call it is found out without asking whether it is right."""
    report = checked(target)
    assert report.verdict == "deviates", str(report)
    assert report.adapter in ("moments", "updating")


class CopiesMatrices:
    """Each parameter of a list is stepped in place, a matrix as a copy that is thrown away."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps, self.t = params, lr, betas, eps, 0
        self.m, self.v = ([np.zeros(p.size, p.dtype) for p in params] for _ in range(2))

    def step(self, grads):
        self.t += 1
        b1, b2 = self.betas
        for p, g, m, v in zip(self.params, grads, self.m, self.v, strict=True):
            flat = p.flatten() if p.ndim > 1 else p.reshape(-1)
            m[:] = m + (1 - b1) * (np.ravel(g) - m)
            v[:] = v + (1 - b2) * (np.ravel(g) ** 2 - v)
            m_hat, v_hat = m / (1 - b1**self.t), v / (1 - b2**self.t)
            flat -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@pytest.mark.long
def test_a_list_is_one_though_no_matrix_of_it_moves():
    report = check(CopiesMatrices, isolate=False, optimizer="adam")
    (cause,) = report.diagnosis
    assert (cause.line, cause.where) == (("theta",), "the number of axes >= 2")
    assert cause.counts["explained"] == cause.counts["wrong"]


class Packed:
    """States of all parameters in one array, each from where the one before has its rows."""

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.lr, self.betas, self.eps, self.t, self.state = lr, betas, eps, 0, None

    def step(self, params, grads):
        begins = np.cumsum([0, *(len(p) for p in params)])
        if self.state is None:
            self.state = np.zeros((2, sum(p.size for p in params)), params[0].dtype)
        self.t += 1
        for p, g, at in zip(params, grads, begins, strict=False):
            m, v = (x[at : at + p.size].reshape(p.shape) for x in self.state)
            m[...] = self.betas[0] * m + (1 - self.betas[0]) * g
            v[...] = self.betas[1] * v + (1 - self.betas[1]) * g * g
            p[...] = stepped(p, m, v, self.t, self.lr, *self.betas, self.eps, power=True)


@pytest.mark.long
def test_who_takes_no_tensor_without_axes_is_given_matrices():
    """It was given vectors alone, of which the states lie where they should."""
    report = check(Packed, isolate=False, optimizer="adam")
    (cause,) = report.diagnosis
    assert cause.change.endswith("shape[0] elements after those of the one before, and overlap")
