"""What a process of the tests is told to do, and what it tells: as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, final

from adamref.mutation.following import Configuration, Mode
from adamref.oracle.judge.dialects import Dialect

VARIABLE = "ADAMREF_MUTATE"
"""The variable of the environment that holds an `Order`."""


@final
@dataclass(frozen=True)
class KnownUse:
    """What a configuration was identified as; None: as nothing."""

    configuration: Configuration
    dialect: Dialect | None
    steps: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> KnownUse:
        """Read what `as_json` returned."""
        its = found["configuration"]
        configuration = Configuration(
            its["dtype"],
            tuple(its["states"]),
            tuple(its["set"]),
            tuple((n, x) for n, x in its["options"]),
        )
        made = found["dialect"]
        if made is None:
            return cls(configuration, None, found["steps"])
        axes = tuple((n, x) for n, x in made["axes"])
        return cls(configuration, Dialect(**{**made, "axes": axes}), found["steps"])


@final
@dataclass(frozen=True)
class Order:
    """One run of the tests.

    Attributes
    ----------
    target, optimizer : str
    adapter : str or None
    mode : str
        Of `following.Follower`.
    fault : str
    known : tuple of KnownUse
    tests : tuple of str
        Those that are run, in this order; empty: all.
    stops : bool
        Whether the first that fails is the last.
    out : str
        The file for what is told.
    served : bool
        Whether the process waits for such orders.
    own_rounding : bool
        Of `following.Follower`.
    """

    target: str
    optimizer: str
    adapter: str | None = None
    mode: Mode = "off"
    fault: str = ""
    known: tuple[KnownUse, ...] = ()
    tests: tuple[str, ...] = ()
    stops: bool = False
    out: str = ""
    served: bool = False
    own_rounding: bool = False

    def text(self) -> str:
        """Write it down."""
        return json.dumps({**asdict(self), "known": [x.as_json() for x in self.known]})

    @classmethod
    def read(cls, text: str) -> Order:
        """Read what `text` wrote."""
        found = json.loads(text)
        known = tuple(map(KnownUse.read, found["known"]))
        return cls(**{**found, "known": known, "tests": tuple(found["tests"])})


def ordered() -> Order | None:
    """Return the order that this process has; None if it has none."""
    text = os.environ.get(VARIABLE)
    return Order.read(text) if text else None


@final
@dataclass(frozen=True)
class Tried:
    """What came of one test.

    Attributes
    ----------
    failed, skipped, reached : bool
        Whether it failed; was skipped; took a step of the target.
    seconds : float
    says : str
        The last line of what it failed with.
    """

    failed: bool = False
    skipped: bool = False
    reached: bool = False
    seconds: float = 0.0
    says: str = ""


@final
@dataclass
class RunTold:
    """What a run tells.

    Attributes
    ----------
    tests : dict of str to Tried
    known : list of KnownUse
        After a run that observed.
    steps, changed, unknown : int
        Of `following.Follower`.
    failed, refused : str
        Why a step could not be followed; why nothing could be.
    takes : list of str
        The names of the arguments of the target.
    interface : str
        Of what kind it is.
    names : dict of str to str
        Its names of states and of t, by adamref's.
    """

    tests: dict[str, Tried] = field(default_factory=dict)
    known: list[KnownUse] = field(default_factory=list)
    steps: int = 0
    changed: int = 0
    unknown: int = 0
    failed: str = ""
    refused: str = ""
    takes: list[str] = field(default_factory=list)
    interface: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def write(self, path: str) -> None:
        """Write it down, beside and then renamed."""
        text = json.dumps({**asdict(self), "known": [x.as_json() for x in self.known]})
        beside = Path(f"{path}.{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)

    @classmethod
    def read(cls, path: str) -> RunTold:
        """Read what `write` wrote."""
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        tests = {n: Tried(**x) for n, x in found["tests"].items()}
        return cls(**{**found, "tests": tests, "known": list(map(KnownUse.read, found["known"]))})
