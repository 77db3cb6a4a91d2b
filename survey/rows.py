"""What is surveyed: one file of TOML a package, in ``survey/rows``, with its implementations."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROWS = HERE / "rows"
GLUE = HERE / "glue"

DTYPES = ("float32", "float64", "bfloat16")
_USUAL = DTYPES[:2]
KINDS = ("python", "npm", "program")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class RowRefused(ValueError):
    """A declaration that cannot be surveyed: which file, and why."""

    def __init__(self, path: Path, because: str) -> None:
        super().__init__(f"{path.name}: {because}")


@dataclass(frozen=True)
class Environment:
    """What has to be there: a package at a version, and what it needs.

    Parameters
    ----------
    name : str
        That of its file.
    kind : str
        ``python``: an environment of its own; ``npm``: a folder of packages; ``program``: compiled
        with what the system has.
    package, version : str
        Whose implementations these are.
    install : tuple of str
        What a package manager is asked for, with versions.
    alone : tuple of str
        What is installed without what it asks for itself.
    build : tuple of str
        How a program is compiled, ``{out}`` being where it goes.
    needs : tuple of str
        Programs and headers without which it is not tried.
    """

    name: str
    kind: str
    package: str
    version: str
    install: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """An implementation.

    Parameters
    ----------
    environment : Environment
        Where it is.
    name, title : str
        Of its file and page; for people.
    optimizer : str
        As what it is checked.
    target : str
        ``module:attribute``, of the package or of a file in ``survey/glue``; or a command.
    dtypes : tuple of str
        In which it is checked.
    args : mapping
        For its constructor.
    options : tuple of str
        More options of ``adamref check``.
    environ : mapping
        Variables of its process.
    fast : str
        The right one of its family that it is compared with; empty if ``adamref.fast`` has none.
    glue : str
        Which file of ``survey/glue`` it is reached by; empty if by none.
    known : tuple of mapping
        What of its deviations was read in its source: ``cause``, ``source``.
    """

    environment: Environment
    name: str
    title: str
    optimizer: str
    target: str
    dtypes: tuple[str, ...]
    args: Mapping[str, Any]
    options: tuple[str, ...]
    environ: Mapping[str, str]
    fast: str
    glue: str
    known: tuple[Mapping[str, str], ...]

    @property
    def is_command(self) -> bool:
        """Whether it is a program that speaks the protocol."""
        return self.environment.kind != "python"

    def declared(self) -> str:
        """Return a digest of everything that its result depends on, but for adamref."""
        said = _told({k: v for k, v in asdict(self).items() if k not in _BESIDE})
        said["environment"] = _told(said["environment"])
        text = json.dumps(said, sort_keys=True)
        shared = ("protocol.mjs",) if self.glue.endswith(".mjs") else ()
        for name in (self.glue, *shared):
            text += (GLUE / name).read_text("utf-8") if name else ""
        return hashlib.sha256(text.encode()).hexdigest()[:16]


_BESIDE = {"title", "known", "dtypes"}


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not said: what may be said one day is no other declaration."""
    return {k: x for k, x in said.items() if x not in ("", (), {})}


FAST = {
    "adam": "Adam", "adam-l2": "Adam", "adamw": "AdamW", "amsgrad": "AMSGrad", "adamax": "AdaMax",
    "nadam": "NAdam", "adabelief": "AdaBelief", "lion": "Lion", "rmsprop": "RMSprop",
    "adagrad": "AdaGrad",
}  # fmt: skip
"""Those of `adamref.fast`, by the optimizer."""


def rows(only: str = "", folder: Path = ROWS) -> list[Row]:
    """Return what is declared, by name.

    Parameters
    ----------
    only : str
        The name of a file, or of an implementation, or what names begin with; all if empty.
    folder : Path
        Of the files.

    Raises
    ------
    RowRefused
        For a file that is not as they are to be.
    """
    found = [row for path in sorted(folder.glob("*.toml")) for row in read(path)]
    names = [row.name for row in found]
    for name in names:
        if names.count(name) > 1:
            raise RowRefused(folder, f"two implementations are called {name}")
    return [x for x in found if x.name.startswith(only) or x.environment.name == only]


def read(path: Path) -> list[Row]:
    """Read the implementations of a file.

    Raises
    ------
    RowRefused
        If it is no TOML, lacks something, or says what is not known.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise RowRefused(path, str(error)) from None
    try:
        where = _environment(path.stem, said.pop("environment"))
        listed, dtypes = said.pop("implementation"), said.pop("dtypes", _USUAL)
        found = [_row(path, where, {"dtypes": dtypes, **one}) for one in listed]
    except (KeyError, TypeError) as error:
        raise RowRefused(path, f"lacks or does not know {error}") from None
    if said:
        raise RowRefused(path, f"does not know {', '.join(said)}")
    if where.kind not in KINDS:
        raise RowRefused(path, f"kind is {where.kind}, but should be one of {', '.join(KINDS)}")
    return found


def _environment(name: str, said: dict[str, Any]) -> Environment:
    lists = {k: tuple(said.pop(k, ())) for k in ("install", "alone", "build", "needs")}
    return Environment(name, said.pop("kind", "python"), **lists, **said)


def _row(path: Path, where: Environment, one: dict[str, Any]) -> Row:
    name, optimizer, target = one.pop("name"), one.pop("optimizer"), one.pop("target")
    module = target.partition(":")[0]
    glue = one.pop("glue", f"{module}.py" if (GLUE / f"{module}.py").exists() else "")
    row = Row(
        environment=where,
        name=name,
        title=one.pop("title"),
        optimizer=optimizer,
        target=target,
        dtypes=tuple(one.pop("dtypes")),
        args=one.pop("args", {}),
        options=tuple(one.pop("options", ())),
        environ=one.pop("environ", {}),
        fast=one.pop("fast", FAST.get(optimizer, "")),
        glue=glue,
        known=tuple(one.pop("known", ())),
    )
    if one:
        raise RowRefused(path, f"{name} does not know {', '.join(one)}")
    if not _NAME.fullmatch(name):
        raise RowRefused(path, f"{name!r} is no name of small letters, digits and hyphens")
    if wrong := set(row.dtypes) - set(DTYPES):
        raise RowRefused(path, f"{name} is to be checked in {', '.join(sorted(wrong))}")
    if glue and not (GLUE / glue).is_file():
        raise RowRefused(path, f"{name} is reached by {glue}, which is not there")
    return row
