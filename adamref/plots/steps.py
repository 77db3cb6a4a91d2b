"""Pictures of steps: how large they can be, what leaving out the correction does, and epsilon."""

from __future__ import annotations

from fractions import Fraction

from adamref import rules
from adamref.drawing import Curve, Guide, Panel
from adamref.picture import Picture, curves
from adamref.plots.formulas import sides, value
from adamref.rules import ADAM
from adamref.stepper import run

_RATES = {"beta1": ADAM.defaults["beta1"], "beta2": ADAM.defaults["beta2"]}


def step_bound() -> Picture:
    """Draw the greatest step R_t against t, and the paper's bound, which it passes.

    R_t is the formula of the theorem ``step-bound-closed-form``, the limit that of
    ``step-bound-limit``; the paper's bound stands in ``paper-step-bound-defaults``.
    """
    steps = [*range(1, 31), *range(32, 101, 2), *range(105, 605, 5)]
    _, formula = sides("step-bound-closed-form")
    reached = [value("step-bound-closed-form", formula, t=t, **_RATES) for t in steps]
    _, paper = sides("paper-step-bound-defaults")
    claimed = value("paper-step-bound-defaults", paper, alpha=1)
    _, end = sides("step-bound-limit")
    limit = value("step-bound-limit", end, **_RATES)
    return curves(
        "How large a step can be, in units of α, at the published rates",
        "t",
        [Panel("size / α", {"the greatest step R(t)": Curve(steps, reached)})],
        [
            Guide(claimed, "the paper's bound"),
            Guide(limit, "the limit of R(t)"),
            Guide(first_violation(), "first past the paper's bound", True),
        ],
        seen="The greatest step grows with every step, past the paper's bound "
        "α(1 − β₁)/√(1 − β₂), towards its limit.",
    )


def first_violation() -> int:
    """Return the first step at which R_t exceeds the paper's bound, by trying."""
    _, formula = sides("step-bound-closed-form")
    _, paper = sides("paper-step-bound-defaults")
    claimed = value("paper-step-bound-defaults", paper, alpha=1)
    low, high = 1, 1024
    # R_t grows with every step: theorem step-bound-increases.
    while low < high:
        middle = (low + high) // 2
        above = value("step-bound-closed-form", formula, t=middle, **_RATES) > claimed
        low, high = (low, middle) if above else (middle + 1, high)
    return low


def correction_factor() -> Picture:
    """Draw c_t, the factor by which a step without bias correction differs from Adam's.

    It is the formula of the theorem ``uncorrected-factor``, at some pairs of decay rates.
    """
    steps = [*range(1, 41), *range(45, 101, 5), *range(120, 1001, 20), *range(1100, 5001, 100)]
    _, right = sides("uncorrected-factor")
    (of_step,) = (one for one in right.atoms() if one.is_Symbol and one.name == "t")
    factor = right / next(one for one in right.args if one.is_Function)
    pairs = (("0.9", "0.999"), ("0.9", "0.99"), ("0.9", "0.9"), ("0.99", "0.9"))
    lines = {
        f"β₁ = {first}, β₂ = {second}": Curve(
            steps,
            [
                value("uncorrected-factor", factor, beta1=first, beta2=second, **{of_step.name: t})
                for t in steps
            ],
        )
        for first, second in pairs
    }
    at_defaults = next(iter(lines.values()))
    most = max(zip(at_defaults.y, at_defaults.x, strict=True))[1]
    return curves(
        "Steps without bias correction: c(t) times as long as Adam's",
        "t",
        [Panel("c(t)", lines)],
        [Guide(1.0, "as long as Adam's")],
        logarithmic=True,
        seen=f"At the published rates every step is too long, most of all that at t = {most}.",
    )


_FORMS = {
    "paper": "√v̂ + ε",
    "eps-inside": "√(v̂ + ε)",
    "eps-hat": "√v + ε̂, at t = 1",
}


def epsilon_forms() -> Picture:
    """Draw the first step against the size of the gradient, with epsilon where people put it.

    Each is the rule's dialect, run; epsilon is the published one.
    """
    sizes = [Fraction(10) ** (k // 2) * (1 if k % 2 == 0 else 3) for k in range(-26, 3)]
    lines = {}
    for form, says in _FORMS.items():
        rule = rules.get("adam", form=form)
        steps = [run(rule, 0, [-g], digits=12, alpha="1")[0]["delta"] for g in sizes]
        lines[says] = Curve([float(g) for g in sizes], [float(step) for step in steps])
    return curves(
        f"The first step, in units of α, for a gradient of size |g| and ε = {ADAM.defaults['eps']}",
        "|g|",
        [Panel("size / α", lines, logarithmic=True)],
        logarithmic=True,
        seen="Large gradients all make steps of α; the smaller ones are held back, by ε "
        "under the root from √ε down, outside of it from ε down.",
    )
