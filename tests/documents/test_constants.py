"""Defaults that a sentence states and says whose they are."""

from __future__ import annotations

import pytest

from adamref import audit

WRONG = {
    "For Adam β2 = 0.99, as the authors propose.": ("beta2", "0.999"),
    "The Adam paper recommends ε = 1e-9.": ("eps", "1e-8"),
    "Adam has a default learning rate of 0.01 in Keras.": ("alpha", "0.001"),
    "Kingma and Ba suggest $\\epsilon = 10^{-7}$ for Adam.": ("eps", "1e-8"),
    "The original paper of Adam proposes defaults of 0.9 for β1\nand 0.99 for β2.": (
        "beta2",
        "0.999",
    ),
    "In PyTorch the default of Adam is eps = 1e-7.": ("eps", "1e-8"),
    "Kingma and Ba propose α = 0.01 for Adam; we take 0.1.": ("alpha", "0.001"),
    "The authors of Adam propose for β1, β2 and ε the defaults 0.9, 0.99, 10<sup>-8</sup>.": (
        "beta2",
        "0.999",
    ),
    "Kingma and Ba recommend 0.9, 0.999 and $10^{-7}$ for $\\beta_1$, $\\beta_2$ and ε.": (
        "eps",
        "1e-8",
    ),
    "Adam: ε is a small number usually defaulted to 10<sup>-9</sup>.": ("eps", "1e-8"),
    "The usual default of Adam is $\\beta_2 = 0.95$.": ("beta2", "0.999"),
    "Which values do the authors of Adam propose?\nA: α = 0.001, β2 = 0.99.": ("beta2", "0.999"),
    "Adam 的论文推荐的超参数是多少？\nA：α = 0.001，β2 = 0.99。": ("beta2", "0.999"),
    "Adam: PyTorch's ε is 1e-7.": ("eps", "1e-8"),
    "Adam: for ε, Keras uses 1e-6 where PyTorch uses 1e-8.": ("eps", "1e-7"),
    "Adam: Keras uses 1e-7 for epsilon, PyTorch uses 1e-7.": ("eps", "1e-8"),
    "Adam: Keras uses ε = 1e-7, and optax has β2 = 0.99.": ("beta2", "0.999"),
    "The Adam paper suggests an ε of one ten-millionth.": ("eps", "1e-8"),
    "Kingma and Ba recommend a learning rate of a hundredth for Adam.": ("alpha", "0.001"),
    "The authors of Adam propose an epsilon of ten to the minus nine.": ("eps", "1e-8"),
    "AdaMax is another.\n\n# Adam\n\nThe authors propose $\\beta_2 = 0.99$.": ("beta2", "0.999"),
}

RIGHT = (
    "For Adam β1 = 0.9 and β2 = 0.999 are what the authors propose.",
    "The Adam paper recommends ε = 10⁻⁸.",
    "The defaults of Adam in TensorFlow are beta_2 = 0.999 and epsilon = 1e-7.",
    "In fastai the default of Adam is β2 = 0.99.",
    "The Adam paper recommends 0.9, 0.999 and 1e-8 for β1, β2 and ε.",
    "The authors of Adam propose the defaults β1, β2, ε = 0.9, 0.999, 1e-8.",
    "In Adam ε commonly defaults to 1e-7.",
    "Adam: Keras uses 1e-7 for epsilon, while PyTorch uses 1e-8.",
    "Adam in frameworks: PyTorch's Adam uses ε = 1e-8 and TensorFlow/Keras uses 1e-7.",
    "The Adam paper recommends a step size of one thousandth.",
    "The authors of Adam propose an ε of one hundred-millionth.",
    "Kingma and Ba propose an epsilon of ten to the power of minus eight for Adam.",
)

NO_CLAIM = (
    "We train with Adam, β2 = 0.99 and ε = 1e-9.",
    "The authors of the Transformer recommend Adam with β2 = 0.98 and ε = 1e-9.",
    "Adam: unlike the authors, who propose 0.999, take β2 = 0.99.",
    "The Adam paper recommends β1 = 0.9; we use β2 = 0.99.",
    "Adam: the authors suggest values of β2 = 0.9 to 0.999.",
    "The paper proposes Adam. Here β2 = 0.99.",
    "The Adam paper recommends 0.9 and 0.999 for β1, β2 and ε.",
    "The authors of Adam recommend values of 0.9, 0.95, 0.99 for β1 and β2.",
    "Which values do the authors of Adam propose? We take β2 = 0.99.",
    "Which values do the authors of Adam propose? See below. β2 = 0.99.",
    "Adam: our learning rate defaults to 0.01.",
    "Adam(lr): lr, the learning rate, default 0.01",
    "Adam: this PyTorch program uses ε = 1e-6.",
    "Adam: in Keras one uses ε = 1e-3 for this.",
    "Adam: our PyTorch code has β2 = 0.95, Keras's example uses ε = 1e-4.",
    "Adam: PyTorch uses 4 bytes for each, and a learning rate of 0.1 is too much.",
    "In Adam ε is usually small, 1e-9 say, whatever the default is.",
    "# Adam\n\nIt works.\n\n# AdaMax\n\nThe authors propose $\\alpha = 0.002$.",
)


def stated(text: str) -> list[tuple[str | None, str, str | None]]:
    return [(c.field, c.verdict, c.expected) for c in audit(text).claims if c.kind == "constant"]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_default_of_somebody_is_wrong(text: str) -> None:
    field, right = WRONG[text]
    assert (field, "wrong", right) in stated(text)


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_default_of_somebody_holds(text: str) -> None:
    assert {verdict for _, verdict, _ in stated(text)} == {"holds"}


@pytest.mark.parametrize("text", NO_CLAIM)
def test_a_chosen_value_is_no_claim(text: str) -> None:
    assert "wrong" not in {verdict for _, verdict, _ in stated(text)}


def test_a_default_over_two_lines_stands_where_its_number_stands() -> None:
    text = "For Adam the authors propose\nthe value ε = 1e-9."
    assert [(c.line, c.claimed) for c in audit(text).claims if c.kind == "constant"] == [
        (2, "1e-9")
    ]
