"""What other packages bring: their entry points, by group.

A package that is broken is told by its name, the group and the reason, in one line, and not passed
over: what is missing then would otherwise look as if adamref did not know it.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, final

from adamref.errors import CannotLoad


@final
@dataclass(frozen=True)
class Brought:
    """An entry point of some package.

    Attributes
    ----------
    point : EntryPoint
    group : str
    """

    point: EntryPoint
    group: str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.point.name

    def load(self) -> Any:
        """Return what it names.

        Raises
        ------
        CannotLoad
            If that cannot be imported, or importing it raises anything.
        """
        with self.asked():
            return self.point.load()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Run code of its package, which may raise anything: then it is refused."""
        try:
            yield
        except (Exception, SystemExit) as error:
            raise self.refused(f"{type(error).__name__}: {error}") from error

    def refused(self, because: str) -> CannotLoad:
        """Return the error that says where it is from, and why it is not taken."""
        dist = self.point.dist
        package = "a package" if dist is None else dist.name
        where = f"{self.group}: {self.name} = {self.point.value} of {package}"
        return CannotLoad(where, " ".join(because.split()))


def brought(group: str) -> tuple[Brought, ...]:
    """Return the entry points of a group, in the order of their names."""
    found = sorted(entry_points(group=group), key=lambda x: (x.name, x.value))
    return tuple(Brought(point, group) for point in found)


def each(
    group: str,
    is_one: Callable[[Any], bool],
    wanted: str,
    named: Callable[[Any], Iterable[str]],
    taken: Iterable[str],
) -> Iterator[tuple[Brought, Any]]:
    """Yield what the entry points of a group name, one or several each.

    Parameters
    ----------
    group : str
    is_one : callable
        Whether something is what belongs there.
    wanted : str
        What that is called: ``fault``.
    named : callable
        The names that one has, by which it is found.
    taken : iterable of str
        Those that adamref's own have.

    Raises
    ------
    CannotLoad
        If something cannot be loaded, is of another kind, or has a name that is taken.
    """
    known = set(taken)
    for entry in brought(group):
        made = entry.load()
        for one in made if isinstance(made, list | tuple) else (made,):
            if not is_one(one):
                raise entry.refused(f"{reprlib.repr(one)} is no {wanted}")
            for name in named(one):
                if name in known:
                    raise entry.refused(f"there is another {wanted} {name}")
                known.add(name)
            yield entry, one
