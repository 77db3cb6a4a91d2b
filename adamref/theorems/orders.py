"""The orders of operations in which a step of Adam is carried out, field by field.

Where an implementation is named, it was read there: PyTorch 2 (``torch/optim/adam.py``, with
``lerp`` and ``addcmul`` of ATen), optax (``scale_by_adam``), Keras 3 (``optimizers/adam.py``). A
compiler may contract a product and a sum to a fused multiply-add; which, is its choice, so all
are here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from adamref.theorems.operations import Operand, fma, fms, fnma, raised, root, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.theorems.operations import Operation, Value

b, w, m_prev, v_prev, g, theta = (Operand(name) for name in ("b", "w", "m", "v", "g", "theta"))
"""The decay rate and the weight of what is put in, as stored; the state before the step."""

one, eps, eps_root, keep, decay = (
    Operand(name) for name in ("1", "eps", "eps_root", "keep", "decay")
)
"""1; epsilon and the one under the root; 1 - alpha * weight_decay, and alpha * weight_decay."""

exact_c, exact_power = Operand("c"), Operand("power")
"""1 - beta^t and beta^t, as real numbers."""

m, c, m_hat, alpha, power, s, denominator, delta, ratio = (
    Operand(name, computed=True)
    for name in ("m", "c", "m_hat", "alpha", "power", "s", "denominator", "delta", "ratio")
)
v, v_hat = (Operand(name, computed=True, nonnegative=True) for name in ("v", "v_hat"))
"""What was computed before, with an error; s is the root of c, and ratio a step over alpha."""


def moment(state: Value, put_in: Value) -> dict[str, Operation]:
    """Return the orders of a moment.

    ``lerp`` is Keras's, and PyTorch's for m where the weight is below 1/2; ``back`` is PyTorch's
    for m from 1/2 on, where b is 1 - w.
    """
    change = put_in - state
    return {
        "beta": b * state + w * put_in,
        "beta-fma-state": fma(b, state, w * put_in),
        "beta-fma-gradient": fma(w, put_in, b * state),
        "lerp": state + w * change,
        "lerp-fma": fma(w, change, state),
        "back": put_in - change * b,
        "back-fma": fnma(change, b, put_in),
    }


def second_moment() -> dict[str, Operation]:
    """Return the orders of v; ``weight-first`` is PyTorch's."""
    weighted, change = w * g, fms(g, g, v_prev)
    return moment(v_prev, g * g) | {
        "weight-first": b * v_prev + weighted * g,
        "weight-first-fma-state": fma(b, v_prev, weighted * g),
        "weight-first-fma-gradient": fma(weighted, g, b * v_prev),
        "lerp-fused-change": v_prev + w * change,
        "lerp-fma-fused-change": fma(w, change, v_prev),
    }


ORDERS: Mapping[str, Mapping[str, Operation]] = MappingProxyType(
    {
        "m": moment(m_prev, g),
        "v": second_moment(),
        "correction": {
            "exact": stored(exact_c),
            "power": one - raised(exact_power),
            "running-product": one - power,
        },
        "correction_root": {"root": root(c)},
        "m_hat": {"divided": m / c, "reciprocal": m * (one / c)},
        "v_hat": {"divided": v / c, "reciprocal": v * (one / c)},
        "denominator": {
            "paper": root(v_hat) + eps,
            "root-divided": root(v) / s + eps,
            "eps-inside": root(v_hat + eps),
            "eps-root": root(v_hat + eps_root) + eps,
        },
        "step_size": {"divided": alpha / c, "efficient": (alpha * s) / c},
        "ratio": {"divided": m_hat / denominator},
        "delta": {
            "size-first": (alpha * m_hat) / denominator,
            "quotient-first": alpha * (m_hat / denominator),
        },
        "theta": {
            "plain": theta - delta,
            "fma": fnma(alpha, ratio, theta),
            "decoupled-before": theta * keep - delta,
            "decoupled-before-fma": fms(theta, keep, delta),
            "decoupled-taken": (theta - decay * theta) - delta,
            "decoupled-taken-fma": fnma(decay, theta, theta) - delta,
            "decoupled-after": (theta - delta) * keep,
        },
        "g_total": {"plain": decay * theta + g, "fma": fma(decay, theta, g)},
    }
)
"""By field and name. A step has its sign taken off: theta - delta is theta + (-delta)."""
