"""Well-known claims in words become pointers to the theorems that settle them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from adamref import audit
from adamref.documents.prose.known import KNOWN
from adamref.documents.prose.pointers import WINDOWS
from pages import read_html

THEOREMS = json.loads(
    (Path(__file__).parents[1] / "contracts" / "ids.json").read_text(encoding="utf-8")
)["theorems"]
SAID = {
    "uncorrected-slows-convergence": (
        "In Adam you could skip the bias correction, but that slows down convergence.",
        "Adam's moments are biased. One can skip this step, but it will slow convergence.",
        "Bias correction makes Adam converge faster.",
        "Ohne Bias-Korrektur konvergiert Adam langsamer.",
        "Sans correction du biais, Adam converge plus lentement.",
        "Sin la corrección de sesgo, Adam converge más lentamente.",
    ),
    "uncorrected-always-farther": (
        "Without bias correction Adam is always farther from the minimum.",
    ),
    "uncorrected-longer-defaults": (
        "Without bias correction, the first updates of Adam would be very small.",
        "In Adam the moments are biased towards zero, so that the first steps are tiny.",
        "Ohne Bias-Korrektur wären die ersten Schritte von Adam zu klein.",
        "In Adam the early steps are too small compared with what the correction gives.",
    ),
    "window-mean-age": (
        "Adam: the larger $\\beta_2$ is, the faster $v$ forgets old gradients.",
        "A larger β means a longer memory of the moving average.",
    ),
    "weights": (
        "Adam's moments are biased towards zero because the gradients are small at first.",
    ),
    "step-bound-defaults": (
        "In Adam each step is bounded by the learning rate.",
        "The step size of Adam is at most $\\alpha$.",
        "With Adam the update never exceeds $\\eta$.",
        "Bei Adam ist jeder Schritt höchstens so groß wie die Lernrate.",
        "Avec Adam, les pas sont bornés par le taux d'apprentissage.",
        "En Adam los pasos están acotados por la tasa de aprendizaje.",
    ),
    "paper-step-bound-first-violation": (
        "Adam's step is bounded by $\\alpha (1-\\beta_1)/\\sqrt{1-\\beta_2}$.",
        "Adam: steps are at most $\\alpha\\,\\frac{1-\\beta_1}{\\sqrt{1-\\beta_2}}$.",
    ),
    "adamax-step-at-most-alpha": ("In AdaMax the step is bounded by the learning rate.",),
    "first-step": ("The first step of Adam is the learning rate, whatever the gradient is.",),
    "scale-invariance-claimed": (
        "With Adam a weight whose gradients are large gets longer steps.",
        "Adam is invariant to diagonal rescaling of the gradients.",
        "Adam's steps do not depend on the magnitude of the gradient.",
        "Adam ist invariant unter Skalierung der Gradienten.",
    ),
    "unbiased-v-hat": (
        "Adam estimates the mean and variance of the gradients.",
        "In Adam m is the mean and v the variance of the gradient.",
        "In Adam ist das zweite Moment die Varianz der Gradienten.",
        "Adam estime la moyenne et la variance des gradients.",
    ),
    "l2-is-weight-decay": (
        "In Adam, L2 regularization is the same as weight decay.",
        "Für Adam sind L2-Regularisierung und Weight Decay identisch.",
    ),
    "adagrad-sum": ("Unlike Adam, AdaGrad divides by the sum of the gradients.",),
    "online-adam-worst": (
        "Adam always converges.",
        "Adam is guaranteed to converge.",
        "Adam konvergiert immer.",
    ),
    "ten-days": (
        "With β = 0.9 we average over the last ten days.",
        "If $\\beta_1 = 0.9$, this is about the average of the last 10 gradients.",
        "Mit β = 0,9 mittelt man die letzten 10 Werte.",
        "Avec β = 0,9 on fait la moyenne des 10 dernières valeurs.",
    ),
    "ten-days-e-folding": ("Since 0.9^10 is about 1/e, weights fade within 10 days.",),
    "window-age-and-one": (
        "With $\\beta = 0.98$ it averages the last 50 days.",
        "The average is over about $\\frac{1}{1-\\beta}$ values.",
    ),
}

NOT_SAID = (
    "Skipping the bias correction does not slow convergence in Adam.",
    "Bias correction is a part of Adam. With no warm-up convergence is slow.",
    "Without bias correction Adam's first steps are far too large, and later ones small.",
    "Adam's steps are not bounded by the learning rate.",
    "It is false that the steps of Adam are bounded by the learning rate.",
    "We clip the gradient, so that the Adam step is bounded by the learning rate.",
    "Adam's steps are invariant to rescaling of the gradients only if ε = 0.",
    "In Adam v is the uncentered variance of the gradients.",
    "Large batches reduce the variance of the gradients that Adam uses.",
    "For SGD, L2 regularization and weight decay are the same; for Adam they are not.",
    "In Adam, L2 regularization differs from weight decay.",
    "Adam does not always converge.",
    "AMSGrad is guaranteed to converge, unlike Adam.",
    "AdaGrad divides by the root of the sum of squared gradients, Adam by an average.",
    "With β = 0.9 the loss of the last 20 days was low.",
    "We train with Adam, learning rate 0.001, for at most 10 steps.",
    "The learning rate schedule is bounded, and Adam takes 100 steps.",
)


def pointed(text):
    return [pointer.theorem for pointer in audit(text).pointers]


@pytest.mark.parametrize(
    ("theorem", "text"), [(x, said) for x, every in SAID.items() for said in every]
)
def test_a_claim_in_words_points_to_its_theorem(theorem, text):
    assert pointed(text) == [theorem]


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_is_denied_or_says_something_else_has_no_pointer(text):
    assert pointed(text) == []


def test_each_theorem_that_is_pointed_to_exists_and_has_an_example():
    known = {claim.theorem for claim in KNOWN} | set(WINDOWS)
    assert known <= THEOREMS.keys()
    assert known == SAID.keys()


TEXT = "# Adam\n\nOn the one hand\nAdam always converges. It is\nproven that Adam converges.\n"


def test_pointers_are_told_after_the_verdicts_and_change_none(call, tmp_path):
    path = tmp_path / "adam.md"
    path.write_text(TEXT)
    found = audit(path)
    assert (found.verdict, found.claims) == ("nothing-read", ())
    assert [(p.line, p.column) for p in found.pointers] == [(4, 1), (5, 13)]
    plain, _, _ = call("audit", path)
    assert plain == call("audit", tmp_path / "adam.md", "--format", "json")[0]
    assert "lines 4, 5: Adam returns to the worst point" in str(found).replace("\n", " ")
    (document,) = found.to_json()["documents"]
    schema = json.loads(files("adamref").joinpath("schemas", "audit.schema.json").read_text())
    jsonschema.validate(found.to_json(), schema)
    assert document["pointers"][0] == {
        "line": 4,
        "column": 1,
        "where": None,
        "quote": "Adam always converges. It is",
        "theorem": "online-adam-worst",
        "title": "Adam returns to the worst point of an online problem",
        "verdict": "PROVED",
    }
    assert "Adam returns to the worst point" in "".join(read_html(found.to_html()).text)
