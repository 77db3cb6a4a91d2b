"""Code in documents: read as lines of a rule, never run."""

import pytest

from adamref import audit
from adamref.documents.code.blocks import code_blocks
from adamref.documents.code.statements import program
from adamref.documents.source import Source, from_text

NUMPY = """
m = beta1 * m + (1 - beta1) * g
v = beta2 * v + (1 - beta2) * g**2
m_hat = m / (1 - beta1**t)
v_hat = v / (1 - beta2**t)
w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
"""
TORCH = """
exp_avg.mul_(beta1).add_(grad, alpha=1 - beta1)
exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
bias_correction1 = 1 - beta1 ** state['step']
bias_correction2 = 1 - beta2 ** state['step']
denom = (exp_avg_sq.sqrt() / math.sqrt(bias_correction2)).add_(eps)
p.data.addcdiv_(exp_avg, denom, value=-lr / bias_correction1)
"""
CLASS = """
class Adam:
    def update(self, params, grads):
        self.t += 1
        for key in params:
            self.m[key] += (1 - self.b1) * (grads[key] - self.m[key])
            self.v[key] += (1 - self.b2) * (np.square(grads[key]) - self.v[key])
            mhat = self.m[key] / (1 - np.power(self.b1, self.t))
            vhat = self.v[key] / (1 - np.power(self.b2, self.t))
            params[key] -= self.lr * mhat / (np.sqrt(vhat) + self.eps)
"""
COUNTED = """
for k in range(n):
    m = b1 * m + (1 - b1) * grad(w)
    v = b2 * v + (1 - b2) * grad(w)**2
    mc = m / (1 - b1**(k + 1))
    vc = v / (1 - b2**(k + 1))
    w -= lr * mc / (np.sqrt(vc) + eps)
"""
PSEUDO = NUMPY.replace("**", "^").replace("np.", "")
C = """
for (int i = 0; i < n; i++) {
  m[i] = beta1 * m[i] + (1.0f - beta1) * g[i];
  v[i] = beta2 * v[i] + (1.0f - beta2) * g[i] * g[i];
  float mh = m[i] / (1.0f - powf(beta1, t));
  float vh = v[i] / (1.0f - powf(beta2, t));
  w[i] -= lr * mh / (sqrtf(vh) + eps);
}
"""
RUST = """
self.m[i] = self.beta1 * self.m[i] + (1.0 - self.beta1) * g[i];
self.v[i] = self.beta2 * self.v[i] + (1.0 - self.beta2) * g[i].powi(2);
let m_hat = self.m[i] / (1.0 - self.beta1.powi(self.t));
let v_hat = self.v[i] / (1.0 - self.beta2.powi(self.t));
w[i] -= self.lr * m_hat / (v_hat.sqrt() + self.eps);
"""
JULIA = """
@. m = β1 * m + (1 - β1) * g
@. v = β2 * v + (1 - β2) * g^2
mhat = m ./ (1 - β1^t)
vhat = v ./ (1 - β2^t)
theta .-= η .* mhat ./ (sqrt.(vhat) .+ ϵ)
"""
JAVASCRIPT = """
m[i] = b1 * m[i] + (1 - b1) * g[i]; // average
v[i] = b2 * v[i] + (1 - b2) * Math.pow(g[i], 2);
const mHat = m[i] / (1 - Math.pow(b1, t));
const vHat = v[i] / (1 - Math.pow(b2, t));
w[i] -= lr * mHat / (Math.sqrt(vHat) + eps);
"""


def claims(code, language="python", about="Adam"):
    found = audit(f"# {about}\n\n```{language}\n{code.strip()}\n```\n")
    return [c for c in found.claims if c.kind == "code"]


def wrong(code, language="python", about="Adam"):
    return {c.causes[0].id: c for c in claims(code, language, about) if c.verdict == "wrong"}


@pytest.mark.parametrize(
    ("code", "language"),
    [
        (NUMPY, "python"), (TORCH, "python"), (CLASS, "python"), (COUNTED, "python"), (C, "c"),
        (RUST, "rust"), (JULIA, "julia"), (JAVASCRIPT, "js"), (PSEUDO, ""),
    ],
)  # fmt: skip
def test_a_right_program_holds(code, language):
    found = claims(code, language)
    assert {c.field for c in found} >= {"m", "v", "theta"}
    assert {c.verdict for c in found} == {"holds"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("1 - beta1**t", "1 - beta1", "m_hat-without-power"),
        ("1 - beta1**t", "1 - beta2**t", "m_hat-with-beta2"),
        ("m / (1 - beta1**t)", "m * (1 - beta1**t)", "m_hat-multiplied"),
        ("(1 - beta2) * g**2", "g**2", "v-without-complement"),
        ("g**2", "g", "v-without-square"),
        ("w - lr", "w + lr", "update-added"),
        ("np.sqrt(v_hat)", "v_hat", "root-forgotten"),
        ("m_hat / (np.sqrt(v_hat)", "m / (np.sqrt(v)", "correction-unused"),
        ("m_hat / (np.sqrt(v_hat)", "m / (np.sqrt(v_hat)", "step-with-m"),
    ],
)
def test_a_fault_in_a_line_is_found(old, new, fault):
    assert old in NUMPY
    assert list(wrong(NUMPY.replace(old, new))) == [fault]


def test_the_right_line_is_in_the_programs_own_names():
    found = wrong(C.replace("(1.0f - powf(beta1, t))", "(1.0f - beta1)"), "c")
    assert found["m_hat-without-power"].expected == "mh = m[i]/(1 - beta1**t)"


def test_a_moment_that_is_overwritten_by_its_corrected_value():
    code = NUMPY.replace("m_hat", "m").replace("v_hat", "v")
    assert list(wrong(code)) == ["m-overwritten", "v-overwritten"]


def test_a_copy_may_be_corrected_in_place():
    code = "m = state_m\n" + NUMPY.replace("m_hat", "m") + "state_m = m\n"
    assert "m-overwritten" not in wrong(code.replace("state_m = m\n", "", 1))


@pytest.mark.parametrize(
    ("language", "is_wrong"), [("python", True), ("c", True), ("julia", False)]
)
def test_an_exclusive_or_for_a_power(language, is_wrong):
    found = wrong("v = beta2 * v + (1 - beta2) * g^2", language)
    assert ("exclusive-or" in found) == is_wrong


def test_an_exclusive_or_of_numbers_is_worked():
    assert "10^-8 is -14" in wrong("eps = 10^-8")["exclusive-or"].because


def test_pseudo_code_may_write_powers_as_it_likes():
    text = "Adam in pseudo-code:\n\n```\nv = B2 * v + (1 - B2) * g^2\n```\n"
    assert not [c for c in audit(text).claims if c.is_wrong]


def test_biases_that_use_the_gradient_of_the_weights():
    found = wrong("mb = beta1 * mb + (1 - beta1) * dw\nmw = beta1 * mw + (1 - beta1) * dw")
    assert list(found) == ["gradient-of-another-parameter"]


def test_an_index_of_the_wrong_loop():
    code = "for i in a:\n    for j in b:\n        m[i][j] = beta1*m[j][i] + (1-beta1)*g[i][j]"
    assert list(wrong(code)) == ["index-of-another-loop"]


@pytest.mark.parametrize(
    ("test", "is_wrong"),
    [("theta[t] - theta[t-1] > tol", True), ("abs(theta[t] - theta[t-1]) > tol", False)],
)
def test_a_loop_test_needs_an_absolute_value(test, is_wrong):
    found = wrong(f"while {test}:\n    m = beta1 * m + (1 - beta1) * g")
    assert ("magnitude-missing" in found) == is_wrong


def test_a_count_of_steps_that_starts_at_0():
    code = COUNTED.replace("(k + 1)", "k")
    assert list(wrong(code)) == ["m_hat-power-t-minus-one", "v_hat-power-t-minus-one"]


def test_a_count_that_is_moved_on_before_and_after_the_correction():
    before = "t = 0\nwhile True:\n    t += 1\n" + NUMPY.replace("\n", "\n    ")
    after = "t = 0\nwhile True:\n" + NUMPY.replace("\n", "\n    ") + "t += 1\n"
    assert not wrong(before)
    assert "m_hat-power-t-minus-one" in wrong(after)


def test_state_that_is_made_in_the_loop():
    code = "for t in range(1, n):\n    m = 0\n    m = beta1 * m + (1 - beta1) * g"
    assert list(wrong(code)) == ["state-reset"]


def test_a_moment_that_is_used_before_its_update():
    code = (
        "for t in range(1, n):\n    w = w - lr * m / (np.sqrt(v) + eps)\n"
        "    m = beta1 * m + (1 - beta1) * g\n    v = beta2 * v + (1 - beta2) * g**2"
    )
    assert list(wrong(code)) == ["m-used-before-update"]


def test_other_optimizers_are_judged_by_their_own_rules():
    assert not wrong("cache = rho * cache + (1 - rho) * dx**2", about="RMSprop")
    assert not wrong("cache += dx**2", about="AdaGrad")
    found = wrong("cache = 0.9 * cache + dx**2", about="RMSprop")
    assert found["v-without-complement"].expected == "cache = 0.9*cache + (1 - 0.9)*dx**2"


@pytest.mark.parametrize(
    "text",
    [
        "~~~python\nm = 1\n~~~",
        "\\begin{lstlisting}[language=Python]\nm = 1\n\\end{lstlisting}",
        "\\begin{minted}{python}\nm = 1\n\\end{minted}",
        ".. code-block:: python\n\n    m = 1\n\nText.",
        '<pre><code class="language-python">\nm = 1\n</code></pre>',
    ],
)
def test_code_is_found_in_any_markup(text):
    source = from_text(f"Before.\n\n{text}\n")
    (block,) = code_blocks(source)
    assert block.language == "python"
    (one,) = program(block).assignments
    assert one.target.base == "m"
    assert f"Before.\n\n{text}".split("\n")[source.place(one.line)[0] - 1].strip() == "m = 1"


def test_code_is_found_where_the_format_says_it():
    lines = ("Text.", "m = 1", "1", "v = 2")
    source = Source("x", lines, kinds=("text", "code:python", "output", "code:python"))
    assert [(b.first, b.lines) for b in code_blocks(source)] == [(2, ("m = 1",)), (4, ("v = 2",))]


@pytest.mark.parametrize(
    "text", ["((((", "m = " + "(" * 500, "9**9**9**9", "m = \\", "\ufeff=", "for"]
)
def test_anything_may_stand_in_a_block(text):
    assert isinstance(claims(text), list)


NESTEROV = """Momentum
========

.. math::

    velocity &= mu * velocity + gradient \\\\
    param &= param - learning\\_rate * (gradient + mu * velocity) \\quad (nesterov) \\\\
    param &= param - learning\\_rate * velocity
"""


def test_mathematics_in_words_is_read_as_a_program():
    found = [c for c in audit(NESTEROV).claims if c.kind == "code"]
    assert [(c.line, c.verdict) for c in found] == [(6, "holds"), (7, "holds"), (8, "holds")]
    other = audit(NESTEROV.replace("gradient + mu", "gradient - mu"))
    assert [c.line for c in other.claims if c.is_wrong] == [7]
