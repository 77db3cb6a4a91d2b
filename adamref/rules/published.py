"""Published defaults: what the paper or a framework gives Adam where nothing else is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final


@final
@dataclass(frozen=True)
class Published:
    """The defaults of Adam in one place.

    Attributes
    ----------
    who : str
        Whose they are, as a report says it.
    words : str
        A pattern of the words by which a text names it.
    values : mapping of str to tuple of str
        By hyperparameter: the default of today, then those of earlier releases.
    """

    who: str
    words: str
    values: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))


_ADAM = {"alpha": ("0.001",), "beta1": ("0.9",), "beta2": ("0.999",), "eps": ("1e-8",)}

PUBLISHED = (
    Published("PyTorch", r"(?:py)?torch", _ADAM),
    Published("Keras and TensorFlow", "keras|tensorflow|tf", {**_ADAM, "eps": ("1e-7", "1e-8")}),
    Published("fastai", r"fast\.?ai", {"beta1": ("0.9",), "beta2": ("0.99",), "eps": ("1e-5",)}),
    Published("optax", "optax", {n: x for n, x in _ADAM.items() if n != "alpha"}),
)
"""What frameworks give Adam; the paper's are the defaults of its rule."""
