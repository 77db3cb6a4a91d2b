"""Overflow and 0/0 are among the inputs here; NumPy says so, and the tests look at the numbers."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    with np.errstate(all="ignore"):
        yield
