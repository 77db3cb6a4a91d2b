"""A function of parameters and gradients whose moments are among its arguments, in any form.

They come back, or are changed in place; or they are in a state of any kind that does, together with
the hyperparameters or not. Which argument is which is found out (`forms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from adamref.oracle.observe.calling.names import parameters
from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.forms.form import FormAdapter
from adamref.oracle.observe.forms.searching import function_plans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.oracle.observe.forms.plans import Plan


@final
class MomentsAdapter(FormAdapter):
    """A function that is given its moments, or what holds them."""

    name: ClassVar[str] = "moments"
    order: ClassVar[int] = 82

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise a function of two arguments and more, which a trial may show to be one."""
        if isinstance(target, type) or not callable(target):
            return Sign.NONE
        return Sign.TRIAL if len(parameters(target).named) > 1 else Sign.NONE

    @classmethod
    def plans(cls, target: Any, args: Mapping[str, Any]) -> Iterator[Plan]:
        """Yield plans for a function."""
        del args
        return function_plans(target)
