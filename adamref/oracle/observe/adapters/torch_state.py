"""What torch optimizers hold for a parameter, by their names for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.oracle.observe.adapters.values import dtype_remarks, fitted, steps
from adamref.oracle.observe.sessions.session import Held, Remark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.arrays import Array

# Ours to theirs, the first that is there. A user's own subclass may use the paper's names.
_STATES = {
    "m": ("exp_avg", "m", "momentum_buffer"),
    "v": ("exp_avg_sq", "square_avg", "v", "sum"),
    "v_max": ("max_exp_avg_sq", "v_max", "v_hat_max"),
    "u": ("exp_inf", "u"),
}
_COUNTERS = ("step", "t")

KNOWN = frozenset({name for found in _STATES.values() for name in found} | set(_COUNTERS))
"""The entries of a state that are read and loaded."""


def shown(torch: Any, optimizer: Any, p: Any, shape: tuple[int, ...], dtype: str) -> Held:
    """Read a parameter and its state.

    Parameters
    ----------
    torch : module
    optimizer : torch.optim.Optimizer
    p : torch.nn.Parameter
    shape : tuple of int
        What it should have.
    dtype : str
        The dtype under check.
    """
    state = optimizer.state.get(p, {})
    theta, kind, remarks = _taken(torch, "theta", p, shape, dtype)
    states, dtypes = {}, {"theta": kind}
    for ours, theirs in _STATES.items():
        name = _first(theirs, state)
        if name and torch.is_tensor(state[name]):
            states[ours], dtypes[ours], more = _taken(torch, ours, state[name], shape, dtype)
            remarks += more
    t, more = steps(_counter(torch, state, optimizer))
    return Held(theta, states, t, dtypes, (*remarks, *more))


def load(torch: Any, state: dict[str, Any], held: Held) -> None:
    """Put other numbers into a state, each entry of the kind it was."""
    for ours, values in held.states.items():
        name = _first(_STATES[ours], state)
        if name:
            kind = held.dtypes.get(ours)
            old = state[name]
            dtype = getattr(torch, kind) if kind else old.dtype
            new = torch.tensor(values, device=old.device).to(dtype)
            state[name] = new.reshape(old.shape)
    name = _first(_COUNTERS, state)
    if name and held.t is not None:
        state[name] = like(state[name], held.t)


def group_counter(optimizer: Any) -> str:
    """Name the counter in the parameter group, where it is kept there; else an empty name."""
    groups = optimizer.param_groups
    if any(_first(_COUNTERS, state) for state in optimizer.state.values()) or not groups:
        return ""
    return _first(_COUNTERS, groups[0])


def like(old: Any, t: int | None) -> Any:
    """Return a counter of the kind that it was."""
    if hasattr(old, "new_full"):
        return old.new_full(tuple(old.shape), t)
    return float(t or 0) if isinstance(old, float) else t


def plain(torch: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a state as NumPy arrays."""
    return {str(k): _numbers(torch, x) if torch.is_tensor(x) else x for k, x in state.items()}


def same(torch: Any, one: Any, two: Any) -> bool:
    """Say whether two tensors are the same to the bit, NaN included."""
    a, b = _bits(torch, one), _bits(torch, two)
    return bool(one.shape == two.shape) and bool((a == b).all())


def _taken(
    torch: Any, name: str, tensor: Any, shape: tuple[int, ...], dtype: str
) -> tuple[Array, str, tuple[Remark, ...]]:
    kind = str(tensor.dtype).removeprefix("torch.")
    remarks = dtype_remarks(name, kind, dtype)
    values = _numbers(torch, tensor)
    if values.shape != shape:
        says = f"{name} has shape {values.shape}, but should have {shape}, the shape of theta"
        remarks += (Remark("wrong-shape", "deviation", says),)
    return fitted(name, values, shape), kind, remarks


def _numbers(torch: Any, tensor: Any) -> Any:
    return tensor.detach().to("cpu").to(torch.float64).numpy().copy()


def _counter(torch: Any, state: Any, optimizer: Any) -> Any:
    name, group = _first(_COUNTERS, state), group_counter(optimizer)
    value = state[name] if name else optimizer.param_groups[0][group] if group else None
    return _numbers(torch, value) if torch.is_tensor(value) else value


def _first(known: Sequence[str], among: Any) -> str:
    return next((name for name in known if name in among and among[name] is not None), "")


def _bits(torch: Any, tensor: Any) -> Any:
    kinds = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    return tensor.detach().contiguous().reshape(-1).view(kinds[tensor.element_size()])
