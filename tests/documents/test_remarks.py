"""Remarks of a program are about the optimizer at whose definition they stand."""

from __future__ import annotations

import pytest

from adamref import audit

CSHARP = """namespace Training
{
    /// <summary>
    /// AdaGrad. Example: w = 3, rate 0.2, gradients 3 and -4 (eps left out):
    ///   G = 9            w = 3 - 0.2 * 3 / 3   = 2.8
    ///   G = 9 + 16 = 25  w = 2.8 + 0.2 * 4 / 5 = 2.96
    /// </summary>
    public class AdaGrad
    {
        public void Step(double[] w, double[] grad)
        {
            for (int i = 0; i < w.Length; i++)
            {
                G[i] += grad[i] * grad[i];
                w[i] -= rate * grad[i] / (Math.Sqrt(G[i]) + eps);
            }
        }
    }

    /// <summary>Adam.</summary>
    public class Adam
    {
        public Adam(double alpha = 0.001, double beta1 = 0.9, double beta2 = 0.999)
        {
        }

        public void Step(double[] w, double[] grad)
        {
            t++;
            for (int i = 0; i < w.Length; i++)
            {
                m[i] = beta1 * m[i] + (1.0 - beta1) * grad[i];
                v[i] = beta2 * v[i] + (1.0 - beta2) * grad[i] * grad[i];
                double mHat = m[i] / (1.0 - Math.Pow(beta1, t));
                double vHat = v[i] / (1.0 - Math.Pow(beta2, t));
                w[i] -= alpha * mHat / (Math.Sqrt(vHat) + eps);
            }
        }
    }
}
"""


@pytest.mark.parametrize(("right", "slip", "lines"), [("", "", []), ("= 2.96", "= 2.64", [6])])
def test_an_example_in_the_remarks_on_a_class_is_about_that_class(tmp_path, right, slip, lines):
    path = tmp_path / "Optimizers.cs"
    path.write_text(CSHARP.replace(right, slip) if right else CSHARP)
    found = audit(path)
    assert [claim.line for claim in found.claims if claim.is_wrong] == lines
    assert {claim.optimizer for claim in found.claims if claim.kind == "value"} <= {"adagrad"}
    assert "unread" not in {claim.verdict for claim in found.claims}
