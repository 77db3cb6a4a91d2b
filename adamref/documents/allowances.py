"""What an author may have meant, though it is not what the givens say to the letter.

A step worked with a step size that was stated for another; an epsilon too small to matter; what a
wrong number was rounded from.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.candidates import Candidate
from adamref.documents.spans import Printed, Span, point

if TYPE_CHECKING:
    from adamref.documents.roles import Meaning
    from adamref.documents.world import World

_NEGLIGIBLE = Fraction(1, 10**6)


def other_step_sizes(world: World, t: int) -> Generator[Fraction]:
    """For each step size that was stated since, work a step with it: it may be worked again."""
    kept = dict(world.alphas)
    for alpha in dict.fromkeys(kept.values()):
        world.alphas[t] = alpha
        try:
            yield alpha
        finally:
            world.alphas = dict(kept)


@contextmanager
def without_epsilon(world: World, step: Callable[[], list[Candidate]]) -> Iterator[bool]:
    """For a while, take epsilon for 0; say whether it is too small to matter in a step.

    Too small is less than a millionth of the step; a decimal that shows more is judged by that.
    """
    eps = world.hypers.get("eps")
    if not eps:
        yield False
        return
    exact = step()
    world.hypers["eps"] = Fraction(0)
    try:
        neglected = step()
        if not exact or not neglected:
            yield False
            return
        one, other = exact[0].span.middle, neglected[0].span.middle
        yield abs(one - other) <= _NEGLIGIBLE * abs(other)
    finally:
        world.hypers["eps"] = eps


def behind_wrong(
    world: World, parameter: str, t: int, number: Printed, work: Callable[[], list[Candidate]]
) -> Iterator[Span]:
    """Work a value from what a wrong number before it may have been rounded from.

    What that was is not known; it lies within half a unit of its last digit. Each printed number
    is taken at both ends of that, and what is worked lies between: every line of a rule is
    monotonic in one of its inputs over so short a stretch. Only a number with more digits than
    the one it follows from can tell.
    """
    for key, unit in list(world.units.items()):
        if key[1] != parameter or key[2] not in (t - 1, t) or key not in world.known:
            continue
        if not any(c.tainted for c in world.known[key]):
            continue
        middle = world.authors[key].middle
        ends = []
        for end in (middle - unit / 2, middle + unit / 2):
            with world.assuming(key, [Candidate(point(end), tainted=True)]):
                ends.append([c.span for c in work()])
        for low, high in zip(*ends, strict=False):
            between = Span(min(low.low, high.low), max(low.high, high.high))
            if between.high - between.low <= _WIDEST * max(abs(number.value), number.unit):
                yield between


_WIDEST = Fraction(1, 1000)
"""How uncertain what follows may be, as a part of itself: more would excuse any number."""


def rests_on_unjudged(world: World, meaning: Meaning, t: int, number: Printed | None) -> str | None:
    """Return the hyperparameter for want of which a number cannot be judged either, if one is.

    It comes from numbers that were not judged, and would from what may have been rounded to them.
    """
    key = (meaning.name, meaning.parameter, t)
    near = {k: x for k, x in world.unjudged.items() if k != key and k[2] in (t - 1, t)}
    if number is None or not near:
        return None
    with ExitStack() as stack:
        for one, (_, shown) in near.items():
            stack.enter_context(world.assuming(one, [Candidate(shown.span)]))
        stack.enter_context(world.assuming(key, None))
        made = [c.span for c in world.candidates(*key)]
    hyper = next(iter(near.values()))[0]
    return hyper if any(number.span.meets(span) for span in made) else None
