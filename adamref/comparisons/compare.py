"""`adamref.compare`: two implementations against the rule, and against each other.

Each is checked as `adamref.check` does. Where their dialects differ the two rules are run over the
reals on the inputs of an ordinary test: from which step on, and by how much, they part. Where both
can be run they are, beside each other, and what they differ by is held against what two right ones
may.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref import rules
from adamref.comparisons.comparison import Apart, AxisApart, Compared, Comparison
from adamref.comparisons.sentences import sentences
from adamref.errors import AdamrefError, OutOfDomain
from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.check import check
from adamref.oracle.judge.dialects import Dialect, dialects
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.report import baseline
from adamref.stepper import run
from adamref.tolerances.given import an_ordinary_test, as_document
from adamref.tolerances.tolerance import theta_by_step

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.trial import Trial
    from adamref.oracle.report.findings import Report

_STEPS = 10
_DIGITS = 30
COMMAND = "command:"
"""What a target begins with that is a program."""

_WAYS = ("isolate", "adapter", "args", "device", "timeout")
"""Options that say how a target is reached."""


def compare(a: Any, b: Any, *, tracked: Callable[[Any], Any] = iter, **options: Any) -> Comparison:
    """Compare two implementations, or an implementation and a saved baseline.

    Parameters
    ----------
    a, b : str, path or object
        What `adamref.check` takes as a target; ``command:PROGRAM ARGS`` for a program; or a file
        that ``check(..., save=...)`` wrote.
    tracked : callable
        Passes the probes of each check on one by one, as a progress bar does.
    **options
        As `adamref.check` takes them, for both; but no baselines.

    Returns
    -------
    Comparison
        ``exit_code`` 0: both conform and are of the same dialect; 3: one could not be judged; else
        1.

    Raises
    ------
    OutOfDomain
        If both are baselines, or of different dtypes or optimizers; for an option of one check.
    Unreadable, CannotLoad, Ambiguous, CannotIsolate, MissingPackage, UnknownName
        As `adamref.check` does.
    """
    for name in ("save", "against", "allow", "command"):
        if options.get(name) is not None:
            raise OutOfDomain(name, options[name], "absent: that is of a single check")
    kept = [_baseline(x) for x in (a, b)]
    if all(x is not None for x in kept):
        raise OutOfDomain("targets", f"{a}, {b}", "of which one at least can be run")
    for document in kept:
        if document is not None:
            options = _as_saved(document, options)
    sides = []
    for target, document in zip((a, b), kept, strict=True):
        if document is not None:
            sides.append(_of_baseline(str(target), document))
        else:
            sides.append(_of_report(check(**_reached(target), tracked=tracked, **options)))
    return _compared(sides[0], sides[1], [a, b], options)


def _baseline(target: Any) -> Mapping[str, Any] | None:
    """Return what a file holds that a check saved; None for what is no such file."""
    if not isinstance(target, str | os.PathLike):
        return None
    path = Path(os.fspath(target))
    return baseline.read(path) if path.suffix == ".json" else None


def _as_saved(document: Mapping[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    for name in ("dtype", "optimizer"):
        asked = options.get(name)
        if asked is not None and asked != document[name]:
            raise OutOfDomain(name, asked, f"{document[name]}, of which the baseline is")
    return {**options, "dtype": document["dtype"], "optimizer": document["optimizer"]}


def _reached(target: Any) -> dict[str, Any]:
    if isinstance(target, str) and target.startswith(COMMAND):
        return {"command": target.removeprefix(COMMAND).strip()}
    return {"target": os.fspath(target) if isinstance(target, os.PathLike) else target}


def _of_report(report: Report) -> Compared:
    document = baseline.as_baseline(report)
    likely = " + ".join(report.diagnosis[0].faults) if report.diagnosis else ""
    return replace(
        _of_baseline(report.target, document), kind="check", likely=likely, report=report
    )


def _of_baseline(target: str, document: Mapping[str, Any]) -> Compared:
    return Compared(
        target,
        "baseline",
        document["verdict"],
        document["optimizer"],
        document["dtype"],
        document["dialect"],
        document["accuracy"],
    )


def _compared(
    a: Compared, b: Compared, targets: list[Any], options: Mapping[str, Any]
) -> Comparison:
    axes = _axes(a, b) if "error" not in (a.verdict, b.verdict) else ()
    trial = an_ordinary_test(rules.optimizer(a.optimizer).rule, a.dtype, _STEPS, {})
    found = Comparison(
        a=a,
        b=b,
        inputs=f"{trial.thetas[0].size} elements of normal theta and gradients, {_STEPS} steps, "
        "and the published hyperparameters",
        axes=axes,
        exact=_exactly(a, b, trial) if _are_dialects(a, b, axes) else None,
        observed=None,
        was_run=False,
        allowed=None,
        allowed_at=None,
        beyond=None,
    )
    if a.kind == b.kind == "check" and "error" not in (a.verdict, b.verdict):
        runs = [_run(x, trial, side, options) for x, side in zip(targets, (a, b), strict=True)]
        if all(run is not None for run in runs):
            found = _beside(found, runs, trial)
    return replace(found, says=sentences(found))


def _axes(a: Compared, b: Compared) -> tuple[AxisApart, ...]:
    """Return where the dialects differ, of what both are known to be."""
    titles = {x.name: x.title for x in rules.optimizer(a.optimizer).axes}
    found = []
    for axis in dict.fromkeys((*a.dialect, *b.dialect)):
        one, other = (_values(x.dialect.get(axis)) for x in (a, b))
        # Where several account for what was seen, they may be the same.
        if one and other and not set(one) & set(other):
            says = titles.get(axis) or axis.replace("_", " ")
            is_real = axis in titles or axis == "hyper"
            found.append(AxisApart(axis, says, " or ".join(one), " or ".join(other), is_real))
    return tuple(found)


def _are_dialects(a: Compared, b: Compared, axes: Sequence[AxisApart]) -> bool:
    """Say whether two are dialects of a rule that differ, and not only in the numbers they hold."""
    return a.optimizer == b.optimizer and any(x.is_real and x.axis != "hyper" for x in axes)


def _values(said: Any) -> tuple[str, ...]:
    if said is None:
        return ()
    if isinstance(said, bool):
        return ("on" if said else "off",)
    return tuple(map(str, said)) if isinstance(said, list | tuple) else (str(said),)


def _dialect(side: Compared) -> Dialect | None:
    """Return the dialect of a side; None where it is not told."""
    known = {x.name for x in rules.optimizer(side.optimizer).axes} | {"hyper"}
    pins = {n: x[0] for n, said in side.dialect.items() if n in known and (x := _values(said))}
    conventions = [(pins.get("hyper", "literal"), side.dtype)]
    found = dialects(side.optimizer, pins, conventions)
    return found[0] if found else None


def _exactly(a: Compared, b: Compared, trial: Trial) -> Apart | None:
    """Return by how much two dialects of a rule part, over the reals."""
    made = []
    for side in (a, b):
        dialect = _dialect(side)
        if dialect is None:
            return None
        given: dict[str, Any] = {n: x for n, x in trial.hyper.items() if n in dialect.rule.defaults}
        if "alpha" in dialect.rule.defaults:
            given["alpha"] = trial.alphas[0]
        grads = [g[:_FEW].tolist() for (g,) in trial.grads if g is not None]
        few = trial.thetas[0][:_FEW].tolist()
        trace = run(dialect.rule, few, grads, digits=_DIGITS, **given)
        made.append([[Decimal(x) for x in step["theta"]] for step in trace])
    with localcontext(prec=2 * _DIGITS):
        pairs = [list(zip(*x, strict=True)) for x in zip(*made, strict=True)]
        off = np.array([[float(abs(x - y)) for x, y in step] for step in pairs])
    size = np.array([[float(abs(x)) for x, _ in step] for step in pairs])
    return _of(off, size, a.dtype)


_FEW = 8
"""Elements on which rules are run over the reals."""


def _run(target: Any, trial: Trial, side: Compared, options: Mapping[str, Any]) -> Record | None:
    """Run an implementation; None where it does not take these inputs."""
    ways = {n: options[n] for n in _WAYS if options.get(n) is not None}
    session = opened(**_reached(target), **ways).session
    try:
        record = run_one(session, trial, side.dtype, side.optimizer)
    finally:
        session.close()
    is_whole = record.failed is None and not record.refused and len(record.steps) == _STEPS
    return record if is_whole else None


def _beside(found: Comparison, runs: Sequence[Record | None], trial: Trial) -> Comparison:
    """Add what two that were run beside each other differ by, and what they may."""
    a, b = (np.array([step[0].theta for step in x.steps]) for x in runs if x is not None)
    off = np.abs(a - b)
    off = np.where(np.isnan(a) & np.isnan(b), 0.0, np.where(np.isnan(off), np.inf, off))
    apart = _of(off, np.maximum(np.abs(a), np.abs(b)), found.a.dtype)
    found = replace(found, observed=apart, was_run=True)
    allowed = _allowed(found.a, found.b, trial)
    if allowed is None or not np.isfinite(allowed).all():
        return found
    beyond = np.flatnonzero((off > allowed).any(axis=1))
    # Where nothing is beyond, what is allowed at the greatest difference; else where it begins.
    step = int(beyond[0]) if beyond.size else int(np.argmax(off.max(axis=1)))
    at = int(np.argmax(off[step] / allowed[step]))
    return replace(
        found,
        allowed=float(allowed[step, at]),
        allowed_at=step + 1,
        beyond=float(off[step, at]) if beyond.size else None,
    )


def _of(off: Array, size: Array, dtype: str) -> Apart | None:
    """Return what differences, a row a step, come to; None where there are none."""
    steps = np.flatnonzero(off.max(axis=1) > 0)
    if not steps.size:
        return None
    at = int(np.argmax(off.max(axis=1)))
    ulps = float(np.nanmax(off / ulp(size, formats.get(dtype))))
    return Apart(int(steps[0]) + 1, float(off.max()), at + 1, ulps)


def _allowed(a: Compared, b: Compared, trial: Trial) -> Array | None:
    """Return by how much two right ones of these dialects may differ: by step and element.

    Each is within its bound of its own right value, at each step; the right values differ where
    the dialects do.
    """
    made = []
    for side in (a, b):
        dialect = _dialect(side)
        if dialect is None:
            return None
        document = as_document(trial, side.optimizer, side.dtype, dialect.rule.dialect)
        try:
            made.append(theta_by_step(document))
        except AdamrefError:
            return None
    (one, its), (other, others) = made
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(one - other) + its + others)
