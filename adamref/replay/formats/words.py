"""What frameworks call states, counters, settings and what holds them."""

from __future__ import annotations

from collections.abc import Mapping

from adamref.oracle.observe.calling.told import COUNTERS, STATES

__all__ = [
    "BUFFERS",
    "COUNTERS",
    "DECOUPLED",
    "ENDINGS",
    "FIELDS",
    "HOLDERS",
    "HYPER",
    "SHORT",
    "TOPS",
]

FIELDS: Mapping[str, str] = {
    **{name: field for field in ("m", "v", "v_max") for name in STATES[field]},
    "momentum_buffer": "m", "trace": "m", "grad_avg": "m", "m1": "m",
    "sum": "v", "sum_of_squares": "v",
    "v_max": "v_max", "nu_max": "v_max",
    "master": "master", "master_param": "master", "master_params": "master",
    "master_weight": "master", "fp32_param": "master", "param_fp32": "master",
}  # fmt: skip
"""Fields of `TensorState` by what frameworks call them."""

SHORT: Mapping[str, str] = {"m": "m", "v": "v"}
"""And by what may be a parameter's name as well."""

HYPER: Mapping[str, str] = {
    "lr": "lr", "learning_rate": "lr", "beta1": "beta1", "b1": "beta1", "beta_1": "beta1",
    "beta2": "beta2", "b2": "beta2", "beta_2": "beta2", "eps": "eps", "epsilon": "eps",
    "weight_decay": "weight_decay",
}  # fmt: skip
"""adamref's names of settings by frameworks'."""

ENDINGS: Mapping[str, str] = {
    "_momentum": "m", "_velocity": "v", "_velocity_hat": "v_max",
}  # fmt: skip
"""What Keras appends to the name of a parameter, whose parts it joins by ``_``."""

DECOUPLED = "decoupled_weight_decay"

TOPS = frozenset(
    "theta params param parameters model module state_dict model_state model_state_dict weights "
    "network net _orig_mod".split()
)
"""What holds the parameters, and is no part of their names."""

HOLDERS = TOPS | frozenset(
    "state states optimizer optim opt opt_state optimizer_state optimizer_state_dict inner_state "
    "inner_opt_state optimizer_variables optimizer_states".split()
)
"""What holds them or their states."""

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""What stands among torch's parameters and is none: layers keep averages of what they saw."""
