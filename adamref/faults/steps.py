"""The step that is made of the moments, and what it is added to."""

from __future__ import annotations

from sympy import Integer, evaluate, sqrt

from adamref.faults.edits import below, both, exchanged, exchanging, stepping
from adamref.faults.fault import Fault
from adamref.rules.symbols import alpha, delta, eps, m, m_hat, theta_prev, v, v_hat

with evaluate(False):
    _MINUS = -1 * delta

_SIZE = "the first steps are of the wrong size"

FAULTS = (
    Fault("root-forgotten", "the square root of v_hat is not taken",
          "the step goes as 1/g instead of sign(g)", below(lambda p: p.second + eps)),
    Fault("step-multiplied", "the step is multiplied by the denominator, not divided",
          "large gradients make larger steps",
          stepping(lambda p: exchanged(p.step, {1 / p.below: sqrt(p.second) + eps})),
          seen_in="oracle/tribuo#401"),
    Fault("step-with-gradient", "the step uses the gradient in place of the first moment",
          "there is no momentum: RMSprop",
          stepping(lambda p: p.step.xreplace({p.first: p.gradient}))),
    Fault("without-denominator", "the step is not divided at all: momentum",
          "the step goes as the gradient",
          stepping(lambda p: exchanged(p.step, {1 / p.below: Integer(1)}))),
    Fault("plain-gradient-step", "a plain gradient step is made", "the step goes as the gradient",
          stepping(lambda p: -1 * (alpha * p.gradient))),
    Fault("update-added", "the step is added with the wrong sign", "theta climbs",
          exchanging({delta: _MINUS}, "theta"),
          seen_in="kozistr/pytorch_optimizer#528 (a sign twice)"),
    Fault("parameter-forgotten", "theta becomes the step itself",
          "theta is about alpha from the first step on",
          exchanging({theta_prev: Integer(0)}, "theta", "theta_decayed")),
    Fault("update-forgotten", "theta is not updated", "theta stays where it is",
          exchanging({delta: Integer(0)}, "theta")),
    Fault("step-with-m", "the step uses m in place of m_hat", _SIZE,
          exchanging({m_hat: m}, "delta"), told_as="m_hat-uncorrected"),
    Fault("step-with-v", "the step uses v in place of v_hat", _SIZE,
          exchanging({v_hat: v}, "delta"), told_as="v_hat-uncorrected"),
    Fault("both-uncorrected", "the step uses m and v without their bias corrections",
          "the first steps are wrong by (1 - beta1)/sqrt(1 - beta2)",
          both(exchanging({m_hat: m}, "delta"), exchanging({v_hat: v}, "delta")),
          told_as="bias-uncorrected"),
    Fault("without-alpha", "the step size alpha is left out", "the step is about 1",
          exchanging({alpha: Integer(1)}, "delta"), told_as="alpha-always-1"),
)  # fmt: skip
"""What becomes of the moments in the step."""
