"""False theorems whose instances SymPy simplifies, added to the false records.

What is put in for a symbol has no real value everywhere, and SymPy makes something of the instance
that has one: the fourth power of a fourth root, the exponential of a logarithm.
"""

from __future__ import annotations

from sympy import (
    Abs,
    Integer,
    Lambda,
    Limit,
    Max,
    Min,
    Mod,
    Rational,
    Symbol,
    exp,
    log,
    oo,
    sqrt,
)

from adamref.logic.arithmetic import Certificate, Identity
from adamref.logic.cases import OneByOne
from adamref.logic.induction import Induction
from adamref.logic.limits import Unbounded, Vanishing
from adamref.logic.magnitudes import Applied
from adamref.logic.proof import Cite
from adamref.logic.relations import eq, ge, gt, lt
from adamref.rules import ADAM
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import beta, g, i, n, t
from false_records import FALSE, add, step

x, y, z = (Symbol(name, real=True) for name in "xyz")
FAR = Integer(10) ** 30


def true(*args, **more):
    """Return a theorem that is true, to be applied to what it is not about."""
    made = add(*args, **more)
    del FALSE[made.id]
    return made


FOURTH = true("fourth-power", ge(z**4, 0), Certificate())
SIXTH = true("sixth-power", ge(z**6, 0), Certificate())
OF_ANY = true("fourth-power-of-any", ge(g(t) ** 4, 0), Certificate())
POWER = true("power", gt(x**z, 0), Certificate(), domain=(gt(x, 0),))
_AS_POWER = {x: exp(y), z: log(x + FAR) / y}
_WHERE = (gt(exp(y), 0), gt(y, 0))

for _name, _by in {
    "cited": Certificate((), (Cite(FOURTH, {z: (x + FAR) ** Rational(1, 4)}),)),
    "applied": Applied(FOURTH, {z: (x + FAR) ** Rational(1, 4)}),
    "sixth": Certificate((), (Cite(SIXTH, {z: (x + FAR) ** Rational(1, 6)}),)),
    "function": Certificate((), (Cite(OF_ANY, {g: Lambda(i, (x + FAR) ** Rational(1, 4))}),)),
}.items():
    # False below -10^30 only, where no search looks.
    add(f"root-put-in-{_name}", ge(x + FAR, 0), _by)
for _name, _by in {
    "cited": Certificate((), (Cite(POWER, _AS_POWER),)),
    "applied": Applied(POWER, _AS_POWER),
}.items():
    add(f"logarithm-put-in-{_name}", gt(x + FAR, 0), _by, domain=_WHERE)
add("remainder-put-in", ge(Mod(x, y) ** 2, 0), Certificate((), (Cite(FOURTH, {z: Mod(x, y)}),)))

# The maximum of the first two of three is not that of three.

add(
    "two-of-three",
    eq(Max(x, y, z), Max(x, y, z) + Abs(Max(x, y)) - Max(x, y)),
    Identity(),
    domain=(gt(z, 0),),
)
add(
    "root-of-two-of-three",
    eq(Max(x, y, z), Max(x, y, z) + sqrt(Max(x, y) ** 2) - Max(x, y)),
    Identity(),
    domain=(gt(z, 0),),
)
add(
    "least-two-of-three",
    eq(Min(x, y, z), Min(x, y, z) + Abs(Min(x, y)) + Min(x, y)),
    Identity(),
    domain=(lt(z, 0),),
)

# A field before it is there.

_RUN = Run(ADAM)
add("a-field-before-its-run", ge(_RUN("m", t) ** 2, 0), Certificate(), runs=(_RUN,))

# What is refused in words, where SymPy would have raised.

for _name, _of in {"remainder": Mod(t, 2), "exponential": exp(t), "logarithm": log(t)}.items():
    add(
        f"limit-of-a-{_name}",
        eq(Limit(_of * beta**t, t, oo), 1),
        Vanishing(t),
        domain=(gt(beta, 0), lt(beta, 1), ge(t, 1)),
    )
add(
    "unbounded-by-a-remainder",
    eq(Limit(Mod(t, 2), t, oo), oo),
    step(ge(Mod(t, 2), Mod(t, 2) - 1), Certificate((Integer(1),)), "line"),
    step(eq(Limit(Mod(t, 2), t, oo), oo), Unbounded("line", t)),
)
add("calculated-from-no-number", ge(n, 1), OneByOne(n, True, 3), domain=(ge(n, 0),))
add(
    "induction-from-no-number",
    ge(n, 1),
    Induction(n, Rational(1, 2), (step(ge(Integer(0), 0), Certificate()),), ()),
    domain=(ge(n, 1),),
)
