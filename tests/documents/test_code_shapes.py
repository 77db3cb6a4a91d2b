"""The shapes in which programs have an update: each right, and with a slip."""

import pytest

from adamref import audit

LION = """
update = beta1 * m + (1 - beta1) * g
w = w - lr * np.sign(update)
m = beta2 * m + (1 - beta2) * g
"""
LION_TORCH = """
class Lion(Optimizer):
    def step(self):
        for p in self.params:
            grad, exp_avg = p.grad, self.state[p]["exp_avg"]
            p.data.mul_(1 - lr * wd)
            update = exp_avg.clone().mul_(beta1).add(grad, alpha=1 - beta1).sign_()
            p.add_(update, alpha=-lr)
            exp_avg.mul_(beta2).add_(grad, alpha=1 - beta2)
"""
MAXIMUM = """
m = b1 * m + (1 - b1) * g
v = b2 * v + (1 - b2) * g**2
top = np.maximum(top, v)
w -= lr * m / (np.sqrt(top) + eps)
"""
ADAMAX = """
m = b1 * m + (1 - b1) * g
u = np.maximum(b2 * u, np.abs(g))
w -= lr / (1 - b1**t) * m / u
"""
RMSPROP = """
class RMSprop:
    def update(self, params, grads):
        for key in params:
            self.h[key] *= self.rho
            self.h[key] += (1 - self.rho) * grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)
"""
OUT = """
np.multiply(m, b1, out=m)
np.multiply(v, b2, out=v)
m += (1 - b1) * g
v += (1 - b2) * np.square(g)
w -= lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
"""
LERP = """
exp_avg.lerp_(grad, 1 - beta1)
exp_avg_sq.mul_(beta2).addcmul_(grad, grad.conj(), value=1 - beta2)
denom = (exp_avg_sq.sqrt() / (1 - beta2 ** step) ** 0.5).add_(eps)
param.addcdiv_(exp_avg, denom, value=-lr / (1 - beta1 ** step))
"""
LISTS = """
m = [b1 * mi + (1 - b1) * gi for mi, gi in zip(m, grads)]
v = [b2 * vi + (1 - b2) * gi ** 2 for vi, gi in zip(v, grads)]
m_hat = [mi / (1 - b1 ** t) for mi in m]
v_hat = {k: x / (1 - b2 ** t) for k, x in v.items()}
params = [p - lr * a / (np.sqrt(b) + eps) for p, (a, b) in zip(params, zip(m_hat, v_hat))]
"""
EITHER = """
m = b1 * m + (1 - b1) * g
v = b2 * v + (1 - b2) * g**2
mh = m / (1 - b1**t) if corrects else m
vh = v / (1 - b2**t) if corrects else v
w = w - lr * mh / (np.sqrt(vh) + eps)
"""
GO = """
m[i] = b1*m[i] + (1-b1)*g[i]
v[i] = b2*v[i] + (1-b2)*g[i]*g[i]
mHat := m[i] / (1 - math.Pow(b1, float64(t)))
vHat := v[i] / (1 - math.Pow(b2, float64(t)))
w[i] -= lr * mHat / (math.Sqrt(vHat) + eps)
"""
JAVA = """
m[i] = beta1 * m[i] + (1 - beta1) * g[i];
v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
double mHat = m[i] / (1 - Math.pow(beta1, t));
double vHat = v[i] / (1 - Math.pow(beta2, t));
w[i] -= lr * mHat / (Math.sqrt(vHat) + eps);
"""
CUDA = """
m[i] *= b1; m[i] += (1.f - b1) * g[i];
v[i] *= b2; v[i] += (1.f - b2) * g[i] * g[i];
p[i] -= lr * (m[i] / (1.f - powf(b1, t))) / (sqrtf(v[i] / (1.f - powf(b2, t))) + eps);
"""
NUMBERS = """
w, m, v = 2.0, 0.0, 0.0
for t in range(1, 4):
    g = 2 * w
    m = 0.9 * m + 0.1 * g
    v = 0.99 * v + 0.01 * g ** 2
    m_hat = m / (1 - 0.9 ** t)
    w -= 0.05 * m_hat / ((v / (1 - 0.99 ** t)) ** 0.5 + 1e-8)
"""
LETTERS = """
state["s"] = B1 * state["s"] + (1 - B1) * grad
state["r"] = B2 * state["r"] + (1 - B2) * grad * grad
s_hat = state["s"] / (1 - B1 ** t)
r_hat = state["r"] / (1 - B2 ** t)
w = w - LR * s_hat / (np.sqrt(r_hat) + EPS)
"""
PLURALS = """
for i, g in enumerate(grads):
    ms[i] += (1 - b1) * (g - ms[i])
    vs[i] += (1 - b2) * (g ** 2 - vs[i])
    m_hat = ms[i] / (1 - b1 ** t)
    params[i] -= lr * m_hat / (np.sqrt(vs[i] / (1 - b2 ** t)) + eps)
"""
STRUCT = """
a->m[i] += (1.0f - a->b1) * (g[i] - a->m[i]);
a->v[i] += (1.0f - a->b2) * (g[i] * g[i] - a->v[i]);
float at = a->lr * sqrtf(1.0f - powf(a->b2, a->t))
                 / (1.0f - powf(a->b1, a->t));
w[i] -= at * a->m[i] / (sqrtf(a->v[i]) + a->eps);
"""
SHAPES = {
    "Lion": ("Lion", "python", LION),
    "Lion in torch": ("Optimizers", "python", LION_TORCH),
    "AMSGrad": ("AMSGrad", "python", MAXIMUM),
    "AdaMax": ("AdaMax", "python", ADAMAX),
    "RMSprop": ("Optimizers", "python", RMSPROP),
    "out": ("Adam", "python", OUT),
    "lerp": ("Adam", "python", LERP),
    "lists": ("Adam", "python", LISTS),
    "either": ("Adam", "python", EITHER),
    "Go": ("Adam", "go", GO),
    "Java": ("Adam", "java", JAVA),
    "CUDA": ("Adam", "cuda", CUDA),
    "numbers": ("Adam", "python", NUMBERS),
    "letters": ("Adam", "python", LETTERS),
    "plurals": ("Adam", "python", PLURALS),
    "struct": ("Adam", "c", STRUCT),
}


def audited(shape, old="", new=""):
    about, language, code = SHAPES[shape]
    assert old in code
    code = code.strip().replace(old, new) if old else code.strip()
    return audit(f"# {about}\n\n```{language}\n{code}\n```\n")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_right_program_holds(shape):
    assert audited(shape).verdict == "holds"


@pytest.mark.parametrize(
    ("shape", "old", "new", "line"),
    [
        ("Lion", "beta1 * m + (1 - beta1)", "beta2 * m + (1 - beta2)", 4),
        ("Lion", "beta2 * m + (1 - beta2)", "beta1 * m + (1 - beta1)", 6),
        ("Lion", "w - lr", "w + lr", 5),
        ("Lion in torch", "alpha=-lr", "alpha=lr", 10),
        ("AMSGrad", "maximum", "minimum", 6),
        ("AMSGrad", "sqrt(top)", "sqrt(v)", 7),
        ("AdaMax", "np.abs(g)", "g", 5),
        ("AdaMax", "maximum", "minimum", 5),
        ("RMSprop", "grads[key] * grads[key]", "grads[key]", 8),
        ("RMSprop", "            self.h[key] *= self.rho\n", "", 7),
        ("RMSprop", "-= self.lr", "+= self.lr", 9),
        ("out", "(m, b1", "(m, b2", 6),
        ("lerp", "grad, 1 - beta1", "grad, beta1", 4),
        ("lists", "gi ** 2", "gi", 5),
        ("lists", "x / (1 - b2 ** t)", "x / (1 - b2)", 7),
        ("lists", "p - lr", "p + lr", 8),
        ("either", "v / (1 - b2**t)", "v / (1 - b1**t)", 7),
        ("Go", "math.Pow(b2", "math.Pow(b1", 7),
        ("Java", "Math.sqrt(vHat)", "vHat", 8),
        ("CUDA", "v[i] *= b2", "v[i] *= b1", 5),
        ("numbers", "1 - 0.99 ** t", "1 - 0.9 ** t", 10),
        ("numbers", "0.1 * g", "0.9 * g", 7),
        ("numbers", "m / (1 - 0.9 ** t)", "m / (1 - 0.9)", 9),
        ("letters", "* grad * grad", "* grad", 5),
        ("letters", 'state["r"] / (1 - B2', 'state["r"] / (1 - B1', 7),
        ("plurals", "g - ms[i]", "g + ms[i]", 5),
        ("struct", "(a->b1, a->t)", "(a->b2, a->t)", 8),
    ],
)
def test_a_slip_is_found_at_its_line(shape, old, new, line):
    found = audited(shape, old, new)
    assert [c.line for c in found.claims if c.verdict == "wrong"] == [line]


def test_a_moment_over_a_correction_with_a_name_overwrites_it():
    code = """
c1 = 1 - pow(b1, t);
m[i] = b1 * m[i] + (1 - b1) * g[i];
m[i] = m[i] / c1;"""
    found = audit(f"# Adam\n\n```c\nfor (int t = 1; t <= n; t++) {{{code}\n}}\n```\n")
    (wrong,) = [c for c in found.claims if c.verdict == "wrong"]
    assert (wrong.line, wrong.because) == (7, "m[i] is overwritten by its corrected value")


ALGORITHM = """Adam, as an algorithm:

  t <- 0; m <- 0; v <- 0
  while theta has not converged do
      t <- t + 1
      g <- gradient of f at theta
      m <- b1 * m + (1 - b1) * g
      v <- b2 * v + (1 - b2) * g * g     // elementwise
      mc <- m / (1 - b1^t)
      vc <- v / (1 - b2^t)
      theta <- theta - a * mc / (sqrt(vc) + e)
  end while
"""


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [("", "", []), ("1 - b2^t", "1 - b2", [10]), ("* g * g", "* g", [8]), ("- a *", "+ a *", [11])],
)
def test_an_algorithm_in_plain_text_is_a_program(old, new, wrong):
    found = audit(ALGORITHM.replace(old, new) if old else ALGORITHM)
    assert [c.line for c in found.claims if c.verdict == "wrong"] == wrong
    assert found.verdict == ("wrong" if wrong else "holds")


def test_a_state_that_is_made_in_the_loop_forgets_whatever_the_loop_is_written_with():
    code = ALGORITHM.replace("; m <- 0; v <- 0", "").replace("converged do", "converged DO")
    code = code.replace("while theta", "WHILE theta").replace(
        "      t <-", "      m <- 0\n      t <-"
    )
    found = audit(code)
    (wrong,) = [c for c in found.claims if c.verdict == "wrong"]
    assert (wrong.line, wrong.because[:26]) == (5, "m is set to 0 at each step")


def test_a_program_below_worked_steps_begins_anew():
    worked = "a = 0.1, b1 = 0.9, b2 = 0.99\n\nStep 1: g_1 = 4, m_1 = 0.4, v_1 = 0.16\n"
    found = audit(f"# Adam\n\n{worked}\n```python\nw, m, v = 2.0, 0.0, 0.0\n```\n")
    assert {c.line for c in found.claims} == {5}
    assert found.verdict == "holds"


def test_a_step_that_is_not_read_does_not_hold():
    found = audited("either", "np.sqrt(vh)", "tempered(vh)")
    assert found.verdict == "partly-read"
    (unread,) = [c for c in found.claims if c.verdict == "unread"]
    assert (unread.line, unread.field) == (8, "theta")
    assert "tempered" in unread.because


def test_each_class_is_judged_by_the_optimizer_that_it_is_called_by():
    both = RMSPROP + RMSPROP.replace("RMSprop", "AdaGrad").replace("(1 - self.rho) * ", "").replace(
        "            self.h[key] *= self.rho\n", ""
    )
    found = audit(f"```python\n{both.strip()}\n```\n")
    assert {c.optimizer for c in found.claims} == {"rmsprop", "adagrad"}
    assert found.verdict == "holds"


SEVERAL = '''"""Steps by hand."""
class Stop(Exception):
    """Raised at the end."""


def rmsprop(p, dp, cache, lr=1e-3, decay=0.9, eps=1e-8):
    """Divide by a running average."""
    cache = decay * cache + (1 - decay) * dp ** 2  # the average
    return p - lr * dp / (np.sqrt(cache) + eps), cache


def momentum(p, dp, vel, lr=1e-2, mu=0.9):
    vel = mu * vel - lr * dp
    return p + vel, vel
'''


@pytest.mark.parametrize(("old", "new", "wrong"), [("", "", []), ("np.sqrt(cache)", "cache", [9])])
def test_a_file_is_one_program_whatever_remarks_are_in_it(tmp_path, old, new, wrong):
    path = tmp_path / "steps.py"
    path.write_text(SEVERAL.replace(old, new) if old else SEVERAL)
    found = audit(path)
    assert [c.line for c in found.claims if c.verdict == "wrong"] == wrong
    assert [c.line for c in found.claims if c.optimizer == "rmsprop"] == [8, 9]


def test_letters_with_indices_are_names_in_julia():
    code = "@. m = β₁ * m + (1 - β₁) * g\n@. v = β₂ * v + (1 - β₂) * g^2\nm̂ = m ./ (1 - β₂^t)"
    found = audit(f"# Adam\n\n```julia\n{code}\n```\n")
    assert [(c.line, c.verdict) for c in found.claims] == [(4, "holds"), (5, "holds"), (6, "wrong")]
