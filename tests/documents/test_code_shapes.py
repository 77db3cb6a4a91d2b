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


IN_R = """
```r
adam <- function(fun, par, lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8) {
  for (it in 1:n) {
    h <- grad(par)
    s <- beta1 * s + (1 - beta1) * h
    r <- beta2 * r + (1 - beta2) * h * h
    s_corrected <- s / (1 - beta1^it)
    r_corrected <- r / (1 - beta2^it)
    par <- par - lr * s_corrected / (sqrt(r_corrected) + eps)
  }
}
```
"""
IN_OCTAVE = """
```matlab
for t = 1:N
    g = fgrad(x);
    m = beta1*m + (1 - beta1)*g;
    v = beta2*v + (1 - beta2)*g.^2;
    mhat = m/(1 - beta1^t);
    vhat = v/(1 - beta2^t);
    x = x - alpha*mhat./(sqrt(vhat) + tiny);
end
```
"""
IN_A_STATE = """
```python
state["t"] += 1
state["m"] = betas[0] * state["m"] + (1 - betas[0]) * grad
state["v"] = betas[1] * state["v"] + (1 - betas[1]) * grad ** 2
m_hat = state["m"] / (1 - betas[0] ** state["t"])
v_hat = state["v"] / (1 - betas[1] ** state["t"])
theta = theta - lr * m_hat / (v_hat ** 0.5 + eps)
```
"""


@pytest.mark.parametrize(
    ("text", "right", "slip"),
    [
        (IN_R, "h * h", "h"),
        (IN_R, "sqrt(r_corrected)", "r_corrected"),
        (IN_OCTAVE, "sqrt(vhat)", "sqrt(v)"),
        (IN_OCTAVE, "g.^2", "g"),
        (IN_A_STATE, "betas[1] * state", "betas[0] * state"),
        (IN_A_STATE, "grad ** 2", "grad"),
    ],
)
def test_variables_are_known_by_what_they_are_used_as(text, right, slip):
    found = audit("# Adam\n" + text).claims
    assert {c.verdict for c in found} == {"holds"}
    assert {c.field for c in found} == {"m", "v", "m_hat", "v_hat", "theta"}
    wrong = audit("# Adam\n" + text.replace(right, slip, 1)).claims
    assert any(c.verdict == "wrong" for c in wrong)


IN_JAVASCRIPT = """
```js
class Adam {
  constructor(size, { lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = {}) {}
  step(w, grad) {
    this.t += 1;
    for (let i = 0; i < w.length; i++) {
      this.m[i] = beta1 * this.m[i] + (1 - beta1) * grad[i];
      this.v[i] = beta2 * this.v[i] + (1 - beta2) * grad[i] * grad[i];
    }
  }
}
```
"""


def test_a_default_with_an_exclusive_or_is_no_power():
    assert audit(f"# Adam\n{IN_JAVASCRIPT}").first_wrong is None
    (found,) = [
        c for c in audit("# Adam\n" + IN_JAVASCRIPT.replace("1e-8", "10 ^ -8")).claims if c.is_wrong
    ]
    assert "is -14" in found.because


@pytest.mark.parametrize("zero", ["c(0, 0)", "rep(0, n)", "numeric(2)"])
def test_a_state_that_is_made_in_the_loop_is_told_in_r_too(zero):
    text = IN_R.replace("    h <- grad(par)", f"    h <- grad(par)\n    s <- {zero}")
    assert any(c.is_wrong and "at each step" in c.because for c in audit("# Adam\n" + text).claims)


IN_A_FUNCTION = """
def step(self, w, g):
    self.t += 1
    self.m = self.b1 * self.m + (1 - self.b1) * g
    self.v = self.b2 * self.v + (1 - self.b2) * g**2
    m_hat = self.m / (1 - self.b1 ** self.t)
    v_hat = self.v / (1 - self.b2 ** self.t)
    return w - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
"""


def test_a_moment_is_used_before_its_update_in_a_function_too():
    assert audit(f"# Adam\n```python{IN_A_FUNCTION}```\n").first_wrong is None
    lines = IN_A_FUNCTION.splitlines(keepends=True)
    early = "".join([*lines[:3], lines[5], *lines[3:5], *lines[6:]])
    (found,) = [c for c in audit(f"# Adam\n```python{early}```\n").claims if c.is_wrong]
    assert (found.field, found.causes[0].id) == ("m_hat", "m-used-before-update")


@pytest.mark.parametrize(
    "text",
    [
        IN_JAVASCRIPT.replace("class Adam", "// eps = 10^-8\n/*\n * eps: 10^-8\n */\nclass Adam"),
        IN_JAVASCRIPT.replace("step(w", 'log("eps = 10^-8")\n  step(w'),
        f"\n```python{IN_A_FUNCTION}```\n".replace(
            "    self.t +=", '    """It has (eps = 10^-8)."""\n    # eps = 10^-8\n    self.t +='
        ),
    ],
)  # fmt: skip
def test_what_people_read_in_a_program_has_no_exclusive_or(text):
    assert "10^-8" in text
    assert audit(f"# Adam\n{text}").first_wrong is None
