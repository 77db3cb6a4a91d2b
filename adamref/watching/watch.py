"""`adamref.watch`: a running optimizer, judged at every so many-th step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from adamref.errors import OutOfDomain
from adamref.replay.options import HYPER
from adamref.replay.replaying import ToldOfSteps
from adamref.watching import in_arrays, in_keras, in_optax, in_torch
from adamref.watching.handle import Watch
from adamref.watching.seen import Sampling

if TYPE_CHECKING:
    from adamref.watching.handle import OnDeviation, Rate

SEED = 2015


def watch(
    optimizer: Any,
    every: int = 100,
    elements: int = 4096,
    on_deviation: OnDeviation = "raise",
    *,
    model: Any = None,
    rule: str | None = None,
    lr: Rate | None = None,
    beta1: float | None = None,
    beta2: float | None = None,
    eps: float | None = None,
    weight_decay: float | None = None,
    dialect: str | Sequence[str] = (),
    hyper: str | None = None,
    compute: str | None = None,
    seed: int = SEED,
) -> Any:
    """Have the steps of a running optimizer judged.

    Parameters
    ----------
    optimizer : object
        An optimizer of torch (or what has one inside, as Accelerate's and Lightning's), of Keras or
        of `adamref.fast`; or an optax gradient transformation.
    every : int
        The first step is judged, and every so many-th.
    elements : int
        How many elements are looked at in such a step, of all tensors together: others each time.
    on_deviation : {"raise", "warn"} or callable
        What is done with a step that is not right; a callable is given a `WatchedStep`.
    model : torch.nn.Module, optional
        Whose parameters these are: for their names, and to say which are in no group.
    rule : str, optional
        As which optimizer it is judged, if not as its name and its settings say.
    lr : float or callable, optional
        What should be used, if not what the optimizer says; inferred where it says nothing. A
        callable is given how many steps were taken before.
    beta1, beta2, eps, weight_decay : float, optional
    dialect : str or sequence of str
        Pins, ``AXIS=VALUE``; a bare name pins the form. The rest is identified.
    hyper : {"literal", "rounded", "mixed"}, optional
        Pins the hyperparameter convention.
    compute : {"storage", "float32", "float64"}, optional
        In what a step was worked; identified if not given.
    seed : int
        Of the elements that are looked at.

    Returns
    -------
    Watch
        A handle and context manager. Of a gradient transformation: one to use in its place, which
        is a handle too.

    Raises
    ------
    OutOfDomain, UnknownName
        For an option, or an optimizer that is none of these.
    StepDeviates
        By the step that is not right, where that is raised.
    """
    from adamref import rules

    for name, count in (("every", every), ("elements", elements)):
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise OutOfDomain(name, count, "a whole number, at least 1")
    if not callable(on_deviation) and on_deviation not in ("raise", "warn"):
        raise OutOfDomain("on_deviation", on_deviation, "raise, warn or callable")
    if rule is not None:
        rules.optimizer(rule)
    rate: Callable[[int], float] | None = None
    if callable(lr):
        rate, lr = lr, None
    given = dict(zip(HYPER, (lr, beta1, beta2, eps, weight_decay), strict=True))
    told = ToldOfSteps.of(rule, given, None, dialect, hyper, compute)
    handle = Watch(_called(optimizer, rule), every, on_deviation, told, rate)
    sampling = Sampling(elements, seed)
    if in_torch.recognises(optimizer):
        in_torch.watch(optimizer, handle, sampling, model)
        return handle
    if in_optax.recognises(optimizer):
        return in_optax.watch(optimizer, handle, sampling, told)
    for sight in (in_keras, in_arrays):
        if sight.recognises(optimizer):
            sight.watch(optimizer, handle, sampling)
            return handle
    kind = f"{type(optimizer).__module__}.{type(optimizer).__name__}"
    raise OutOfDomain("optimizer", kind, "an optimizer of torch, optax, Keras or adamref.fast")


def _called(optimizer: object, rule: str | None) -> str:
    """Return what an optimizer is called in messages."""
    if in_optax.recognises(optimizer):
        return f"optax {rule or 'transformation'}"
    return type(optimizer).__name__
