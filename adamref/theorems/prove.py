"""Re-checking theorems: which checkers pass, and the verdict that follows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from sympy import Eq, oo

from adamref.errors import installing
from adamref.logic import smt
from adamref.logic.check import algebra
from adamref.processes import worked_apart
from adamref.second.again import again
from adamref.theorems import kernel, search
from adamref.theorems.derived import derived
from adamref.theorems.evaluation import refuted_at
from adamref.theorems.grounded import grounded
from adamref.theorems.library import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.logic.proof import Algebra
    from adamref.logic.statement import Statement
    from adamref.theorems.kernel import KernelResult
    from adamref.theorems.points import Space
    from adamref.theorems.record import KernelTheorem, NearMiss, Theorem, Verdict

CHECKERS = ("algebra", "smt", "numbers", "kernel")
_EXTRA = "proofs"
NOT_ASKED = "not asked for"
A_CASE = "a case of it"
"""How it begins what Coq's theorems say less than the record, or otherwise."""

Status: TypeAlias = Literal["passed", "failed", "not run", "does not apply"]


@final
@dataclass(frozen=True)
class Check:
    """What one checker says of a theorem."""

    status: Status
    says: str = ""


@final
@dataclass(frozen=True)
class Outcome:
    """What all checkers say of a theorem, and the verdict.

    Attributes
    ----------
    id : str
        The theorem's.
    verdict : {"PROVED", "UNKNOWN", "REFUTED"}
    recorded : {"PROVED", "UNKNOWN", "REFUTED"}
        The verdict that the record states.
    checks : mapping of str to Check
        By checker.
    near_misses : tuple of tuple of str
        For each near-miss the checkers that do not refuse it; none, as it should be.
    seconds : float
    """

    id: str
    verdict: Verdict
    recorded: Verdict
    checks: Mapping[str, Check]
    near_misses: tuple[tuple[str, ...], ...]
    seconds: float

    @property
    def refused(self) -> int:
        """How many near-misses every checker refuses."""
        return sum(not passing for passing in self.near_misses)

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the recorded one, and every near-miss is refused."""
        return self.verdict == self.recorded and self.refused == len(self.near_misses)

    @property
    def not_run(self) -> tuple[str, ...]:
        """The checkers that are not installed."""
        return tuple(name for name, check in self.checks.items() if check.status == "not run")


def prove(ids: Sequence[str] = (), *, jobs: int = 2, in_kernel: bool = True) -> Iterator[Outcome]:
    """Check theorems in every way there is, and their near-misses.

    Parameters
    ----------
    ids : sequence of str
        Which; all of them if empty.
    jobs : int
        How many processes to use.
    in_kernel : bool
        Whether to build the Coq development too, where Coq is installed.

    Yields
    ------
    Outcome
        In the order asked for.

    Raises
    ------
    UnknownName
        If there is no theorem with an id.
    """
    theorems = chosen(ids)
    names = [name for theorem in theorems for name in kernel.of_record(theorem)]
    names = names if in_kernel else []
    if jobs == 1 or len(theorems) == 1:
        results = kernel.check(names) if names else {}
        for theorem in theorems:
            yield outcome(theorem, results)
        return
    # Theorems hold functions, which do not travel between processes: their ids do.
    with worked_apart(_attempted, [theorem.id for theorem in theorems], jobs) as attempts:
        results = kernel.check(names) if names else {}
        for theorem, attempt in zip(theorems, attempts, strict=True):
            yield _completed(theorem, attempt, results)


def outcome(
    theorem: Theorem, results: Mapping[KernelTheorem, KernelResult] | None = None
) -> Outcome:
    """Check one theorem; what the kernel says of it is given."""
    return _completed(theorem, _attempt(theorem), results or {})


@final
@dataclass(frozen=True)
class _Attempt:
    """What the checkers other than the kernel say."""

    checks: Mapping[str, Check]
    near_misses: tuple[tuple[str, ...], ...]
    seconds: float


def _attempted(name: str) -> _Attempt:
    (theorem,) = chosen([name])
    return _attempt(theorem)


def _attempt(theorem: Theorem) -> _Attempt:
    begun = time.perf_counter()
    checks = {}
    for checker in ("algebra", "smt", "numbers"):
        if may_be_left_out(theorem, checker):
            checks[checker] = Check("does not apply", theorem.not_applicable[checker])
        elif theorem.verdict == "REFUTED":
            checks[checker] = _REFUTERS[checker](theorem)
        else:
            checks[checker] = _PROVERS[checker](theorem)
    near_misses = tuple(not_refused_by(theorem, miss) for miss in theorem.near_misses)
    return _Attempt(checks, near_misses, time.perf_counter() - begun)


def _completed(
    theorem: Theorem, attempt: _Attempt, results: Mapping[KernelTheorem, KernelResult]
) -> Outcome:
    checks = {**attempt.checks, "kernel": _kernel(theorem, results)}
    return Outcome(
        theorem.id,
        _verdict(theorem, checks),
        theorem.verdict,
        checks,
        attempt.near_misses,
        attempt.seconds,
    )


def _verdict(theorem: Theorem, checks: Mapping[str, Check]) -> Verdict:
    if any(check.status == "failed" for check in checks.values()):
        return "UNKNOWN"
    if checks["algebra"].status != "passed":
        return "UNKNOWN"
    return "REFUTED" if theorem.verdict == "REFUTED" else "PROVED"


def not_refused_by(theorem: Theorem, miss: NearMiss) -> tuple[str, ...]:
    """Return the checkers that do not refuse a near-miss.

    ``"counterexample"`` is among them if its counterexample does not refute it.
    """
    space = miss.space or theorem.space
    found = []
    if not refuted_at(miss.statement, space, miss.counterexample):
        found.append("counterexample")
    if theorem.verdict == "REFUTED":
        return tuple(found)
    attempted = algebra(theorem, miss.statement)
    if attempted.refusal is None:
        found.append("algebra")
    elif not attempted.structural and _asks(theorem, "smt") and _proves(attempted):
        found.append("smt")
    if _asks(theorem, "numbers") and not _found(miss.statement, space):
        found.append("numbers")
    return tuple(found)


def _asks(theorem: Theorem, checker: str) -> bool:
    installed = {"smt": smt.installed, "numbers": search.installed}[checker]
    return installed() and not may_be_left_out(theorem, checker)


def may_be_left_out(theorem: Theorem, checker: str) -> bool:
    """Say whether a record says why a checker does not apply, and may say so.

    The algebra always applies, and the search but where it is claimed that a limit is infinite: a
    record cannot choose them away.
    """
    claim = theorem.statement.claim
    infinite = isinstance(claim, Eq) and claim.args[1] is oo
    allowed = checker == "smt" or (checker == "numbers" and infinite)
    return allowed and checker in theorem.not_applicable


def _found(statement: Statement, space: Space) -> bool:
    """Say whether the search finds a counterexample; one that fails rarely takes longer."""
    for examples in (search.EXAMPLES, 10 * search.EXAMPLES):
        if search.search(statement, space, examples).counterexample is not None:
            return True
    return False


def _proves(attempted: Algebra) -> bool:
    """Say whether z3 proves the step that the algebra refused."""
    return smt.ask(attempted.obligations[-1]).status == "proved"


def _proved_by_algebra(theorem: Theorem) -> Check:
    shown = _shown(theorem)
    if shown.refusal is not None:
        return Check("failed", shown.refusal)
    for obligation in shown.obligations:
        if wrong := again(obligation).wrong:
            return Check("failed", f"step {obligation.step!r} by a second checker: {wrong}")
    return Check("passed")


@lru_cache(maxsize=1)
def _shown(theorem: Theorem) -> Algebra:
    """Check a theorem by algebra, once for all that ask about it in a row."""
    return algebra(theorem)


def _proved_by_smt(theorem: Theorem) -> Check:
    if not smt.installed():
        return Check("not run", f"needs its extra: {installing(_EXTRA)}")
    attempted = _shown(theorem)
    if attempted.refusal is not None and attempted.structural:
        return Check("failed", attempted.refusal)
    if not attempted.obligations:
        return Check("does not apply", "no step is a matter of arithmetic alone")
    for obligation in attempted.obligations:
        answer = smt.ask(obligation)
        if answer.status != "proved":
            return Check("failed", f"step {obligation.step!r}: {answer.says}")
    count = len(attempted.obligations)
    return Check("passed", f"{count} step{'s' if count > 1 else ''}")


def _withstands_search(theorem: Theorem) -> Check:
    if not search.installed():
        return Check("not run", f"needs its extra: {installing(_EXTRA)}")
    found = search.search(theorem.statement, theorem.space)
    if found.counterexample is not None:
        return Check("failed", f"false at {found.counterexample}")
    if found.tried < search.EXAMPLES // 4:
        return Check("failed", f"only {found.tried} points inside the assumptions were found")
    anywhere = search.search(theorem.statement, derived(theorem.statement, theorem.space))
    if anywhere.counterexample is not None:
        return Check("failed", f"false at {anywhere.counterexample}")
    return Check("passed", f"{found.tried} points")


def _refuted_exactly(theorem: Theorem) -> Check:
    assert theorem.counterexample is not None, theorem.id
    at = f"at {theorem.counterexample}"
    if refuted_at(theorem.statement, theorem.space, theorem.counterexample):
        return Check("passed", f"false {at}")
    return Check("failed", f"not false {at}")


def _refuted_by_smt(theorem: Theorem) -> Check:
    if not smt.installed():
        return Check("not run", f"needs its extra: {installing(_EXTRA)}")
    assert theorem.counterexample is not None, theorem.id
    context, claim = grounded(theorem.statement, theorem.space, theorem.counterexample)
    answer = smt.refute(context, claim)
    return Check("passed") if answer.status == "refuted" else Check("failed", answer.says)


def _refuted_by_search(theorem: Theorem) -> Check:
    if not search.installed():
        return Check("not run", f"needs its extra: {installing(_EXTRA)}")
    if _found(theorem.statement, theorem.space):
        return Check("passed", "a counterexample is found")
    return Check("failed", "the search finds no counterexample")


_PROVERS = {"algebra": _proved_by_algebra, "smt": _proved_by_smt, "numbers": _withstands_search}
_REFUTERS = {"algebra": _refuted_exactly, "smt": _refuted_by_smt, "numbers": _refuted_by_search}


def _kernel(theorem: Theorem, results: Mapping[KernelTheorem, KernelResult]) -> Check:
    names = kernel.of_record(theorem)
    if not names:
        return Check("does not apply", "not among the theorems that are done in Coq")
    for name in names:
        result = results.get(name)
        if result is None:
            return Check("not run", NOT_ASKED)
        if result.status != "passed":
            return Check(result.status, f"{name.file}.{name.name}: {result.says}")
    covers = theorem.verdict == "REFUTED" or names[0] not in theorem.kernel
    says = ", ".join(f"{name.file}.{name.name}" for name in names)
    given = dict.fromkeys(one for name in names for one in kernel.supposed(name))
    says += f"; supposes {'; '.join(given)}" if given else ""
    return Check("passed", says if covers else f"{A_CASE}: {says}")
