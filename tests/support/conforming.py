"""A check of a framework's optimizer: it conforms in its dialect, but for what is known of it."""

from __future__ import annotations

import importlib.util

import pytest

import adamref

PATIENCE = 120.0
"""Seconds for an answer: the first one compiles."""


def conforms(name, optimizer, dialect, dtype, args, *, package, known=(), adapter=None):
    """Check a target, and hold it to its dialect.

    Parameters
    ----------
    name, optimizer, dialect, dtype, args, adapter
        As `adamref.check` takes them; the dialect axis by axis.
    package : str
        What has to be installed.
    known : sequence of str
        Probes that it does not hold, by name without dtype, and findings by id: each stands in
        docs/catalogue/bugs.md. It deviates in these, and in nothing else.

    Returns
    -------
    Report
    """
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is NOT checked here: it is not installed")
    report = adamref.check(
        name, dtype=dtype, optimizer=optimizer, args=args, timeout=PATIENCE, adapter=adapter
    )
    severe = {f.id: str(f) for f in report.findings if f.severity in {"deviation", "error"}}
    off = {
        x.name.removesuffix(f"-{dtype}"): str(x.first_difference)
        for x in report.probes
        if x.verdict in {"differs", "error"}
    }
    assert {n: x for n, x in {**severe, **off}.items() if n not in known} == {}
    assert set(known) <= {*severe, *off}
    assert report.verdict == ("deviates" if known else "conforms")
    for axis, value in dialect.items():
        # A list: others account for everything too.
        said = report.dialect[axis]
        assert said == value or (isinstance(said, list) and value in said), axis
    return report
