"""Published defaults that a table gives, or a sentence in another language."""

import pytest

from adamref import audit

HEAD = "| method | source | default values |\n|---|---|---|\n"


def wrong(text):
    return [c.field for c in audit(text).claims if (c.kind, c.verdict) == ("constant", "wrong")]


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ("| Adam | Kingma and Ba | $\\alpha = 0.001$, $\\beta_2 = 0.99$ |", ["beta2"]),
        ("| AdaMax | Kingma & Ba, 2015 | `lr = 0.001` |", ["alpha"]),
        ("| AdaMax | Kingma & Ba, 2015 | `lr = 0.002`, b1 0.9, b2 0.999 |", []),
        ("| Adam | Keras | eps 1e-7 |", []),
        ("| Adam | PyTorch | eps 1e-7 |", ["eps"]),
        ("| Adam | some blog | eps 1e-7 |", []),
        ("| AdamW | PyTorch | lr 0.01 |", ["alpha"]),
        ("| AdamW | PyTorch | lr 0.001, weight decay 0.01 |", []),
        ("| RMSprop | PyTorch | lr 0.01, eps 1e-8 |", []),
        ("| RMSprop | Keras | lr 0.01 |", ["alpha"]),
        ("| Lion | PyTorch | lr 0.01 |", []),
        ("| Adam | PyTorch, Keras | eps 1e-7 |", []),
        ("| Adam | Kingma & Ba | lr 0.0001 - 0.01 |", []),
        ("| Adam | Kingma & Ba | we take lr 0.01 |", []),
    ],
)
def test_whose_default_it_is_the_row_says(row, fields):
    assert wrong(f"# Optimizers\n\n{HEAD}{row}\n") == fields


def test_the_head_may_say_what_a_number_is():
    text = (
        "Defaults as published:\n\n| | by | lr | β1 | β2 |\n|---|---|---|---|---|\n"
        "| Adam | Kingma & Ba | 0.001 | 0.9 | 0.99 |\n"
    )
    assert wrong(text) == ["beta2"]


def test_a_table_of_what_somebody_used_gives_no_defaults():
    text = "| method | source | settings |\n|---|---|---|\n| Adam | Kingma & Ba | lr 0.01 |\n"
    assert wrong(text) == []


@pytest.mark.parametrize(
    ("sentence", "fields"),
    [
        ("原论文推荐 $\\beta_2=0.99$，$\\epsilon=10^{-8}$。", ["beta2"]),
        ("Adam 的作者建议 $\\beta_1=0.9$。我们取 $\\beta_2=0.99$。", []),
        ("我们没有用论文推荐的值，而是 $\\beta_2=0.99$。", []),
        ("Los autores recomiendan $\\epsilon = 10^{-7}$.", ["eps"]),
        ("Les auteurs recommandent $\\beta_1 = 0.9$.", []),
        ("Die Autoren empfehlen $\\beta_1 = 0.99$.", ["beta1"]),
        ("Die Autoren empfehlen es nicht, wir nehmen $\\beta_1 = 0.99$.", []),
        ("Авторы рекомендуют $\\beta_2 = 0.9$.", ["beta2"]),
    ],
)
def test_a_sentence_in_another_language_is_read(sentence, fields):
    assert wrong(f"# Adam\n\n{sentence}\n") == fields


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ("| Kingma & Ba | 0.001 | 0.99 | 1e-8 |", ["beta2"]),
        ("| PyTorch (`torch.optim.Adam`) | 0.001 | 0.999 | 1e-6 |", ["eps"]),
        ("| Keras | 0.001 | 0.999 | 1e-7 |", []),
        ("| PyTorch (AdamW) | 0.001 | 0.999 | 1e-8 |", []),
        ("| PyTorch (AdamW) | 0.001 | 0.99 | 1e-8 |", ["beta2"]),
        ("| some blog | 0.01 | 0.99 | 1e-6 |", []),
        ("| our PyTorch runs | 0.01 | 0.99 | 1e-6 |", []),
    ],
)
def test_a_row_may_be_headed_by_whose_defaults_it_gives(row, fields):
    head = "| source | learning rate | beta 2 | epsilon |\n|---|---|---|---|\n"
    assert (
        wrong(f"# Defaults of Adam\n\nI need these often: here is the list.\n\n{head}{row}\n")
        == fields
    )
    assert wrong(f"# Adam\n\nHere is the list.\n\n{head}{row}\n") == []


OPTIONS = "# tinyadam\n\n| option | default | meaning |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (
            "| `betas` | `(0.9, 0.98)` | rates; these are those recommended by Kingma and Ba |",
            "beta2",
        ),
        ("| `beta1, beta2` | 0.95, 0.999 | the values that Kingma proposed |", "beta1"),
        ("| `betas` | `(0.9, 0.999)` | as recommended by Kingma and Ba (2015) |", ""),
        ("| `eps` | `1e-6` | the default of Keras |", "eps"),
        ("| `lr` | 0.01 | step size; the Adam paper recommends another as default |", ""),
        ("| `lr` | 0.01 | the value in the Adam paper, its default, is 0.001 |", ""),
        ("| `betas` | `(0.9, 0.98)` | we use this instead of the default of the Adam paper |", ""),
        ("| `betas` | `(0.9, 0.98)` | decay rates |", ""),
    ],
)
def test_a_row_of_an_option_may_say_in_words_whose_its_default_is(row, fields):
    assert wrong(f"{OPTIONS}{row}\n") == fields.split()


def test_a_row_is_judged_once():
    claims = audit(
        f"{OPTIONS}| `betas` | `(0.9, 0.98)` | the values that Kingma proposed |\n"
    ).claims
    assert [(c.field, c.verdict) for c in claims] == [("beta1", "holds"), ("beta2", "wrong")]
