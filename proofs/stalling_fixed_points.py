"""The fixed points of v in each float format.

From which values on v stays where it is, format by format.
"""

from collections.abc import Callable
from math import sqrt

from sympy import And, Eq, Function, Gt, Lt

from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.numbers.formats import BINARY32, Format, get
from adamref.rules import ADAM
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, Strategy, st
from adamref.theorems.stalling import AtEveryPlace, NextPlace
from adamref.theorems.stored import Stored
from adamref.theorems.symbols import i, j, n
from adamref.theorems.writing import ProofStep, show

from .stalling_runs import DEFAULT, NO_Z3, WORKED

after = Function("after", real=True)
FIXED = {
    ("binary16", "once"): (0.755859375, 1.48828125),
    ("binary16", "operations"): (0.75, 2.998046875),
    ("bfloat16", "once"): (0.25, 3.3895313892515355e38),
    ("bfloat16", "operations"): (0.5, 3.3895313892515355e38),
    ("bfloat16", "in binary32"): (0.25, 3.3895313892515355e38),
    ("binary32", "once"): (0.9999701976776123, 1.0000596046447754),
    ("binary32", "operations"): (0.9999701976776123, 1.000089406967163),
    ("binary64", "once"): (0.9999999999999445, 1.000000000000111),
    ("binary64", "operations"): (0.9999999999999446, 1.0000000000000553),
}
WITH_HOLES = ("binary16", "operations")
_ORDERS = {
    "once": "computed in the reals and rounded once",
    "operations": "rounded operation by operation, with the coefficients rounded too",
    "in binary32": "computed in binary32, operation by operation, and rounded to be stored",
}


_MATTERS = {
    "once": "It is what a program does that works more exactly than it stores.",
    "operations": "It is what a program does that works in the format itself.",
    "in binary32": "It is what mixed precision does: computed in float32, stored in bfloat16.",
}


def _matters(order: str, low: float, high: float, *, falls: bool) -> str:
    """Say what the fixed points do to steps, which go with 1/sqrt(v)."""
    above = (
        f"from above where they are {100 - 100 / sqrt(high):.3g} % too short"
        if falls
        else "from above it does not come down at all"
    )
    return (
        f"{_MATTERS[order]} v should get to 1. From below it stops where steps are "
        f"{100 / sqrt(low) - 100:.3g} % too long, {above}."
    )


def interval(state: Stored, low: int, high: int, first: int | None, last: int | None) -> Statement:
    """State where v moves up, stays, and moves down; places are counted from 0.

    ``first`` and ``last`` are where it is said to stay, None for the two ends alone.
    """
    claims = [gt(after(i), i)]
    domain = [ge(i, 0), lt(i, low)]
    if first is None or last is None:
        claims += [eq(after(low), low), eq(after(high), high)]
    else:
        claims.append(eq(after(n), n))
        domain += [ge(n, first), le(n, last)]
    if high < state.last:
        claims.append(lt(after(j), j))
        domain += [gt(j, high), le(j, state.last)]
    claim = And(*claims, evaluate=False)
    return Statement(claim, tuple(domain), meanings={"after": NextPlace(state)})


def proof_of_interval(state: Stored) -> Callable[[Statement], tuple[ProofStep, ...]]:
    """Return the proof: every place is tried, or passed by a step that is monotone."""

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """Compute steps near the ends of the interval: a larger v never leads to a smaller one."""
        places = tuple(
            show(f"{_WHERE[type(claim)]} {number}", claim).by(
                _BECAUSE[type(claim)],
                AtEveryPlace(state, "after"),
            )
            for number, claim in enumerate(statement.claim.args, 1)
        )
        names = tuple(step.name for step in places)
        return (*places, show("everywhere", statement.claim).parts("All of them.", names))

    return proof


_BECAUSE = {
    Gt: "Far below, (1 - beta2) (g^2 - v) is longer than all roundings. From there on steps are "
    "computed in the format: as a larger v never leads to a smaller one, a step that goes on from "
    "a number goes on from all that it passes.",
    Eq: "Between two powers of two the gaps are the same, and (1 - beta2) (g^2 - v) is linear in "
    "v: where with all roundings it is below half a gap at both ends, it is so in between. "
    "Elsewhere the step from each number is computed.",
    Lt: "Far above, (1 - beta2) (v - g^2) is longer than all roundings. From there down steps are "
    "computed in the format: as a smaller v never leads to a larger one, a step that goes on from "
    "a number goes on from all that it passes.",
}
_WHERE = {Gt: "up", Eq: "fixed", Lt: "down"}


def _drawn(state: Stored, low: int, high: int) -> Callable[[], Strategy]:
    def strategy() -> Strategy:
        def index(first: int, last: int) -> Strategy:
            near = st.integers(0, min(3, last - first))
            ends = near.map(lambda k: first + k) | near.map(lambda k: last - k)
            return ends | st.integers(first, last)

        ranges = {"i": (0, low - 1), "n": (low, high), "j": (min(high + 1, state.last), state.last)}
        found = {name: index(*ends) for name, ends in ranges.items()}
        return st.builds(Point, st.fixed_dictionaries(found))

    return strategy


def _beside(point: Point, name: str) -> Callable[[], Strategy]:
    """Draw points that differ from one in an index, by a few places."""

    def strategy() -> Strategy:
        at = int(point.values[name])
        others = {other: st.just(value) for other, value in point.values.items()}
        index = {name: st.integers(max(0, at - 3), at + 3)}
        return st.builds(Point, st.fixed_dictionaries({**others, **index}))

    return strategy


def _stays(least: float, greatest: float, *, holes: bool, falls: bool) -> str:
    """Say where v stays, and where it goes from elsewhere."""
    if holes:
        where = f"v stays at {least!r} and at {greatest!r}, but not everywhere between them"
        return f"{where}; below the one it moves up, and above the other down"
    if not falls:
        return (
            f"v stays at every number from {least!r} on, and below that it moves up: it never falls"
        )
    where = f"v stays at every number from {least!r} to {greatest!r}, and at no other"
    return f"{where}: below these it moves up, and above them down"


def _interval(fmt: Format, order: str) -> Theorem:
    compute = {"once": None, "operations": fmt, "in binary32": BINARY32}[order]
    state = Stored(ADAM, "v", fmt, DEFAULT, compute)
    ends = FIXED[fmt.name, order]
    low, high = map(state.place, ends)
    holes = (fmt.name, order) == WITH_HOLES
    edges = (None, None) if holes else (low, high)
    usual = {"i": 0, "n": low, "j": state.last}
    missed = [
        (
            interval(state, low + 1, high, *edges),
            "At the lower end it does not move up.",
            {"i": low},
        )
    ]
    if not holes:
        missed.append(
            (interval(state, low, high, low - 1, high), "One place lower it moves.", {"n": low - 1})
        )
    if high < state.last:
        missed.append(
            (
                interval(state, low, high - 1, *edges),
                "At the upper end it does not move down.",
                {"j": high},
            )
        )
    return Theorem(
        id=f"stalling-{fmt.name}-{order.replace(' ', '-')}",
        matters=_matters(order, *ends, falls=high < state.last),
        title=f"The fixed points of v in {fmt.name}, {_ORDERS[order].split(',')[0]}",
        says=f"With g = 1 and beta2 = 0.999, {_ORDERS[order]}, "
        f"{_stays(*ends, holes=holes, falls=high < state.last)}. The statement speaks of "
        "numbers by their place in the format: 0 is the 0th, the least positive number the 1st.",
        letters=_LETTERS if high < state.last else {k: _LETTERS[k] for k in ("after", "i", "n")},
        statement=interval(state, low, high, *edges),
        proof=proof_of_interval(state),
        source=WORKED,
        over=fmt.name,
        space=Space(_drawn(state, low, high)),
        near_misses=tuple(
            NearMiss(statement, says, at, Space(_beside(at, name)))
            for statement, says, point in missed
            for name, at in [(next(iter(point)), Point({**usual, **point}))]
        ),
        not_applicable=NO_Z3,
    )


_LETTERS = {
    "after": "the place of the number to which one step leads from that at a place",
    "i": "any place below where v stays",
    "n": "any place where it stays",
    "j": "any place above",
}
INTERVALS = tuple(_interval(get(name), order) for name, order in FIXED)

THEOREMS = INTERVALS
