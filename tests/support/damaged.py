"""Documents with something taken out, exchanged or added, at random."""

from __future__ import annotations

import copy


def places(value, at=()):
    """List where something stands in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, one in inner:
        yield (*at, name)
        if isinstance(one, dict | list):
            yield from places(one, (*at, name))


def damaged(draw, document, odd, *, added=("odd", "a.json\n", "t")):
    """Return a document with one to three damages; ``odd`` is what is put into it."""
    made = copy.deepcopy(document)
    for _ in range(draw.choice((1, 1, 2, 3))):
        *path, last = draw.choice(list(places(made)))
        holder = made
        for name in path:
            holder = holder[name]
        if draw.random() < 0.25:
            del holder[last]
        elif isinstance(holder, dict) and draw.random() < 0.2:
            holder[draw.choice(added)] = copy.deepcopy(draw.choice(odd))
        else:
            holder[last] = copy.deepcopy(draw.choice(odd))
        if not made:
            break
    return made
