"""Every rule's numbers against an implementation written out by hand in mpmath."""

from __future__ import annotations

from decimal import Context, Decimal

import mpmath
import pytest
from mpmath import mpf, sqrt

from adamref import rules, run

DIGITS = 50
GRADIENTS = ("-15", "3.25", "0.002", "-0.75")
THETA = "0.5"
A, B1, B2, EPS = "0.1", "0.9", "0.99", "0.01"


def adam(theta, gradients, *, form="paper", corrected=True, decay="none", maximum="none"):
    """Algorithm 1 with every axis, in the order of the papers."""
    a, b1, b2, eps, wd = map(mpf, (A, B1, B2, EPS, "0.2"))
    m = v = v_max = mpf(0)
    for t, g in enumerate(gradients, 1):
        if decay == "l2":
            g = g + wd * theta  # noqa: PLW2901
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        v_max = max(v_max, v)
        c1, c2 = (1 - b1**t, 1 - b2**t) if corrected else (1, 1)
        second = v_max if maximum == "v" else v
        if form == "eps-hat":
            step = a * sqrt(c2) / c1 * m / (sqrt(second) + eps)
        elif form == "eps-inside":
            step = a * (m / c1) / sqrt(second / c2 + eps)
        elif form == "eps-root":
            step = a * (m / c1) / (sqrt(second / c2 + mpf("0.3")) + eps)
        else:
            step = a * (m / c1) / (sqrt(second / c2) + eps)
        if decay == "before":
            theta = theta - a * wd * theta
        theta = theta - step
        if decay == "after":
            theta = theta - a * wd * theta
        yield theta


def amsgrad_of_v_hat(theta, gradients):
    a, b1, b2, eps = map(mpf, (A, B1, B2, EPS))
    m = v = greatest = mpf(0)
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        greatest = max(greatest, v / (1 - b2**t))
        theta = theta - a * m / (1 - b1**t) / (sqrt(greatest) + eps)
        yield theta


def gradient_descent(theta, gradients):
    for g in gradients:
        theta = theta - mpf(A) * g
        yield theta


def average(_theta, gradients):
    m = mpf(0)
    for g in gradients:
        m = mpf(B1) * m + (1 - mpf(B1)) * g
        yield m


def corrected_average(_theta, gradients):
    """The closed form: a weighted mean with weights beta^(t - i)."""
    b = mpf(B1)
    for t in range(1, len(gradients) + 1):
        weights = [b ** (t - i) for i in range(1, t + 1)]
        weighted = sum(w * g for w, g in zip(weights, gradients, strict=False))
        yield weighted / sum(weights)


def momentum(theta, gradients):
    for m in average(None, gradients):
        theta = theta - mpf(A) * m
        yield theta


def heavy_ball(theta, gradients):
    """Polyak's form: theta moves on by beta times its last move."""
    before = theta
    for g in gradients:
        theta, before = theta - mpf(A) * g + mpf(B1) * (theta - before), theta
        yield theta


def rmsprop(theta, gradients, *, inside=False):
    v, b, eps = mpf(0), mpf(B2), mpf(EPS)
    for g in gradients:
        v = b * v + (1 - b) * g**2
        theta = theta - mpf(A) * g / (sqrt(v + eps) if inside else sqrt(v) + eps)
        yield theta


def adagrad(theta, gradients):
    for t, g in enumerate(gradients):
        total = sum(x * x for x in gradients[: t + 1])
        theta = theta - mpf(A) * g / (sqrt(total) + mpf(EPS))
        yield theta


def adamax(theta, gradients):
    m = u = mpf(0)
    b1, b2 = mpf(B1), mpf(B2)
    for t, g in enumerate(gradients, 1):
        m, u = b1 * m + (1 - b1) * g, max(b2 * u, abs(g))
        theta = theta - mpf(A) / (1 - b1**t) * m / u
        yield theta


def nadam(theta, gradients):
    """torch.optim.NAdam, single tensor, as its source has it."""
    lr, beta1, beta2, eps, momentum_decay = map(mpf, (A, B1, B2, EPS, "0.004"))
    exp_avg = exp_avg_sq = mpf(0)
    mu_product = mpf(1)
    for step, grad in enumerate(gradients, 1):
        mu = beta1 * (1 - mpf("0.5") * mpf("0.96") ** (step * momentum_decay))
        mu_next = beta1 * (1 - mpf("0.5") * mpf("0.96") ** ((step + 1) * momentum_decay))
        mu_product = mu_product * mu
        exp_avg = exp_avg + (1 - beta1) * (grad - exp_avg)
        exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * grad * grad
        denom = sqrt(exp_avg_sq / (1 - beta2**step)) + eps
        theta = theta + grad / denom * (-lr * (1 - mu) / (1 - mu_product))
        theta = theta + exp_avg / denom * (-lr * mu_next / (1 - mu_product * mu_next))
        yield theta


BOTH = {"beta1": B1, "beta2": B2, "eps": EPS}
SECOND = {"beta2": B2, "eps": EPS}
DECAY = {**BOTH, "weight_decay": "0.2"}

CASES = {
    "adam": (rules.ADAM, BOTH, adam, {}),
    "eps-hat": (rules.ADAM_EPS_HAT, BOTH, adam, {"form": "eps-hat"}),
    "eps-inside": (rules.ADAM_EPS_INSIDE, BOTH, adam, {"form": "eps-inside"}),
    "eps-root": (rules.ADAM_EPS_ROOT, BOTH | {"eps_root": "0.3"}, adam, {"form": "eps-root"}),
    "uncorrected": (rules.ADAM_UNCORRECTED, BOTH, adam, {"corrected": False}),
    "l2": (rules.ADAM_L2, DECAY, adam, {"decay": "l2"}),
    "adamw before": (rules.ADAMW, DECAY, adam, {"decay": "before"}),
    "adamw after": (rules.ADAMW_AFTER, DECAY, adam, {"decay": "after"}),
    "amsgrad v": (rules.AMSGRAD, BOTH, adam, {"maximum": "v"}),
    "amsgrad v_hat": (rules.AMSGRAD_V_HAT, BOTH, amsgrad_of_v_hat, {}),
    "amsgrad eps-hat": (
        rules.adam("eps-hat", maximum="v"),
        BOTH,
        adam,
        {"form": "eps-hat", "maximum": "v"},
    ),
    "uncorrected amsgrad with l2": (
        rules.adam("eps-inside", bias_correction=False, weight_decay="l2", maximum="v"),
        DECAY,
        adam,
        {"form": "eps-inside", "corrected": False, "decay": "l2", "maximum": "v"},
    ),
    "gradient descent": (rules.GRADIENT_DESCENT, {}, gradient_descent, {}),
    "average": (rules.EWA, {"beta1": B1}, average, {}),
    "corrected average": (rules.EWA_CORRECTED, {"beta1": B1}, corrected_average, {}),
    "momentum": (rules.MOMENTUM, {"beta1": B1}, momentum, {}),
    "heavy ball": (rules.HEAVY_BALL, {"beta1": B1}, heavy_ball, {}),
    "rmsprop": (rules.RMSPROP, SECOND, rmsprop, {}),
    "rmsprop inside": (rules.RMSPROP_INSIDE, SECOND, rmsprop, {"inside": True}),
    "adagrad": (rules.ADAGRAD, {"eps": EPS}, adagrad, {}),
    "adamax": (rules.ADAMAX, {"beta1": B1, "beta2": B2}, adamax, {}),
    "nadam": (rules.NADAM, {**BOTH, "psi": "0.004"}, nadam, {}),
}


def test_every_published_rule_is_worked_by_hand():
    worked = {id(rule) for rule, *_ in CASES.values()}
    published = [x for x in vars(rules).values() if isinstance(x, rules.Rule)]
    assert [rule.title for rule in published if id(rule) not in worked] == []


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_worked_by_hand(name):
    rule, hyper, by_hand, options = CASES[name]
    step = {"alpha": A} if "alpha" in rule.defaults else {}
    trace = run(rule, THETA, GRADIENTS, digits=DIGITS, **step, **hyper)
    with mpmath.workdps(2 * DIGITS):
        numbers = by_hand(mpf(THETA), [mpf(g) for g in GRADIENTS], **options)
        want = [Decimal(mpmath.nstr(x, DIGITS + 30)) for x in numbers]
    round_once = Context(prec=DIGITS).plus
    assert trace[rule.fields[-1]] == [round_once(x) for x in want]
