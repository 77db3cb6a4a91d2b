"""The command: ``python -m benchmarks``, or ``make bench``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from benchmarks import planted
from benchmarks.harness import Disagreement, OwnFailure, measure
from benchmarks.peers import built
from benchmarks.plan import NAMES, plan
from benchmarks.report import as_json, as_text, environment


@click.command()
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option(
    "--only", type=click.Choice((*NAMES, planted.NAME)), multiple=True, help="Measure only this."
)
@click.option("--quick", is_flag=True, help="Small sizes: whether it runs, not how fast.")
@click.option("--json", "target", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def main(rounds: int, only: tuple[str, ...], quick: bool, target: Path | None) -> None:
    """Measure adamref beside its peers, print tables of ratios, and count what a check finds."""
    chosen = [each for each in plan(quick=quick) if not only or each.name in only]
    with tempfile.TemporaryDirectory() as folder:
        program = built(Path(folder))
        try:
            results = [measure(each, rounds, program, _say) for each in chosen]
        except (Disagreement, OwnFailure) as wrong:
            raise click.ClickException(str(wrong)) from wrong
    about = environment()
    click.echo(as_text(results, about, rounds=rounds, quick=quick))
    outcomes = []
    if not only or planted.NAME in only:
        outcomes = planted.measure(quick=quick, say=_say)
        click.echo(f"\n{planted.as_text(outcomes)}")
    if target is not None:
        found = as_json(results, about, rounds=rounds, quick=quick)
        found[planted.NAME] = planted.as_json(outcomes) if outcomes else None
        text = json.dumps(found, indent=2, ensure_ascii=False)
        target.write_text(text + "\n", encoding="utf-8")


def _say(what: str) -> None:
    click.echo(what, err=True)


if __name__ == "__main__":
    main()
