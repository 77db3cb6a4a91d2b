"""Running a rule: in any carrier, and certified.

`trajectory` carries a rule out in one carrier. `run` asks for correctly rounded values: it works in
exact rationals where they reach, and in enclosures at a rising precision (Ziv's loop) elsewhere,
until every value asked for rounds in one way only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Pow

from adamref import rules
from adamref.conventions import scalars
from adamref.errors import UndecidedRounding
from adamref.numbers import formats
from adamref.numbers.ball import Ball
from adamref.numbers.carrier import Carrier, Unknown
from adamref.numbers.exact import Extended, exact, is_special
from adamref.numbers.rational import Rational
from adamref.numbers.rounding import Digits, Target
from adamref.objective import Objective
from adamref.problem import Problem, not_finite, problem
from adamref.rules.program import compiled
from adamref.rules.symbols import PREVIOUS
from adamref.trace import Step, Trace

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.rules.rule import Rule

# The first pass in rationals is cheap; the second is paid for only by a value that no enclosure
# decides, which is nearly always an exact tie.
_FIRST_BUDGET = 1 << 11
_LAST_BUDGET = 1 << 20
_ASK_AGAIN = 8
_GREATEST_PRECISION, _GREATEST_FOR_POWERS = 1 << 18, 1 << 23
"""Bits; the loop ends there with an error that carries the enclosure.

What a power of a decay rate, as small as it is, puts beside a midpoint shows at twice its own bits:
the loop goes so far, but no farther than the second.
"""


def trajectory(
    what: Problem, carrier: Carrier, fields: Iterable[str] | None = None
) -> list[dict[str, list[Any]]]:
    """Carry a problem out in one carrier, all elements together.

    Parameters
    ----------
    what : Problem
    carrier : Carrier
    fields : iterable of str, optional
        What is asked for, beside the states; all if not given.

    Returns
    -------
    list of dict
        For each step, the carrier's values by field name, a list over the elements.
    """
    with carrier.working():
        return list(walk(what, carrier, fields))


def walk(
    what: Problem, carrier: Carrier, fields: Iterable[str] | None = None
) -> Iterator[dict[str, list[Any]]]:
    """Yield the steps of a trajectory one by one, and keep none; inside ``carrier.working()``."""
    wanted = None
    if fields is not None:
        asked = {*fields, *what.start}
        wanted = tuple(line.name for line in what.rule.lines if line.name in asked)
    program = compiled(what.rule, wanted)
    names = tuple(program.outputs)
    state = {name: carrier.lift_all(values) for name, values in what.start.items()}
    varying = frozenset({"g", *(name + PREVIOUS for name in state)})
    always = program.stage(carrier).given(_same_at_every_step(what.hypers), varying)
    # Where the inputs of the program come from.
    sources = {"g": "g"} | {name + PREVIOUS: name for name in state}
    for i, exacts in enumerate(what.hypers):
        if isinstance(what.gradients, Objective):
            gradient = what.gradients.at(carrier, state["theta"])
        else:
            gradient = carrier.lift_all(what.gradients[i])
        stage = always.given(exacts, varying)
        state["g"] = gradient
        found = stage.run_all([state[sources[name]] for name in stage.inputs])
        made = {"g": gradient, **dict(zip(names, found, strict=True))}
        yield made
        state.update(made)


def _same_at_every_step(hypers: Sequence[Mapping[str, Extended]]) -> dict[str, Extended]:
    def is_always(name: str, x: Extended) -> bool:
        return all(step[name] is x or step[name] == x for step in hypers)

    return {name: x for name, x in hypers[0].items() if is_always(name, x)}


def run(
    rule: Rule | str,
    theta: Any,
    gradients: Any,
    *,
    digits: int = 50,
    dtype: Any = None,
    resync: bool = False,
    steps: int | None = None,
    state: Mapping[str, Any] | None = None,
    t: int = 1,
    convention: str = "literal",
    compute: str | None = None,
    **hyper: Any,
) -> Trace:
    """Run a rule and return every value, correctly rounded.

    The arithmetic is over the reals; each reported value is rounded once, to nearest with ties to
    even, and is certified: no other value could have been the right one.

    Parameters
    ----------
    rule : Rule or str
        From `adamref.rules`, or its name there: ``"adam"``.
    theta : number or array of numbers
        The parameter before the first step. A float is its dyadic value, a string or Decimal is
        exactly that decimal, Fractions and ints are themselves.
    gradients : sequence, Objective, str or sympy.Expr
        One gradient of theta's shape for each step; or an objective, whose derivative at the
        current parameter is the gradient (closed loop).
    digits : int
        Significant decimal digits of every reported value (`decimal.Decimal`), 1 to 100,000.
    dtype : str or NumPy dtype, optional
        Report in this format instead: float16, bfloat16, float32 or float64. Values are NumPy
        scalars or arrays; bfloat16 comes as float32, in which each of its values is exact.
    resync : bool
        Start each step from the reported values of the one before instead of the exact ones.
    steps : int, optional
        Number of steps; with an objective 1 if not given.
    state : mapping of str to number or array, optional
        Values before the first step, such as ``{"m": …, "v": …}``; what is missing is 0 (the
        running product of NAdam 1).
    t : int
        The t of the first step.
    convention : {"literal", "rounded", "mixed"}
        Which numbers stand for the hyperparameters in a float format (`adamref.conventions`).
    compute : {"storage", "float32", "float64"}, optional
        To what rounded and mixed round the hyperparameters: the dtype itself, or a wider format in
        which the code works; float32 for float16 and bfloat16 if not given, in which such code has
        its scalars.
    **hyper
        alpha (or lr; a sequence is a schedule with an entry a step), beta1, beta2 (or betas), eps,
        weight_decay, …, as the rule has them. What is missing takes the published default.

    Returns
    -------
    Trace
        ``trace.about["precision"]`` tells the working precision that sufficed.

    Raises
    ------
    OutOfDomain
        If a hyperparameter lies outside its domain: beta outside [0, 1), alpha or eps negative,
        infinite or NaN. Gradients and parameters may be infinite or NaN; the trace says so.
    ShapeMismatch
        If the shapes of theta, gradients or state differ.
    NotANumber, UnknownName, MissingInput
        If an input is of the wrong kind, unknown or absent.
    UndecidedRounding
        If a value stayed undecided at the greatest precision tried; the error carries its
        enclosure.

    >>> run("adam", "0.5", [-15], digits=12, alpha="0.1")[0].theta
    Decimal('0.599999999933')
    """
    if isinstance(rule, str):
        rule = rules.get(rule)
    target, fmt = _target(digits, dtype)
    what = problem(
        rule,
        theta,
        gradients,
        steps=steps,
        state=state,
        t=t,
        convention=convention,
        compute=compute,
        fmt=fmt,
        **hyper,
    )
    if resync:
        certified, precision = _resynchronised(what, target)
    else:
        certified, precision = _certified(what, target)
    fields = what.rule.fields
    made = tuple(
        Step(
            what.first + i,
            {name: _collected(step[name][0], what.shape, fmt) for name in fields},
            frozenset(name for name in fields if all(step[name][1])),
        )
        for i, step in enumerate(certified)
    )
    about = {"rule": rule.name, **rule.dialect, **what.given}
    about |= {"rounded to": str(target), "precision": f"{precision} bits"}
    if fmt is not None:
        about["hyper"] = convention
        if convention != "literal" and (scalar := scalars(fmt, compute)) != fmt:
            about["hyper"] += f" to {scalar.dtype}"
    if odd := not_finite(what):
        about["not finite"] = "; ".join(odd)
    return Trace(made, fields, about)


_Certified = dict[str, tuple[list[Any], list[bool]]]
"""For each field the rounded elements, and whether each is the real number itself."""


def _target(digits: int, dtype: Any) -> tuple[Target, Format | None]:
    if dtype is None:
        return Digits(digits), None
    fmt = formats.get(dtype)
    return fmt, fmt


def _certified(what: Problem, target: Target) -> tuple[list[_Certified], int]:
    """Certify a problem; element by element where the elements do not meet."""
    targets = dict.fromkeys(what.rule.fields, target)
    if isinstance(what.gradients, Objective) or what.size == 1 or what.rule.reduces:
        return settled(what, targets)
    merged: list[_Certified] = [{name: ([], []) for name in what.rule.fields} for _ in what.hypers]
    precision = 0
    for j in range(what.size):
        found, bits = settled(what.element(j), targets)
        precision = max(precision, bits)
        for whole, part in zip(merged, found, strict=True):
            for name, (values, exactly) in part.items():
                whole[name][0].extend(values)
                whole[name][1].extend(exactly)
    return merged, precision


def _resynchronised(what: Problem, target: Target) -> tuple[list[_Certified], int]:
    """Certify each step on its own, from the rounded values of the one before."""
    steps: list[_Certified] = []
    precision = 0
    state = what.start
    for i in range(len(what.hypers)):
        (step,), bits = _certified(what.restarted(state, i), target)
        precision = max(precision, bits)
        steps.append(step)
        state = {
            name: tuple(exact(x) for x in step[name][0]) if name in step else values
            for name, values in state.items()
        }
    return steps, precision


def settled(what: Problem, targets: Mapping[str, Target]) -> tuple[list[_Certified], int]:
    """Round the values of a problem: from rationals where known, else from enclosures.

    Parameters
    ----------
    what : Problem
    targets : mapping of str to Target
        To what each field is rounded; those that are absent are not looked at.

    Returns
    -------
    tuple
        For each step, by field, the rounded values and whether each is exact; the precision that
        sufficed.

    Raises
    ------
    UndecidedRounding
        If a value stayed undecided at the greatest precision tried.
    """
    known = trajectory(what, Rational(_FIRST_BUDGET), targets)
    length = len(what.hypers)
    needed = max(map(_needed_bits, targets.values()))
    bits = needed + 2 * length.bit_length() + 32
    if not any(isinstance(x, Unknown) for step in known for name in targets for x in step[name]):
        return [_rounded_exactly(step, targets) for step in known], bits
    asked_again = False
    while True:
        steps, missing = _attempt(what, targets, known, bits)
        if missing is None:
            return steps, bits
        if bits >= _greatest_precision(what):
            where, low, high, target = missing
            raise UndecidedRounding(where, low, high, bits, str(target))
        bits *= 2
        if not asked_again and bits > _ASK_AGAIN * needed:
            # What resists this long is nearly always a tie or an exact zero, which no precision
            # decides; rationals do, if they may grow.
            known = trajectory(what, Rational(_LAST_BUDGET), targets)
            asked_again = True


def _greatest_precision(what: Problem) -> int:
    """Return up to how many bits enclosures are tried."""
    raised = {
        symbol.name
        for line in what.rule.lines
        for power in line.expr.atoms(Pow)
        if any(symbol.name == "t" for symbol in power.exp.free_symbols)
        for symbol in power.base.free_symbols
    }
    powers = (
        float(step["t"]) * (math.log2(x.denominator) - math.log2(x.numerator))
        for step in what.hypers
        for name in raised & step.keys()
        if isinstance(x := step[name], Fraction) and 0 < x < 1
    )
    shows = 2 * math.ceil(max(powers, default=0.0)) + _GREATEST_PRECISION // 4
    return max(_GREATEST_PRECISION, min(shows, _GREATEST_FOR_POWERS))


def _attempt(
    what: Problem,
    targets: Mapping[str, Target],
    known: Sequence[Mapping[str, list[Any]]],
    bits: int,
) -> tuple[list[_Certified], tuple[str, Any, Any, Target] | None]:
    """Round with enclosures of one precision; tell the first value that is not decided."""
    enclosed = trajectory(what, Ball(bits), targets)
    steps: list[_Certified] = []
    for i, (rational, step) in enumerate(zip(known, enclosed, strict=True)):
        rounded: _Certified = {}
        for name, target in targets.items():
            values, exactly = [], []
            for sure, around in zip(rational[name], step[name], strict=True):
                value, is_exact, ends = _round_one(sure, around, target)
                if value is None:
                    where = f"{name}[t={what.first + i}]"
                    return steps, (where, *ends, target)
                values.append(value)
                exactly.append(is_exact)
            rounded[name] = (values, exactly)
        steps.append(rounded)
    return steps, None


def _round_one(sure: Any, around: Any, target: Target) -> tuple[Any, bool, tuple[Any, Any]]:
    """Return the rounded value, whether it is exact, and the ends of the enclosure."""
    if not isinstance(sure, Unknown):
        value = target.round(sure)
        return value, _is_same(value, sure), (sure, sure)
    if isinstance(around, float):
        return target.round(around), True, (around, around)
    if isinstance(around, Unknown):
        return None, False, (-math.inf, math.inf)
    low, high = Ball.ends(around)
    below, above = target.round(low), target.round(high)
    if below == above and str(below) == str(above):
        return below, low == high and _is_same(below, low), (low, high)
    return None, False, (low, high)


def _rounded_exactly(step: Mapping[str, list[Any]], targets: Mapping[str, Target]) -> _Certified:
    certified: _Certified = {}
    for name, target in targets.items():
        values = step[name]
        rounded = [target.round(x) for x in values]
        certified[name] = (rounded, [_is_same(r, x) for r, x in zip(rounded, values, strict=True)])
    return certified


def _is_same(rounded: Any, value: Any) -> bool:
    return is_special(value) or exact(rounded) == value


def _needed_bits(target: Target) -> int:
    if isinstance(target, Digits):
        return math.ceil(target.count * math.log2(10))
    assert isinstance(target, formats.Format)
    return target.precision


def _collected(values: list[Any], shape: tuple[int, ...], fmt: Format | None) -> Any:
    """Give values the shape of the parameter: a scalar for a scalar."""
    if fmt is None:
        kind: Any = object
    else:
        kind = np.float32 if fmt is formats.BFLOAT16 else np.dtype(fmt.dtype)
    if shape == ():
        return values[0] if fmt is None else np.dtype(kind).type(values[0])
    array = np.empty(len(values), dtype=kind)
    array[:] = values
    return array.reshape(shape)
