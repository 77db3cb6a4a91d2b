"""Variables known by what they are used as, and mistakes of programs that are no formula's."""

import pytest

from adamref import audit

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
