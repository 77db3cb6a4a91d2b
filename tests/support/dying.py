"""Work that takes the process with it in which it is done: importable there."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Dies:
    """Holds nothing against elements, and ends the process on those from one place on.

    ``mark`` is a file that counts the tries; after so many of them it ends nothing any more.
    """

    mark: Path
    place: int
    times: int

    def __call__(self, pair: Any, start: int, stop: int) -> np.ndarray:
        if start == self.place:
            with self.mark.open("a") as file:
                file.write("x")
            if self.mark.stat().st_size <= self.times:
                os.kill(os.getpid(), signal.SIGKILL)
        assert pair.size >= stop
        return np.zeros(stop - start)
