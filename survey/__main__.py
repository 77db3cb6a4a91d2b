"""``python -m survey``: run it, compare two, write its pages."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey import comparing, pages, record, run
from survey.rows import DTYPES, rows


@click.group()
def main() -> None:
    """Check other people's implementations of Adam and its relatives, and keep what is found."""


@main.command("run")
@click.option("--only", multiple=True, metavar="NAME", help="A package's file, or a beginning.")
@click.option("--fresh", is_flag=True, help="Do again what is there.")
@click.option("--dtype", multiple=True, type=click.Choice(DTYPES), help="Only in these.")
@click.option(
    "--results", type=click.Path(path_type=Path), default=record.RESULTS, help="A folder."
)
def _run(only: tuple[str, ...], fresh: bool, dtype: tuple[str, ...], results: Path) -> None:
    """Survey what is declared and is not there yet, or was another version."""
    wanted = [row for one in only or ("",) for row in rows(one)]
    if not wanted:
        raise click.UsageError(f"nothing is called {' or '.join(only)}")
    run.survey(
        list({row.name: row for row in wanted}.values()), fresh=fresh, dtypes=dtype, results=results
    )


@main.command("compare")
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
def _compare(old: Path, new: Path) -> None:
    """Say what differs of two folders of results; exit 1 if anything does."""
    said = comparing.differences(record.read_all(old), record.read_all(new))
    for line in said:
        click.echo(line)
    if not said:
        click.echo("They are the same.")
    sys.exit(bool(said))


@main.command("pages")
def _pages() -> None:
    """Write the pages of the documentation."""
    pages.write()


if __name__ == "__main__":
    main()
