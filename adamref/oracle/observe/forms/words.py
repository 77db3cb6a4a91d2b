"""What the parameters of a callable are for, by their names, their place and their defaults."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import inspect
    from collections.abc import Iterator, Mapping, Sequence


class Role(Enum):
    """What a parameter is for."""

    THETA = "theta"
    GRAD = "grad"
    MOMENT = "moment"
    T = "t"
    STATE = "state"
    SHAPE = "shape"
    KEY = "key"
    HYPER = "hyper"


_HYPER = {
    "lr": "lr learningrate alpha stepsize eta rate lrate learnrate baselr initiallr lr0 lrt"
    " initlr learningrateinit learningratet a",
    "beta1": "beta1 b1 betaone rho1 decay1 decayrate1 betam firstbeta mu1 momentdecay1",
    "beta2": "beta2 b2 betatwo rho2 decay2 decayrate2 secondbeta mu2 momentdecay2",
    "betas": "betas",
    "eps": "eps epsilon tiny epsi epsilonhat e",
    "weight_decay": "weightdecay wd lambda lmbda l2 l2reg decoupledwd weightdecayrate",
}
_OURS = {theirs: ours for ours, names in _HYPER.items() for theirs in names.split()}

_THETA = frozenset(
    "theta thetas param params parameter parameters p ps w ws x xs weight weights var variable"
    " variables vars wts coef coefs position positions value values pos model layer layers net"
    " network vec trainable trainables old current".split()
)
_GRAD = frozenset(
    "grad grads gradient gradients g gs gt nabla deriv derivs derivative der jac".split()
)
_STATE = frozenset(
    "state states config cache opt optstate memory mem buffers conf cfg settings hyperparams hp"
    " hparams hyperparameters hyper optimizer moments history optimstate adamstate store ctx"
    " context optimizerstate opts options".split()
)
_T = frozenset(
    "t step steps iter iters iteration iterations i it itr epoch k n count counter timestep"
    " timesteps numsteps nsteps stepcount stepnum stepno globalstep nt niter ts time numiter"
    " updatenumber round".split()
)
_SHAPE = frozenset(
    "shape size dim dims n nparams numparams paramshape ndim length d inputshape features"
    " nfeatures numfeatures dimension wshape weightshape shapes nweights numweights".split()
)
_KEY = frozenset(
    "key name layername index idx id paramname i j layerid tag slot layer which".split()
)


MOMENT = re.compile(
    r"m\d*$|v\d*$|s\d*$|r\d*$|u\d*$|mt$|vt$|st$|[mvs]_?d|d?[wb]?[mvs]$|exp|first|second|mom|vel"
    r"|cache|avg|average|sq|mean|var|mu$|nu$|rms|[mvs]_?[wb]|uncentered"
)
"""Names, made compact, that speak of a moment."""


def compact(name: str) -> str:
    """Return a name without capitals and underscores.

    >>> compact("Learning_Rate"), compact("dW1")
    ('learningrate', 'dw1')
    """
    return name.replace("_", "").lower()


def hyper_of(name: str) -> str | None:
    """Return adamref's name of a hyperparameter that goes by a name, or None."""
    return _OURS.get(compact(name))


def is_theta(name: str) -> bool:
    """Say whether parameters may be called so."""
    return re.sub(r"\d+$|^(new|old)", "", compact(name)) in _THETA


def is_grad(name: str) -> bool:
    """Say whether gradients may be called so: also by a d or grad before or behind."""
    plain = compact(name)
    rest = re.sub(r"^(d|der|grads?|gradients?)|(grads?|gradients?)$", "", plain)
    return plain in _GRAD or (rest != plain and (rest in _THETA or rest in {"", "b", "loss", "dw"}))


def is_state(name: str) -> bool:
    """Say whether a state as a whole may be called so."""
    return compact(name) in _STATE


def is_t(name: str) -> bool:
    """Say whether the number of a step may be called so."""
    return compact(name) in _T


def counts_each(name: str) -> bool:
    """Say whether the numbers of steps of several tensors may be called so.

    >>> counts_each("state_steps"), counts_each("num_steps"), counts_each("exp_avgs")
    (True, False, False)
    """
    plain = compact(name)
    return plain.endswith(("steps", "counts", "counters")) and plain not in _T


def is_shape(name: str) -> bool:
    """Say whether a shape may be called so."""
    return compact(name) in _SHAPE


def is_key(name: str) -> bool:
    """Say whether what tells a tensor from others may be called so."""
    return compact(name) in _KEY or compact(name).endswith(("name", "key", "idx", "index"))


def is_plural(name: str) -> bool:
    """Say whether a name speaks of several tensors."""
    plain = name.rstrip("_").lower()
    return plain.endswith("s") and len(plain) > 2


def hypers(named: Mapping[str, inspect.Parameter]) -> dict[str, str]:
    """Return the hyperparameters among parameters: theirs by adamref's names.

    A number by default that no name explains is told by its size: nobody has a beta1 of 0.001.
    """
    found: dict[str, str] = {}
    for name in named:
        ours = hyper_of(name)
        if ours is not None:
            found.setdefault(ours, name)
    for name, parameter in named.items():
        ours = _by_default(parameter.default)
        unknown = name not in found.values() and hyper_of(name) is None
        if ours is not None and unknown and not (is_t(name) or is_theta(name)):
            taken = "betas" in found and ours in {"beta1", "beta2"}
            found.update({} if ours in found or taken else {ours: name})
    return found


def _by_default(value: Any) -> str | None:
    if isinstance(value, tuple | list) and len(value) == 2:
        return "betas" if all(isinstance(x, float) and 0 < x < 1 for x in value) else None
    if not isinstance(value, float) or not 0 < value < 1:
        return None
    if value <= 2e-5:
        return "eps"
    if value <= 0.3:
        return "lr"
    return "beta1" if value < 0.95 else "beta2"


def bindings(
    named: Mapping[str, inspect.Parameter], hyper: Sequence[str], *, needs_theta: bool
) -> Iterator[dict[str, Role]]:
    """Yield what parameters may be for, the most likely first.

    By their names; those that say nothing by their place, in the order theta, gradient, moments.
    """
    rest = [
        name
        for name, x in named.items()
        if name not in hyper
        and x.kind in (x.POSITIONAL_OR_KEYWORD, x.KEYWORD_ONLY)
        and (x.default is x.empty or x.default is None or _has_role(name, x.default))
    ]
    if not rest:
        yield {}
        return
    several = _several(rest)
    if len(several) > 1:
        roles = dict.fromkeys(several, Role.THETA) | dict.fromkeys(several.values(), Role.GRAD)
        others = {x: Role.T if is_t(x) else Role.MOMENT for x in rest if x not in roles}
        yield {x: (roles | others)[x] for x in rest}
    theta = next((x for x in rest if is_theta(x) and not is_grad(x)), None)
    grad = next((x for x in rest if is_grad(x) and x != theta), None)
    open_ = [x for x in rest if x not in (theta, grad)]
    if grad is None:
        # d with the name of theta, or theta's successor.
        grad = next((x for x in open_ if theta and compact(x) == "d" + compact(theta)), None)
    choices: list[tuple[str | None, str | None]] = [(theta, grad)]
    if theta is None and needs_theta:
        choices.clear()
        choices += [(x, grad) for x in rest if x != grad][:2]
    if grad is None:
        choices += [(one, x) for one, _ in list(choices) for x in rest if x != one][:3]
    if theta is None and grad is None and len(rest) > 1:
        choices.append((rest[1], rest[0]))
    for one, two in choices:
        yield from _rest(rest, named, one, two)


def _several(names: Sequence[str]) -> dict[str, str]:
    """Return the gradients by their parameters, where there are several of both."""
    found = {}
    for name in names:
        plain = compact(name)
        near = {f"d{plain}", f"grad{plain}", f"{plain}grad", f"g{plain}"}
        its = [x for x in names if compact(x) in near]
        found.update({name: its[0]} if its else {})
    return {x: y for x, y in found.items() if x not in found.values()}


def _rest(
    rest: Sequence[str],
    named: Mapping[str, inspect.Parameter],
    theta: str | None,
    grad: str | None,
) -> Iterator[dict[str, Role]]:
    found: dict[str, Role] = {}
    if theta is not None:
        found[theta] = Role.THETA
    if grad is not None:
        found[grad] = Role.GRAD
    others = [x for x in rest if x not in found]
    for name in others:
        if is_t(name) and Role.T not in found.values():
            found[name] = Role.T
        elif is_state(name):
            found[name] = Role.STATE
        else:
            found[name] = Role.MOMENT
    moments = [x for x, role in found.items() if role is Role.MOMENT]
    if len(moments) == 1 and len(others) == 1 and named[moments[0]].default is not None:
        yield {**found, moments[0]: Role.STATE}
    yield found
    if len(moments) == 1:
        yield {**found, moments[0]: Role.KEY}
        yield {**found, moments[0]: Role.STATE}
    for name in others:
        if is_key(name):
            yield {**found, name: Role.KEY}
    # What may be left out, and does not speak of a state.
    idle = [x for x in moments if named[x].default is None and not MOMENT.match(compact(x))]
    if idle:
        fewer = {x: role for x, role in found.items() if x not in idle}
        yield {x: Role.KEY if is_key(x) and x not in (theta, grad) else r for x, r in fewer.items()}
        yield fewer
    if Role.T not in found.values():
        for name in reversed(moments):
            yield {**found, name: Role.T}


def _has_role(name: str, default: Any) -> bool:
    """Say whether something with a default is handed over all the same: a step's number, say."""
    is_count = isinstance(default, int) and not isinstance(default, bool) and is_t(name)
    return is_count or (isinstance(default, dict | list) and not default)
