"""Optimizers of scikit-learn: ``update_params(params, grads)`` on a list of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from adamref.mutation.live.instances import LiveInstances
from adamref.oracle.observe.adapters.sklearn import SklearnAdapter

if TYPE_CHECKING:
    from adamref.oracle.observe.calling.adapter import Adapter


@final
class LiveSklearn(LiveInstances):
    """The ``update_params`` of a class."""

    adapter: ClassVar[type[Adapter]] = SklearnAdapter
    method: ClassVar[str] = "update_params"
    at: ClassVar[int] = 1
