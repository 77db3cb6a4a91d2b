"""A symbolic, verification-oriented reference implementation of the Adam optimizer.

Everything below is imported when it is first used, so that ``import adamref`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adamref import bounds, fast, plots, rules
    from adamref.comparisons.compare import compare
    from adamref.comparisons.comparison import Comparison
    from adamref.documents.audit import audit
    from adamref.documents.findings import Audit
    from adamref.golden.exact import ExactStep, exact_step
    from adamref.objective import Objective
    from adamref.oracle.check import check
    from adamref.oracle.report.findings import Report
    from adamref.oracle.report.several import Checks
    from adamref.oracle.several import check_many
    from adamref.replay.replaying import replay
    from adamref.replay.result import Replay
    from adamref.sheet import Sheet, work_out
    from adamref.stepper import run
    from adamref.tolerances.result import Tolerance
    from adamref.tolerances.tolerance import tolerance
    from adamref.trace import Difference, Step, Trace, first_difference
    from adamref.watching.watch import watch

# Where each public name lives; None: it is a module of its own. (strategies needs Hypothesis, so it
# is not among the names that a star import brings.)
_HOMES = {
    "Audit": "documents.findings",
    "Checks": "oracle.report.several",
    "Comparison": "comparisons.comparison",
    "Difference": "trace",
    "ExactStep": "golden.exact",
    "Objective": "objective",
    "Report": "oracle.report.findings",
    "Sheet": "sheet",
    "Step": "trace",
    "Tolerance": "tolerances.result",
    "Trace": "trace",
    "audit": "documents.audit",
    "bounds": None,
    "check": "oracle.check",
    "check_many": "oracle.several",
    "compare": "comparisons.compare",
    "Replay": "replay.result",
    "replay": None,
    "exact_step": "golden.exact",
    "fast": None,
    "first_difference": "trace",
    "plots": None,
    "rules": None,
    "run": "stepper",
    "strategies": None,
    "tolerance": "tolerances.tolerance",
    "watch": "watching.watch",
    "work_out": "sheet",
}

__all__ = [
    "Audit",
    "Checks",
    "Comparison",
    "Difference",
    "ExactStep",
    "Objective",
    "Replay",
    "Report",
    "Sheet",
    "Step",
    "Tolerance",
    "Trace",
    "__version__",
    "audit",
    "bounds",
    "check",
    "check_many",
    "compare",
    "exact_step",
    "fast",
    "first_difference",
    "plots",
    "replay",
    "rules",
    "run",
    "tolerance",
    "watch",
    "work_out",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("adamref.version").VERSION
    if name not in _HOMES:
        says = f"module 'adamref' has no attribute {name!r}"
        if not name.startswith("_"):
            says += import_module("adamref.errors").meant(name, _HOMES)
        raise AttributeError(says, name=name)
    home = _HOMES[name]
    if home is None:
        return import_module(f"adamref.{name}")
    return getattr(import_module(f"adamref.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
