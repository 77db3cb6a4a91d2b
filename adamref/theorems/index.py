"""Where each theorem stands, without loading any: a table that ships with the package.

``tests/support/theorem_index.py`` writes it from the chapters. One that is not in it is looked for
in the chapters themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

TABLE = "data/theorems.json"


class Indexed(NamedTuple):
    """A chapter.

    Attributes
    ----------
    part : str
        The title of its part of the book.
    title : str
    theorems : mapping of str to str
        What its theorems are headed by, by their ids, in the order of the book.
    cites : mapping of str to list of str
        The ids of the theorems that a proof cites, by the id of its own, where it cites any.
    """

    part: str
    title: str
    theorems: Mapping[str, str]
    cites: Mapping[str, list[str]]


@cache
def indexed() -> Mapping[str, Indexed]:
    """Return the chapters of the table by their names."""
    text = files("adamref").joinpath(TABLE).read_text("utf-8")
    return MappingProxyType({name: Indexed(**one) for name, one in json.loads(text).items()})


@cache
def ids() -> tuple[str, ...]:
    """Return the ids of the table."""
    return tuple(name for chapter in indexed().values() for name in chapter.theorems)
