"""Hypothesis strategies for testing an Adam: legal inputs only, and the difficult ones among them.

They need Hypothesis (the extra ``test``). Whatever they draw has an answer: a hyperparameter lies
where the algorithm is defined, a gradient is a finite number of its format. Subnormals, zeros of
both signs and numbers next to overflow are drawn on purpose: Adam's v lives there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from adamref.errors import UnknownName

Array = NDArray[Any]

# By dtype: precision in bits, least and greatest exponent of normal numbers, as 2**e.
_FORMATS = {
    "float16": (11, -14, 15),
    "bfloat16": (8, -126, 127),
    "float32": (24, -126, 127),
    "float64": (53, -1022, 1023),
}
_USUAL = {
    "lr": (1e-3, 1e-2, 0.1, 1.0, 3e-4),
    "beta1": (0.9, 0.0, 0.5, 0.95, 0.99),
    "beta2": (0.999, 0.0, 0.9, 0.99, 0.9999, 1 - 1e-8),
    "eps": (1e-8, 0.0, 1e-6, 1e-3, 1.0),
    "weight_decay": (0.0, 0.01, 0.1, 1.0),
}
_RANGES = {
    "lr": (1e-8, 10.0),
    "beta1": (0.0, 0.9999),
    "beta2": (0.0, 0.99999999),
    "eps": (0.0, 10.0),
    "weight_decay": (0.0, 10.0),
}


@st.composite
def hyperparameters(draw: st.DrawFn, names: tuple[str, ...] = tuple(_USUAL)) -> dict[str, float]:
    """Draw hyperparameters: published values, and any others that are legal.

    Parameters
    ----------
    names : tuple of str
        Which: of lr, beta1, beta2, eps, weight_decay.

    Returns
    -------
    strategy of dict of str to float

    >>> drawn = hyperparameters().example()  # doctest: +SKIP
    """
    for name in names:
        if name not in _USUAL:
            raise UnknownName("hyperparameter", name, tuple(_USUAL))
    return {
        name: draw(st.one_of(st.sampled_from(_USUAL[name]), st.floats(*_RANGES[name])))
        for name in names
    }


def numbers(dtype: Any = "float32", *, largest: float | None = None) -> st.SearchStrategy[float]:
    """Draw finite numbers of a format, as floats.

    Subnormals, powers of two and their neighbours, short decimals, 0.0 and -0.0 among them.

    Parameters
    ----------
    dtype : dtype
        float16, bfloat16 (of ml_dtypes), float32 or float64.
    largest : float, optional
        The greatest magnitude; the format's own if not given.

    Raises
    ------
    UnknownName
        If there is no such format.
    """
    name = np.dtype(dtype).name
    if name not in _FORMATS:
        raise UnknownName("dtype", name, tuple(_FORMATS))
    digits, least, most = _FORMATS[name]
    top = (2.0 - 2.0 ** (1 - digits)) * 2.0**most
    bound = top if largest is None else min(top, largest)
    bottom = 2.0 ** (least - digits + 1)

    def held(x: float) -> float:
        """Round toward zero to the format, within the bounds."""
        x = math.copysign(min(abs(x), bound), x)
        if x == 0:
            return x
        exponent = max(math.frexp(x)[1] - digits, least - digits + 1)
        return (
            math.ldexp(math.trunc(math.ldexp(x, -exponent)), exponent) if name != "float64" else x
        )

    steps = math.frexp(bound)[1]
    scaled = st.builds(
        math.ldexp,
        st.floats(-2.0, 2.0, allow_subnormal=False),
        st.integers(least - digits, min(most, steps)),
    )
    nearby = st.builds(
        lambda k, e: math.ldexp(1 + k * 2.0 ** (1 - digits), e),
        st.integers(-2, 2),
        st.integers(least, min(most, steps) - 1),
    )
    return st.one_of(
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.1, bottom, -bottom, 2.0**least, bound, -bound]),
        st.floats(-10.0, 10.0),
        scaled,
        nearby,
    ).map(held)


SHAPES = st.sampled_from(
    [(), (0,), (1,), (7,), (8,), (13,), (3, 5), (2, 0, 3), (1, 1, 4), (2, 3, 4)]
)
"""Shapes: 0-d, empty, tails of vectors, several axes."""


@st.composite
def arrays(
    draw: st.DrawFn,
    dtype: Any = "float32",
    shape: tuple[int, ...] | st.SearchStrategy[tuple[int, ...]] = SHAPES,
    *,
    elements: st.SearchStrategy[float] | None = None,
    strided: bool = True,
) -> Array:
    """Draw an array of a format; of mixed scales, and not always contiguous.

    Parameters
    ----------
    dtype : dtype
    shape : tuple of int or strategy
    elements : strategy, optional
        `numbers` of the dtype if not given.
    strided : bool
        Whether some are views: every other element, reversed, transposed.
    """
    wanted = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    source = numbers(dtype) if elements is None else elements
    count = math.prod(wanted)
    drawn = draw(st.lists(source, min_size=count, max_size=count))
    array = np.array(drawn, dtype=np.float64).astype(dtype).reshape(wanted)
    if not strided or array.ndim == 0:
        return array
    viewed: Array = draw(st.sampled_from([_plain, _every_other, _reversed, _transposed]))(array)
    return viewed


def _plain(array: Array) -> Array:
    return array


def _every_other(array: Array) -> Array:
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def _reversed(array: Array) -> Array:
    return array[::-1].copy()[::-1]


def _transposed(array: Array) -> Array:
    return array.T.copy().T
