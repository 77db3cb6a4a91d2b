"""Published defaults: what a paper or a framework gives an optimizer where nothing else is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final


@final
@dataclass(frozen=True)
class Published:
    """The defaults of one optimizer in one place.

    Attributes
    ----------
    who : str
        Whose they are, as a report says it.
    words : str
        A pattern of the words by which a text names it.
    optimizer : str
        The optimizer's name in the family.
    values : mapping of str to tuple of str
        By hyperparameter: the default of today, then those of earlier releases.
    """

    who: str
    words: str
    optimizer: str
    values: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))


_ADAM = {"alpha": ("0.001",), "beta1": ("0.9",), "beta2": ("0.999",)}
_KERAS_EPS = ("1e-7", "1e-8")
_TORCH, _KERAS, _FASTAI = r"(?:py)?torch", r"keras|tensorflow|tf", r"fast\.?ai"

PUBLISHED = (
    Published("PyTorch", _TORCH, "adam", {**_ADAM, "eps": ("1e-8",)}),
    Published("Keras and TensorFlow", _KERAS, "adam", {**_ADAM, "eps": _KERAS_EPS}),
    Published("fastai", _FASTAI, "adam", {"beta1": ("0.9",), "beta2": ("0.99",), "eps": ("1e-5",)}),
    Published("optax", "optax", "adam", {"beta1": ("0.9",), "beta2": ("0.999",), "eps": ("1e-8",)}),
    Published(
        "PyTorch", _TORCH, "rmsprop", {"alpha": ("0.01",), "beta2": ("0.99",), "eps": ("1e-8",)}
    ),
    Published(
        "Keras and TensorFlow",
        _KERAS,
        "rmsprop",
        {"alpha": ("0.001",), "beta2": ("0.9",), "eps": _KERAS_EPS},
    ),
)
"""The frameworks' own; a paper's are the defaults of its rule."""
