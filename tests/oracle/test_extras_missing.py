"""What is not installed is no fault of the implementation that is checked."""

from __future__ import annotations

import sys

import pytest

import check_targets as targets
from adamref import check
from adamref.errors import MissingPackage


def test_a_check_in_bfloat16_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    says = r"ml_dtypes is not installed, and an array of bfloat16 needs it: pip install 'ml_dtypes"
    with pytest.raises(MissingPackage, match=says):
        check(targets.step, dtype="bfloat16", isolate=False)
