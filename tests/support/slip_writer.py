"""Writes documents that work Adam by hand in four notations, right or with one slip planted.

The numbers are worked here, in Python's decimals of sixty digits, by an Algorithm 1 of its own;
nothing of the package is used. An author prints to a number of places or of significant digits, and
carries on what is printed, or what is behind it. After a slip the author goes on from it, or does
not. A slip that prints what is right as well is none: then `written` returns None.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, localcontext

NOTATIONS = ("table", "latex", "unicode", "plain")
FIELDS = ("g", "m", "v", "m_hat", "v_hat", "theta")
SLIPS = {
    # What of the catalogue accounts for each; digits and arithmetic are slips of the pen.
    "arithmetic": {"arithmetic-slip", "digit-wrong"},
    "stale-gradient": {"gradient-stale"},
    "missing-power": {"m_hat-without-power", "v_hat-without-power"},
    "swapped-beta": {"m-with-beta2", "v-with-beta1", "m_hat-with-beta2", "v_hat-with-beta1"},
    "sign": {"update-added", "sign-lost", "m-gradient-subtracted"},
    "digit": {"digit-wrong", "digits-exchanged"},
    "rounding": {"rounded-too-far"},
}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass
class Author:
    """How an author writes, rounds and goes on."""

    notation: str
    digits: int
    significant: bool
    truncates: bool
    drops_zeros: bool
    carries: bool
    shows_work: bool

    def rounded(self, value, lost=0):
        """Write a number as this author does; with some digits lost beyond that."""
        count = max(self.digits - lost, 1)
        mode = ROUND_DOWN if self.truncates else ROUND_HALF_EVEN
        if self.significant:
            count = max(count, value.adjusted() + 1)  # a whole number keeps all its digits
            short = Context(prec=count, rounding=mode).plus(value)
        else:
            with localcontext() as context:
                context.prec = 60
                short = value.quantize(Decimal(1).scaleb(-count), rounding=mode)
        text = format(short, "f")
        if (self.drops_zeros or self.significant) and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.removeprefix("-") if not Decimal(text) else text


@dataclass
class Problem:
    """What is worked."""

    alpha: str
    beta1: str
    beta2: str
    eps: str
    theta: str
    gradients: tuple[str, ...] | None
    scale: str
    steps: int


@dataclass
class Written:
    """A document, where its numbers stand, and the slip that is planted in it, if one is."""

    text: str
    numbers: dict[tuple[str, int], tuple[int, str]]
    slip: str | None = None
    at: tuple[str, int] | None = None


@dataclass
class Sheet:
    """The numbers of a document: as printed, and those that the author goes on with."""

    shown: dict[tuple[str, int], str] = field(default_factory=dict)
    full: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    used: dict[tuple[str, int], Decimal] = field(default_factory=dict)


def drawn(seed):
    """Draw a problem and an author."""
    draw = random.Random(seed)
    number = lambda: str(  # noqa: E731
        Decimal(draw.randint(1, 999) * draw.choice((1, -1))).scaleb(-draw.randint(0, 2))
    )
    steps = draw.randint(1, 3)
    problem = Problem(
        draw.choice(("0.1", "0.01", "0.05", "0.3")),
        draw.choice(("0.9", "0.8", "0.95")),
        draw.choice(("0.999", "0.99")),
        draw.choice(("1e-8", "0.000001")),
        number(),
        tuple(number() for _ in range(steps)) if draw.random() < 0.6 else None,
        draw.choice(("1", "2", "3", "0.5")),
        steps,
    )
    author = Author(
        draw.choice(NOTATIONS),
        draw.randint(4, 8),
        draw.random() < 0.3,
        draw.random() < 0.15,
        draw.random() < 0.6,
        draw.random() < 0.5,
        draw.random() < 0.7,
    )
    return problem, author, draw


def written(seed, slip=None):
    """Write the document of a seed, right or with a slip; None if the slip cannot be seen."""
    problem, author, draw = drawn(seed)
    with localcontext() as context:
        context.prec = 60
        right = worked(problem, author)
        if slip is None:
            return laid_out(problem, author, right)
        at = draw.choice(places_for(slip, problem, right))
        if at is None:
            return None
        goes_on = draw.random() < 0.5
        wrong = worked(problem, author, slip, at, goes_on=goes_on, draw=draw)
        # Right may be what comes of printed numbers, or of those behind them: a slip is neither.
        likely = [worked(problem, Author(**{**vars(author), "carries": c})) for c in (True, False)]
        printed = Decimal(wrong.shown[at])
        for sheet in (right, *likely):
            unit = Decimal(1).scaleb(Decimal(right.shown[at]).as_tuple().exponent)
            short = max(unit, Decimal(1).scaleb(printed.normalize().as_tuple().exponent))
            if abs(printed - sheet.full[at]) <= 2 * short and slip != "rounding":
                return None
            lost = abs(printed - sheet.full[at])
            last = finest(author, sheet, at)
            if slip == "rounding" and (lost <= 5 * last or short < 100 * last):
                return None
        if slip == "rounding" and not habitual(right, author, at):
            return None
        document = laid_out(problem, author, wrong)
        document.slip, document.at = slip, at
        return document


def finest(author, sheet, at):
    """Return one unit of the last digit that the author keeps of a number."""
    value = sheet.full[at]
    if author.significant:
        return Decimal(1).scaleb((value.adjusted() if value else 0) - author.digits + 1)
    return Decimal(1).scaleb(-author.digits)


def habitual(right, author, at):
    """Say whether the other numbers of a sheet show how its author rounds: to the last digit."""
    others = {key: value for key, value in right.full.items() if key != at}
    full = [
        key
        for key, value in others.items()
        if Decimal(right.shown[key]) != value
        and Decimal(right.shown[key]).normalize().as_tuple().exponent
        == finest(author, right, key).as_tuple().exponent
    ]
    return len(full) >= 4


def places_for(slip, problem, right):
    """List the fields and steps in which a slip can be made."""
    steps = range(1, problem.steps + 1)
    if slip == "stale-gradient":
        found = [(f, t) for f in ("m", "v") for t in steps if t > 1]
    elif slip == "missing-power":
        found = [(f, t) for f in ("m_hat", "v_hat") for t in steps if t > 1]
    elif slip == "swapped-beta":
        found = [(f, t) for f in ("m", "v") for t in steps]
    elif slip == "sign":
        found = [(f, t) for f in ("m", "theta") for t in steps]
    else:
        found = [(f, t) for f in FIELDS[1:] for t in steps]
    if slip == "rounding":
        found = [key for key in found if Decimal(right.shown[key]) != right.full[key]]
    return found or [None]


def worked(problem, author, slip=None, at=None, *, goes_on=True, draw=None):
    """Work the sheet; with a slip at one place, from which the author goes on or does not."""
    sheet = Sheet()
    beta1, beta2, alpha, eps = (
        Decimal(x) for x in (problem.beta1, problem.beta2, problem.alpha, problem.eps)
    )
    theta = Decimal(problem.theta)
    sheet.used |= {("m", 0): Decimal(0), ("v", 0): Decimal(0), ("theta", 0): theta}
    sheet.shown |= {("m", 0): "0", ("v", 0): "0", ("theta", 0): problem.theta}
    for t in range(1, problem.steps + 1):
        get = lambda name, s=t: sheet.used[name, s]  # noqa: E731
        if problem.gradients is not None:
            g = Decimal(problem.gradients[t - 1])
            sheet.shown["g", t], sheet.full["g", t], sheet.used["g", t] = str(g), g, g
        else:
            note(sheet, author, ("g", t), Decimal(problem.scale) * sheet.used["theta", t - 1])
        for name in FIELDS[1:]:
            here = (name, t)
            value = line(name, t, get, sheet, (beta1, beta2, alpha, eps))
            if here != at:
                note(sheet, author, here, value)
                continue
            false = slipped(slip, name, t, get, sheet, (beta1, beta2, alpha, eps), value)
            if slip in ("digit", "arithmetic"):
                text = misprinted(author.rounded(value), slip, draw)
            else:
                text = author.rounded(false, 3 if slip == "rounding" else 0)
            exact = Decimal(text) if slip in ("digit", "arithmetic", "rounding") else false
            note(sheet, author, here, exact, text)
            if not goes_on:
                sheet.used[here] = Decimal(author.rounded(value)) if author.carries else value
    return sheet


def note(sheet, author, key, value, text=None):
    """Print a value, and go on with what is printed or with what is behind it."""
    text = author.rounded(value) if text is None else text
    sheet.shown[key], sheet.full[key] = text, value
    sheet.used[key] = Decimal(text) if author.carries else value


def line(name, t, get, sheet, hypers):
    beta1, beta2, alpha, eps = hypers
    if name == "m":
        return beta1 * sheet.used["m", t - 1] + (1 - beta1) * get("g")
    if name == "v":
        return beta2 * sheet.used["v", t - 1] + (1 - beta2) * get("g") ** 2
    if name == "m_hat":
        return get("m") / (1 - beta1**t)
    if name == "v_hat":
        return get("v") / (1 - beta2**t)
    return sheet.used["theta", t - 1] - alpha * get("m_hat") / (get("v_hat").sqrt() + eps)


def slipped(slip, name, t, get, sheet, hypers, value):
    """Work a line wrong."""
    beta1, beta2, alpha, eps = hypers
    if slip == "stale-gradient":
        stale = lambda n: sheet.used["g", t - 1] if n == "g" else get(n)  # noqa: E731
        return line(name, t, stale, sheet, hypers)
    if slip == "missing-power":
        return get("m") / (1 - beta1) if name == "m_hat" else get("v") / (1 - beta2)
    if slip == "swapped-beta":
        return line(name, t, get, sheet, (beta2, beta1, alpha, eps))
    if slip == "sign" and name == "m":
        return -value
    if slip == "sign":
        return 2 * sheet.used["theta", t - 1] - value
    return value


def misprinted(text, slip, draw):
    """Change a digit, or two that stand side by side; arithmetic goes wrong in one digit."""
    places = [i for i, c in enumerate(text) if c.isdigit()]
    leading = next((i for i in places if text[i] != "0"), places[-1])
    places = [i for i in places if i >= leading]
    at = draw.choice(places)
    after = next((i for i in places if i > at), None)
    if slip == "digit" and after is not None and draw.random() < 0.5:
        digits = list(text)
        digits[at], digits[after] = digits[after], digits[at]
        return "".join(digits)
    step = draw.choice((1, 2, 3, 5))
    return text[:at] + str((int(text[at]) + step) % 10) + text[at + 1 :]


NAMES = {
    "latex": {
        "g": "g_{{{t}}}", "m": "m_{{{t}}}", "v": "v_{{{t}}}", "m_hat": r"\hat{{m}}_{{{t}}}",
        "v_hat": r"\hat{{v}}_{{{t}}}", "theta": r"\theta_{{{t}}}",
    },
    "unicode": {
        "g": "g{s}", "m": "m{s}", "v": "v{s}", "m_hat": "m̂{s}", "v_hat": "v̂{s}", "theta": "θ{s}",
    },
    "plain": {
        "g": "g_{t}", "m": "m_{t}", "v": "v_{t}", "m_hat": "m_hat_{t}", "v_hat": "v_hat_{t}",
        "theta": "theta_{t}",
    },
}  # fmt: skip


def laid_out(problem, author, sheet):
    """Lay a sheet out in the author's notation."""
    start = {"latex": r"$\theta_0", "unicode": "θ₀", "plain": "theta_0"}.get(author.notation, "w")
    close = "$" if author.notation == "latex" else ""
    p = problem
    lines = [
        "# Adam, worked by hand",
        "",
        f"lr = {p.alpha}, beta1 = {p.beta1}, beta2 = {p.beta2}",
        f"eps = {p.eps}, {start} = {p.theta}{close}",
        "",
    ]
    letter = {"latex": r"\theta", "unicode": "θ", "plain": "theta"}.get(author.notation, "w")
    if p.gradients is None:
        half = Decimal(p.scale) / 2
        sign = {"latex": "$", "unicode": ""}.get(author.notation, "")
        lines += [f"{sign}L({letter}) = {half} {letter}^2{sign}", ""]
    numbers = {}
    if author.notation == "table":
        lines += ["| t | g | m | v | m_hat | v_hat | w |", "|---|---|---|---|---|---|---|"]
        for t in range(1, p.steps + 1):
            lines.append(f"| {t} | " + " | ".join(sheet.shown[f, t] for f in FIELDS) + " |")
            numbers |= {(f, t): (len(lines), sheet.shown[f, t]) for f in FIELDS}
        return Written("\n".join(lines) + "\n", numbers)
    names = NAMES[author.notation]
    for t in range(1, p.steps + 1):
        lines += [f"## Step {t}", ""]
        for name in FIELDS:
            left = names[name].format(t=t, s=str(t).translate(SUBSCRIPTS))
            work = expression(name, t, problem, author, sheet) if author.shows_work else ""
            relation = r"\approx" if author.notation == "latex" else "≈"
            middle = f" = {work} {relation} " if work else " = "
            text = f"{left}{middle}{sheet.shown[name, t]}"
            lines.append(f"\\[ {text} \\]" if author.notation == "latex" else text)
            numbers[name, t] = (len(lines), sheet.shown[name, t])
        lines.append("")
    return Written("\n".join(lines), numbers)


def expression(name, t, problem, author, sheet):
    """Write what a number is worked from, in the numbers that stand on the page."""
    latex = author.notation == "latex"
    times = r" \cdot " if latex else {"unicode": "·"}.get(author.notation, " * ")
    quotient = (lambda a, b: rf"\frac{{{a}}}{{{b}}}") if latex else (lambda a, b: f"{a} / ({b})")
    b = lambda text: f"({text})" if text.startswith("-") else text  # noqa: E731
    shown, p = sheet.shown, problem
    power = f"^{{{t}}}" if latex else f"^{t}"
    if name == "g":
        return "" if p.gradients is not None else f"{p.scale}{times}{b(shown['theta', t - 1])}"
    if name == "m":
        return f"{p.beta1}{times}{b(shown['m', t - 1])} + (1 - {p.beta1}){times}{b(shown['g', t])}"
    if name == "v":
        return f"{p.beta2}{times}{shown['v', t - 1]} + (1 - {p.beta2}){times}({shown['g', t]})^2"
    if name == "m_hat":
        return quotient(b(shown["m", t]), f"1 - {p.beta1}{power}")
    if name == "v_hat":
        return quotient(shown["v", t], f"1 - {p.beta2}{power}")
    root = rf"\sqrt{{{shown['v_hat', t]}}}" if latex else f"sqrt({shown['v_hat', t]})"
    step = quotient(f"{p.alpha}{times}{b(shown['m_hat', t])}", f"{root} + {p.eps}")
    return f"{shown['theta', t - 1]} - {step}"
