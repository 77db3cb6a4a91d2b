"""Programs where a type stands for a cast, a kernel is given its corrections, or all is dotted."""

from __future__ import annotations

import pytest

from adamref import audit

KERNEL = """template <typename T>
__global__ void adam_step(T* p, const T* grad, T* m, T* v, T lr, T beta1, T beta2, T eps,
                          T scale_m, T scale_v, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        const T g = grad[i];
        m[i] = beta1 * m[i] + (T(1) - beta1) * g;
        v[i] = beta2 * v[i] + (static_cast<T>(1) - beta2) * g * g;
        p[i] -= lr * (m[i] * scale_m) / (sqrt(v[i] * scale_v) + eps);
    }
}

void launch(int step)
{
    const float scale_m = 1.0f / (1.0f - pow(beta1, float(step)));
    const float scale_v = 1.0f / (1.0f - pow(beta2, float(step)));
}
"""
WORKED_FIRST = """__global__ void adam(float* p, const float* g, float* m, float* v, float lr,
                     float b1, float b2, float eps, float c1, float c2)
{
    float gi = g[i];
    float mi = b1 * m[i] + (1.0f - b1) * gi;
    float vi = b2 * v[i] + (1.0f - b2) * gi * gi;
    p[i] -= lr * (mi / c1) / (sqrtf(vi / c2) + eps);
    m[i] = mi;
    v[i] = vi;
}
void host(int t)
{
    float c1 = 1.0f - powf(b1, (float)t);
    float c2 = 1.0f - powf(b2, (float)t);
}
"""
JULIA = """function update!(s, x, ∇)
    s.t += 1
    @. s.m = β₁ * s.m + (1 - β₁) * ∇
    @. s.v = β₂ * s.v + (1 - β₂) * ∇^2
    m̂ = s.m ./ (1 - β₁^s.t)
    v̂ = s.v ./ (1 - β₂^s.t)
    @. x -= η * m̂ / (sqrt(v̂) + ϵ)
end
"""


def judged(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return audit(path).claims


@pytest.mark.parametrize(
    ("name", "text", "right", "slip", "field"),
    [
        ("a.cu", KERNEL, "g * g", "g", "v"),
        ("a.cu", KERNEL, "(T(1) - beta1) * g", "(T(1) + beta1) * g", "m"),
        ("a.cu", KERNEL, "pow(beta2, float(step))", "beta2", "theta"),
        ("a.cu", WORKED_FIRST, "gi * gi", "gi", "v"),
        ("a.cu", WORKED_FIRST, "sqrtf(vi / c2)", "(vi / c2)", "theta"),
        ("a.cu", WORKED_FIRST, "powf(b2, (float)t)", "powf(b1, (float)t)", "theta"),
        ("a.jl", JULIA, "∇^2", "∇", "v"),
        ("a.jl", JULIA, "β₂^s.t", "β₂", "v_hat"),
    ],
)
def test_what_is_cast_given_or_dotted_is_read(tmp_path, name, text, right, slip, field):
    found = judged(tmp_path, name, text)
    assert {claim.verdict for claim in found} == {"holds"}
    assert {claim.field for claim in found} >= {"m", "v", "theta"}
    assert right in text
    wrong = [x for x in judged(tmp_path, name, text.replace(right, slip)) if x.verdict == "wrong"]
    assert field in {claim.field for claim in wrong}


def test_in_a_function_of_any_language_a_moment_is_used_after_its_update(tmp_path):
    lines = JULIA.split("\n")
    early = "\n".join([*lines[:2], *lines[4:6], *lines[2:4], *lines[6:]])
    found = judged(tmp_path, "a.jl", early)
    assert {claim.field for claim in found if claim.verdict == "wrong"} == {"m_hat", "v_hat"}


METHODS = """class Adam {
  step(w) {
    const mHat = this.m / (1 - Math.pow(this.beta1, this.t));
    const vHat = this.v / (1 - Math.pow(this.beta2, this.t));
    return w - this.lr * mHat / (Math.sqrt(vHat) + this.eps);
  }

  observe(grad) {
    this.t += 1;
    this.m = this.beta1 * this.m + (1 - this.beta1) * grad;
    this.v = this.beta2 * this.v + (1 - this.beta2) * grad * grad;
  }
}
"""


def test_a_function_further_down_may_be_called_first(tmp_path):
    assert {claim.verdict for claim in judged(tmp_path, "a.js", METHODS)} == {"holds"}
