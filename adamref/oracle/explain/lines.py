"""Which line is another, where, and what stands there: each visible line solved for itself.

A line is judged from the implementation's own numbers, so that each is a problem of its own with as
many rows as were seen. What is found is a formula that holds on every row that is wrong, with the
condition that parts these from the rows that are right; nothing of it comes from a list of faults.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.conditions import Condition, Vocabulary
from adamref.oracle.explain.knowledge import right_step
from adamref.oracle.explain.line import NOT_TOLD, PLAIN, Solutions, VisibleLine, cause_of
from adamref.oracle.explain.seen_line import shown_values
from adamref.oracle.explain.stored import given_room
from adamref.oracle.judge.fit import shown_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table


def wrong_lines(found: Identified, seen: Table) -> dict[str, NDArray[np.bool_]]:
    """Return the rows on which each visible line is wrong, taken for itself.

    Parameters
    ----------
    found : Identified
        A dialect fitted line by line (`Fitters` with ``apart``).
    seen : Table
    """
    rows = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
    made = {}
    for name, over in found.fit.over.items():
        with np.errstate(invalid="ignore"):
            off = np.abs(seen.got[name] - found.fit.value[name])
            made[name] = (over > 1) & rows & ~(off < given_room(name, found, seen))
    return {name: wrong for name, wrong in made.items() if wrong.any()}


def causes(found: Identified, seen: Table, known: Solutions | None = None) -> list[LineCause]:
    """Solve every line that is wrong: what is one thing in several of them first, then each alone.

    Parameters
    ----------
    found : Identified
        A dialect fitted line by line.
    seen : Table
    known : dict, optional
        What was solved on this table: dialects have most of their lines in common.

    Returns
    -------
    list of LineCause
        A line in which nothing was found has one without a formula.
    """
    wrong = wrong_lines(found, seen)
    if not wrong:
        return []
    step = right_step(found, seen, shown_of(seen, found.machine))
    right = {**found.fit.value, **({} if step is None else {"step": step})}
    words, known = Vocabulary(seen, right), {} if known is None else known
    lines = {
        name: VisibleLine(name, found, seen, shown_values(name, found, seen, rows), words, known)
        for name, rows in wrong.items()
    }
    together = _together(list(lines.values()), seen, words)
    if together is not None:
        return [together]
    still = _stand_still_then_on(lines, seen, words) if len(lines) > 1 else None
    if still is not None:
        return [still, *lines["theta"].causes()]
    kept = _stored(lines)
    if kept:
        lines["theta"].follows(kept)
    # Where theta is wrong by something else, the states may still be by one thing.
    states = [line for name, line in lines.items() if name != "theta"]
    shared = _together(states, seen, words) if len(states) < len(lines) else None
    if shared is not None:
        lines = {name: line for name, line in lines.items() if name not in shared.lines}
    made = {name: line.causes() for name, line in lines.items()}
    for name, line in lines.items():
        # What is done to one value may be seen in several lines: without it this one may be plain.
        others = [x.where.rows for other, its in made.items() if other != name for x in its
                  if x.formulas and not x.where.is_everywhere]  # fmt: skip
        if others and not any(x.formulas for x in made[name]):
            line.elsewhere = np.logical_or.reduce(others)
            made[name] = line.causes()
    alone = [replace(x, stored=name in kept) for name, its in made.items() for x in its]
    if shared is not None:
        alone = [replace(shared, stored=shared.lines[0] in kept), *alone]
    return _alike(alone)


def _alike(made: Sequence[LineCause]) -> list[LineCause]:
    """Make one of causes that do the same to several lines, under the same condition."""
    found: dict[tuple[object, ...], LineCause] = {}
    for i, x in enumerate(made):
        key = (x.change, x.where.says, x.stored) if x.explained and x.formulas else (i,)
        one = found.get(key)
        found[key] = x if one is None else replace(
            one,
            lines=(*one.lines, *x.lines),
            formulas=(*one.formulas, *x.formulas),
            says=f"{one.says}; {x.says}",
            wrong=one.wrong + x.wrong,
            explained=one.explained + x.explained,
            spared=one.spared + x.spared,
            confirmed=one.confirmed and x.confirmed,
        )  # fmt: skip
    return list(found.values())


def _stand_still_then_on(
    lines: Mapping[str, VisibleLine], seen: Table, words: Vocabulary
) -> LineCause | None:
    """Say where a step is not taken, if all that is wrong of the states is that.

    Where t is not counted either theta goes on behind: that is told of its own line.
    """
    states = [line for name, line in lines.items() if name != "theta"]
    if not states or "theta" not in lines:
        return None
    theta, wrong = lines["theta"], np.logical_or.reduce([line.wrong for line in states])
    rest = theta.wrong & ~wrong
    if not rest.any() or not (theta.wrong & wrong).any():
        return None
    theta.wrong = theta.wrong & wrong
    still = _stand_still([*states, theta], seen, words)
    theta.wrong = rest if still is not None else theta.wrong | rest
    return still


def _stored(lines: Mapping[str, VisibleLine]) -> frozenset[str]:
    """Return the states that are worked right and stored otherwise: theta follows from the right.

    It shows where theta does not follow from what was stored.
    """
    states = frozenset(lines) - {"theta"}
    if "theta" not in lines or not states:
        return frozenset()
    rows = np.logical_or.reduce([lines[name].wrong for name in states]) & lines["theta"].wrong
    follows = lines["theta"].follows_from(states)[rows]
    return states if follows.size and follows.all() else frozenset()


def _together(lines: Sequence[VisibleLine], seen: Table, words: Vocabulary) -> LineCause | None:
    """Find what is put for one symbol in each of several lines, or that none is carried out."""
    if len(lines) < 2:
        return None
    none_done = _stand_still(lines, seen, words)
    if none_done is not None:
        return none_done
    best: tuple[float, LineCause] | None = None
    for one in (x for line in lines for x in line.replacements()):
        formulas = [line.with_(one) for line in lines]
        if any(x is None for x in formulas):
            continue
        every = [x for x in formulas if x is not None]
        wrong, right = np.zeros(len(seen), dtype=bool), np.zeros(len(seen), dtype=bool)
        for line, formula in zip(lines, every, strict=True):
            wrong |= line.wrong
            right |= line.spoilt(formula, one)
        where = words.parting(wrong, right & ~wrong)
        if where is None and one.cost <= PLAIN:
            where = Condition(NOT_TOLD, wrong)
        if where is None or (right & wrong).any():
            continue
        cost = one.cost + where.cost
        if best is None or cost < best[0]:
            best = cost, cause_of(lines, every, where, one)
    if best is None:
        return None
    return replace(best[1], confirmed=all(line.confirms(best[1]) for line in lines))


def _stand_still(lines: Sequence[VisibleLine], seen: Table, words: Vocabulary) -> LineCause | None:
    """Say where a step is not taken: every state keeps its value."""
    stay = np.ones(len(seen), dtype=bool)
    for name in ("theta", *seen.visible):
        stay &= seen.got[name] == seen.before[name]
    wrong = np.logical_or.reduce([line.wrong for line in lines])
    if not stay[wrong].all():
        return None
    moved = seen.columns["judged"] & seen.columns["taken"] & ~stay
    where = words.parting(wrong, moved)
    if where is None:
        return None
    count = sum(int(line.wrong.sum()) for line in lines)
    kept = ", ".join(("theta", *sorted(seen.visible)))
    said = f"the step is not taken: {kept} keep their values"
    names = tuple(line.name for line in lines)
    spared = int((moved & ~where.rows).sum())
    return LineCause(names, where, (), said, said, count, count, spared, confirmed=True)
