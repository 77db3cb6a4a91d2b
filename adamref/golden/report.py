"""What ``adamref golden`` does with probes: lists, writes or verifies them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, final

from adamref.render import Result

if TYPE_CHECKING:
    from adamref.golden.probe import Probe
    from adamref.golden.verify import Recomputed


@final
@dataclass(frozen=True)
class Suite(Result):
    """Probes, where they stand, and what verifying them found.

    Attributes
    ----------
    probes : tuple of Probe
    directory : str or None
        Where they were written or verified; None: they are only listed.
    outcomes : tuple of Recomputed or None
        What was found, a file each; None: they were not verified.
    size : int
        Of the files written, in characters.
    """

    kind: ClassVar[str] = "golden"
    probes: tuple[Probe, ...]
    directory: str | None = None
    outcomes: tuple[Recomputed, ...] | None = None
    size: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing was found to be wrong."""
        return all(outcome.holds for outcome in self.outcomes or ())
