"""A class of any form whose objects take steps: given parameters and gradients, or holding them.

``update(params, grads)`` over arrays, lists or dictionaries, in place or not; ``step()`` over
parameters that hold their gradient; layers; an update that is to be added. How the object is made
and which method takes the step is found out (`forms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.forms.form import FormAdapter
from adamref.oracle.observe.forms.searching import class_plans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.oracle.observe.forms.plans import Plan


@final
class UpdatingAdapter(FormAdapter):
    """A class, or what makes an object or a closure, that takes steps."""

    name: ClassVar[str] = "updating"
    order: ClassVar[int] = 84

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise anything that may make an object, which a trial may show to take steps."""
        return Sign.TRIAL if callable(target) else Sign.NONE

    @classmethod
    def plans(cls, target: Any, args: Mapping[str, Any]) -> Iterator[Plan]:
        """Yield plans for a class."""
        return class_plans(target, args)
