"""What is told of a deviation: the faults of a judgement, or what was solved for in its lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.oracle.report.findings import UNNAMED, Explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.faults import Fault
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.explain.judged import Judgement
    from adamref.oracle.observe.table import Table
    from adamref.oracle.report.findings import ProbeResult
    from adamref.rules.rule import Rule


def diagnosis_of(
    judgement: Judgement | None, probes: Sequence[ProbeResult], seen: Table
) -> tuple[Explained, ...]:
    """Return what explains the probes that differ; nothing where none does."""
    if judgement is None or judgement.found.conforms:
        return ()
    answered = {trial.name for trial in seen.trials}
    explains = tuple(x.name for x in probes if x.verdict == "differs" and x.name in answered)
    explanation, solved = judgement.explanation, judgement.causes
    if explanation is None:
        rule = judgement.found.fit.dialect.rule
        return tuple(_solved(cause, rule, explains) for cause in solved)
    mine = explanation.hypothesis
    return (
        replace(
            _called(mine.faults, mine.dialect.rule),
            explains=explains,
            equivalent=tuple(x.ids for x in explanation.equivalent),
            confirmed=explanation.confirmed,
        ),
    )


def _called(faults: Sequence[Fault], rule: Rule) -> Explained:
    """Return what the catalogue says of some faults."""
    return Explained(
        faults=tuple(fault.id for fault in faults),
        says=tuple(fault.says for fault in faults),
        effects=tuple(fault.effect for fault in faults),
        sources=tuple(fault.source(rule) for fault in faults),
        seen_in=tuple(fault.seen_in for fault in faults),
        contradicts=tuple(fault.contradicted(rule) for fault in faults),
        explains=(),
    )


def _solved(cause: LineCause, rule: Rule, explains: tuple[str, ...]) -> Explained:
    """Return what was solved for, by its name if it has one."""
    everywhere = f"; where {cause.where.says}" if cause.where.says else ""
    if cause.stored:
        everywhere += "; theta follows from the right value, which is not what is stored"
    unnamed = Explained(
        faults=(UNNAMED + "-".join(cause.lines),),
        says=(f"{cause.change}{everywhere}",),
        effects=(),
        sources=(),
        explains=(),
    )
    return replace(
        _called(cause.faults[:1], rule) if cause.faults else unnamed,
        equivalent=tuple((x.id,) for x in cause.faults[1:]),
        explains=explains if cause.explained else (),
        confirmed=cause.confirmed,
        line=cause.lines,
        where=cause.where.says,
        formula=cause.says if cause.formulas else "",
        change=cause.change,
        counts={"wrong": cause.wrong, "explained": cause.explained, "right": cause.spared},
    )
