"""From the options of ``adamref step`` to a worked sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from inspect import signature
from typing import TYPE_CHECKING, Any

from adamref import rules
from adamref.conventions import held, scalars
from adamref.errors import MissingInput, OutOfDomain, ShapeMismatch
from adamref.numbers import formats
from adamref.numbers.exact import exact
from adamref.numbers.rounding import Digits, plain
from adamref.objective import Objective
from adamref.sheet import Sheet, work_out
from adamref.stepper import run

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.rules import Rule


def worked_sheet(
    *,
    theta: str,
    objective: str | None = None,
    grad: Sequence[str] = (),
    steps: int | None = None,
    alpha: Sequence[str] = (),
    m: str | None = None,
    v: str | None = None,
    t: int = 1,
    optimizer: str = "adam",
    form: str | None = None,
    dialect: Sequence[str] = (),
    others: Sequence[str] = (),
    state: Sequence[str] = (),
    digits: int = 12,
    dtype: str | None = None,
    convention: str | None = None,
    compute: str | None = None,
    letters: Sequence[str] = (),
    blank: Sequence[str] = (),
    key: bool = True,
    **stated: str | None,
) -> Sheet:
    """Run a rule on the numbers of a command line and lay the result out.

    The hyperparameters beside alpha are given by name; None: the published default.

    Raises
    ------
    AdamrefError
        One of its kinds, for anything that is missing, unknown or out of its domain.
    """
    code = _code({name: value for name, value in locals().items() if name != "stated"} | stated)
    if (objective is None) == (not grad):
        raise MissingInput("--objective or --grad", "exactly one of the two says what g is")
    if convention is not None and dtype is None:
        raise MissingInput("--dtype", "--hyper says how a float format holds the hyperparameters")
    if compute is not None and dtype is None:
        raise MissingInput("--dtype", "--compute says in what code of a float format works")
    rule = rules.get(optimizer, **once("--dialect", dialect, "AXIS=VALUE", form=form))
    hyper: dict[str, Any] = once("--set", others, "NAME=NUMBER", **stated)
    start: Any = theta
    held_before: dict[str, Any] = once("--state", state, "NAME=NUMBER", m=m, v=v)
    loss = None if objective is None else Objective(objective)
    if loss is not None and len(loss.variables) != 1:
        names = ", ".join(loss.variables) or "none"
        raise OutOfDomain("the variables of --objective", names, "one variable, the parameter")
    count = steps if steps is not None else (1 if loss is not None else len(grad))
    gradients: Any = loss or _each("--grad", grad, count)
    if alpha:
        hyper["alpha"] = alpha[0] if len(alpha) == 1 else _each("--alpha", alpha, count)
    how: dict[str, Any] = {"digits": digits}
    hypers = None
    if dtype is not None:
        fmt = formats.get(dtype)
        convention = convention or "rounded"
        # A machine holds its inputs rounded, and starts each step from what it stored.
        start = fmt.round(exact(start, "--theta"))
        held_before = {
            name: fmt.round(exact(value, f"--{name}")) for name, value in held_before.items()
        }
        gradients = loss or [fmt.round(exact(g, "--grad")) for g in gradients]
        how = {"dtype": dtype, "resync": True, "convention": convention, "compute": compute}
        hypers = _held(rule, hyper, convention, scalars(fmt, compute))
    trace = run(rule, start, gradients, steps=count, state=held_before, t=t, **how, **hyper)
    fields = tuple(name.strip() for one in blank for name in one.split(",") if name.strip())
    sheet = work_out(
        rule, trace, start, state=held_before, objective=loss, digits=digits, hypers=hypers,
        letters=letters, blank=fields, key=key,
    )  # fmt: skip
    return replace(sheet, code=code)


def _code(given: Mapping[str, Any]) -> str:
    """Return a call of `worked_sheet` with what is given and is not the default."""
    usual = {name: one.default for name, one in signature(worked_sheet).parameters.items()}
    said = {
        name: value
        for name, value in given.items()
        if value is not None and value != () and value != usual.get(name)
    }
    arguments = "".join(f"    {name}={value!r},\n" for name, value in said.items())
    return f"sheet = worked_sheet(\n{arguments})"


def once(option: str, given: Sequence[str], shape: str, **stated: str | None) -> dict[str, str]:
    """Return what is stated by options of its own, and what ``NAME=VALUE`` adds to it."""
    found = {name: value for name, value in stated.items() if value is not None}
    for pair in given:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise OutOfDomain(option, pair, shape)
        if name in found:
            raise OutOfDomain(option, pair, f"given once; {name} is {found[name]} too")
        found[name] = value
    return found


def _each(option: str, given: Sequence[str], count: int) -> list[str]:
    """Return a number for each step: a single one is used for all of them."""
    if len(given) not in (1, count):
        raise ShapeMismatch(option, (len(given),), (count,), "the steps")
    return list(given) * (count if len(given) == 1 else 1)


def _held(rule: Rule, hyper: Mapping[str, Any], convention: str, fmt: Format) -> dict[str, str]:
    """Write each hyperparameter as the machine holds it, with digits enough to tell it apart."""
    read = {
        name: rule.hypers[name].read(hyper.get(name, default))
        for name, default in rule.defaults.items()
        if not isinstance(hyper.get(name), list)
    }
    # A binary format of p bits needs 1 + p*log10(2) decimal digits, rounded up.
    digits = Digits(math.ceil(1 + fmt.precision * math.log10(2)))
    numbers = held(read, convention, fmt)
    return {name: plain(digits.round(numbers[name])) for name in read}
