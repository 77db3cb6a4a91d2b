"""The commands about numbers that others made: tolerances, comparisons, vectors, checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adamref import completion
from adamref.command import complain, delivers, listed, looked_through, named, number, tracked
from adamref.output import put

if TYPE_CHECKING:
    from adamref.render import Result

_FORMATS = "adamref.numbers.formats:FORMATS"
_CONVENTIONS = "adamref.conventions:CONVENTIONS"
_MANY = click.IntRange(min=1, max=10_000)


@click.command()
@named("--optimizer", of="adamref.rules.family:training", help="Which rule (adam if not given):")
@named("--dtype", of=_FORMATS, help="Of theta and gradients (float32 if not given):")
@click.option("--steps", type=_MANY, help="After how many steps a test compares.")
@click.option("--state-dtype", metavar="NAME", help="Of the states, or m=NAME,v=NAME.")
@click.option(
    "--compute",
    metavar="NAME",
    help="storage, float32 or float64; float32 for narrow dtypes, else the dtype, if not given.",
)
@click.option("--dialect", multiple=True, metavar="AXIS=VALUE", help="Its dialect, by any axis.")
@click.option(
    "--order",
    multiple=True,
    metavar="FIELD=NAME",
    help="Only this order of operations of m, v, theta or correction; every known if not given.",
)
@named("--hyper", of=_CONVENTIONS, help="How hyperparameters are held (any if not given):")
@click.option(
    "--given",
    metavar="FILE",
    help="The inputs of the test, as a golden vector has them; else bounds for all gradients.",
)
@click.option("--largest", type=float, default=1.0, help="No gradient is larger in size.")
@click.option("--smallest", type=float, default=0.0, help="None is smaller, but for 0.")
@number("--alpha", "--lr")
@number("--beta1")
@number("--beta2")
@number("--eps")
@number("--weight-decay")
@click.option(
    "--set", "others", multiple=True, metavar="NAME=NUMBER", help="Any hyperparameter of the rule."
)
@click.option("--faults/--no-faults", default=True, help="Try which faults would pass.")
@delivers("tolerance")
def tolerance(others: tuple[str, ...], **options: Any) -> tuple[Result, int]:
    """Print the tolerance that a test may use: no right implementation exceeds it.

    That is proved, not sampled. Beside it stand the faults that such a test would let through, and
    the shortest inputs that tell them.
    """
    from adamref.tolerances.tolerance import tolerance as tolerance_of
    from adamref.worked import once

    stated = {n: options.pop(n) for n in ("alpha", "beta1", "beta2", "eps", "weight_decay")}
    numbers: dict[str, Any] = once("--set", others, "NAME=NUMBER", **stated)
    found = tolerance_of(
        **options, **numbers, tracked=lambda ones: tracked(ones, "trying faults", len(ones))
    )
    return found, 0


@click.command()
@click.argument("targets", nargs=2, metavar="A B")
@named("--adapter", of="adamref.oracle.observe.sessions.declared:declared", help="How to call it:")
@named("--dtype", of=_FORMATS, help="Of theta and gradients (float32 if not given):")
@click.option("--state-dtype", metavar="NAME", help="Of the states, or m=NAME,v=NAME.")
@click.option("--compute", metavar="NAME", help="storage or float32; identified if not given.")
@named("--optimizer", of="adamref.rules.family:training", help="As what they are judged:")
@click.option("--probes", multiple=True, metavar="NAME", help="Only these; may be repeated.")
@click.option("--arg", "args", multiple=True, metavar="KEY=VALUE", help="For the constructors.")
@click.option("--device", metavar="NAME", help="For torch or JAX.")
@click.option("--timeout", type=float, default=10.0, help="Seconds an answer.")
@delivers("compare")
def compare(targets: tuple[str, str], **options: Any) -> tuple[Result, int]:
    """Compare two implementations against the rule and each other: in what, and by how much.

    A and B are each MODULE:ATTRIBUTE or FILE.py:ATTRIBUTE, 'command:PROGRAM ARGS', or a baseline
    that adamref check --save wrote.

    Exits 0 if both conform and have the same dialect, 3 if one could not be judged, or else 1.
    """
    from adamref.comparisons.compare import compare as compared
    from adamref.oracle.observe.sessions.load import read_arguments

    options["args"] = read_arguments(options["args"])
    options["isolate"] = True
    given = {name: x for name, x in options.items() if x not in (None, ())}
    found = compared(
        *targets, tracked=lambda trials: tracked(trials, "checking", len(trials)), **given
    )
    return found, found.exit_code


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="TARGET")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@named("--adapter", of="adamref.oracle.observe.sessions.declared:declared", help="How to call it:")
@named(
    "--optimizer", of="adamref.rules.family:training", help="What it is (by its name if absent):"
)
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Only these; may be repeated.")
@click.option("--every-value", is_flag=True, help="Plant a fault with each value of its parameter.")
@click.option("--every-test", is_flag=True, help="Name all tests that fail, not the first alone.")
@click.option(
    "--own-rounding", is_flag=True,
    help="Change the target's own numbers, for tests that compare to the bit.",
)  # fmt: skip
@click.option("-n", "--jobs", type=_MANY, help="Runs at a time; one a processor if not given.")
@click.option("--budget", type=float, metavar="SECONDS", help="Plant no more after that long.")
@click.option(
    "--timeout", type=float, metavar="SECONDS",
    help="For a run; ten times as long as without a fault, and 10 at least, if not given.",
)  # fmt: skip
@click.option(
    "--minimal", metavar="FILE",
    help="Write the smallest set of probes that kills all as a test file there.",
)  # fmt: skip
@delivers("mutate")
def mutate(
    target: str, command: tuple[str, ...], minimal: str | None, **options: Any
) -> tuple[Result, int]:
    """Plant faults into an optimizer under its tests, one a run, and say which go unnoticed.

    TARGET is MODULE:ATTRIBUTE or FILE.py:ATTRIBUTE, as the tests import it; COMMAND runs them:
    adamref mutate mypkg.optim:Adam -- pytest tests/test_optim.py. Of pytest, single tests are
    chosen and named; of any other command its exit status says whether they failed.

    Exits 0 if every core fault is killed, 1 if one survives, 2 if the tests cannot be run, or fail
    with the target itself or with a right drop-in.
    """
    from adamref.mutation.mutate import mutate as mutated

    found = mutated(
        target, command, smallest=minimal is not None,
        tracked=lambda runs, total: tracked(runs, "planting", total), **options,
    )  # fmt: skip
    if found.baseline == "failed":
        complain(f"{' '.join(command)}: {found.because}")
    elif minimal is not None and found.minimal is not None:
        put(found.minimal.text, minimal)
    return found, found.exit_code


@click.command()
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="[AFTER]", required=False)
@click.option("--steps", type=_MANY, default=1, help="How many steps lie between them.")
@named(
    "--optimizer",
    of="adamref.replay.options:OPTIMIZERS",
    help="As what it is judged (as the checkpoint says or looks, if not given):",
)
@click.option("--lr", "--alpha", type=float, help="Inferred where neither this nor BEFORE says it.")
@click.option("--beta1", type=float)
@click.option("--beta2", type=float)
@click.option("--eps", type=float)
@click.option("--weight-decay", type=float)
@click.option("--groups", metavar="FILE", help="Groups by name, in JSON: patterns and numbers.")
@click.option(
    "--t", type=click.IntRange(min=1), help="The counter in AFTER, where it is not there."
)
@click.option("--dialect", multiple=True, metavar="AXIS=VALUE", help="Pins the dialect on an axis.")
@named("--hyper", of=_CONVENTIONS, help="How numbers are held (identified if not given):")
@click.option(
    "--compute", metavar="NAME", help="storage, float32 or float64; identified if absent."
)
@click.option("--infer", is_flag=True, help="Say of every number between what it may have been.")
@click.option("--diagnose/--no-diagnose", default=True, help="Look for what explains deviations.")
@click.option("--workers", type=_MANY, help="So many processes work, by Dask.")
@click.option("--scheduler", metavar="ADDRESS", help="Of Dask: its workers read, and judge.")
@delivers("replay")
def replay(before: str, after: str | None, **options: Any) -> tuple[Result, int]:
    """Judge the step between two checkpoints, without its gradients.

    From m before and after a step its gradient is known, but for roundings; then v and theta of
    every element are checks. BEFORE and AFTER are files or folders of any format that is read.

    Exits 0 if every element is as a right step makes it, 1 if any deviates, 2 if nothing could be
    judged.
    """
    from adamref.replay.replaying import replay as replayed

    found = replayed(
        before, after, tracked=lambda groups: tracked(groups, "replaying", len(groups)), **options
    )
    if found.verdict == "not-judged":
        name, because = next(iter(found.unread), ("", "there are no tensors"))
        complain(f"{after or before}: nothing could be judged: {name}: {because}")
    return found, found.exit_code


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completion.probe_names)
@listed
@click.option(
    "--verify",
    "directory",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Compute and certify every value of a suite again; without DIR that of the package. "
    "Where names follow, write --verify=DIR, or --verify=.",
)
@delivers(
    "golden",
    directory="Write the suite: schemas, manifest, a file a probe; of one probe - prints its file.",
)
def golden(
    names: tuple[str, ...], words: str | None, directory: str | None, output: str | None
) -> tuple[Result | None, int]:
    """List the golden vectors, write them to a directory, or verify such a directory.

    Exits 0 if everything holds, 1 if a file, a sum or a value of the suite is not as it should be.
    """
    from adamref.golden import catalogue, suite
    from adamref.golden.report import Suite
    from adamref.golden.verify import verify
    from adamref.tolerances.golden import errors_of

    if words is not None:
        return looked_through(catalogue.listing(), words, names), 0
    if directory is not None and output is not None:
        raise click.UsageError("--output writes a suite and --verify checks one: give one of them")
    probes = tuple(catalogue.chosen(names))
    if directory is not None:
        where = Path(directory) if directory else suite.packaged()
        total, checked = verify(where, names, bounding=errors_of)
        outcomes = tuple(tracked(checked, "verifying", total))
        there = {outcome.probe for outcome in outcomes}
        found = Suite(tuple(p for p in probes if p.name in there), str(where), outcomes)
        return found, 0 if found.holds else 1
    size = 0
    if output == "-":
        if len(probes) != 1:
            raise click.UsageError("a suite is a directory; name one probe for standard output")
        ((_, text),) = suite.texts(probes, errors_of)
        put(text, None)
        return None, 0
    if output is not None:
        made = suite.write(output, suite.texts(probes, errors_of), complete=not names)
        size = sum(len(text) for _, text in tracked(made, "writing", len(probes)))
    return Suite(probes, output, size=size), 0
