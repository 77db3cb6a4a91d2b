"""The gradient of a step that was taken, from the first moments before and after it.

Two checkpoints hold no gradient. It is known all the same, up to the roundings of one update:
then every other number of the step is determined, and can be held against what is there.
"""

from fractions import Fraction

from sympy import Abs, Symbol

from adamref.logic.relations import ge, gt, le
from adamref.theorems.spaces import Draw, Point, composed, grid, st
from adamref.theorems.writing import Statement, Steps, Theorem, near_miss, show

from .rounding import FORMATS, b, g, m, w
from .rounding_stored import FINE

S, R, G = (Symbol(name, real=True) for name in ("S", "R", "G"))
"""The two parts of a bound; the gradient for which the stored moment is b m + w G."""

_stored = b * m + w * G


def _gradients(draw: Draw) -> Point:
    values = {name: draw(grid(-3, 3, FINE)) for name in ("m", "g")}
    values |= {"b": draw(grid(0, 1, FINE)), "w": draw(grid(FINE, 1, FINE))}
    values["R"] = values["w"] * draw(grid(0, 1 - FINE, FINE))
    values["S"] = draw(grid(0, 1, FINE))
    most = values["S"] + values["R"] * abs(values["g"])
    away = most * draw(st.sampled_from([Fraction(n) for n in (-1, 0, "1/2", 1)]))
    stored = values["b"] * values["m"] + values["w"] * values["g"] + away
    solved = (stored - values["b"] * values["m"]) / values["w"]
    return Point({**values, "G": solved})


@Theorem(
    id="rounding-gradient",
    matters="Two checkpoints hold no gradient. With it as an interval every other number of the "
    "step can be judged.",
    title="The gradient of a step, from the first moments before and after it",
    says="Where the stored moment is within S + R |g| of b m + w g, and R is below w, the gradient "
    "is within (S + R |G|) / (w - R) of G, for which the stored moment is b m + w G.",
    statement=Statement(
        le(Abs(g - G), (S + R * Abs(G)) / (w - R)),
        (
            le(Abs(_stored - (b * m + w * g)), S + R * Abs(g)),
            ge(S, 0),
            ge(R, 0),
            gt(w, 0),
            gt(w - R, 0),
        ),
    ),
    source="the first moment's line solved for g (Kingma & Ba 2015, Algorithm 1)",
    space=composed(_gradients),
    over=FORMATS,
)
@near_miss(
    le(Abs(g - G), (S + R * Abs(G)) / w),
    "The error is a share of the gradient itself, not of the one that is solved for: "
    "R is lost from w.",
    Point.of(b=0, w=1, m=0, g=2, G=1, S=0, R="1/2"),
)
def GRADIENT(statement: Statement) -> Steps:
    """The gradient is at most |G| and the difference; what that adds is taken to the left."""
    off = Abs(g - G)
    return (
        show("no more than both", le(Abs(g), Abs(G) + off)).magnitudes(
            "g = G + (g - G).", ((G,), (g - G,))
        ),
        show("the same", le(w * off, S + R * Abs(g))).certificate(
            "The difference, times w, is what the stored moment is off by.",
            (S + R * Abs(g) - Abs(_stored - (b * m + w * g)),),
        ),
        show("weighted", le(w * off, S + R * (Abs(G) + off))).certificate(
            "Substitute the bound on |g|.",
            (S + R * Abs(g) - w * off, R * (Abs(G) + off - Abs(g))),
            ("the same", "no more than both"),
        ),
        show("gradient", statement.claim).certificate(
            "What multiplies the difference on the right is taken to the left, and divided by.",
            ((S + R * (Abs(G) + off) - w * off) / (w - R),),
            ("weighted",),
        ),
    )


THEOREMS = (GRADIENT,)
