"""The search for counterexamples: Hypothesis, guided towards where a claim nearly fails."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, final

import mpmath
from sympy import And, Eq, Gt, Le, Limit, Lt, Ne, oo

from adamref.numbers.multiprecision import Multiprecision
from adamref.theorems.evaluation import NEAR_ENOUGH, Evaluation, NoValue, assumed, refuted_at

if TYPE_CHECKING:
    from adamref.logic.statement import Statement
    from adamref.theorems.points import Point, Space

EXAMPLES = 60
_BITS = 200  # sixty decimal digits
_STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"
_TINY = Fraction(1, 10**40)
"""Relative to both sides: what sixty digits lose in a few dozen operations, with much to spare."""


def installed() -> bool:
    """Say whether Hypothesis is there."""
    return find_spec("hypothesis") is not None


@final
@dataclass(frozen=True)
class Found:
    """What a search ended with: a counterexample, or how many points were tried."""

    counterexample: Point | None
    tried: int


def _put_aside() -> None:
    """Keep what Hypothesis writes beside a search out of the directory that one stands in.

    Not where somebody else in this process uses it: that has a place of its own.
    """
    if "hypothesis" not in sys.modules and _STORAGE not in os.environ:
        os.environ[_STORAGE] = place = mkdtemp(prefix="adamref-")
        atexit.register(shutil.rmtree, place, ignore_errors=True)


def search(statement: Statement, space: Space, examples: int = EXAMPLES) -> Found:
    """Look for a point inside the assumptions at which a claim is false.

    The same points are tried every time. A counterexample found in sixty digits counts if exact
    arithmetic or an enclosure confirms it.
    """
    _put_aside()
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings, target

    tried = 0

    @settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate, Phase.target],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(space.points())
    def attempt(point: Point) -> None:
        nonlocal tried
        where = Evaluation(Multiprecision(_BITS), space, point, statement.meanings)
        try:
            if not assumed(statement, where):
                return
            failing = _margin(statement.claim, where)
        except NoValue:
            return
        tried += 1
        if failing > 0 and refuted_at(statement, space, point):
            raise _Met(point)
        # The nearer to failing, the greater the score.
        target(float(-mpmath.log1p(abs(failing))))

    try:
        attempt()
    except _Met as met:
        return Found(met.point, tried)
    return Found(None, tried)


@final
class _Met(Exception):
    """A counterexample was met: Hypothesis ends at an exception."""

    def __init__(self, point: Point) -> None:
        super().__init__(point)
        self.point = point


def _margin(claim: Any, where: Evaluation) -> Any:
    """Say by how much a claim fails at a point; > 0 means that it is false."""
    if isinstance(claim, And):
        return max(_margin(part, where) for part in claim.args)
    if isinstance(claim.args[0], Limit):
        return _margin_far_out(claim, where)
    left, right = (_real(where.value(side)) for side in claim.args)
    tiny = (abs(left) + abs(right)) * _real_of(_TINY)
    difference = left - right
    if isinstance(claim, Eq):
        return abs(difference) - tiny
    if isinstance(claim, Ne):
        return max(tiny, _real_of(_TINY)) - abs(difference)
    short = difference if isinstance(claim, Le | Lt) else -difference
    if isinstance(claim, Lt | Gt):
        return short + max(tiny, _real_of(_TINY))  # equality is a failure too
    return short - tiny


def _margin_far_out(claim: Eq, where: Evaluation) -> Any:
    """Say by how much what a limit is of stays away from it, far out; or does not grow by 1."""
    found = [_real(x) for x in where.far_out(claim.args[0])]
    if claim.args[1] is oo:
        return max(1 - (b - a) for a, b in pairwise(found))
    limit = _real(where.value(claim.args[1]))
    return min(abs(x - limit) for x in found) - (1 + abs(limit)) * _real_of(NEAR_ENOUGH)


def _real(value: Any) -> Any:
    return mpmath.mp.make_mpf(value)


def _real_of(value: Fraction) -> Any:
    with mpmath.workprec(_BITS):
        return mpmath.mpf(value.numerator) / value.denominator
