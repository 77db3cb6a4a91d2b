"""Writes documents that work Adam by hand, right by construction, in several hands.

The numbers are worked here, in mpmath and Fractions, by a second Algorithm 1; nothing of the
package is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import mpmath

TIES = {"even": ROUND_HALF_EVEN, "up": ROUND_HALF_UP, "down": ROUND_DOWN}


@dataclass(frozen=True)
class Example:
    """What is worked, and how its author rounds."""

    alpha: str
    beta1: str
    beta2: str
    eps: str
    theta: str
    gradients: tuple[str, ...]
    digits: int
    ties: str
    carries: bool
    hand: str


@dataclass(frozen=True)
class Written:
    """A document and where its numbers stand: (line, field, t, number)."""

    text: str
    numbers: tuple[tuple[int, str, int, str], ...]


def rounded(value, digits, ties):
    """Write a real number to some significant digits, the way the author rounds."""
    exact = (
        value
        if isinstance(value, Fraction)
        else Fraction(int(mpmath.nint(value * 10**50)), 10**50)  # 1.08, not 1.0799999…
    )
    wide = Context(prec=60, rounding=ROUND_DOWN).divide(
        Decimal(exact.numerator), Decimal(exact.denominator)
    )
    short = Context(prec=digits, rounding=TIES[ties]).plus(wide)
    text = format(short, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


HANDS = {
    # left side, chain sign, product sign, fraction, root, power
    "plain": {
        "m": "m{t}", "v": "v{t}", "m_hat": "m_hat_{t}", "v_hat": "v_hat_{t}", "theta": "theta{t}",
        "times": "*", "frac": "({0})/({1})", "root": "sqrt({0})", "pow": "{0}^{1}", "wrap": "{0}",
    },
    "python": {
        "m": "m_{t}", "v": "v_{t}", "m_hat": "mhat_{t}", "v_hat": "vhat_{t}", "theta": "w_{t}",
        "times": " * ", "frac": "({0}) / ({1})", "root": "sqrt({0})", "pow": "{0}**{1}",
        "wrap": "- {0}",
    },
    "unicode": {
        "m": "m{s}", "v": "v{s}", "m_hat": "m̂{s}", "v_hat": "v̂{s}", "theta": "θ{s}",
        "times": "·", "frac": "({0})/({1})", "root": "√({0})", "pow": "{0}^{1}", "wrap": "* {0}",
    },
    "latex": {
        "m": "m_{{{t}}}", "v": "v_{{{t}}}", "m_hat": r"\hat{{m}}_{{{t}}}",
        "v_hat": r"\hat{{v}}_{{{t}}}", "theta": r"\theta_{{{t}}}", "times": r" \cdot ",
        "frac": r"\frac{{{0}}}{{{1}}}", "root": r"\sqrt{{{0}}}", "pow": "{0}^{{{1}}}",
        "wrap": "$${0}$$",
    },
    "ng": {
        "m": "V_{{dw}}", "v": "S_{{dw}}", "m_hat": "V_{{dw}}^{{corrected}}",
        "v_hat": "S_{{dw}}^{{corrected}}", "theta": "w", "times": r" \times ",
        "frac": r"\frac{{{0}}}{{{1}}}", "root": r"\sqrt{{{0}}}", "pow": "{0}^{{{1}}}",
        "wrap": "$${0}$$",
    },
}  # fmt: skip
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Writer:
    """Writes one example, line by line."""

    def __init__(self, example):
        self.example = example
        self.hand = HANDS[example.hand]
        self.lines = []
        self.numbers = []

    def name(self, field, t):
        return self.hand[field].format(t=t, s=str(t).translate(SUBSCRIPTS))

    def show(self, field, t, expression, value):
        """Write one chain, and return the number that the author goes on with."""
        example = self.example
        text = rounded(value, example.digits, example.ties)
        exact = isinstance(value, Fraction) and Fraction(text) == value
        sign = "=" if exact else (r"\approx" if example.hand in ("latex", "ng") else "≈")
        chain = f"{self.name(field, t)} = {expression} {sign} {text}"
        self.lines.append(self.hand["wrap"].format(chain))
        self.numbers.append((len(self.lines), field, t, text))
        return text

    def bracketed(self, text):
        return f"({text})" if text.startswith("-") else text

    def write(self):
        example = self.example
        start = "w" if example.hand in ("ng", "python") else "theta"
        self.lines += [
            "# Adam by hand",
            "",
            f"alpha = {example.alpha}, beta1 = {example.beta1}, beta2 = {example.beta2}",
            f"epsilon = {example.eps}; {start} = {example.theta}",
            "",
        ]
        beta1, beta2 = Fraction(example.beta1), Fraction(example.beta2)
        alpha, eps = Fraction(example.alpha), Fraction(Decimal(example.eps))
        full = {"m": Fraction(0), "v": Fraction(0), "theta": Fraction(example.theta)}
        seen = {"m": "0", "v": "0", "theta": example.theta}
        for t, gradient in enumerate(example.gradients, 1):
            self.lines += [f"## Step {t}", "", f"g_{t} = {gradient}"]
            full, seen = self.step(t, gradient, full, seen, (alpha, beta1, beta2, eps))
            self.lines.append("")
        return Written("\n".join(self.lines), tuple(self.numbers))

    def step(self, t, gradient, full, seen, hypers):
        alpha, beta1, beta2, eps = hypers
        example, hand = self.example, self.hand
        times, frac, power = hand["times"], hand["frac"].format, hand["pow"].format

        def used(name):
            """The number the author's pocket calculator goes on with."""
            return Fraction(seen[name]) if example.carries else full[name]

        g, b = Fraction(gradient), self.bracketed
        made, shown = {}, {}
        made["m"] = beta1 * used("m") + (1 - beta1) * g
        shown["m"] = self.show(
            "m", t,
            f"{example.beta1}{times}{b(seen['m'])} + (1 - {example.beta1}){times}{b(gradient)}",
            made["m"],
        )  # fmt: skip
        made["v"] = beta2 * used("v") + (1 - beta2) * g**2
        shown["v"] = self.show(
            "v", t,
            f"{example.beta2}{times}{seen['v']} + (1 - {example.beta2}){times}"
            f"{power(f'({gradient})', 2)}",
            made["v"],
        )  # fmt: skip
        m, v = (Fraction(shown[n]) if example.carries else made[n] for n in ("m", "v"))
        made["m_hat"] = m / (1 - beta1**t)
        shown["m_hat"] = self.show(
            "m_hat", t, frac(shown["m"], f"1 - {power(example.beta1, t)}"), made["m_hat"]
        )
        made["v_hat"] = v / (1 - beta2**t)
        shown["v_hat"] = self.show(
            "v_hat", t, frac(shown["v"], f"1 - {power(example.beta2, t)}"), made["v_hat"]
        )
        m_hat, v_hat = (
            Fraction(shown[n]) if example.carries else made[n] for n in ("m_hat", "v_hat")
        )
        with mpmath.workdps(60):
            root = mpmath.sqrt(mpmath.mpf(v_hat.numerator) / v_hat.denominator)
            top = alpha * m_hat
            ratio = mpmath.mpf(top.numerator) / top.denominator
            theta = used("theta")
            before = mpmath.mpf(theta.numerator) / theta.denominator
            made["theta"] = before - ratio / (root + mpmath.mpf(eps.numerator) / eps.denominator)
            shown["theta"] = self.show(
                "theta", t,
                f"{seen['theta']} - "
                + frac(
                    f"{example.alpha}{times}{b(shown['m_hat'])}",
                    f"{hand['root'].format(shown['v_hat'])} + {example.eps}",
                ),
                made["theta"],
            )  # fmt: skip
            made["theta"] = Fraction(int(mpmath.nint(made["theta"] * 10**50)), 10**50)
        return made, shown
