"""`adamref.check`: an implementation, to a verdict, an accuracy and the name of what is wrong."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from adamref import rules
from adamref.conventions import COMPUTES
from adamref.errors import OutOfDomain, UnknownName
from adamref.oracle.explain.asked import Asked
from adamref.oracle.judge.behaviours import declared_by, means, read
from adamref.oracle.judge.choosing import BY_NAME, optimizer_for
from adamref.oracle.judge.dialects import BESIDE, read_pins, refuse_no_dialect
from adamref.oracle.judge.inference import inferred
from adamref.oracle.observe import trials as inputs
from adamref.oracle.observe.asking import asked, defaults_judged
from adamref.oracle.observe.finding import Finding
from adamref.oracle.observe.keeping import kept_wider, loaded_in
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.report import baseline
from adamref.oracle.report.summary import causes
from adamref.oracle.report.verdicts import reported
from adamref.rules.family import training
from adamref.version import VERSION

if TYPE_CHECKING:
    from adamref.oracle.observe.sessions.opened import Opened
    from adamref.oracle.observe.sessions.session import Abilities
    from adamref.oracle.report.findings import Report

_DTYPES = ("float32", "float64", "float16", "bfloat16")
BY_ITS_NAME = "optimizer (by the target's name; say which optimizer)"
"""What is unknown where the name of a target speaks of an optimizer without a rule."""

_ROUNDINGS = ("nearest", "stochastic")


def check(
    target: Any = None,
    *,
    isolate: bool | Literal["auto"] = "auto",
    command: str | None = None,
    adapter: str | None = None,
    dtype: str = "float32",
    state_dtype: str | Mapping[str, str] | None = None,
    compute: str | None = None,
    rounding: str | None = None,
    optimizer: str | None = None,
    dialect: str | Sequence[str] = (),
    hyper: str | None = None,
    probes: str | Sequence[str] = (),
    args: Mapping[str, Any] | None = None,
    device: str | None = None,
    ulp: str | Mapping[str, float] | None = None,
    strict: bool = False,
    thorough: bool = False,
    defaults: str | None = None,
    timeout: float | None = None,
    save: str | os.PathLike[str] | None = None,
    against: str | os.PathLike[str] | None = None,
    allow: str | float | None = None,
    tracked: Callable[[Any], Any] = iter,
) -> Report:
    """Check an implementation of Adam.

    Parameters
    ----------
    target : str or object
        ``module:attribute``; or a function ``step(theta, grad, state, *, lr, beta1, beta2, eps,
        weight_decay) -> (theta, state)``, a torch or Keras optimizer class, an optax factory, a
        class with ``step(grad)``.
    isolate : bool or "auto"
        Run it in a process of its own, so that a crash or a hang is a finding; "auto": where that
        process can import it.
    command : str, optional
        A program that speaks the process protocol, in place of a target.
    adapter : str, optional
        How to call it, by the name of an adapter ("function", "torch", …); found out if not given.
    dtype : {"float32", "float64", "float16", "bfloat16"}
        Of theta and the gradients.
    state_dtype : str or mapping of str to str, optional
        Of the states, or of each by name (``"m=bfloat16,v=float32"``); as they come if not given.
    compute : {"storage", "float32", "float64"}, optional
        In what a step is worked; identified if not given.
    rounding : {"nearest", "stochastic"}, optional
        How what is stored in fewer digits is rounded: to the nearest, if the same run gives the
        same bits; by chance then either neighbour is right, and how often each comes is tested.
    optimizer : str, optional
        Any of `adamref.rules.family` that has a parameter; by the target's name if not given.
    dialect : str or sequence of str
        Pins, ``AXIS=VALUE``; a bare name pins the form, or a behaviour
        (`adamref.oracle.judge.behaviours`).
    hyper : {"literal", "rounded", "mixed"}, optional
        Pins the hyperparameter convention.
    probes : str or sequence of str
        Only these.
    args : mapping, optional
        For the constructor.
    device : str, optional
        For torch or JAX.
    ulp : str or mapping, optional
        ``"sqrt=2,div=2"``: hardware whose roots and quotients are within so many ulps.
    strict : bool
        Whether limits fail too.
    thorough : bool
        Whether to cover ranges as far as minutes allow: every step to 2,000, tensors to 2**20
        elements and of every remainder modulo 64, all small shapes, loads after each step.
    defaults : "paper", optional
        Judge the constructor's own defaults by the paper's.
    timeout : float, optional
        Seconds for each answer; 10 if not given, but 60 for the first, as a framework may be
        imported.
    save, against : path, optional
        Write a baseline; compare with one.
    allow : str or float, optional
        By how many ulps errors may be greater than the baseline's (``"1ulp"``); 0 if not given.
    tracked : callable
        Passes the probes on one by one, as a progress bar does.

    Returns
    -------
    Report

    Raises
    ------
    UnknownName, OutOfDomain
        For an option.
    CannotLoad, Ambiguous, CannotIsolate, MissingPackage
        If the target cannot be reached.
    Unreadable
        For a baseline.
    """
    began = time.perf_counter()
    _known("dtype", dtype, _DTYPES)
    stored = state_dtypes(state_dtype)
    _known("arithmetic to compute in", compute, COMPUTES)
    _known("rounding", rounding, _ROUNDINGS)
    _known("defaults to judge by", defaults, ("paper",))
    given, declared = read([dialect] if isinstance(dialect, str) else dialect)
    pins = read_pins(given)
    if hyper is not None:
        _known("hyperparameter convention", hyper, BESIDE["hyper"])
        pins = read_pins([*(f"{a}={v}" for a, v in pins.items()), f"hyper={hyper}"])
    within = _ulps(ulp)
    slack = baseline.read_slack(allow)
    if against is None and allow is not None:
        raise OutOfDomain("allow", allow, "absent where nothing is compared with a baseline")
    if against is not None:
        baseline.read(against)  # before anything is run, so that a bad one is told at once
    reach = partial(
        opened,
        target,
        isolate=isolate,
        adapter=adapter,
        args=args,
        command=command,
        device=device,
        timeout=_seconds(timeout),
    )
    reached = reach()
    try:
        optimizer, because = _optimizer(optimizer, reached, dtype)
        refuse_no_dialect(optimizer, pins)
        names = [probes] if isinstance(probes, str) else probes
        chosen = loaded_in(inputs.trials(dtype, optimizer, names, thorough=thorough), stored)
        found = inferred(reached.session, dtype, optimizer)
        own = {name: x.value for name, x in found.items()}
        records, findings = asked(reached.session, chosen, dtype, optimizer, tracked, own)
        findings += kept_wider(records, stored)
    finally:
        reached.session.close()
    able = next((record.abilities for record in records if record.abilities), None)
    perhaps = () if declared else declared_by(reached.words)
    if able is not None:
        perhaps = (*means(able.micro_batches), *perhaps)
        findings += defaults_judged(able.defaults, optimizer=optimizer, severe=defaults == "paper")
        findings += _undecayed(able, optimizer)
    if not reached.isolated:
        says = "It ran in this process: a crash or a hang would have taken it along"
        findings.append(Finding("not-isolated", None, "note", says))
    report = reported(
        Asked(
            target=reached.name,
            isolated=reached.isolated,
            adapter=reached.adapter,
            dtype=dtype,
            state_dtypes=stored,
            compute=compute,
            rounding=rounding,
            optimizer=optimizer,
            because=because,
            pins=pins,
            declared=declared,
            perhaps=perhaps,
            ulps=within,
            strict=strict,
            thorough=thorough,
            records=records,
            findings=findings,
            environment=_environment(),
        ),
        began,
    )
    if because == BY_NAME and report.verdict == "deviates":
        again = partial(
            check,
            target,
            isolate=isolate,
            command=command,
            adapter=adapter,
            dtype=dtype,
            state_dtype=state_dtype,
            compute=compute,
            rounding=rounding,
            probes=probes,
            args=args,
            device=device,
            ulp=ulp,
            timeout=timeout,
        )
        report = _with_what_it_is_else(report, reach, again)
    if against is not None:
        report = baseline.against(report, against, slack)
    if save is not None:
        baseline.save(report, save)
    return report


def probe_names(
    *, dtype: str = "float32", optimizer: str = "adam", thorough: bool = False
) -> tuple[str, ...]:
    """Return the names of the probes for a dtype and an optimizer."""
    return tuple(trial.name for trial in inputs.trials(dtype, optimizer, thorough=thorough))


def _known(kind: str, got: str | None, known: Sequence[str]) -> None:
    if got is not None and got not in known:
        raise UnknownName(kind, got, tuple(known))


def _optimizer(asked_for: str | None, reached: Opened, dtype: str) -> tuple[str, str]:
    """Return which optimizer is checked, and why: as asked for, or as it looks."""
    known = training()
    _known("optimizer", asked_for, known)
    if asked_for is not None:
        return asked_for, ""
    if reached.optimizer not in ("", *known):
        raise UnknownName(BY_ITS_NAME, reached.optimizer, known)
    return optimizer_for(reached.session, dtype, reached.optimizer)


def _with_what_it_is_else(
    report: Report, reach: Callable[[], Opened], again: Callable[..., Report]
) -> Report:
    """Note what it is judged as where its name is not heard: a name may be the mistake."""
    reached = reach()
    try:
        other, _ = optimizer_for(reached.session, report.dtype, "")
    finally:
        reached.session.close()
    if other == report.optimizer:
        return report
    its = again(optimizer=other)
    if its.verdict == "error":
        return report
    found = f"conforms as {other}" if its.verdict == "conforms" else (
        f"deviates as {other} too: {causes(its)}"
    )  # fmt: skip
    says = f"It was judged as {report.optimizer}, which is what it is called; it {found}"
    return replace(report, findings=(*report.findings, Finding("by-its-name", None, "note", says)))


def _undecayed(able: Abilities, optimizer: str) -> list[Finding]:
    """Note a weight decay that an optimizer without one leaves at 0: nothing is said of it."""
    its = rules.optimizer(optimizer)
    if "weight_decay" in its.hypers or not its.decayed or "decays" not in able.can:
        return []
    others = " or ".join(its.decayed)
    says = f"It takes a weight decay, which was 0 throughout: as {others} it is judged too"
    return [Finding("decay-not-judged", None, "note", says)]


def _seconds(timeout: float | None) -> float | None:
    if timeout is not None and not 0 < timeout < float("inf"):
        raise OutOfDomain("timeout", timeout, "a number of seconds > 0")
    return timeout


def state_dtypes(given: str | Mapping[str, str] | None) -> dict[str, str]:
    """Read ``m=bfloat16,v=float32``; one dtype for all has the empty name."""
    if given is None:
        return {}
    pairs = given.items() if isinstance(given, Mapping) else (
        part.rpartition("=")[::2] for part in given.split(",")
    )  # fmt: skip
    found = {name.strip(): dtype.strip() for name, dtype in pairs}
    known = {name for optimizer in training() for name in rules.optimizer(optimizer).states}
    for name, dtype in found.items():
        if name:
            _known("state whose dtype is given", name, sorted(known))
        _known("dtype of the state", dtype, _DTYPES)
    return found


def _ulps(given: str | Mapping[str, float] | None) -> dict[str, float]:
    """Read ``sqrt=2,div=2``."""
    if given is None:
        return {}
    pairs = given.items() if isinstance(given, Mapping) else (
        part.partition("=")[::2] for part in given.split(",")
    )  # fmt: skip
    found = {}
    for name, value in pairs:
        _known("operation whose ulps are given", name.strip(), ("sqrt", "div"))
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise OutOfDomain(f"ulp of {name}", value, "a number of ulps, at least 1/2") from None
        if not found[name.strip()] >= 0.5:
            raise OutOfDomain(f"ulp of {name}", value, "a number of ulps, at least 1/2")
    return found


def _environment() -> dict[str, str]:
    return {
        "adamref": VERSION,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
    }
