"""From the options of ``adamref step`` to a worked sheet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from adamref import rules
from adamref.conventions import held
from adamref.errors import MissingInput, OutOfDomain, ShapeMismatch
from adamref.numbers import formats
from adamref.numbers.exact import exact
from adamref.numbers.rounding import Digits, plain
from adamref.objective import Objective
from adamref.rules.hyper import HYPERS
from adamref.sheet import work_out
from adamref.stepper import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.formats import Format
    from adamref.rules import Rule
    from adamref.sheet import Sheet


def worked_sheet(
    *,
    theta: str,
    objective: str | None,
    grad: Sequence[str],
    steps: int | None,
    alpha: Sequence[str],
    beta1: str | None,
    beta2: str | None,
    eps: str | None,
    weight_decay: str | None,
    m: str | None,
    v: str | None,
    t: int,
    optimizer: str,
    form: str | None,
    digits: int,
    dtype: str | None,
    convention: str | None,
) -> Sheet:
    """Run a rule on the numbers of a command line and lay the result out.

    Raises
    ------
    AdamrefError
        One of its kinds, for anything that is missing, unknown or out of its domain.
    """
    if (objective is None) == (not grad):
        raise MissingInput("--objective or --grad", "exactly one of the two says what g is")
    if convention is not None and dtype is None:
        raise MissingInput("--dtype", "--hyper says how a float format holds the hyperparameters")
    rule = rules.get(optimizer, **({} if form is None else {"form": form}))
    stated = {"beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    hyper: dict[str, Any] = {name: value for name, value in stated.items() if value is not None}
    start: Any = theta
    state: dict[str, Any] = {
        name: value for name, value in (("m", m), ("v", v)) if value is not None
    }
    loss = None if objective is None else Objective(objective)
    if loss is not None and len(loss.variables) != 1:
        names = ", ".join(loss.variables) or "none"
        raise OutOfDomain("the variables of --objective", names, "one variable, the parameter")
    gradients = loss if loss is not None else _repeated(grad, steps)
    count = steps if steps is not None else (1 if loss is not None else len(grad))
    if len(alpha) == 1:
        hyper["alpha"] = alpha[0]
    elif alpha:
        if len(alpha) != count:
            raise ShapeMismatch("--alpha", (len(alpha),), (count,), "the steps")
        hyper["alpha"] = list(alpha)
    if dtype is None:
        trace = run(rule, start, gradients, digits=digits, steps=count, state=state, t=t, **hyper)
        return work_out(rule, trace, start, state=state, objective=loss, digits=digits)
    fmt = formats.get(dtype)
    # A machine holds its inputs rounded, and starts each step from what it stored.
    start = fmt.round(exact(start, "--theta"))
    state = {name: fmt.round(exact(value, f"--{name}")) for name, value in state.items()}
    stored = loss or [fmt.round(exact(g, "--grad")) for g in _repeated(grad, steps)]
    trace = run(
        rule,
        start,
        stored,
        dtype=dtype,
        resync=True,
        steps=count,
        state=state,
        t=t,
        convention=convention or "rounded",
        **hyper,
    )
    return work_out(
        rule,
        trace,
        start,
        state=state,
        objective=loss,
        digits=digits,
        hypers=_held(rule, hyper, convention or "rounded", fmt),
    )


def _held(rule: Rule, hyper: Mapping[str, Any], convention: str, fmt: Format) -> dict[str, str]:
    """Write each hyperparameter as the machine holds it, with digits enough to tell it apart."""
    read = {
        name: HYPERS[name].read(hyper.get(name, default))
        for name, default in rule.defaults.items()
        if not isinstance(hyper.get(name), list)
    }
    # A binary format of p bits needs 1 + p*log10(2) decimal digits, rounded up.
    digits = Digits(math.ceil(1 + fmt.precision * math.log10(2)))
    numbers = held(read, convention, fmt)
    return {name: plain(digits.round(numbers[name])) for name in read}


def _repeated(grad: Sequence[str], steps: int | None) -> list[str]:
    if steps is not None and len(grad) == 1:
        return list(grad) * steps
    if steps is not None and len(grad) != steps:
        raise ShapeMismatch("--grad", (len(grad),), (steps,), "the steps")
    return list(grad)
