"""Numbers that are printed again: at the beginning of the next step, or to recall them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.documents.clock import Clock
    from adamref.documents.spans import Printed
    from adamref.documents.world import Key, World


def repeated(world: World, clock: Clock, key: Key, number: Printed) -> tuple[str, int] | None:
    """Find the parameter and the step that a bare number was printed for before; None if for none.

    A step of which nothing was worked begins with the parameter as it was left. A value of another
    step is recalled only where that of this one was printed already.
    """
    name, track, _ = key
    left = world.authors.get(("theta", track, clock.now - 1))
    begins = name == "theta" and clock.begins(track)
    if begins and left is not None and number.fits(left) is not None:
        return track, clock.now - 1
    if key not in world.authors:
        return None
    same = ((p, t) for (n, p, t), span in world.authors.items() if n == name and number.fits(span))
    return next(same, None)
