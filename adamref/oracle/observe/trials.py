"""What an implementation is run on: the inputs of the golden vectors, and seeded random ones.

A trial is an input without answers: the right values are worked for the dialect that the
implementation turns out to have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref import rules
from adamref.errors import UnknownName
from adamref.golden import catalogue
from adamref.golden.classes import class_of
from adamref.golden.drawn import Drawn
from adamref.golden.making import generic_of
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.observe.random_trials import random_trials
from adamref.oracle.observe.sessions.session import SCALARS
from adamref.oracle.observe.sweeps import sweeps
from adamref.oracle.observe.trial import Trial
from adamref.rules.adam import ADAMS

if TYPE_CHECKING:
    from adamref.golden.probe import Probe, Tensor, Vector
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule


def trials(
    dtype: str, optimizer: str, names: Sequence[str] = (), *, thorough: bool = False
) -> list[Trial]:
    """Return every trial of a dtype and an optimizer, or those of some names.

    Thoroughly, ranges are covered as far as minutes allow.

    Raises
    ------
    UnknownName
        If there is no such trial for them.
    """
    found: dict[str, Trial] = {}
    for trial in _all(dtype, optimizer, thorough):
        if _applies(trial, optimizer):
            found[trial.name] = trial
        if names and found.keys() >= set(names):
            break
    for name in names:
        if name not in found:
            raise UnknownName(f"probe for {optimizer} in {dtype}", name, tuple(found))
    return [found[name] for name in names] if names else list(found.values())


def _applies(trial: Trial, optimizer: str) -> bool:
    """Say whether all agree on what is right: not where a NaN meets the others of its tensor."""
    grads = [g for step in trial.grads for g in step if g is not None]
    meets = rules.optimizer(optimizer).rule.reduces
    return not (meets and any(not np.isfinite(g).all() for g in grads))


def _all(dtype: str, optimizer: str, thorough: bool) -> Iterator[Trial]:
    rule = rules.optimizer(optimizer).rule
    kin = optimizer in _ADAMS
    for probe in (*_of(dtype), *_borrowed(dtype)):
        if probe.rule == optimizer or (probe.rule == "adam" and kin):
            yield _for(rule, trial_of(probe))
        elif probe.rule == "adam" and _is_plain(probe):
            values = {name: probe.values.get(name, x) for name, x in generic_of(rule).items()}
            its = replace(probe, rule=optimizer, values=values)
            yield _for(rule, replace(trial_of(its), kind=class_of(its)))
    # A maximum comes from its v.
    drawn = rules.ADAM if kin and "weight_decay" not in rule.defaults else rule
    drawn_trials = [_for(rule, trial) for trial in random_trials(dtype, drawn)]
    yield from drawn_trials
    if not kin:
        yield from _with_options(rules.optimizer(optimizer), drawn_trials[0])
    for trial in sweeps(dtype, drawn, squares=kin, thorough=thorough):
        yield _for(rule, trial)


def _of(dtype: str) -> list[Probe]:
    return [probe for probe in catalogue.every().values() if probe.dtype == dtype]


def _borrowed(dtype: str) -> Iterator[Probe]:
    """Yield what a format of float32's range has no probe for: float32's, its inputs rounded.

    What such a probe asks is in its steps, its tensors and what is missing among them. It is core
    or edge by its range. Steps are longer, as little of a short one shows beside theta.
    """
    fmt, single = formats.get(dtype), formats.get("float32")
    if fmt.min_exponent != single.min_exponent or fmt == single:
        return
    own = {_asks(probe) for probe in _of(dtype)}
    for probe in _of("float32"):
        if _asks(probe) not in own and probe.hyper == "literal":
            yield replace(
                probe,
                name=probe.name.replace("float32", dtype),
                dtype=dtype,
                alpha=tuple(str(_FARTHER * float(x)) for x in probe.alpha),
                tensors=tuple(_rounded(tensor, fmt) for tensor in probe.tensors),
            )


def _asks(probe: Probe) -> str:
    return probe.name.replace(f"-{probe.dtype}", "").removesuffix(f"-{probe.hyper}")


def _rounded(tensor: Tensor, fmt: Format) -> Tensor:
    """Round what a tensor is given; gradients by formula are numbers of every format."""

    def kept(xs: Vector) -> Vector:
        return tuple(nearest(np.array(xs), fmt).tolist())

    grads = tensor.gradients
    if not isinstance(grads, Drawn):
        grads = tuple(g and kept(g) for g in grads)
    state = {name: kept(xs) for name, xs in tensor.state.items()}
    return replace(tensor, theta=kept(tensor.theta), gradients=grads, state=state)


def _with_options(optimizer: Optimizer, trial: Trial) -> Iterator[Trial]:
    """Yield a trial with whatever some dialects have beside the usual hyperparameters."""
    names = tuple(name for name in optimizer.hypers if name not in ("alpha", *trial.hyper))
    if names:
        more = {name: float(optimizer.hypers[name].generic) for name in names}
        yield replace(
            trial,
            name=trial.name.replace("generic", "options"),
            says="Random values, with every option that can be set.",
            hyper={**trial.hyper, **more},
            optional=names,
        )


def _is_plain(probe: Probe) -> bool:
    """Say whether a probe of Adam is one of any rule: a fresh start, and nothing extreme."""
    fresh = all(not tensor.state and tensor.t == 1 for tensor in probe.tensors)
    usual = probe.kind == "core" and probe.hyper == "literal" and probe.constructor == "given"
    return fresh and usual and not probe.axes and probe.steps <= _SHORT


def _for(rule: Rule, trial: Trial) -> Trial:
    """Give a trial what a rule has beyond Adam."""
    hyper, states = dict(trial.hyper), trial.states
    if "weight_decay" in rule.defaults:
        hyper.setdefault("weight_decay", 0.0)
    one = rules.optimizer(rule.name)
    states = tuple(_states(s, one.states) if s else s for s in states)
    beside = one.optional - rule.defaults.keys()
    optional = () if one.name in _ADAMS else tuple(name for name in hyper if name in beside)
    return replace(trial, hyper=hyper, states=states, optional=optional)


def _states(given: Mapping[str, Array], names: Iterable[str]) -> dict[str, Array]:
    """Return a state to go on from: what is given of it, and for the rest numbers of its kind.

    Any positive number may have been a norm, a maximum or a sum of squares, and a half the product
    of numbers below 1. The square of a mean is at most the mean of the squares, and smaller where
    both began at 0: a quarter of what is at most 2.
    """
    any_of_them = given.get("v", next(iter(given.values())))
    made = {name: np.full_like(any_of_them, 0.5) for name in SCALARS}
    made["m"] = given.get("m", any_of_them / 4)
    return {name: made.get(name, given.get(name, any_of_them)) for name in names}


def trial_of(probe: Probe) -> Trial:
    """Return the input of a golden probe."""
    listed = [
        [None if g is None else np.array(g) for g in tensor.listed(probe.steps)]
        for tensor in probe.tensors
    ]
    # Beside what is recorded, what comes before and after: a change of behaviour shows there.
    judged = {s + d for s in (*probe.recorded, *_ENDS) for d in (-1, 0, 1)}
    return Trial(
        name=probe.name,
        kind=probe.kind,
        says=probe.says,
        thetas=tuple(np.array(tensor.theta) for tensor in probe.tensors),
        grads=tuple(zip(*listed, strict=True)),
        hyper=probe.hypers,
        alphas=tuple(probe.alpha_at(s) for s in range(1, probe.steps + 1)),
        states=tuple(
            {name: np.array(x) for name, x in tensor.state.items()} for tensor in probe.tensors
        ),
        firsts=tuple(tensor.t for tensor in probe.tensors),
        defaults=probe.constructor == "defaults",
        flags=probe.flags,
        judged=tuple(sorted(s for s in judged if 1 <= s <= probe.steps)),
        apart=probe.steps > _SHORT,
    )


_ENDS = (128, 200, 500, 512, 1024, 1500)
"""Steps of long probes that are looked at too: where something may end."""

_ADAMS = frozenset(one.name for one in ADAMS)
"""Of these the golden vectors have probes in every dialect, and Adam's are theirs too."""

_FARTHER = 16
"""How much farther a step goes where a probe is asked in a format of fewer digits."""

_SHORT = 64
"""Steps of probes that are those of any rule."""
