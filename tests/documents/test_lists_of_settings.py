"""Settings that stand in one line, parted by signs that are signs of products elsewhere."""

from __future__ import annotations

import pytest

from adamref import audit

STEP = "\n\ng₁ = 2\nm₁ = 0.2\nv₁ = 0.004\nm̂₁ = 2\nv̂₁ = 4\nθ₁ = 0.9\n"


@pytest.mark.parametrize("sign", ["·", "•", "|", "/", ";", "–", ","])
def test_a_list_of_settings_is_no_chain_of_products(sign):
    said = f" {sign} ".join(("α = 0.1", "β₁ = 0.9", "β₂ = 0.999", "ε = 10⁻⁸", "θ₀ = 1"))
    found = audit(f"# Adam on paper\n\nParameters:  {said}{STEP}")
    assert {k: v.value for k, v in found.given.items()} == {
        "alpha": "0.1",
        "beta1": "0.9",
        "beta2": "0.999",
        "eps": "1e-8",
        "theta": "1",
    }
    assert [claim.verdict for claim in found.claims] == ["holds"] * 5


def test_a_chain_of_products_is_no_list():
    text = (
        "Adam, α = 0.1 · β₁ = 0.9 · β₂ = 0.999, f(θ) = θ², θ₀ = 3.\n\ng₁ = 2 · θ₀ = 6, m₁ = 0.6\n"
    )
    assert audit(text).verdict == "holds"
    assert [c.field for c in audit(text.replace("= 6", "= 7")).claims if c.is_wrong] == ["g"]
