"""What sentences count or sum: arithmetic in words, sizes said twice, penalties by their name."""

from __future__ import annotations

import pytest

from adamref import audit


def judged(text, kind):
    found = audit(f"# Adam\n\n{text}\n").claims
    return [(c.verdict, c.expected) for c in found if c.kind == kind]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("A layer has 784 times 32 is 25,000 weights.", "wrong"),
        ("A layer has 784 times 32 is 25,088 weights.", "holds"),
        ("A layer has 784 times 32 is about 25,000 weights.", "holds"),
        ("784 mal 32 sind 25000 Gewichte.", "wrong"),
        ("784 mal 32 sind etwa 25000 Gewichte.", "holds"),
        ("784 fois 32 font 25088.", "holds"),
        ("784 por 32 es 25088.", "holds"),
        ("784 * 32 is 25,000.", "wrong"),
        ("1 minus 0.9 is 0.01.", "wrong"),
        ("10 divided by 4 is 2.5.", "holds"),
    ],
)
def test_a_sum_in_words_is_a_sum(text, verdict):
    assert [said for said, _ in judged(text, "arithmetic")] == [verdict]


@pytest.mark.parametrize(
    "text",
    [
        "5 times 2 layers is enough.",
        "Adam is 2 times faster.",
        "We train 3 times. It is 4 o'clock.",
        "784 mal 32 sind 25.088 Gewichte.",
    ],
)
def test_words_between_other_numbers_are_no_sum(text):
    assert judged(text, "arithmetic") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We tried four learning rates: 0.1, 0.01, 0.001.", [("wrong", "3")]),
        ("We tried four learning rates (0.1, 0.01, 0.001 and 0.0001).", [("holds", "4")]),
        ("Vier Lernraten: 0,1; 0,01; 0,001.", [("wrong", "3")]),
        ("Three dropout rates: 0.4/0.3/0.2/0.1.", [("wrong", "4")]),
        ("We tried four learning rates: 0.1, 0.01, and others.", []),
        ("We tried four learning rates: 0.1, 0.01, …", []),
        ("Two moments, with rates 0.9 and 0.999.", []),
        ("60,000 images in batches of 128 are 469 steps per epoch.", [("holds", "469")]),
        ("60,000 images in batches of 128 are 468 steps per epoch.", [("holds", "469")]),
        ("60,000 images with a batch size of 100 give 60 steps per epoch.", [("wrong", "600")]),
        ("60,000 images, 100 steps per epoch.", []),
        ("Cost $J = \\frac{1}{5000} \\sum_{i=1}^{1000} l_i$", [("wrong", None)]),
        ("Cost $J = \\frac{1}{1000} \\sum_{i=1}^{1000} l_i$", []),
        ("Cost $J = \\frac{1}{2} \\sum_{i=1}^{1000} l_i$", []),
        ("Cost $J = \\frac{1}{1000} \\sum_{i=1}^m l_i$", []),
        ("With $m = 200$ the cost is $\\frac{1}{1000} \\sum_{i=1}^m l_i$", [("wrong", None)]),
        ("$a^{(L)}$ is the output, $J = \\frac{1}{50} \\sum_{i=1}^L l_i$", [("wrong", None)]),
    ],
)
def test_two_sizes_of_one_thing_agree(text, expected):
    assert judged(text, "size") == expected


L1, L2 = "With L1 regularization the cost is", "L2: squares of the weights are added."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{L1}\n\n$$C = C_0 + \\lambda \\sum_{{j=1}}^n |w_j|$$", [("holds", None)]),
        (f"{L1}\n\n$$C = C_0 + \\lambda \\sum_{{j=1}}^n w_j$$", [("wrong", "|w_j|")]),
        (f"{L1}\n\n$$C = C_0 + \\lambda \\sum_j w_j^2$$", [("wrong", "|w_j|")]),
        (f"{L2}\n\n$$C = C_0 + \\frac{{\\lambda}}{{2}} \\sum_j w_j^2$$", [("holds", None)]),
        (f"{L2}\n\n$$C = C_0 + \\lambda \\sum_j |w_j|$$", [("wrong", "w_j^2")]),
        (f"{L1} C = C_0 + λ Σ |w|", [("holds", None)]),
        (f"{L1}\n\n$$C = C_0 + \\lambda \\|w\\|_1$$", []),
        ("L1 and L2 regularization:\n\n$$C + \\lambda \\sum_j w_j$$", []),
        ("The layer L1 is wide.\n\n$$s = b + \\sum_j x_j$$", []),
        (f"{L1}\n\n$$m_t = \\beta m_{{t-1}} + (1-\\beta) \\sum_j g_j h_j$$", []),
    ],
)
def test_a_penalty_is_the_sum_that_its_name_says(text, expected):
    found = audit(f"# Adam\n\n{text}\n")
    own = [(c.verdict, c.expected) for c in found.claims if "the sum of" in c.because]
    assert own == expected
    assert "Algorithm 1" not in str(found)


BYTES = "m and v in fp32: 7,000,000 * {} bytes = {} MB"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BYTES.format(4, 28), [("wrong", "7,000,000 * 8 bytes")]),
        (BYTES.format(8, 56), [("holds", "7,000,000 * 8 bytes")]),
        ("exp_avg + exp_avg_sq (bf16): 6.74e9 x 2 bytes", [("wrong", "6.74e9 * 4 bytes")]),
        ("Both moments in half precision: 10M * 4 bytes", [("holds", "10M * 4 bytes")]),
        ("m and v in fp32: 7,000,000 * 4 bytes each", []),
        ("m and v in fp32: 2 * 7,000,000 * 4 bytes", []),
        ("m in fp32: 7,000,000 * 4 bytes", []),
        ("m and v, and 7,000,000 * 4 bytes of weights", []),
    ],
)
def test_two_moments_have_the_bytes_of_two(text, expected):
    assert judged(text, "size") == expected


VECTORS = (
    "g_1 = (1, 2, 3), beta1 = 0.9, beta2 = 0.999\n\nm_1 = (0.1, 0.2, 0.3)\n\n{}\n\ng_2 = (2, 2, 2)"
)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("v_1 = (0.001, 0.004, 0.009)", []),
        ("v_1 = (0.001, 0.004)", [("wrong", "3")]),
        ("v_1 = (0.001, 0.004, …)", []),
        ("v_1 = (0.001, 0.004), of the first two", []),
    ],
)
def test_a_vector_alone_of_its_length_is_too_short(vector, expected):
    assert judged(VECTORS.format(vector), "size") == expected
