"""Settings of a parameter group, by adamref's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adamref.errors import AdamrefError
from adamref.replay.checkpoint import ParameterGroup
from adamref.replay.formats.tree import children, number
from adamref.replay.formats.words import DECOUPLED, HYPER

_FLAGS = ("amsgrad", "maximize")


def group_of(name: str, said: Mapping[Any, Any], states: frozenset[str]) -> ParameterGroup:
    """Return a group.

    Parameters
    ----------
    name : str
    said : mapping
        As the checkpoint has it: ``{"lr": 0.001, "betas": (0.9, 0.999), …}``.
    states : frozenset of str
        What its optimizer calls the states that it keeps.
    """
    hyper = {
        ours: value for key, ours in HYPER.items() if (value := setting(said.get(key))) is not None
    }
    betas = children(said.get("betas")) or []
    for ours, (_, beta) in zip(("beta1", "beta2"), betas, strict=False):
        if (value := setting(beta)) is not None:
            hyper[ours] = value
    flags = {key: said[key] for key in _FLAGS if isinstance(said.get(key), bool)}
    if isinstance(said.get(DECOUPLED), bool):
        flags["decoupled"] = said[DECOUPLED]
    algorithm = said.get("algorithm")
    rule = algorithm if isinstance(algorithm, str) else _rule(states, flags)
    return ParameterGroup(name, rule, hyper, flags)


def _rule(states: frozenset[str], flags: Mapping[str, bool]) -> str | None:
    """Return the rule that keeps such states, if they tell it.

    torch's Adam says since 2.7 whether its decay is decoupled; then it is AdamW or Adam.
    """
    if {"exp_avg", "exp_avg_sq"} <= states and "decoupled" in flags:
        if flags["decoupled"]:
            return "adamw"
        return "amsgrad" if flags.get("amsgrad") else "adam"
    return None


def setting(leaf: Any) -> float | None:
    """Return a number; none where it is no number or cannot be read."""
    try:
        found = number(leaf)
    except AdamrefError:
        return None
    return None if found is None or isinstance(found, bool) else float(found)
