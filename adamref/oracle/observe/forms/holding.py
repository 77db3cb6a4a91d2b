"""All that parameters may be held in, by name."""

from __future__ import annotations

from adamref.oracle.observe.forms.holders import (
    Holder,
    Keyed,
    Listed,
    Objects,
    PaddedKeys,
    Spread,
)
from adamref.oracle.observe.forms.layered import (
    LayerList,
    LayerRows,
    Layers,
    Nested,
    Network,
    Pairs,
)

HOLDERS: dict[str, type[Holder]] = {
    x.name: x
    for x in (
        Holder, Listed, Keyed, PaddedKeys, Spread, Objects, Nested, LayerRows, Pairs, Layers,
        LayerList, Network,
    )
}  # fmt: skip

LAYERED = frozenset(x.name for x in (Nested, LayerRows, Pairs, LayerList, Network))
"""Those where a tensor has two keys: its layer's and its own."""
