"""The contenders of the trajectory that are written in Python.

Algorithm 1 is written once for those that are loops by hand. It is kind to them: what is the same
for all parameters is worked once a step, and their inputs are numbers of their own kind already.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from benchmarks.inputs import CHECKED, HYPERS, decimals
from benchmarks.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHOWN = 20
"""Digits; more than are compared."""


def balls(case: Mapping[str, Any]) -> Task:
    """Walk through the rule in balls, every value with its certified radius; no step is kept."""
    import flint

    from adamref import rules
    from adamref.numbers.ball import Ball
    from adamref.problem import problem
    from adamref.stepper import walk

    what = problem(rules.ADAM, *decimals(case["parameters"], case["steps"]), **HYPERS)
    carrier = Ball(case["bits"])

    def work() -> list[Any]:
        with carrier.working():
            (last,) = deque(walk(what, carrier, ("theta",)), maxlen=1)
        theta: list[Any] = last["theta"]
        return theta

    return Task(
        work,
        lambda theta: [x.mid().str(_SHOWN, radius=False) for x in theta[:CHECKED]],
        case["parameters"] * case["steps"],
        f"FLINT {flint.__FLINT_VERSION__}",
    )


def mpmath_loop(case: Mapping[str, Any]) -> Task:
    """Write the loop with mpmath's numbers."""
    from mpmath import libmp, mp

    insist(libmp.BACKEND, case["backend"])
    mp.prec = case["bits"]
    return _by_hand(
        case,
        mp.mpf,
        mp.sqrt,
        lambda x: str(mp.nstr(x, _SHOWN)),
        f"mpmath on {libmp.BACKEND}",
    )


def gmpy2_loop(case: Mapping[str, Any]) -> Task:
    """Write the loop with gmpy2's numbers, which are MPFR's."""
    import gmpy2

    gmpy2.get_context().precision = case["bits"]
    return _by_hand(
        case,
        gmpy2.mpfr,
        gmpy2.sqrt,
        lambda x: format(x, f".{_SHOWN}g"),
        gmpy2.mpfr_version(),
    )


def insist(backend: str, wanted: str) -> None:
    """Refuse to time mpmath on other integers than those its name in the table says."""
    if backend != wanted:
        message = f"mpmath works on {backend}, but should on {wanted}"
        raise RuntimeError(message)


def _by_hand(
    case: Mapping[str, Any],
    number: Callable[[str], Any],
    root: Callable[[Any], Any],
    written: Callable[[Any], str],
    about: str,
) -> Task:
    start, drawn = decimals(case["parameters"], case["steps"])
    first = [number(x) for x in start]
    gradients = [[number(x) for x in row] for row in drawn]
    hypers = {name: number(x) for name, x in HYPERS.items()}
    return Task(
        lambda: adam(first, gradients, number("0"), root, **hypers),
        lambda theta: [written(x) for x in theta[:CHECKED]],
        case["parameters"] * case["steps"],
        about,
    )


def adam(
    start: list[Any],
    gradients: list[list[Any]],
    zero: Any,
    root: Callable[[Any], Any],
    *,
    alpha: Any,
    beta1: Any,
    beta2: Any,
    eps: Any,
) -> list[Any]:
    """Return the parameters after Algorithm 1 of Kingma & Ba 2015, in numbers of any kind."""
    theta = list(start)
    m = [zero] * len(theta)
    v = [zero] * len(theta)
    rest1, rest2 = 1 - beta1, 1 - beta2
    for t, gradient in enumerate(gradients, 1):
        correction1 = 1 - beta1**t
        correction2 = 1 - beta2**t
        for i, g in enumerate(gradient):
            m[i] = beta1 * m[i] + rest1 * g
            v[i] = beta2 * v[i] + rest2 * g * g
            m_hat = m[i] / correction1
            v_hat = v[i] / correction2
            theta[i] -= alpha * m_hat / (root(v_hat) + eps)
    return theta
