"""The contenders of the step in the precision of its arrays, and the limits of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.inputs import CHECKED, HYPERS, STEP, arrays
from benchmarks.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_FLOATS = {name: float(x) for name, x in HYPERS.items()}
_LR, _BETAS, _EPS = _FLOATS["alpha"], (_FLOATS["beta1"], _FLOATS["beta2"]), _FLOATS["eps"]
_IN_CACHE = 8192
_NOT_THE_ARRAYS = 65536
"""Elements of the arrays that only the cache sees."""


def fast(case: Mapping[str, Any]) -> Task:
    """Let `adamref.fast.Adam` take the step, in place; the repetitions take those after it."""
    import numpy as np

    from adamref.fast import Adam

    given = arrays(case)
    theta = given["theta"]
    optimizer = Adam([theta], _LR, _BETAS, _EPS, threads=case["threads"], kernel=case["kernel"])
    state = {"t": STEP - 1, "m": given["m"], "v": given["v"]}
    optimizer.load_state_dict({"algorithm": "adam", "t": STEP - 1, "state": {"0": state}})

    def work() -> list[float]:
        optimizer.step([given["grad"]])
        return _shown(theta)

    about = f"NumPy {np.__version__}"
    if case["kernel"] == "numba":
        import numba

        about = f"numba {numba.__version__}"
    return _task(work, case, f"{about}, threads: {case['threads']}")


def naive(case: Mapping[str, Any]) -> Task:
    """Write Algorithm 1 as NumPy expressions, as one would at first."""
    import numpy as np

    given = arrays(case)
    theta, g, m, v = (given[name] for name in ("theta", "grad", "m", "v"))
    t = STEP - 1
    beta1, beta2 = _BETAS

    def work() -> list[float]:
        nonlocal theta, m, v, t
        t += 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - _LR * m_hat / (np.sqrt(v_hat) + _EPS)
        return _shown(theta)

    return _task(work, case, f"NumPy {np.__version__}")


def scikit_learn(case: Mapping[str, Any]) -> Task:
    """Let scikit-learn's optimizer of its neural networks take the step."""
    import sklearn
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

    given = arrays(case)
    theta = given["theta"]
    optimizer = AdamOptimizer([theta], _LR, *_BETAS, _EPS)
    optimizer.ms, optimizer.vs, optimizer.t = [given["m"]], [given["v"]], STEP - 1

    def work() -> list[float]:
        optimizer.update_params([theta], [given["grad"]])
        return _shown(theta)

    return _task(work, case, f"scikit-learn {sklearn.__version__}")


def arithmetic(case: Mapping[str, Any]) -> Task:
    """Do the root and the division alone, on numbers that are in the cache."""
    import numpy as np

    v, m = (np.full(_IN_CACHE, x, case["dtype"]) for x in (0.01, 0.1))
    root, quotient = np.empty_like(v), np.empty_like(v)
    turns = max(1, case["elements"] // _IN_CACHE)

    def work() -> list[float]:
        for _ in range(turns):
            np.sqrt(v, root)
            np.divide(m, root, quotient)
        return []

    return Task(work, lambda shown: shown, turns * _IN_CACHE, f"NumPy {np.__version__}")


def traffic(case: Mapping[str, Any]) -> Task:
    """Read four arrays and write three, and do next to nothing with them.

    Each of m, v and theta is read and written once; the gradient comes along with theta.
    """
    import numpy as np

    given = arrays(case)
    size = case["elements"]
    block = min(_NOT_THE_ARRAYS, size)
    spare = np.empty(block, case["dtype"])

    def work() -> list[float]:
        for start in range(0, size, block):
            part = slice(start, start + block)
            for name in ("m", "v"):
                np.negative(given[name][part], given[name][part])
            theta, grad = given["theta"][part], given["grad"][part]
            np.subtract(theta, grad, spare[: theta.size])
            np.copyto(theta, spare[: theta.size])
        return []

    return Task(work, lambda shown: shown, size, f"NumPy {np.__version__}")


def _shown(theta: NDArray[Any]) -> list[float]:
    shown: list[float] = theta[:CHECKED].tolist()
    return shown


def _task(work: Any, case: Mapping[str, Any], about: str) -> Task:
    return Task(work, lambda shown: [repr(x) for x in shown], case["elements"], about)
