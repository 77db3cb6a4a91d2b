"""Published defaults: what a paper or a framework gives where nothing else is said.

Those of frameworks are what stands in the signatures of torch 2.13, Keras 3.15 and optax 0.2.8, as
a test reads them where these are installed; a paper's are the defaults of its rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias, final

Defaults: TypeAlias = Mapping[str, tuple[str, ...]]


@final
@dataclass(frozen=True)
class Published:
    """The defaults of Adam, and of others, in one place.

    Attributes
    ----------
    who : str
        Whose they are, as a report says it.
    words : str
        A pattern of the words by which a text names it.
    values : mapping of str to tuple of str
        By hyperparameter: the default of Adam today, then those of earlier releases.
    others : mapping of str to such a mapping
        Those of other optimizers, by their names.
    today : str
        A pattern of the words by which a text names releases of today; empty for none.
    """

    who: str
    words: str
    values: Defaults
    others: Mapping[str, Defaults] = field(default_factory=dict)
    today: str = r"(?!)"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "others", MappingProxyType(dict(self.others)))

    def of(self, optimizer: str, title: str) -> Published | None:
        """Return the defaults of an optimizer alone; None where there are none.

        Parameters
        ----------
        optimizer : str
            Its name.
        title : str
            As a report has it.
        """
        if optimizer == "adam":
            return self
        if optimizer not in self.others:
            return None
        return Published(
            f"{self.who} for {title}", self.words, self.others[optimizer], {}, self.today
        )


def _defaults(alpha: str = "", **others: str) -> Defaults:
    """Return defaults, of today and earlier, parted by blanks; Adam's rates where not given."""
    given = {"alpha": alpha, "beta1": "0.9", "beta2": "0.999", "eps": "1e-8", **others}
    return {name: tuple(said.split()) for name, said in given.items() if said}


_KERAS = "1e-7 1e-8"

PUBLISHED = (
    Published(
        "PyTorch",
        r"(?:py)?torch",
        _defaults("0.001"),
        {
            "adamw": _defaults("0.001", weight_decay="0.01"),
            "adamax": _defaults("0.002"),
            "nadam": _defaults("0.002"),
            "radam": _defaults("0.001"),
            "amsgrad": _defaults("0.001"),
            "rmsprop": _defaults("0.01", beta1="", beta2="0.99"),
            "adagrad": _defaults("0.01", beta1="", beta2="", eps="1e-10"),
        },
    ),
    Published(
        "Keras and TensorFlow",
        "keras|tensorflow|tf",
        _defaults("0.001", eps=_KERAS),
        {
            "adamw": _defaults("0.001", eps=_KERAS, weight_decay="0.004"),
            "adamax": _defaults("0.001 0.002", eps=_KERAS),
            "nadam": _defaults("0.001 0.002", eps=_KERAS),
            "amsgrad": _defaults("0.001", eps=_KERAS),
            "rmsprop": _defaults("0.001", beta1="", beta2="0.9", eps=_KERAS),
            "adagrad": _defaults("0.001 0.01", beta1="", beta2="", eps=_KERAS),
        },
        r"\b(?:tensorflow|tf)[\s-]*(?:v\.?\s*)?2(?!\d)|\bkeras[\s-]*(?:v\.?\s*)?3(?!\d)|\btf\.keras\b",
    ),
    Published("fastai", r"fast\.?ai", _defaults(beta2="0.99", eps="1e-5")),
    Published(
        "optax",
        "optax",
        _defaults(),
        {
            "adamw": _defaults(weight_decay="1e-4"),
            "adamax": _defaults(),
            "nadam": _defaults(),
            "radam": _defaults(),
            "amsgrad": _defaults(),
            "rmsprop": _defaults(beta1="", beta2="0.9"),
            "adabelief": _defaults(eps="1e-16"),
            "lamb": _defaults(eps="1e-6"),
        },
    ),
)
"""What frameworks give Adam and others."""
