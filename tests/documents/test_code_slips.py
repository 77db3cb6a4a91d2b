"""Slips in programs that are no formula's, in the languages of several."""

import pytest

from adamref import audit
from adamref.documents.audit import audited
from adamref.documents.source import from_file


def claims_of(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return audited(from_file(path)).claims


def wrong_in(tmp_path, name, text):
    return [(c.line, c.causes[0].id) for c in claims_of(tmp_path, name, text) if c.is_wrong]


LAYERS = """def update(parameters, grads, v, s, t, learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8):
    # adam
    for l in range(1, L + 1):
        v["db" + str(l)] = beta1 * v["db" + str(l)] + (1 - beta1) * grads["db" + str(l)]
        s["db" + str(l)] = beta2 * s["db" + str(l)] + (1 - beta2) * grads["db" + str(l)] ** 2
        vc["db" + str(l)] = v["db" + str(l)] / (1 - beta1 ** t)
        sc["db" + str(l)] = s["db" + str(l)] / (1 - beta2 ** t)
        parameters["b" + str(l)] -= learning_rate * vc["db" + str(l)] / (np.sqrt(sc["db" + str(l)]) + epsilon)
"""  # noqa: E501


def test_a_moment_of_another_parameter_is_told(tmp_path):
    assert wrong_in(tmp_path, "a.py", LAYERS) == []
    slip = LAYERS.replace('np.sqrt(sc["db"', 'np.sqrt(sc["dW"')
    assert wrong_in(tmp_path, "a.py", slip) == [(8, "state-of-another-parameter")]


BUFFERS = """# rmsprop with momentum
for l in range(len(W)):
    sW[l] = rho * sW[l] + (1 - rho) * dW[l] ** 2
    uW[l] = mu * uW[l] + dW[l] / (np.sqrt(sW[l]) + eps)
    uB[l] = mu * uB[l] + dB[l] / (np.sqrt(sB[l]) + eps)
"""


def test_the_element_beside_ones_own_is_a_slip_where_others_go_on_from_their_own(tmp_path):
    assert wrong_in(tmp_path, "a.py", BUFFERS) == []
    slip = BUFFERS.replace("mu * uB[l]", "mu * uB[l - 1]")
    assert wrong_in(tmp_path, "a.py", slip) == [(5, "index-of-another-loop")]
    in_time = "# adam\nfor t in range(1, n):\n    m[t] = b1 * m[t - 1] + (1 - b1) * g[t]\n"
    assert wrong_in(tmp_path, "a.py", in_time) == []


IN_C = """#define N 12
struct adam { float m[N]; float v[N]; };
void adam_update(struct adam *o, float *x, const float *g) {
    for (int i = 0; i < N; i++) {
        o->m[i] = b1 * o->m[i] + (1 - b1) * g[i];
        o->v[i] = b2 * o->v[i] + (1 - b2) * g[i] * g[i];
    }
}
"""


def test_a_loop_that_goes_past_the_last_element_is_told(tmp_path):
    assert wrong_in(tmp_path, "a.c", IN_C) == []
    slip = IN_C.replace("i < N", "i <= N")
    assert wrong_in(tmp_path, "a.c", slip) == [(4, "element-past-the-end")]
    assert wrong_in(tmp_path, "a.c", slip.replace("i = 0", "i = 1")) == []


LANES = """// adam; bc1 = 1 - b1^t, bc2 = 1 - b2^t
__global__ void adam(float4 *p, float4 *m, float4 *v, const float4 *g) {
    mi.x = b1 * mi.x + (1.0f - b1) * gi.x;
    mi.y = b1 * mi.y + (1.0f - b1) * gi.y;
    mi.z = b1 * mi.z + (1.0f - b1) * gi.z;
    mi.w = b1 * mi.w + (1.0f - b1) * gi.w;
    vi.x = b2 * vi.x + (1.0f - b2) * gi.x * gi.x;
    vi.y = b2 * vi.y + (1.0f - b2) * gi.y * gi.y;
    vi.z = b2 * vi.z + (1.0f - b2) * gi.z * gi.z;
    vi.w = b2 * vi.w + (1.0f - b2) * gi.w * gi.w;
    pi.x -= lr * (mi.x / bc1) / (sqrtf(vi.x / bc2) + eps);
    pi.y -= lr * (mi.y / bc1) / (sqrtf(vi.y / bc2) + eps);
    pi.z -= lr * (mi.z / bc1) / (sqrtf(vi.z / bc2) + eps);
    pi.w -= lr * (mi.w / bc1) / (sqrtf(vi.w / bc2) + eps);
}
"""


def test_the_elements_of_a_short_vector_are_read_and_held_against_each_other(tmp_path):
    verdicts = [c.verdict for c in claims_of(tmp_path, "a.cu", LANES)]
    assert verdicts.count("holds") >= 12
    assert "wrong" not in verdicts
    slip = LANES.replace("(sqrtf(vi.z / bc2) + eps)", "(sqrtf(vi.z / bc2 + eps))")
    assert wrong_in(tmp_path, "a.cu", slip) == [(13, "dialects-mixed")]
    every = LANES.replace(" / bc2) + eps)", " / bc2 + eps))")
    assert wrong_in(tmp_path, "a.cu", every) == []


IN_JAVASCRIPT = """class RMSprop {
  next(p, g) {
    this.h = this.h.map((h, i) => this.rho * h + (1 - this.rho) * g[i] * g[i]);
    return p.map((c, i) => c - this.lr * g[i] / (Math.sqrt(this.h[i]) + this.eps));
  }
}
class Adam {
  next(p, g) {
    this.t++;
    this.m = this.m.map((m, i) => this.b1 * m + (1 - this.b1) * g[i]);
    this.v = this.v.map((v, i) => this.b2 * v + (1 - this.b2) * g[i] * g[i]);
    const c1 = 1 - this.b1 ** this.t;
    const c2 = 1 - (this.b2 ** this.t);
    return p.map((c, i) => c - this.lr * (this.m[i] / c1) / (Math.sqrt(this.v[i] / c2) + this.eps));
  }
}
"""


def test_what_is_made_of_each_element_is_read_and_each_class_by_its_own(tmp_path):
    made = claims_of(tmp_path, "a.js", IN_JAVASCRIPT)
    assert [(c.optimizer, c.field) for c in made] == [
        ("rmsprop", "v"), ("rmsprop", "theta"), ("adam", "m"), ("adam", "v"), ("adam", "theta"),
    ]  # fmt: skip
    assert {c.verdict for c in made} == {"holds"}
    slip = IN_JAVASCRIPT.replace("(this.b2 ** this.t)", "(this.b2 ^ this.t)")
    assert wrong_in(tmp_path, "a.js", slip) == [(13, "exclusive-or")]


IN_CSHARP = """public class Adam {
    private int _t = 0;
    public void Apply(double[] w, double[] g) {
        _t++;
        double bias1 = 1.0 - Math.Pow(_beta1, _t);
        double bias2 = 1.0 - Math.Pow(_beta2, _t);
        for (int i = 0; i < w.Length; i++) {
            m[i] = _beta1 * m[i] + (1.0 - _beta1) * g[i];
            v[i] = _beta2 * v[i] + (1.0 - _beta2) * g[i] * g[i];
            w[i] -= _alpha * (m[i] / bias1) / (Math.Sqrt(v[i] / bias2) + _epsilon);
        }
    }
}
"""


def test_a_power_that_is_taken_before_the_count_moves_is_told_where_it_is_taken(tmp_path):
    assert wrong_in(tmp_path, "A.cs", IN_CSHARP) == []
    late = IN_CSHARP.replace("        _t++;\n", "").replace(
        "        }\n    }", "        }\n        _t++;\n    }"
    )
    assert wrong_in(tmp_path, "A.cs", late) == [(4, "t-behind"), (5, "t-behind")]


ANEW = """from mine import Adam
opt = Adam(lr=0.01)
for start in range(0, 200, 20):
    dw = gradients(w, start)
    opt.update(w, dw)
"""


def test_an_optimizer_that_is_made_in_the_loop_over_the_steps_forgets_everything():
    page = "# Adam\n\n```python\n{}m = b1 * m + (1 - b1) * g\n```\n"
    assert not any(c.is_wrong for c in audit(page.format(ANEW)).claims)
    lines = ANEW.splitlines(keepends=True)
    slip = "".join([lines[0], *lines[2:4], "    " + lines[1], lines[4]])
    (found,) = [c for c in audit(page.format(slip)).claims if c.is_wrong]
    assert (found.line, found.causes[0].id) == (7, "state-reset")
    several = (
        "for lr in rates:\n    opt = Adam(lr)\n    for t in steps:\n        opt.update(w, g)\n"
    )
    assert not any(c.is_wrong for c in audit(page.format(several)).claims)


DECOUPLED = """class AdamW:
    def step(self):
        self.t += 1
        for i, p in enumerate(self.params):
            g = p.grad + self.wd * p.value
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g ** 2
            m_hat = self.m[i] / (1 - self.beta1 ** self.t)
            v_hat = self.v[i] / (1 - self.beta2 ** self.t)
            p.value -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
"""


def test_decay_that_goes_through_the_moments_of_adamw_is_told_where_it_is_added(tmp_path):
    assert wrong_in(tmp_path, "a.py", DECOUPLED) == [(5, "decay-l2")]
    as_adam = DECOUPLED.replace("class AdamW", "class Adam")
    assert wrong_in(tmp_path, "a.py", as_adam) == []


QUOTED = """# Adam

## The counter

```python
for t in range(n_steps):
    m = beta1 * m + (1 - beta1) * g
    m_hat = m / (1 - beta1 ** t)     # {}
```
"""


def test_code_that_is_given_as_a_mistake_is_none_of_the_authors():
    assert any(c.is_wrong for c in audit(QUOTED.format("corrected")).claims)
    (found,) = [c for c in audit(QUOTED.format("don't do this")).claims if c.field == "m_hat"]
    assert (found.verdict, found.because) == ("unread", "the text gives it as a mistake")
    led = QUOTED.format("corrected").replace("## The counter", "## The counter\n\nThis is wrong:")
    assert not any(c.is_wrong for c in audit(led).claims)


EXAM = """PSEUDO-CODE FOR THE EXAM

procedure ADAGRAD(x; eps = 1e-8)
    repeat
        g := grad(x)
        h := h + g^2
        x := x - lr * g / (sqrt(h) + eps)

procedure ADADELTA(x)
    repeat
        h := rho * h + (1 - rho) * g^2
        x := x - d * h

procedure ADAM(x; b1 = 0.9, b2 = 0.999, eps = 1e-8)
    repeat
        g := grad(x)
        m := b1 * m + (1 - b1) * g
        v := b2 * v + (1 - b2) * g^2
        mc := m / (1 - b1^t)
        vc := v / (1 - b2^t)
        x := x - lr * mc / (sqrt(vc) + eps)
"""


def test_a_procedure_is_about_what_it_is_called():
    found = audit(EXAM).claims
    assert [(c.optimizer, c.field) for c in found] == [
        *(("adagrad", x) for x in ("v", "theta")),
        *(("adam", x) for x in ("m", "v", "m_hat", "v_hat", "theta")),
    ]
    assert {c.verdict for c in found} == {"holds"}
    (wrong,) = [c for c in audit(EXAM.replace("h + g^2", "h + g")).claims if c.is_wrong]
    assert (wrong.line, wrong.optimizer) == (6, "adagrad")


@pytest.mark.parametrize(("number", "verdict"), [("0.99", "wrong"), ("0.999", "holds")])
def test_a_table_below_words_that_say_whose_defaults_it_has(number, verdict):
    text = (
        "# Adam in C\n\n`DEFAULTS` has the values which Kingma and Ba recommend in their paper:\n\n"
        f"| field | default |\n|---|---|\n| `b1` | 0.9 |\n| `b2` | {number} |\n"
    )
    assert [c.verdict for c in audit(text).claims if c.line == 8] == [verdict]


def test_whole_numbers_are_divided_as_whole_numbers():
    """An exponent of 1 / 2 is 0 in C and a root in Python and JavaScript."""
    line = "v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];\n  r = pow(v[i], %s);\n"
    text = "# Adam\n\n```%s\n  m[i] = b1 * m[i] + (1 - b1) * g[i];\n  " + line + "```\n"
    ids = [
        [cause.id for c in audit(text % x).claims for cause in c.causes]
        for x in (("c", "1 / 2"), ("c", "1.0 / 2"), ("js", "1 / 2"), ("java", "3 / 2"))
    ]
    assert ids == [["integer-division"], [], [], ["integer-division"]]


def test_a_gradient_of_another_element_in_a_square():
    """One factor of the square is of an element that the other loop counts."""
    text = (
        "# Adam\n\n```java\nfor (int i = 0; i < n; i++) {{\n  for (int j = 0; j < k; j++) {{\n"
        "    m[i][j] = b1 * m[i][j] + (1 - b1) * g[i][j];\n"
        "    v[i][j] = b2 * v[i][j] + (1 - b2) * g[i][j] * g[{}];\n  }}\n}}\n```\n"
    )
    assert audit(text.format("i][j")).verdict == "holds"
    wrong = [c for c in audit(text.format("i][i")).claims if c.is_wrong]
    assert [c.causes[0].id for c in wrong] == ["index-of-another-loop"]
