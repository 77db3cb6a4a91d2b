"""What is public: these names of these modules, as the site's reference describes them.

They stay what they are, but for what CHANGELOG.md says. Whatever is not here is internal, and may
change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping

ALL: tuple[str, ...] = ("*",)
"""All that is in the module's ``__all__``."""

PUBLIC: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Jobs and results": {
        "adamref": ALL,
        "adamref.replay": ALL,
        "adamref.watching.handle": ("Watch",),
        "adamref.watching.result": ("WatchFinding", "WatchReport", "WatchedStep"),
        "adamref.render": ("Result", "formats", "register", "render", "written"),
        "adamref.errors": (
            "AdamrefError", "Ambiguous", "CannotEvaluate", "CannotFollow", "CannotIsolate",
            "CannotLoad", "CannotRun",
            "MissingInput", "MissingPackage", "NotANumber", "OutOfDomain", "ReadOnly",
            "ShapeMismatch", "StepDeviates", "UndecidedRounding", "UnknownName", "Unparsable",
            "Unreadable", "Unworkable", "WrongDtype",
        ),
    },
    "Rules, bounds and steps": {
        "adamref.rules": ALL,
        "adamref.plots": ALL,
        "adamref.derive.again": ("derived",),
        "adamref.bounds": ALL,
        "adamref.numbers.formats": ("BFLOAT16", "BINARY16", "BINARY32", "BINARY64", "Format"),
        "adamref.fast": (
            "AMSGrad", "AdaBelief", "AdaGrad", "AdaMax", "Adam", "AdamW", "ArrayOptimizer",
            "Lion", "Momentum", "NAdam", "Options", "RMSprop", "adabelief_step", "adagrad_step",
            "adam_step", "adamax_step", "adamw_step", "amsgrad_step", "lion_step",
            "momentum_step", "nadam_step", "rmsprop_step",
        ),
    },
    "Checkpoints": {
        "adamref.replay.formats": ("open_checkpoint",),
        "adamref.replay.checkpoint": (
            "Checkpoint", "ParameterGroup", "StoredArray", "TensorState",
        ),
    },
    "In tests": {
        "adamref.pytest_plugin": ("AdamOracle", "adam_oracle", "adam_watch"),
        "adamref.strategies": ("arrays", "hyperparameters", "numbers"),
    },
    "For packages that add faults, adapters and formats": {
        "adamref.faults": ALL,
        "adamref.faults.edits": (
            "averaging", "below", "both", "either", "exchanging", "replacing", "stepping",
        ),
        "adamref.faults.inputs": ("Inputs", "Rows", "feeding", "passing_over"),
        "adamref.oracle.observe.calling.adapter": ("Adapter",),
        "adamref.oracle.observe.calling.names": ("Words",),
        "adamref.oracle.observe.calling.signs": ("Sign", "by_base", "by_methods"),
        "adamref.oracle.observe.calling.values": ("cast",),
        "adamref.documents.formats.format": (
            "DocumentFormat", "FormatRefused", "Passage", "Stretch", "Writing", "as_it_stands",
            "barred", "rewritten", "written",
        ),
    },
}  # fmt: skip
"""The names by module, the modules by what they are for."""
