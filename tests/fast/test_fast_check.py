"""The check takes every optimizer class of `adamref.fast` for what it is."""

from __future__ import annotations

import pytest

import adamref
from adamref.rules.family import called
from algorithms import CLASSES

BESIDE = {"AdaMax": {"zero_norm": "undivided"}}
"""Where they stand on an axis beside the usual dialect."""


@pytest.mark.long
@pytest.mark.parametrize("name", CLASSES)
def test_a_class_conforms_in_its_dialect(name):
    report = adamref.check(f"adamref.fast:{name}")
    assert report.verdict == "conforms", report.text()
    meant = called(name)
    assert report.optimizer in (meant.name, *meant.decayed)
    for axis, value in BESIDE.get(name, {}).items():
        assert report.dialect[axis] == value
