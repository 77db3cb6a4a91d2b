"""Hypothesis profiles: "ci" draws the same examples every time; "long" draws many."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A slow machine is not a fault of the code under test.
_UNTIMED = (HealthCheck.too_slow,)

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=100,
    print_blob=True,
    suppress_health_check=_UNTIMED,
)
settings.register_profile(
    "long",
    deadline=None,
    max_examples=2000,
    print_blob=True,
    suppress_health_check=_UNTIMED,
)
settings.load_profile("long" if os.environ.get("ADAMREF_HYPOTHESIS") == "long" else "ci")
