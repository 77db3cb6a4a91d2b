"""What judging makes: a dialect and its bounds, or the faults that explain the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.explain.diagnosis import BestHypothesis
    from adamref.oracle.explain.hypotheses import Failed
    from adamref.oracle.judge.behaviours import Behaviour
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.judge.results import FirstDifference
    from adamref.oracle.observe.table import Table


@final
@dataclass
class Judgement:
    """What judging makes.

    Attributes
    ----------
    found : Identified
        The dialect, its bounds, and whether it accounts for everything.
    right : dict of str to array
        The right values, rounded once.
    bound, over : dict of str to array
        How far a value may be from these, and how far it is, as a share of that.
    differences : dict of int to FirstDifference
        The first of each trial that has one, by the trial's number.
    explanation : BestHypothesis or None
    tried : int
        How many hypotheses were run.
    failed : dict of str to Exception
        Faults that could not be run.
    causes : list of LineCause
        What was solved for, line by line.
    beyond : frozenset of int
        The edge trials whose difference is a limit, not a part of what is wrong elsewhere.
    lacking : Table or None
        The trials that do not show all states, which are judged apart.
    behaviours : tuple of Behaviour
        What is done before a step, as it is declared.
    alike : tuple of tuple of Behaviour
        These, and what else was done could not be told from them.
    """

    found: Identified
    right: dict[str, Array]
    bound: dict[str, Array]
    over: dict[str, Array]
    differences: dict[int, FirstDifference]
    explanation: BestHypothesis | None = None
    tried: int = 0
    failed: Failed = field(default_factory=dict)
    causes: list[LineCause] = field(default_factory=list)
    beyond: frozenset[int] = frozenset()
    behaviours: tuple[Behaviour, ...] = ()
    lacking: Table | None = None
    alike: tuple[tuple[Behaviour, ...], ...] = ()
