"""Where a state that is stored in a float format stops moving: half a gap.

Between two neighbouring numbers of a float format there is nothing. What should move by less than
half of that gap stays where it is.
"""

from collections.abc import Callable
from fractions import Fraction

from sympy import Function, Symbol, expand

from adamref.logic.order import FromBothSides
from adamref.logic.relations import eq, ge, gt, le, lt, ne
from adamref.numbers.formats import BFLOAT16, BINARY16, FORMATS
from adamref.rules import ADAM
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Number, Point, Space, Strategy, st
from adamref.theorems.stored import Stored
from adamref.theorems.symbols import beta2, t
from adamref.theorems.writing import ProofStep, Run, Steps, show

adam = Run(ADAM, starts={"v": Symbol("v_0", real=True)})
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
LETTERS = {
    "rounded": "the number that is stored for what the line makes",
    "above": "the gap to the next number above",
    "below": "the gap to the next number below",
}
ROUNDING = (*GAPS, *NOTHING_BETWEEN, *NEAREST)

_NEARER = [r.args[1] - r.args[0] for r in NEAREST]
_OUTSIDE = [expand(r.args[0]) for r in NOTHING_BETWEEN]
_LINE = (adam.line("v", t),)


def inside(times: int = 2) -> Statement:
    """State that v stays where the drift is below half the gap on its side."""
    assumed = (lt(times * drift, up), lt(-times * drift, down))
    return Statement(eq(stored, v), (*ROUNDING, *assumed))


def outside(side: int, times: int = 2) -> Statement:
    """State that v moves, by a gap at least, where the drift is above half the gap."""
    if side > 0:
        return Statement(ge(stored, v + up), (*ROUNDING, gt(times * drift, up)))
    return Statement(le(stored, v - down), (*ROUNDING, gt(-times * drift, down)))


def proof_of_outside(statement: Statement) -> tuple[ProofStep, ...]:
    """Show that the neighbour is nearer than v."""
    side = 1 if isinstance(statement.claim, type(ge(stored, v))) else -1
    more = 2 * drift - up if side > 0 else -2 * drift - down
    which = (0, 1) if side > 0 else (1, 2)
    return (
        show("moves", statement.claim).certificate(
            "v, and all that lies beyond it, is farther from the exact value than the neighbour.",
            (_OUTSIDE[which[0]] / more, _NEARER[which[1]] / more),
            _LINE,
        ),
    )


def tie(*, even: bool, said: bool = True) -> Statement:
    """State where v goes in the middle between it and its neighbour above."""
    here, there = (v, v + up) if even else (v + up, v)
    middle = (le(2 * drift, up), ge(2 * drift, up))
    odd = (ne(stored, there),) if said else ()
    return Statement(eq(stored, here), (*ROUNDING, *middle, *odd))


def proof_of_tie(statement: Statement) -> tuple[ProofStep, ...]:
    """Only the two are as near as that, and one of them is excluded."""
    gone = stored - v - up if ne(stored, v + up) in statement.domain else stored - v
    product = (stored - v) * (stored - v - up)
    return (
        show("no more", le(up, 2 * drift)).certificate("One half of what is assumed."),
        show("no less", ge(up, 2 * drift)).certificate("One half of what is assumed."),
        show("middle", eq(up, 2 * drift)).by(
            "It is neither more nor less.", FromBothSides("no more", "no less")
        ),
        show("at most", le(product, 0)).certificate(
            "As v_t is in the middle, the left side is the squared distance of what is stored to "
            "v_t, less that of v.",
            (_NEARER[0],),
            (*_LINE, "middle"),
        ),
        show("at least", ge(product, 0)).certificate("Nothing lies between.", (_OUTSIDE[0],)),
        show("one of the two", eq(product, 0)).by(
            "It is at most 0 and at least 0.", FromBothSides("at most", "at least")
        ),
        show("which one", statement.claim).combination(
            "It is not the other one, by assumption.", (("one of the two", 1 / gone),)
        ),
    )


# The search: real formats, with real rounding.


def _point(some: Stored, place: int) -> Point:
    """Return the point of a number of a format that is stored, and what a step makes of it."""
    value, fmt = some.number(place), some.fmt
    above, below = (
        abs(Fraction(fmt.exact(other)) - Fraction(value))
        for other in (fmt.next_up(value), fmt.next_down(value))
    )
    numbers: dict[str, Number] = {"v_0": Fraction(value), "beta2": some.values["beta2"], "t": 1}
    rounded = (0, Fraction(some.after(value)))
    rows = {"g": (0, some.values["g"]), "rounded": rounded, "above": (above,), "below": (below,)}
    return Point(numbers, rows)


def _near() -> Strategy:
    """Draw a format, a gradient, and a number near its square."""

    def point(which: int, g: Fraction, offset: int, rate: Fraction) -> Point:
        some = Stored(ADAM, "v", FORMATS[which], {"beta2": rate, "g": g})
        place = max(0, some.place(some.fmt.round(g * g)) + offset)
        return _point(some, place)

    rates = [Fraction(r) for r in ("0.999", "0.9", "0.99", "1/2", "0", "3/4")]
    numbers = st.sampled_from([Fraction(g) for g in ("1", "0", "1/3", "3", "1e-3", "20")])
    offsets = st.integers(-3, 3) | st.integers(-700, 700) | st.integers(-80, 80)
    return st.builds(point, st.integers(0, 3), numbers, offsets, st.sampled_from(rates))


def _ties(*, even: bool | None) -> Callable[[], Strategy]:
    """Draw ties: v some ulps below the square of a gradient, and 1 - beta2 to fit."""

    def strategy() -> Strategy:
        def point(which: int, g: int, times: int) -> Point:
            rate = 1 - Fraction(1, 2 ** (times + 1))
            some = Stored(ADAM, "v", FORMATS[which], {"beta2": rate, "g": Fraction(g)})
            return _point(some, some.place(float(g * g)) - 2**times)

        times = st.just(0) if even is False else st.integers(0 if even is None else 1, 3)
        return st.builds(point, st.integers(0, 3), st.sampled_from([3, 5, 7, 9, 11]), times)

    return strategy


NEAR, EVEN, ODD = (Space(drawn, (adam,)) for drawn in (_near, _ties(even=True), _ties(even=False)))

_FORMATS = "binary16, bfloat16, binary32, binary64"
_NEAREST_EVEN = "IEEE 754-2019, section 4.3.1; the threshold is derived here"


def _at(fmt: int, place: int, rate: str, g: int) -> Point:
    given = {"beta2": Fraction(rate), "g": Fraction(g)}
    return _point(Stored(ADAM, "v", FORMATS[fmt], given), place)


_QUARTER = Stored(ADAM, "v", BFLOAT16).place(0.25)


@Theorem(
    id="stalling-inside",
    matters="A number format has gaps. A moment that should move by less than half a gap does "
    "not move at all, however often one tries.",
    title="Rounded once, v stays where it should move by less than half a gap",
    says="Let v be stored in a format, rounded to nearest after each step. If (1 - beta2) "
    "(g^2 - v) is smaller than half the gap to the neighbour on its side, v does not move. Nothing "
    "is assumed but that no number lies between neighbours, and that no neighbour is nearer to the "
    "exact value than what is stored.",
    letters=LETTERS,
    statement=inside(),
    source=_NEAREST_EVEN,
    over=_FORMATS,
    space=NEAR,
)
@near_miss(
    inside(1), "Half the gap is the threshold, not the gap.", _at(1, _QUARTER - 1, "0.999", 1)
)
def INSIDE(statement: Statement) -> Steps:
    """Show that a neighbour would be farther away."""
    over, under = up - 2 * drift, down + 2 * drift
    return (
        show("not above", le(stored, v)).certificate(
            "From the neighbour above on, every number is farther from the exact value than v.",
            (_OUTSIDE[0] / over, _NEARER[0] / over),
            _LINE,
        ),
        show("not below", ge(stored, v)).certificate(
            "So it is from the neighbour below on.",
            (_OUTSIDE[1] / under, _NEARER[0] / under),
            _LINE,
        ),
        show("stays", statement.claim).by(
            "It is neither above nor below.", FromBothSides("not above", "not below")
        ),
    )


ABOVE = Theorem(
    id="stalling-outside-above",
    matters="It says when v still moves up. So the place where it gets stuck can be computed "
    "beforehand, without a run.",
    title="Rounded once, v moves up where it should move by more than half a gap",
    says="If (1 - beta2) (g^2 - v) is larger than half the gap above, v moves up, to the neighbour "
    "at least. With what holds of the gap below and of ties, v is fixed exactly in between.",
    letters=LETTERS,
    statement=outside(1),
    proof=proof_of_outside,
    source=_NEAREST_EVEN,
    over=_FORMATS,
    space=NEAR,
    near_misses=(
        NearMiss(outside(1, 6), "A sixth of the gap is not enough.", _at(1, _QUARTER, "0.999", 1)),
    ),
)

BELOW = Theorem(
    id="stalling-outside-below",
    matters="After a large gradient v has to come down again, or all later steps stay too short. "
    "It comes down only as long as this holds.",
    title="Rounded once, v moves down where it should move by more than half a gap",
    says="If (1 - beta2) (v - g^2) is larger than half the gap below, v moves down, to the "
    "neighbour at least. Below a power of two that gap is half of the one above.",
    letters=LETTERS,
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
    because = (
        "an even v stays, as its neighbour is odd and is not what is stored."
        if even
        else "an odd v moves, as it is not what is stored."
    )
    matters = (
        "A simulation that rounds halves up is wrong here: it moves a v that stays."
        if even
        else "The same tie at the next number goes the other way. So where v stands still is not a "
        "matter of its size alone."
    )
    ulps, rate = (1, "1/2") if even else (2, "3/4")
    place = Stored(ADAM, "v", BFLOAT16).place(9.0) - ulps
    return Theorem(
        id=f"stalling-tie-{kind}",
        matters=matters,
        title=f"In the middle between two numbers an {kind} v {where}",
        says="If (1 - beta2) (g^2 - v) is exactly half the gap above, the tie goes to the "
        f"even of the two: {because}",
        letters=LETTERS,
        statement=tie(even=even),
        proof=proof_of_tie,
        source=_NEAREST_EVEN,
        over=_FORMATS,
        space=EVEN if even else ODD,
        near_misses=(
            NearMiss(
                tie(even=even, said=False),
                "Whether it stays or moves depends on its last bit.",
                _at(1, place, rate, 3),
                Space(_ties(even=None), (adam,)),
            ),
        ),
    )


THEOREMS = (INSIDE, ABOVE, BELOW, _tie(even=True), _tie(even=False))
