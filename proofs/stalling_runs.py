"""Three runs in bfloat16 that stop far from where they should go.

A number in bfloat16 has eight significant bits, and the next numbers are far away. Anybody can
repeat the three runs.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sympy import Eq, Function, Rational

from adamref.logic.relations import eq, ge
from adamref.numbers.formats import BFLOAT16, BINARY32
from adamref.rules import ADAM
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, points, steps
from adamref.theorems.stalling import InTheFormat, StoredState
from adamref.theorems.stored import Stored
from adamref.theorems.symbols import t
from adamref.theorems.writing import ProofStep, show

DEFAULT = {"beta2": Fraction(999, 1000), "g": Fraction(1)}
FLOAT32 = Stored(ADAM, "v", BFLOAT16, DEFAULT, BINARY32)
NO_Z3 = {"smt": "z3 does not know the format; each step is computed in the format itself"}
WORKED = "derived here, from the rule and the format alone"


def stays_at(run: tuple[str, Stored, Fraction], value: Any, first: int) -> Statement:
    """State that a stored number has a value from some step on."""
    name, state, start = run
    meanings = {name: StoredState(state, start)}
    return Statement(eq(Function(name, real=True)(t), value), (ge(t, first),), meanings=meanings)


def proof_of_staying(
    name: str, state: Stored, start: Fraction, *, there: bool
) -> Callable[[Statement], tuple[ProofStep, ...]]:
    """Return the proof: it gets there, and one step from there gives the same number again."""

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        first = int(statement.domain[0].args[1])
        return (
            show("stays", statement.claim).induction(
                (t, first, "By induction over the steps."),
                show("at first" if there else "it gets there").by(
                    _ways_there(state, start, first), InTheFormat(state, start, name)
                ),
                show("it does not get away").by(
                    _rounded_back(state, statement.claim),
                    InTheFormat(state, start, name, ("induction hypothesis",)),
                ),
            ),
        )

    first = "It starts there" if there else "Compute step by step until it gets there"
    proof.__doc__ = f"{first}; one more step gives the same number again."
    return proof


def _ways_there(state: Stored, start: Fraction, first: int) -> str:
    """Say by which numbers it gets there."""
    if not first:
        return f"It starts at {float(start):g}."
    path = [start]
    for _ in range(first):
        path.append(Fraction(state.fmt.round(state.before_storing(path[-1]))))
    told = ", ".join(f"{float(x):.6g}" for x in path[-_SHOWN:])
    return f"Computed step by step in the format; the last values, up to t = {first}, are {told}."


def _rounded_back(state: Stored, claim: Any) -> str:
    """Say to what a step leads before it is stored, and why that is stored as the same number."""
    stored = (
        isinstance(claim, Eq) and claim.rhs.is_Rational and state.fmt.contains(float(claim.rhs))
    )
    if not stored:
        return "One step from there gives the same number again."
    value = Fraction(int(claim.rhs.p), int(claim.rhs.q))
    made = state.before_storing(value)
    up = made > value
    neighbour = state.fmt.next_up(float(value)) if up else state.fmt.next_down(float(value))
    half = abs(Fraction(neighbour) - value) / 2
    return (
        f"One step from {float(value):g} gives {float(made):.6g}, before it is rounded to be "
        f"stored. The next number {'above' if up else 'below'} is {float(neighbour):.6g}; half the "
        f"gap is {float(half):.3g}, and {float(made):.6g} is only {float(abs(made - value)):.3g} "
        f"away: it is rounded back to {float(value):g}."
    )


_SHOWN = 4
"""How many of the last values are shown."""


def _staying(
    name: str,
    title: str,
    says: str,
    matters: str,
    run: tuple[str, Stored, Fraction],
    there: tuple[Any, int],
    *near_misses: NearMiss,
) -> Theorem:
    return Theorem(
        id=f"stalling-{name}",
        matters=matters,
        title=title,
        says=says,
        letters={run[0]: f"the number that is stored, which starts at {float(run[2]):g}"},
        statement=stays_at(run, *there),
        proof=proof_of_staying(*run, there=not there[1]),
        source=WORKED,
        over="bfloat16",
        space=Space(points(steps(0, 600))),
        near_misses=near_misses,
        not_applicable=NO_Z3,
    )


_HOW = (
    " Each step is computed in float32, operation by operation, and rounded to bfloat16; v here is "
    "the number that is stored."
)
_QUARTERED = Rational(1, 4)
_ARRIVES = next(at for at, value in enumerate(FLOAT32.path(0.0)) if value == 1 / 4)
_EARLY = Space(points(steps(_ARRIVES - 3, _ARRIVES + 3)))
_FROM_0 = ("v", FLOAT32, Fraction(0))

FROM_0 = _staying(
    "bfloat16-from-0",
    "In bfloat16 v stops at a quarter of the squared gradient",
    f"The gradient is always 1, and beta2 = 0.999. v starts at 0, and is 1/4 from step {_ARRIVES} "
    "on, though it should tend to 1." + _HOW,
    f"Adam divides by the root of v, and v should be {1 - 0.999**_ARRIVES:.4f} at t = {_ARRIVES} "
    "and tend to 1: in the end the steps are twice as long as they should be, and nothing says "
    "so.",
    _FROM_0,
    (_QUARTERED, _ARRIVES),
    NearMiss(
        stays_at(_FROM_0, _QUARTERED, _ARRIVES - 1),
        f"At t = {_ARRIVES - 1} it is not there yet.",
        Point.of(t=_ARRIVES - 1),
        _EARLY,
    ),
    NearMiss(stays_at(_FROM_0, 1, _ARRIVES), "It never gets to 1.", Point.of(t=_ARRIVES)),
)


def _moves(says: str, name: str, state: Stored, start: int) -> NearMiss:
    """Say that a number stays where, stored otherwise, it moves at once."""
    return NearMiss(stays_at((name, state, Fraction(start)), start, 0), says, Point.of(t=1))


FROM_4 = _staying(
    "bfloat16-from-4",
    "In bfloat16 v stays at four times the squared gradient",
    "The gradient is always 1, and beta2 = 0.999. v starts at 4, and stays there, though it should "
    "tend to 1." + _HOW,
    "A v that was once too large stays so, and every step is half as long as it should be.",
    ("v", FLOAT32, Fraction(4)),
    (4, 0),
    _moves(
        "v', which is stored in float32, moves.",
        "v'",
        Stored(ADAM, "v", BINARY32, DEFAULT, BINARY32),
        4,
    ),
)

THETA, LONGER = (
    Stored(ADAM, "theta", BFLOAT16, {"delta": Fraction(-size, 1000)}, BINARY32) for size in (1, 4)
)

PARAMETER = _staying(
    "bfloat16-parameter",
    "In bfloat16 a parameter of 1 does not move by steps of 0.001",
    "Half the gap below 1 is 2^-9, more than 0.001: theta stays at 1 however many such steps it "
    "takes." + _HOW.replace("v here", "theta here"),
    "While the gradient stays the same, Adam with alpha = 0.001 makes such steps. So a copy of "
    "the parameters in float32 is kept.",
    ("theta", THETA, Fraction(1)),
    (1, 0),
    _moves("theta', with steps of 0.004, moves.", "theta'", LONGER, 1),
)

THEOREMS = (FROM_0, FROM_4, PARAMETER)
