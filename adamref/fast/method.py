"""What an algorithm is: its mathematics, and a class whose fields are its hyperparameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from inspect import Parameter, Signature, get_annotations, signature
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, dataclass_transform, final

from adamref.errors import MissingPackage
from adamref.fast.options import Options

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"
Arrays: TypeAlias = "Sequence[Array]"
Scalars: TypeAlias = "tuple[Any, ...]"
State: TypeAlias = "dict[str, Any]"
"""t, the number of steps taken, and the arrays (and running numbers) by name."""
Rate: TypeAlias = "float | Callable[[int], float]"


class Common(Options, total=False):
    """Keywords of every functional step."""

    weight_decay: float


@final
@dataclass(frozen=True, eq=False)
class Method:
    """The mathematics of an algorithm.

    Attributes
    ----------
    name : str
    states : tuple of str
        The arrays of theta's shape that it keeps.
    scalars : callable
        ``scalars(state, *, lr=…, …)``: what all elements share, worked in float64 from t and the
        running numbers (which it updates) and from the hyperparameters.
    block : callable
        ``block(theta, g, states, scalars, scratch)`` on one-dimensional arrays of one dtype: works
        a step in place, in the scratch arrays it is given, and allocates nothing.
    loop : callable
        ``loop(theta, g, states, scalars)``: the same element by element, for numba; the same
        operations in the same order, so the same bits.
    scratch : int
        How many scratch arrays a block needs.
    fixed : int
        How many of the scalars, from the first, depend on nothing that changes from step to step.
    running : mapping of str to float
        Numbers that a state keeps beside its arrays, and what they start as.
    """

    name: str
    states: tuple[str, ...]
    scalars: Callable[..., Scalars]
    block: Callable[[Array, Array, Arrays, Scalars, Arrays], None]
    loop: Callable[[Array, Array, Arrays, Scalars], None]
    scratch: int = 2
    fixed: int = 0
    running: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def compiled(self) -> Callable[[Array, Array, Arrays, Scalars], None]:
        """The loop as machine code. No fastmath: nothing is fused or reassociated.

        Raises
        ------
        MissingPackage
            If numba is not installed.
        """
        try:
            import numba  # heavy, and optional
        except ImportError as missing:
            raise MissingPackage("numba", "kernel='numba'", "fast") from missing
        loop: Any = numba.njit(self.loop, nogil=True, error_model="numpy")
        return loop  # type: ignore[no-any-return]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Declared:
    """Reads the fields of an algorithm's class; type checkers make its ``__init__`` of them.

    The defaults in the class are those of ``scalars``, where type checkers read the functional
    step's. A field with ``metadata`` takes one of the words there, by what errors call it.
    """

    method: ClassVar[Method]
    decoupled: ClassVar[bool]
    defaults: ClassVar[dict[str, Any]]
    words: ClassVar[dict[str, tuple[str, tuple[str, ...]]]]
    __signature__: ClassVar[Signature]

    def __init_subclass__(cls, method: Method | None = None, *, decoupled: bool = False) -> None:
        if method is None:
            return  # what derives from an algorithm is that algorithm
        cls.method, cls.decoupled, cls.defaults, cls.words = method, decoupled, {}, {}
        shown = [Parameter("params", Parameter.POSITIONAL_OR_KEYWORD, annotation="Params")]
        for name, annotation in get_annotations(cls).items():
            asked = Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)
            default = getattr(cls, name)
            if isinstance(default, type(field())):
                for words in default.metadata.items():
                    cls.words[name] = words
                asked, default = asked.replace(kind=Parameter.KEYWORD_ONLY), default.default
            shown.append(asked.replace(default=default))
            cls.defaults |= separated({name: default})
            # What was given, to read: hyperparameters do not change.
            setattr(cls, name, property(partial(_given, name), doc="As it was given."))
        there = {n: x.default for n, x in signature(method.scalars).parameters.items()}
        for name, default in cls.defaults.items():
            if there.get(name, default) != default:
                raise TypeError(f"{name} is {default} in {cls.__name__}, and {there[name]} below")
        options = Parameter("options", Parameter.VAR_KEYWORD, annotation="Unpack[Options]")
        cls.__signature__ = Signature([*shown, options], return_annotation="None")


def _given(name: str, optimizer: Any) -> Any:
    return optimizer.given[name]


def separated(hyper: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters with beta1 and beta2 in the place of betas."""
    found: dict[str, Any] = {}
    for name, x in hyper.items():
        if name == "betas":
            found["beta1"], found["beta2"] = x
        else:
            found[name] = x
    return found
