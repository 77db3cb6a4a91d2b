"""Where a state that is stored in a float format stops moving."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import And, Eq, Function, Gt, Integer, Lt, Rational, expand

from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, FORMATS, get
from adamref.rules import ADAM
from adamref.theorems.facts import substituted
from adamref.theorems.inference import Certificate, Combination, Induction, Parts
from adamref.theorems.order import FromBothSides
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Step
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import points, steps
from adamref.theorems.stalling import AtEveryPlace, InTheFormat, Stored, places, states
from adamref.theorems.vocabulary import beta2, eq, ge, gt, i, j, le, lt, n, ne, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from adamref.numbers.formats import Format
    from adamref.theorems.evaluation import Evaluation

adam = Run(ADAM)
rounded, above, below = (Function(f, real=True) for f in ("rounded", "above", "below"))

# v(t-1) is a number of the format, v(t) what the line makes of it in the reals, rounded(t) what is
# stored instead; above(t-1) and below(t-1) are the gaps to the neighbours of v(t-1).
v, x, stored = adam("v", t - 1), adam("v", t), rounded(t)
up, down = above(t - 1), below(t - 1)
drift = (1 - beta2) * (adam("g", t) ** 2 - v)

GAPS = (gt(up, 0), gt(down, 0), ge(t, 1))
NOTHING_BETWEEN = (
    ge((stored - v) * (stored - v - up), 0),
    ge((stored - v) * (stored - v + down), 0),
)
NEAREST = (
    le((stored - x) ** 2, (v - x) ** 2),
    le((stored - x) ** 2, (v + up - x) ** 2),
    le((stored - x) ** 2, (v - down - x) ** 2),
)
ROUNDING = (*GAPS, *NOTHING_BETWEEN, *NEAREST)

_NEARER = [r.args[1] - r.args[0] for r in NEAREST]
_OUTSIDE = [expand(r.args[0]) for r in NOTHING_BETWEEN]
_LINE = (adam.line("v", t),)


def inside(times: int = 2) -> Statement:
    """State that v stays where the drift is below half the gap on its side."""
    assumed = (lt(times * drift, up), lt(-times * drift, down))
    return Statement(eq(stored, v), (*ROUNDING, *assumed))


def proof_of_inside(statement: Statement) -> tuple[Step, ...]:
    """Show that a neighbour would be farther away."""
    over, under = up - 2 * drift, down + 2 * drift
    return (
        Step(
            "not above",
            le(stored, v),
            "From the neighbour above on, every number is farther from the exact value than v.",
            Certificate((_OUTSIDE[0] / over, _NEARER[0] / over), _LINE),
        ),
        Step(
            "not below",
            ge(stored, v),
            "So it is from the neighbour below on.",
            Certificate((_OUTSIDE[1] / under, _NEARER[0] / under), _LINE),
        ),
        Step("stays", statement.claim, "Both.", FromBothSides("not above", "not below")),
    )


def outside(side: int, times: int = 2) -> Statement:
    """State that v moves, by a gap at least, where the drift is above half the gap."""
    if side > 0:
        return Statement(ge(stored, v + up), (*ROUNDING, gt(times * drift, up)))
    return Statement(le(stored, v - down), (*ROUNDING, gt(-times * drift, down)))


def proof_of_outside(statement: Statement) -> tuple[Step, ...]:
    """Show that the neighbour is nearer than v."""
    side = 1 if isinstance(statement.claim, type(ge(stored, v))) else -1
    more = 2 * drift - up if side > 0 else -2 * drift - down
    which = (0, 1) if side > 0 else (1, 2)
    return (
        Step(
            "moves",
            statement.claim,
            "v, and all that lies beyond it, is farther from the exact value than the neighbour.",
            Certificate((_OUTSIDE[which[0]] / more, _NEARER[which[1]] / more), _LINE),
        ),
    )


def tie(*, even: bool, said: bool = True) -> Statement:
    """State where v goes in the middle between it and its neighbour above."""
    here, there = (v, v + up) if even else (v + up, v)
    middle = (le(2 * drift, up), ge(2 * drift, up))
    odd = (ne(stored, there),) if said else ()
    return Statement(eq(stored, here), (*ROUNDING, *middle, *odd))


def proof_of_tie(statement: Statement) -> tuple[Step, ...]:
    """Only the two are as near as that, and one of them is excluded."""
    gone = stored - v - up if ne(stored, v + up) in statement.domain else stored - v
    product = (stored - v) * (stored - v - up)
    return (
        Step("no more", le(up, 2 * drift), "As assumed.", Certificate()),
        Step("no less", ge(up, 2 * drift), "As assumed.", Certificate()),
        Step("middle", eq(up, 2 * drift), "Both.", FromBothSides("no more", "no less")),
        Step(
            "at most",
            le(product, 0),
            "The distance to the exact value is at most half the gap.",
            Certificate((_NEARER[0],), (*_LINE, "middle")),
        ),
        Step("at least", ge(product, 0), "Nothing lies between.", Certificate((_OUTSIDE[0],))),
        Step("one of the two", eq(product, 0), "Both.", FromBothSides("at most", "at least")),
        Step(
            "the even one",
            statement.claim,
            "A tie goes to the even mantissa.",
            Combination((("one of the two", 1 / gone),)),
        ),
    )


# The search: real formats, with real rounding.


def _stored_at(point: Point) -> Stored:
    fmt = FORMATS[int(point.values["format"])]
    given = {"beta2": Fraction(point.values["beta2"]), "g": Fraction(point.sequences["g"][1])}
    return Stored(ADAM, "v", fmt, given)


def _number(point: Point) -> float:
    return _stored_at(point).number(int(point.values["place"]))


def _lifted(value: Callable[[Point], Fraction]) -> Callable[[Evaluation, int], Any]:
    return lambda where, _at: where.carrier.lift(value(where.point))


def _v(where: Evaluation, at: int) -> Any:
    if at == 0:
        return where.carrier.lift(Fraction(_number(where.point)))
    return where.value(adam.line("v", 1).relation.args[1])


def _gap(point: Point, side: int) -> Fraction:
    fmt, value = _stored_at(point).fmt, _number(point)
    other = fmt.next_up(value) if side > 0 else fmt.next_down(value)
    return abs(Fraction(fmt.exact(other)) - Fraction(value))


MEANINGS = {
    "v": _v,
    "rounded": _lifted(lambda point: Fraction(_stored_at(point).after(_number(point)))),
    "above": _lifted(lambda point: _gap(point, 1)),
    "below": _lifted(lambda point: _gap(point, -1)),
}


def _near() -> SearchStrategy[Point]:
    """Draw a format, a gradient, and a number near its square."""
    from hypothesis import strategies as st

    def point(which: int, g: Fraction, offset: int, rate: Fraction) -> Point:
        some = Stored(ADAM, "v", FORMATS[which], {"beta2": rate, "g": g})
        place = max(0, some.place(some.fmt.round(g * g)) + offset)
        return Point({"format": which, "place": place, "beta2": rate, "t": 1}, {"g": (0, g)})

    rates = [Fraction(r) for r in ("0.999", "0.9", "0.99", "1/2", "0", "3/4")]
    numbers = st.sampled_from([Fraction(g) for g in ("1", "0", "1/3", "3", "1e-3", "20")])
    offsets = st.integers(-3, 3) | st.integers(-700, 700) | st.integers(-80, 80)
    return st.builds(point, st.integers(0, 3), numbers, offsets, st.sampled_from(rates))


def _ties(*, even: bool | None) -> Callable[[], SearchStrategy[Point]]:
    """Draw ties: v some ulps below the square of a gradient, and 1 - beta2 to fit."""

    def strategy() -> SearchStrategy[Point]:
        from hypothesis import strategies as st

        def point(which: int, g: int, times: int) -> Point:
            some = Stored(ADAM, "v", FORMATS[which])
            place = some.place(float(g * g)) - 2**times
            rate = 1 - Fraction(1, 2 ** (times + 1))
            return Point({"format": which, "place": place, "beta2": rate, "t": 1}, {"g": (0, g)})

        times = st.just(0) if even is False else st.integers(0 if even is None else 1, 3)
        return st.builds(point, st.integers(0, 3), st.sampled_from([3, 5, 7, 9, 11]), times)

    return strategy


NEAR, EVEN, ODD = (
    Space(drawn, (), MEANINGS) for drawn in (_near, _ties(even=True), _ties(even=False))
)

_FORMATS = "binary16, bfloat16, binary32, binary64"
_NEAREST_EVEN = "IEEE 754-2019, section 4.3.1; the threshold is worked out here"


def _at(fmt: int, place: int, rate: str, g: int | str) -> Point:
    return Point({"format": fmt, "place": place, "beta2": rate, "t": 1}, {"g": (0, g)})


_ONE = Stored(ADAM, "v", BFLOAT16).place(1.0)
_QUARTER = Stored(ADAM, "v", BFLOAT16).place(0.25)

INSIDE = Theorem(
    id="stalling-inside",
    title="Rounded once, v stays where it should move by less than half a gap",
    says="Let v be stored in a format, rounded to nearest after each step. If (1 - beta2) "
    "(g^2 - v) is smaller than half the gap to the neighbour on its side, v does not move. Nothing "
    "is assumed but that no number lies between neighbours, and that no neighbour is nearer to the "
    "exact value than what is stored.",
    statement=inside(),
    proof=proof_of_inside,
    source=_NEAREST_EVEN,
    over=_FORMATS,
    space=NEAR,
    near_misses=(
        NearMiss(
            inside(1),
            "Half the gap is the threshold, not the gap.",
            _at(1, _QUARTER - 1, "0.999", 1),
        ),
    ),
)

ABOVE = Theorem(
    id="stalling-outside-above",
    title="Rounded once, v moves up where it should move by more than half a gap",
    says="If (1 - beta2) (g^2 - v) is larger than half the gap above, v moves up, to the neighbour "
    "at least. With what holds of the gap below and of ties, v is fixed exactly in between.",
    statement=outside(1),
    proof=proof_of_outside,
    source=_NEAREST_EVEN,
    over=_FORMATS,
    space=NEAR,
    near_misses=(
        NearMiss(
            outside(1, 6),
            "A sixth of the gap is not enough.",
            _at(1, _QUARTER, "0.999", 1),
        ),
    ),
)

BELOW = Theorem(
    id="stalling-outside-below",
    title="Rounded once, v moves down where it should move by more than half a gap",
    says="If (1 - beta2) (v - g^2) is larger than half the gap below, v moves down, to the "
    "neighbour at least. Below a power of two that gap is half of the one above.",
    statement=outside(-1),
    proof=proof_of_outside,
    source=_NEAREST_EVEN,
    over=_FORMATS,
    space=NEAR,
    near_misses=(
        NearMiss(
            outside(-1, 8),
            "An eighth of the gap is not enough.",
            _at(0, Stored(ADAM, "v", BINARY16).place(1.400390625), "0.999", 1),
        ),
    ),
)


def _tie(*, even: bool) -> Theorem:
    kind, where = ("even", "stays") if even else ("odd", "moves")
    return Theorem(
        id=f"stalling-tie-{kind}",
        title=f"In the middle between two numbers an {kind} v {where}",
        says="If (1 - beta2) (g^2 - v) is exactly half the gap above, the tie goes to the even "
        "mantissa: "
        + (
            "an even v stays, as its neighbour is odd and is not what is stored."
            if even
            else "an odd v moves, as it is not what is stored."
        ),
        statement=tie(even=even),
        proof=proof_of_tie,
        source=_NEAREST_EVEN,
        over=_FORMATS,
        space=EVEN if even else ODD,
        near_misses=(
            NearMiss(
                tie(even=even, said=False),
                "It depends on the mantissa of v.",
                _at(1, Stored(ADAM, "v", BFLOAT16).place(9.0) - (1 if even else 2), "1/2", 3)
                if even
                else _at(1, Stored(ADAM, "v", BFLOAT16).place(9.0) - 2, "3/4", 3),
                Space(_ties(even=None), (), MEANINGS),
            ),
        ),
    )


# Particular runs: g = 1 at the default beta2.

DEFAULT = {"beta2": Fraction(999, 1000), "g": Fraction(1)}
FLOAT32 = Stored(ADAM, "v", BFLOAT16, DEFAULT, BINARY32)
_NO_Z3 = {"smt": "z3 does not know the format; each step is worked in the format itself"}
_WORKED = "worked out here, from the rule and the format alone"


def stays_at(name: str, value: Any, first: int) -> Statement:
    """State that a stored number has a value from some step on."""
    return Statement(eq(Function(name, real=True)(t), value), (ge(t, first),))


def proof_of_staying(
    name: str, state: Stored, start: Fraction
) -> Callable[[Statement], tuple[Step, ...]]:
    """Return the proof: it gets there, and one step from there leads back."""

    def proof(statement: Statement) -> tuple[Step, ...]:
        claim = statement.claim
        first = int(statement.domain[0].args[1])
        base = Step(
            "it gets there",
            substituted(claim, {t: Integer(first)}),
            "Worked step by step in the format.",
            InTheFormat(state, start, name),
        )
        step = Step(
            "it does not get away",
            claim,
            "One step from there leads back.",
            InTheFormat(state, start, name, ("induction hypothesis",)),
        )
        because = "By induction over the steps."
        return (Step("stays", claim, because, Induction(t, first, (base,), (step,))),)

    return proof


def _staying(
    name: str,
    title: str,
    says: str,
    run: tuple[str, Stored, Fraction],
    there: tuple[Any, int],
    *near_misses: NearMiss,
) -> Theorem:
    variable, state, start = run
    return Theorem(
        id=f"stalling-{name}",
        title=title,
        says=says,
        statement=stays_at(variable, *there),
        proof=proof_of_staying(variable, state, start),
        source=_WORKED,
        over="bfloat16",
        space=Space(points(steps(0, 600)), (), {variable: states(state, start)}),
        near_misses=near_misses,
        not_applicable=_NO_Z3,
    )


_HOW = " Each step is worked in float32, operation by operation, and rounded to bfloat16."
_QUARTERED = Rational(1, 4)
_ARRIVES = next(at for at, value in enumerate(FLOAT32.path(0.0)) if value == 1 / 4)
_EARLY = Space(points(steps(_ARRIVES - 3, _ARRIVES + 3)), (), {"v": states(FLOAT32, Fraction(0))})

FROM_0 = _staying(
    "bfloat16-from-0",
    "In bfloat16 v stops at a quarter of the squared gradient",
    f"With g = 1 and beta2 = 0.999 v starts at 0 and is 1/4 from step {_ARRIVES} on, though it "
    "should tend to 1." + _HOW,
    ("v", FLOAT32, Fraction(0)),
    (_QUARTERED, _ARRIVES),
    NearMiss(
        stays_at("v", _QUARTERED, _ARRIVES - 1),
        "One step earlier it is not there yet.",
        Point({"t": _ARRIVES - 1}),
        _EARLY,
    ),
    NearMiss(stays_at("v", 1, _ARRIVES), "It never gets to 1.", Point({"t": _ARRIVES})),
)


def _elsewhere(name: str, state: Stored, start: int) -> Space:
    return Space(points(steps(0, 600)), (), {name: states(state, Fraction(start))})


FROM_4 = _staying(
    "bfloat16-from-4",
    "In bfloat16 v stays at four times the squared gradient",
    "With g = 1 and beta2 = 0.999 v stays at 4 if it is there, though it should tend to 1." + _HOW,
    ("v", FLOAT32, Fraction(4)),
    (4, 0),
    NearMiss(
        stays_at("v'", 4, 0),
        "Stored in float32 it moves.",
        Point({"t": 1}),
        _elsewhere("v'", Stored(ADAM, "v", BINARY32, DEFAULT, BINARY32), 4),
    ),
)

THETA, LONGER = (
    Stored(ADAM, "theta", BFLOAT16, {"delta": Fraction(-size, 1000)}, BINARY32) for size in (1, 4)
)

PARAMETER = _staying(
    "bfloat16-parameter",
    "In bfloat16 a parameter of 1 does not move by steps of 0.001",
    "Half the gap below 1 is 2^-9, more than 0.001: theta stays at 1 however many such steps it "
    "takes." + _HOW,
    ("theta", THETA, Fraction(1)),
    (1, 0),
    NearMiss(
        stays_at("theta'", 1, 0),
        "With steps of 0.004 it moves.",
        Point({"t": 1}),
        _elsewhere("theta'", LONGER, 1),
    ),
)


# The fixed points in each format.

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
    "once": "worked in the reals and rounded once",
    "operations": "rounded operation by operation, with the coefficients rounded too",
    "in binary32": "worked in binary32, operation by operation, and rounded to be stored",
}


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
    return Statement(And(*claims, evaluate=False), tuple(domain))


def proof_of_interval(state: Stored) -> Callable[[Statement], tuple[Step, ...]]:
    """Return the proof: every place is tried, or passed by a step that is monotone."""

    def proof(statement: Statement) -> tuple[Step, ...]:
        parts = tuple(
            Step(
                f"{_WHERE[type(claim)]} {number}",
                claim,
                "A step is monotone, and far from the fixed points longer than the errors.",
                AtEveryPlace(state, "after"),
            )
            for number, claim in enumerate(statement.claim.args, 1)
        )
        names = tuple(step.name for step in parts)
        return (*parts, Step("everywhere", statement.claim, "All of them.", Parts(names)))

    return proof


_WHERE = {Gt: "up", Eq: "fixed", Lt: "down"}


def _drawn(state: Stored, low: int, high: int) -> Callable[[], SearchStrategy[Point]]:
    def strategy() -> SearchStrategy[Point]:
        from hypothesis import strategies as st

        def index(first: int, last: int) -> SearchStrategy[int]:
            near = st.integers(0, min(3, last - first))
            ends = near.map(lambda k: first + k) | near.map(lambda k: last - k)
            return ends | st.integers(first, last)

        ranges = {"i": (0, low - 1), "n": (low, high), "j": (min(high + 1, state.last), state.last)}
        found = {name: index(*ends) for name, ends in ranges.items()}
        return st.builds(Point, st.fixed_dictionaries(found))

    return strategy


def _beside(point: Point, name: str) -> Callable[[], SearchStrategy[Point]]:
    """Draw points that differ from one in an index, by a few places."""

    def strategy() -> SearchStrategy[Point]:
        from hypothesis import strategies as st

        at = int(point.values[name])
        others = {other: st.just(value) for other, value in point.values.items()}
        index = {name: st.integers(max(0, at - 3), at + 3)}
        return st.builds(Point, st.fixed_dictionaries({**others, **index}))

    return strategy


def _interval(fmt: Format, order: str) -> Theorem:
    compute = {"once": None, "operations": fmt, "in binary32": BINARY32}[order]
    state = Stored(ADAM, "v", fmt, DEFAULT, compute)
    ends = FIXED[fmt.name, order]
    low, high = map(state.place, ends)
    holes = (fmt.name, order) == WITH_HOLES
    edges = (None, None) if holes else (low, high)
    usual = {"i": 0, "n": low, "j": state.last}
    meaning = {"after": places(state)}
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
    only = ", but not everywhere between them" if holes else ", and exactly there"
    return Theorem(
        id=f"stalling-{fmt.name}-{order.replace(' ', '-')}",
        title=f"The fixed points of v in {fmt.name}, {_ORDERS[order].split(',')[0]}",
        says=f"With g = 1 and beta2 = 0.999, {_ORDERS[order]}, v stays at {ends[0]!r} and at "
        f"{ends[1]!r}{only}; below it moves up, and above it moves down. The statement speaks of "
        "numbers by their place in the format: 0 is the 0th, the least positive number the 1st.",
        statement=interval(state, low, high, *edges),
        proof=proof_of_interval(state),
        source=_WORKED,
        over=fmt.name,
        space=Space(_drawn(state, low, high), (), meaning),
        near_misses=tuple(
            NearMiss(statement, says, at, Space(_beside(at, name), (), meaning))
            for statement, says, point in missed
            for name, at in [(next(iter(point)), Point({**usual, **point}))]
        ),
        not_applicable=_NO_Z3,
    )


INTERVALS = tuple(_interval(get(name), order) for name, order in FIXED)

THEOREMS = (
    *(INSIDE, ABOVE, BELOW, _tie(even=True), _tie(even=False)),
    *(FROM_0, FROM_4, PARAMETER),
    *INTERVALS,
)
