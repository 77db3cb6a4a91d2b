"""The orders of operations in which a step of Adam is carried out, field by field.

Where an implementation is named, it was read there: PyTorch 2 (``torch/optim/adam.py``, with
``lerp`` and ``addcmul`` of ATen), optax (``scale_by_adam``), Keras 3 (``optimizers/adam.py``). A
compiler may contract a product and a sum to a fused multiply-add; which, is its choice, so all
are here.

`adamref.rules.orders` writes the lines of a rule in these orders, the theorems on rounding are
about them, and `adamref.bounds` works them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adamref.bounds.operations import Operand, Operation, Value, fused, raised, root, stored
from adamref.errors import UnknownName

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


def average(state: Value, put_in: Value) -> dict[str, Operation]:
    """Return the orders of ``b*state + w*put_in``, where w is 1 - b.

    ``lerp`` is Keras's, and PyTorch's for m where the weight is below 1/2; ``back`` is PyTorch's
    for m from 1/2 on, where b is 1 - w.
    """
    beta = b * state + w * put_in
    lerp = state + w * (put_in - state)
    back = put_in - (put_in - state) * b
    return {
        "beta": beta,
        "beta-fma-state": fused(beta, 0),
        "beta-fma-gradient": fused(beta),
        "lerp": lerp,
        "lerp-fma": fused(lerp),
        "back": back,
        "back-fma": fused(back),
    }


def average_of_square(state: Value, base: Value) -> dict[str, Operation]:
    """Return the orders of the average of a square; ``weight-first`` is PyTorch's."""
    weighted = b * state + (w * base) * base
    lerp = state + w * fused(base * base - state, 0)
    return average(state, base * base) | {
        "weight-first": weighted,
        "weight-first-fma-state": fused(weighted, 0),
        "weight-first-fma-gradient": fused(weighted),
        "lerp-fused-change": lerp,
        "lerp-fma-fused-change": fused(lerp),
    }


_decayed = theta * keep
_taken = theta - decay * theta

ORDERS: Mapping[str, Mapping[str, Operation]] = MappingProxyType(
    {
        "m": average(m_prev, g),
        "v": average_of_square(v_prev, g),
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
            "reciprocal": alpha * (m_hat * (one / denominator)),
        },
        "theta": {
            "plain": theta - delta,
            "fma": fused(theta - alpha * ratio),
            "decoupled-before": _decayed - delta,
            "decoupled-before-fma": fused(_decayed - delta, 0),
            "decoupled-taken": _taken - delta,
            "decoupled-taken-fma": fused(_taken) - delta,
            "decoupled-after": (theta - delta) * keep,
        },
        "g_total": {"plain": decay * theta + g, "fma": fused(decay * theta + g, 0)},
    }
)
"""By field and name. A step has its sign taken off: theta - delta is theta + (-delta)."""


def order(field: str, name: str) -> Operation:
    """Return an order of operations.

    Raises
    ------
    UnknownName
        If there is no such field or order.
    """
    if field not in ORDERS:
        raise UnknownName("field", field, tuple(ORDERS))
    orders = ORDERS[field]
    if name not in orders:
        raise UnknownName(f"order of {field}", name, tuple(orders))
    return orders[name]
