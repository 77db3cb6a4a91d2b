"""What a shell completes: ids, rules and dialects. Each is read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click import Context, Parameter
    from click.shell_completion import CompletionItem


def begun(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Return the names that begin like what was typed."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _titled(pairs: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(id_, help=title) for id_, title in pairs if id_.startswith(incomplete)]


def theorem_ids(_: Context, __: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a theorem."""
    from adamref.theorems.library import listing

    groups = listing().groups
    return _titled((entry for group in groups for entry in group.entries), incomplete)


def derived_ids(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete what can be derived: a theorem, a way through the book, or a rule."""
    from adamref.derive.reading import PATHS
    from adamref.rules import family

    rules = ((name, one.title) for name, one in family().items())
    ways = ((path.id, path.title) for path in PATHS.values())
    return theorem_ids(context, parameter, incomplete) + _titled((*ways, *rules), incomplete)


def probe_names(_: Context, __: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a golden vector."""
    from adamref.golden.catalogue import every

    return _titled(((name, probe.says) for name, probe in every().items()), incomplete)


def dialects(context: Context, _: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete AXIS=VALUE of the optimizer that the options before it name."""
    from adamref.rules import family

    known = family()
    named = str(context.params.get("optimizer"))
    optimizer = known[named] if named in known else known["adam"]
    axes = optimizer.axes
    return begun((f"{axis.name}={value}" for axis in axes for value in axis.values), incomplete)
