"""What stands before what in a program: counts of steps, moments used before their update."""

import pytest

from adamref import audit
from adamref.documents.audit import audited
from adamref.documents.source import from_file

RUST = """impl Adam {
    fn new(n: usize) -> Self {
        Adam { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, t: 0, m: vec![0.0; n], v: vec![0.0; n] }
    }
    pub fn step(&mut self, params: &mut [f64], grads: &[f64]) {
        self.t += 1;
        let bc1 = 1.0 - self.beta1.powi(self.t);
        let bc2 = 1.0 - self.beta2.powi(self.t);
        for (((p, g), m), v) in params.iter_mut().zip(grads).zip(self.m.iter_mut()).zip(self.v.iter_mut()) {
            *m = self.beta1 * *m + (1.0 - self.beta1) * g;
            *v = self.beta2 * *v + (1.0 - self.beta2) * g * g;
            let m_hat = *m / bc1;
            let v_hat = *v / bc2;
            *p -= self.lr * m_hat / (v_hat.sqrt() + self.eps);
        }
    }
}
"""  # noqa: E501

GO = """package adam
type Adam struct { lr, beta1, beta2, eps float64; t int; m, v []float64 }
func (a *Adam) Step(params, grads []float64) {
	a.t++
	for i := range params {
		a.m[i] = a.beta1*a.m[i] + (1-a.beta1)*grads[i]
		a.v[i] = a.beta2*a.v[i] + (1-a.beta2)*grads[i]*grads[i]
		mHat := a.m[i] / (1 - math.Pow(a.beta1, float64(a.t)))
		vHat := a.v[i] / (1 - math.Pow(a.beta2, float64(a.t)))
		params[i] -= a.lr * mHat / (math.Sqrt(vHat) + a.eps)
	}
}
"""

CSHARP = """public class Adam {
    private int t = 0;
    public void Step(double[] w, double[] g) {
        t++;
        for (int i = 0; i < w.Length; i++) {
            m[i] = beta1 * m[i] + (1 - beta1) * g[i];
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
            double mHat = m[i] / (1 - Math.Pow(beta1, t));
            double vHat = v[i] / (1 - Math.Pow(beta2, t));
            w[i] -= lr * mHat / (Math.Sqrt(vHat) + eps);
        }
    }
}
"""

LAB = """def train(theta, grad, steps):
    m, v = 0.0, 0.0
    m_hat, v_hat = 0.0, 0.0
    for t in range(1, steps + 1):
        g = grad(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g ** 2
        m_hat = m / (1 - beta1 ** t)
        v_hat = v / (1 - beta2 ** t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta
"""

RIGHT = {"adam.rs": RUST, "adam.go": GO, "Adam.cs": CSHARP, "lab.py": LAB}


def claims_of(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return audited(from_file(path)).claims


@pytest.mark.parametrize("name", RIGHT)
def test_every_line_is_read_and_right(tmp_path, name):
    verdicts = [(c.field, c.verdict) for c in claims_of(tmp_path, name, RIGHT[name])]
    assert verdicts == [(x, "holds") for x in ("m", "v", "m_hat", "v_hat", "theta")]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "line", "cause"),
    [
        ("adam.rs", "self.beta2) * g * g", "self.beta2) * g", 11, "v-without-square"),
        ("adam.rs", "*v = self.beta2 * *v", "*v = self.beta1 * *v", 11, "solved"),
        ("Adam.cs", "Pow(beta2, t)", "Pow(beta1, t)", 9, "v_hat-with-beta1"),
    ],
)
def test_a_wrong_line_is_found(tmp_path, name, right, wrong, line, cause):
    assert right in RIGHT[name]
    made = claims_of(tmp_path, name, RIGHT[name].replace(right, wrong))
    (found,) = [c for c in made if c.is_wrong]
    assert (found.line, found.causes[0].id) == (line, cause)


def test_a_count_that_moves_after_its_use_begins_at_zero(tmp_path):
    late = GO.replace("\ta.t++\n", "").replace("a.eps)\n\t}\n", "a.eps)\n\t}\n\ta.t++\n")
    wrong = [c.field for c in claims_of(tmp_path, "adam.go", late) if c.is_wrong]
    assert wrong == ["m_hat", "v_hat"]
    begun = late + "func New() *Adam { return &Adam{t: 1} }\n"
    assert not any(c.is_wrong for c in claims_of(tmp_path, "adam.go", begun))


def test_a_field_that_is_made_with_a_number_begins_there(tmp_path):
    late = RUST.replace("        self.t += 1;\n", "").replace(
        "        }\n    }\n", "        }\n        self.t += 1;\n    }\n"
    )
    wrong = [c.field for c in claims_of(tmp_path, "adam.rs", late) if c.is_wrong]
    assert wrong == ["m_hat", "v_hat"]
    from_one = late.replace("t: 0", "t: 1")
    assert not any(c.is_wrong for c in claims_of(tmp_path, "adam.rs", from_one))


def test_a_count_that_moves_in_the_loop_over_elements_is_told(tmp_path):
    inside = CSHARP.replace("        t++;\n", "").replace("i++) {\n", "i++) {\n            t++;\n")
    (found,) = [c for c in claims_of(tmp_path, "Adam.cs", inside) if c.is_wrong]
    assert (found.line, found.causes[0].id) == (5, "t-per-tensor")


def test_a_step_with_the_corrected_moments_of_the_step_before_is_told():
    lines = LAB.splitlines(keepends=True)
    early = "".join([*lines[:5], lines[9], *lines[5:9], lines[10]])
    (found,) = [c for c in audit(f"# Adam\n```python\n{early}```\n").claims if c.is_wrong]
    assert (found.line, found.field, found.causes[0].id) == (8, "theta", "m-used-before-update")


KERNEL = """__global__ void adam(float* p, const float* g, float* m, float* v, float lr,
                     float beta1, float beta2, float eps, float bc1, float bc2, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float gi = g[i];
    float mi = beta1 * m[i] + (1.0f - beta1) * gi;
    float vi = beta2 * v[i] + (1.0f - beta2) * gi * gi;
    float mhat = mi / bc1;
    float vhat = vi / bc2;
    p[i] -= lr * mhat / (sqrtf(vhat) + eps);
    m[i] = mi;
    v[i] = vi;
}
"""
LOCALS = """import math

def adam(theta, grad, steps, lr=0.001, b1=0.9, b2=0.999, eps=1e-8):
    m = v = 0.0
    for t in range(1, steps + 1):
        g = grad(theta)
        m_new = b1 * m + (1 - b1) * g
        v_new = b2 * v + (1 - b2) * g**2
        m_hat = m_new / (1 - b1**t)
        theta -= lr * m_hat / (math.sqrt(v_new / (1 - b2**t)) + eps)
        m, v = m_new, v_new
    return theta
"""


@pytest.mark.parametrize(
    ("name", "text", "right", "written", "line"),
    [
        ("adam.cu", KERNEL, "mi / bc1", "m[i] / bc1", 9),
        ("adam.cu", KERNEL, "vi / bc2", "v[i] / bc2", 10),
        ("adam.py", LOCALS, "m_new / (1 -", "m / (1 -", 9),
        ("adam.py", LOCALS, "v_new / (1 -", "v / (1 -", 10),
    ],
)
def test_a_moment_that_is_stored_later_is_still_the_old_one(
    name, text, right, written, line, tmp_path
):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert not any(c.is_wrong for c in audited(from_file(path)).claims)
    path.write_text(text.replace(right, written, 1), encoding="utf-8")
    (wrong,) = [c for c in audited(from_file(path)).claims if c.is_wrong]
    assert wrong.line == line
    assert "is still the old one" in wrong.because


def test_a_moment_that_is_stored_at_once_is_the_new_one(tmp_path):
    path = tmp_path / "adam.cu"
    moved = KERNEL.replace("    m[i] = mi;\n", "").replace(
        "    float mhat = mi / bc1;", "    m[i] = mi;\n    float mhat = m[i] / bc1;"
    )
    path.write_text(moved, encoding="utf-8")
    assert not any(c.is_wrong for c in audited(from_file(path)).claims)
