"""Reports made by hand: what a check may say, without one."""

from __future__ import annotations

from dataclasses import replace

from adamref.oracle.judge.results import Accuracy, ErrorPoint, FirstDifference, WorkedLine
from adamref.oracle.observe.finding import Finding
from adamref.oracle.report.findings import Explained, ProbeResult, Report

LINES = (
    WorkedLine(
        "m",
        "m = β₁·m₀ + (1 - β₁)·g",
        r"m_{3} = \beta_1 \cdot m_{2} + \left(1 - \beta_1\right) \cdot g_{3}",
        "0.0271",
        "0.0271",
    ),
    WorkedLine(
        "v",
        "v = β₂·v₀ + (1 - β₂)·g²",
        r"v_{3} = \beta_2 \cdot v_{2} + \left(1 - \beta_2\right) \cdot g_{3}^{2}",
        "0.00074925",
        "0.00074925",
    ),
    WorkedLine(
        "m_hat", "m̂ = m/(1 - β₁ᵗ)", r"\hat{m}_{3} = \frac{m_{3}}{1 - \beta_1^{3}}", "0.1", None
    ),
    WorkedLine(
        "v_hat", "v̂ = v/(1 - β₂ᵗ)", r"\hat{v}_{3} = \frac{v_{3}}{1 - \beta_2^{3}}", "0.25", None
    ),
    WorkedLine(
        "theta",
        "θ = θ₀ - α·m̂/(√v̂ + ε)",
        r"\theta_{3} = \theta_{2} - \frac{\alpha \cdot \hat{m}_{3}}{\sqrt{\hat{v}_{3}} + \epsilon}",
        "0.49980003",
        "0.49942264",
    ),
)
SNIPPET = """\
import numpy as np
from adamref import exact_step

one = np.float32
right = exact_step(
    one(0.5), one(-0.25), one(0.0301), one(0.0006875),
    t=3, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8
)
print(right.theta)  # 0.49980003
"""
DIFFERENCE = FirstDifference(
    3, 0, 7, "theta", "0.49942264", "0.49980003", "5.96e-08", LINES, SNIPPET
)
STICKS = FirstDifference(16777217, 0, 0, "t", "16777216", "16777217", "0")


def accuracy(max_ulp=0.51, mean_ulp=0.1234567, right=0.9876, over=0.63, count=12345):
    return Accuracy(max_ulp, mean_ulp, right, over, count)


def points():
    """Errors as they look: small, with zeros, over many steps and magnitudes."""
    made = []
    for k, field in enumerate(("theta", "m", "v")):
        for j in range(160):
            t = 1 + (j * j * 3) % 999 if j % 4 else 1 + j // 4
            g = 0.0 if j % 40 == 7 else (-1) ** j * 10.0 ** ((j * 7 + k) % 61 / 4 - 10)
            over = ((j * 37 + 11 * k) % 100) / 120
            made.append(ErrorPoint(field, t, g, over * (0.6 + k), over))
    return tuple(made)


def conforming():
    return Report(
        target="mine:step",
        isolated=True,
        dtype="float32",
        optimizer="adam",
        verdict="conforms",
        dialect={
            "form": "paper",
            "bias_correction": True,
            "moments": None,
            "weight_decay": "none",
            "amsgrad": None,
            "hyper": "literal",
            "storage": "float32",
            "compute": "float32",
        },
        accuracy={
            "theta": accuracy(),
            "m": accuracy(38000.0, 1.5, 1.0, 0.9999),
            "v": None,
            "first_step": accuracy(110.2, 43.0, 0.0, 0.31, 64),
        },
        probes=(
            ProbeResult("generic", "core", "holds", "six ordinary steps"),
            ProbeResult(
                "restart", "core", "not-applicable", "a loaded state", "no state can be loaded"
            ),
            ProbeResult(
                "restart-late", "core", "not-applicable", "a loaded state", "no state can be loaded"
            ),
            ProbeResult(
                "counter-sticks",
                "edge",
                "limit",
                "t beyond 2²⁴",
                "the counter is a float32",
                STICKS,
            ),
        ),
        findings=(
            Finding(
                "counter-float32", "counter-sticks", "limit", "The step counter sticks at 16777216."
            ),
            Finding(
                "correction-narrow",
                None,
                "note",
                "1 - beta**t is computed in float32: 110 ulp in the first step.",
            ),
        ),
        diagnosis=(),
        tried={"hypotheses": 12345},
        environment={"adamref": "0.1.0", "python": "3.11.9", "numpy": "2.4.1"},
        points=points(),
        adapter="function",
        seconds=3.21,
    )


def deviating():
    fault = Explained(
        ("bias-correction-without-power",),
        ("the bias correction divides by 1 - beta2, not by 1 - beta2**t",),
        ("the step is too long after the first one",),
        ("a lecture's handout of 2023",),
        ("generic", "late", "counter-sticks"),
        (("one-step-counter", "t-from-zero"), ("correction-clamped",)),
        confirmed=True,
    )
    base = conforming()
    return replace(
        base,
        verdict="deviates",
        accuracy={**base.accuracy, "theta": accuracy(6321.7, 880.1, 0.21, 4137.4)},
        probes=(
            ProbeResult(
                "small", "edge", "differs", "a tiny gradient", "", replace(DIFFERENCE, t=1)
            ),
            ProbeResult("generic", "core", "differs", "six ordinary steps", "", DIFFERENCE),
            ProbeResult(
                "late", "core", "differs", "steps after 1000", "another result on the second run"
            ),
            *base.probes[1:],
        ),
        findings=(
            Finding(
                "gradient-modified", "generic", "deviation", "The gradient was changed in place."
            ),
            *base.findings,
        ),
        diagnosis=(fault,),
        points=(*base.points, ErrorPoint("theta", 3, 0.25, 6321.7, 4137.4)),
    )


def unexplained():
    return replace(deviating(), diagnosis=())


def crashed():
    base = conforming()
    return replace(
        base,
        verdict="error",
        dialect=dict.fromkeys(base.dialect),
        accuracy=dict.fromkeys(base.accuracy),
        probes=(
            ProbeResult(
                "generic", "core", "error", "six ordinary steps", "killed by signal 11 (SIGSEGV)"
            ),
        ),
        findings=(Finding("signal", "generic", "error", "It was killed by signal 11 (SIGSEGV)."),),
        points=(),
    )


def hostile():
    """What others write reaches a report: names, messages and numbers."""
    nasty = "\x1b[2J<script>alert(1)</script> [red]x[/red] & \udc80"
    base = deviating()
    return replace(
        base,
        target=nasty,
        dialect={**base.dialect, "form": nasty},
        accuracy={"theta": Accuracy(float("inf"), float("nan"), float("nan"), float("inf"), 3)},
        probes=(
            ProbeResult("generic", "core", "differs", nasty, nasty, replace(DIFFERENCE, got=nasty)),
            ProbeResult("late", "edge", "not-applicable", nasty, nasty),
        ),
        findings=(Finding("exception", None, "deviation", nasty),),
        environment={"numpy": nasty},
        points=(
            ErrorPoint("theta", 1, float("nan"), float("inf"), float("inf")),
            ErrorPoint("<b>", 1, 0.0, 0.0, 0.0),
        ),
    )


def empty():
    return replace(
        conforming(),
        dialect={},
        accuracy={},
        probes=(),
        findings=(),
        environment={},
        points=(),
        tried={},
        adapter="",
    )


MADE = {
    "conforming": conforming,
    "strict": lambda: replace(conforming(), strict=True),
    "deviating": deviating,
    "unexplained": unexplained,
    "crashed": crashed,
    "hostile": hostile,
    "empty": empty,
}
