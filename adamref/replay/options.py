"""The names that a replay takes."""

from __future__ import annotations

OPTIMIZERS = ("adam", "adamw", "amsgrad", "adam-l2")
"""By which rules a step is judged; adam-l2 as adam, as its decay is a part of the gradient."""

HYPER = ("lr", "beta1", "beta2", "eps", "weight_decay")
"""The numbers of a group, as frameworks call them."""
