"""The contenders of the single step over whole arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.inputs import CHECKED, HYPERS, STEP, arrays
from benchmarks.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

_FLOATS = {name: float(x) for name, x in HYPERS.items()}


def exactly(case: Mapping[str, Any]) -> Task:
    """Work the step with every element correctly rounded."""
    import sys

    import numpy as np

    about = f"NumPy {np.__version__}"
    if case["compiled"]:
        import llvmlite

        about += f", llvmlite {llvmlite.__version__}"
    else:
        # As where the extra is not installed.
        sys.modules["llvmlite"] = None  # type: ignore[assignment]
    from adamref import exact_step

    given = arrays(case)
    hypers: dict[str, Any] = dict(HYPERS if case["hypers"] == "decimal" else _FLOATS)
    hypers["lr"] = hypers.pop("alpha")
    return Task(
        lambda: exact_step(**given, t=STEP, **hypers),
        lambda step: [repr(float(x)) for x in step.theta[:CHECKED]],
        case["elements"],
        about,
    )


def torch_step(case: Mapping[str, Any]) -> Task:
    """Let torch's Adam take the step, in place; the repetitions take those after it."""
    import torch

    torch.set_num_threads(case.get("threads", 1))
    torch.set_num_interop_threads(1)
    given = {name: torch.from_numpy(values) for name, values in arrays(case).items()}
    theta = torch.nn.Parameter(given["theta"])
    theta.grad = given["grad"]
    optimizer = torch.optim.Adam(
        [theta],
        lr=_FLOATS["alpha"],
        betas=(_FLOATS["beta1"], _FLOATS["beta2"]),
        eps=_FLOATS["eps"],
        **{"fused": {"fused": True}, "foreach": {"foreach": True}, "loop": {"foreach": False}}[
            case.get("kind", "fused")
        ],
    )
    optimizer.state[theta] = {
        "step": torch.tensor(float(STEP - 1)),
        "exp_avg": given["m"],
        "exp_avg_sq": given["v"],
    }

    def work() -> list[float]:
        optimizer.step()
        shown: list[float] = theta.detach()[:CHECKED].tolist()
        return shown

    return Task(
        work,
        lambda shown: [repr(x) for x in shown],
        case["elements"],
        f"torch {torch.__version__}, threads: {torch.get_num_threads()}",
    )


def mpmath_step(case: Mapping[str, Any]) -> Task:
    """Work the step element by element in mpmath, from floats to floats."""
    from mpmath import libmp, mp

    from benchmarks.loops import insist

    insist(libmp.BACKEND, case["backend"])
    mp.dps = case["digits"]
    given = {name: values.tolist() for name, values in arrays(case).items()}
    hypers = {name: mp.mpf(x) for name, x in HYPERS.items()}
    return Task(
        lambda: _in_mpmath(given, **hypers),
        lambda found: [repr(theta) for theta, _, _ in found[:CHECKED]],
        case["elements"],
        f"mpmath on {libmp.BACKEND}, {case['elements']} elements at {case['digits']} digits",
    )


def _in_mpmath(
    given: Mapping[str, list[float]], *, alpha: Any, beta1: Any, beta2: Any, eps: Any
) -> list[tuple[float, float, float]]:
    from mpmath import mp

    rest1, rest2 = 1 - beta1, 1 - beta2
    correction1, correction2 = 1 - beta1**STEP, 1 - beta2**STEP
    found = []
    for theta, grad, m, v in zip(*given.values(), strict=True):
        g = mp.mpf(grad)
        new_m = beta1 * m + rest1 * g
        new_v = beta2 * v + rest2 * g * g
        step = alpha * (new_m / correction1) / (mp.sqrt(new_v / correction2) + eps)
        found.append((float(theta - step), float(new_m), float(new_v)))
    return found
