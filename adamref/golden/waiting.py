"""Elements of a block that are not settled yet, until there is a block of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@final
class Waiting:
    """Elements of one field that are not settled yet."""

    def __init__(self, block: int) -> None:
        self.count = 0
        self._block = block
        self._places: list[NDArray[np.int64]] = []
        self._inputs: list[dict[str, NDArray[Any]]] = []

    def add(self, start: int, left: NDArray[np.int64], inputs: Mapping[str, NDArray[Any]]) -> None:
        """Add elements of a block."""
        self.count += left.size
        self._places.append(left + start)
        self._inputs.append({name: values[left] for name, values in inputs.items()})

    def taken(self) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
        """Return where up to a block of them stand, and their inputs; they wait no longer."""
        places = np.concatenate(self._places)
        inputs = {n: np.concatenate([x[n] for x in self._inputs]) for n in self._inputs[0]}
        block = self._block
        self.count = max(0, self.count - block)
        self._places = [places[block:]]
        self._inputs = [{name: values[block:] for name, values in inputs.items()}]
        return places[:block], {name: values[:block] for name, values in inputs.items()}
