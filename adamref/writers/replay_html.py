"""A replay as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.pages import rendered
from adamref.replay.summary import alike, headline, numbers_of

if TYPE_CHECKING:
    from adamref.replay.result import Replay

_LABELS = ("0", *(f".{i}" for i in range(1, 10)), "off")


def write(found: Replay) -> str:
    """Write a replay as one page: each tensor, the errors, the first element that is off."""
    tensors = [x for group in found.groups for x in group.tensors]
    counts = np.sum([x.histogram for x in tensors if x.histogram] or [(0,) * len(_LABELS)], axis=0)
    total, most = int(counts.sum()), max(int(counts.max()), 1)
    # A share of one in a million is to be seen beside all others: heights go by the logarithm.
    heights = 100 * np.log1p(counts) / np.log1p(most)
    return rendered(
        "replay.html",
        found=found,
        headline=headline(found),
        numbers=numbers_of,
        alike=alike,
        total=total,
        bars=[(f"{h:.1f}", int(n)) for h, n in zip(heights, counts, strict=True)],
        labels=_LABELS,
        said=f"{total} elements by their greatest error, on a logarithmic scale; "
        f"{int(counts[-1])} are off.",
        first=next((x for x in tensors if x.first is not None), None),
    )
