"""The ``adamref`` command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from adamref.errors import AdamrefError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adamref.documents.audit import Audit
    from adamref.golden.probe import Probe
    from adamref.golden.verify import Checked


def _common(
    formats: tuple[str, ...],
    default: str = "text",
    output: tuple[str, str] = ("FILE", "Write to a file (beside, then renamed)."),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options that every command has."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--quiet", is_flag=True, help="Print nothing; the exit code tells."),
            click.option("--output", metavar=output[0], help=output[1]),
            click.option(
                "--format",
                "format_",
                type=click.Choice(formats),
                default=default,
                show_default=True,
                help="How to write the result.",
            ),
        ):
            command = option(command)
        return command

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="adamref", message="adamref %(version)s")
def adamref() -> None:
    """Check everything about Adam: documents, numbers, derivations, implementations."""


@adamref.command()
@click.option("--theta", required=True, metavar="NUMBER", help="The parameter before the step.")
@click.option(
    "--objective",
    metavar="EXPRESSION",
    help="A function of one variable, such as '(3*w - 4)**2'; its derivative is the gradient.",
)
@click.option("--grad", multiple=True, metavar="NUMBER", help="A gradient; once for each step.")
@click.option(
    "--steps",
    type=click.IntRange(min=1, max=10_000),
    help="How many steps; a single --grad is used for all of them.",
)
@click.option(
    "--alpha",
    "--lr",
    multiple=True,
    metavar="NUMBER",
    help="Step size; give it once, or once for each step.",
)
@click.option("--beta1", metavar="NUMBER")
@click.option("--beta2", metavar="NUMBER")
@click.option("--eps", metavar="NUMBER")
@click.option("--weight-decay", metavar="NUMBER")
@click.option("--m", metavar="NUMBER", help="First moment before the first step.")
@click.option("--v", metavar="NUMBER", help="Second moment before the first step.")
@click.option(
    "--t", type=click.IntRange(min=1), default=1, show_default=True, help="The t of the first step."
)
@click.option("--optimizer", default="adam", show_default=True, help="Which rule.")
@click.option("--form", metavar="NAME", help="Its dialect: paper, eps-hat, eps-inside, eps-root.")
@click.option("--digits", type=click.IntRange(min=1, max=10_000), default=12, show_default=True)
@click.option("--dtype", metavar="NAME", help="Show what a machine of this format holds instead.")
@click.option(
    "--hyper",
    "convention",
    default=None,
    metavar="NAME",
    help="With --dtype: literal, rounded or mixed hyperparameters.  [default: rounded]",
)
@_common(("text", "json", "md", "html", "latex"))
def step(format_: str, output: str | None, quiet: bool, **given: Any) -> None:
    """Work one or more steps by hand, every intermediate shown.

    Numbers are decimals and taken exactly: 0.1 is one tenth.
    """
    from adamref import sheet_reports
    from adamref.output import as_json_text, emit
    from adamref.worked import worked_sheet

    sheet = worked_sheet(**given)
    if quiet and output is None:
        return
    if format_ == "json":
        emit(as_json_text(sheet_reports.as_json(sheet)), output)
        return
    writers = {
        "text": sheet_reports.as_text,
        "md": sheet_reports.as_markdown,
        "html": sheet_reports.as_html,
        "latex": sheet_reports.as_latex,
    }
    emit(writers[format_](sheet), output)


@adamref.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_common(("text", "json", "html"))
def audit(files: tuple[str, ...], format_: str, output: str | None, quiet: bool) -> None:
    """Read documents and check what they claim about Adam.

    Exits 0 if nothing is wrong, 1 if something is, 2 if nothing could be read.
    """
    from pathlib import Path

    from adamref.documents.audit import audit as audit_one

    audits: list[Audit] = []
    unreadable = 0
    for name in _tracked(files, "auditing", quiet, len(files)):
        try:
            audits.append(audit_one(Path(name)))
        except AdamrefError as error:
            _complain(str(error))
            unreadable += 1
    for found in audits:
        if found.verdict == "nothing-read":
            _complain(f"{found.path}: nothing read: no step of Adam with numbers is in it")
    if not (quiet and output is None) and audits:
        _write_audits(audits, format_, output)
    if any(found.verdict == "wrong" for found in audits):
        sys.exit(1)
    if unreadable or all(found.verdict == "nothing-read" for found in audits):
        sys.exit(2)


def _write_audits(audits: list[Audit], format_: str, output: str | None) -> None:
    from adamref.output import as_json_text, emit, show

    if format_ == "json":
        from adamref.documents.report_json import as_json

        emit(as_json_text(as_json(audits)), output)
    elif format_ == "html":
        from adamref.documents.report_html import as_html

        emit(as_html(audits), output)
    else:
        from rich.console import Group
        from rich.text import Text

        from adamref.documents.report_text import as_text

        pages: list[Any] = []
        for found in audits:
            pages += [as_text(found), Text()]
        show(Group(*pages[:-1]), output)


@adamref.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--require",
    type=click.Choice(["decisive", "all"]),
    default="decisive",
    show_default=True,
    help="all: fail too where a checker is not installed.",
)
@click.option(
    "--kernel/--no-kernel", default=True, show_default=True, help="Build the Coq development too."
)
@_common(("text", "json"))
def prove(
    ids: tuple[str, ...],
    require: str,
    kernel: bool,
    format_: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Check the theorems again, each in independent ways, and that each near-miss is refused.

    Exits 0 if every verdict is the recorded one, 1 if one is UNKNOWN or another.
    """
    from adamref.theorems.prove import prove as prove_them
    from adamref.theorems.report import as_json, as_text

    total = len(ids) or _number_of_theorems()
    checked = prove_them(ids, in_kernel=kernel)
    outcomes = list(_tracked(checked, "proving", quiet, total))
    if not (quiet and output is None):
        from adamref.output import as_json_text, emit, show

        if format_ == "json":
            emit(as_json_text(as_json(outcomes)), output)
        else:
            show(as_text(outcomes), output)
    missing = require == "all" and any(outcome.not_run for outcome in outcomes)
    if missing or not all(outcome.as_recorded for outcome in outcomes):
        sys.exit(1)


@adamref.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--checked/--unchecked",
    default=True,
    show_default=True,
    help="Check every theorem first, and say who checked it.",
)
@_common(("md", "latex", "json"), default="md")
def derive(
    ids: tuple[str, ...], checked: bool, format_: str, output: str | None, quiet: bool
) -> None:
    """Write the derivations: statement, proof step by step, who checked it, and the near-misses."""
    from adamref.derive.data import as_json
    from adamref.derive.document import chapters
    from adamref.derive.latex import as_latex
    from adamref.derive.markdown import as_markdown
    from adamref.output import as_json_text, emit
    from adamref.theorems.library import chosen
    from adamref.theorems.prove import prove as prove_them

    theorems = chosen(ids)
    outcomes = {}
    if checked:
        tracked = _tracked(prove_them(ids), "proving", quiet, len(theorems))
        outcomes = {outcome.id: outcome for outcome in tracked}
    made = chapters(theorems, outcomes)
    if quiet and output is None:
        return
    title = "What is proved about Adam"
    if format_ == "json":
        emit(as_json_text(as_json(made, title)), output)
    else:
        write = {"md": as_markdown, "latex": as_latex}[format_]
        emit(write(made, title), output)


@adamref.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--verify",
    "directory",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Compute and certify every value of a suite again; without DIR that of the package. "
    "Where names follow, write --verify=DIR, or --verify=.",
)
@_common(("text", "json"), output=("DIR", "Write the suite: schemas, manifest, a file a probe."))
def golden(
    names: tuple[str, ...],
    directory: str | None,
    format_: str,
    output: str | None,
    quiet: bool,
) -> None:
    """List the golden vectors, write them to a directory, or verify such a directory.

    Exits 0 if everything holds, 1 if a file, a sum or a value of the suite is not as it should be.
    """
    from pathlib import Path

    from adamref.golden import catalogue, suite

    if directory is not None and output is not None:
        raise click.UsageError("--output writes a suite and --verify checks one: give one of them")
    probes = catalogue.chosen(names)
    outcomes = None
    if directory is not None:
        from adamref.golden.verify import verify

        total, checked = verify(Path(directory) if directory else suite.packaged(), names)
        outcomes = list(_tracked(checked, "verifying", quiet, total))
        there = {outcome.probe for outcome in outcomes}
        probes = [probe for probe in probes if probe.name in there]
    if output is not None:
        made = suite.write(output, suite.texts(probes), complete=not names)
        written = sum(len(text) for _, text in _tracked(made, "writing", quiet, len(probes)))
        if not quiet and format_ == "text":
            click.echo(f"{output}: {len(probes)} probes, {written / 1000:.0f} kB")
    if not quiet:
        where = output if directory is None else directory or str(suite.packaged())
        _show_golden(probes, where, outcomes, format_)
    if any(not outcome.holds for outcome in outcomes or ()):
        sys.exit(1)


def _show_golden(
    probes: Sequence[Probe], where: str | None, outcomes: Sequence[Checked] | None, format_: str
) -> None:
    from adamref.golden import report
    from adamref.output import as_json_text, emit, show

    if format_ == "json":
        emit(as_json_text(report.as_json(probes, where, outcomes)), None)
    elif outcomes is not None:
        show(report.verdict(outcomes), None)
    elif where is None:
        show(report.listing(probes), None)


@adamref.command()
@click.argument("target", required=False, metavar="[MODULE:ATTRIBUTE]")
@click.option("--command", metavar="'PROGRAM ARGS'", help="A program that speaks the protocol.")
@click.option(
    "--adapter",
    metavar="NAME",
    help="How to call it: function, torch, optax, keras or class; found out if not given.",
)
@click.option("--dtype", default="float32", show_default=True, help="Of theta and gradients.")
@click.option("--state-dtype", metavar="NAME", help="Of m and v; as they come if not given.")
@click.option("--compute", metavar="NAME", help="storage or float32; identified if not given.")
@click.option("--optimizer", metavar="NAME", help="adam, adam-l2, adamw or amsgrad.")
@click.option(
    "--dialect",
    multiple=True,
    metavar="AXIS=VALUE",
    help="Pin one axis; a bare name pins the form. Identified and reported if not given.",
)
@click.option("--hyper", metavar="NAME", help="Pin literal, rounded or mixed hyperparameters.")
@click.option("--probes", multiple=True, metavar="NAME", help="Only these; may be repeated.")
@click.option("--arg", "args", multiple=True, metavar="KEY=VALUE", help="For the constructor.")
@click.option("--device", metavar="NAME", help="For torch or JAX.")
@click.option("--ulp", metavar="sqrt=2,div=2", help="Hardware with approximate root or division.")
@click.option("--strict", is_flag=True, help="Limits fail too.")
@click.option("--defaults", metavar="paper", help="Judge the constructor's defaults too.")
@click.option("--timeout", type=float, default=10.0, show_default=True, help="Seconds an answer.")
@click.option("--save", metavar="FILE", help="Keep what was found as a baseline.")
@click.option("--against", metavar="FILE", help="Exit 1 where it got worse than a baseline.")
@_common(("text", "json", "html"))
def check(
    target: str | None,
    command: str | None,
    format_: str,
    output: str | None,
    quiet: bool,
    args: tuple[str, ...],
    **options: Any,
) -> None:
    """Check an implementation of Adam: a verdict, its errors in ulps, and the name of the bug.

    MODULE:ATTRIBUTE is a function step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay),
    a torch or Keras optimizer, an optax factory or a class with step(grad); the current directory
    is importable.

    Exits 0 if it conforms, 1 if it deviates, 3 if it crashed, hung or answered out of protocol.
    """
    if (target is None) == (command is None):
        raise click.UsageError("give MODULE:ATTRIBUTE or --command, one of them")
    from adamref.oracle.check import check as check_one
    from adamref.oracle.observe.sessions.load import read_arguments

    found = check_one(
        target,
        command=command,
        args=read_arguments(args),
        isolate=True,
        tracked=lambda trials: _tracked(trials, "checking", quiet, len(trials)),
        **options,
    )
    if not (quiet and output is None):
        from adamref.output import as_json_text, emit, show

        if format_ == "json":
            emit(as_json_text(found.to_json()), output)
        elif format_ == "html":
            emit(found.to_html(), output)
        else:
            from adamref.oracle.report.report_text import as_text

            show(as_text(found), output)
    sys.exit(found.exit_code)


def _number_of_theorems() -> int:
    from adamref.theorems.library import theorems

    return len(theorems())


def _tracked(items: Any, label: str, quiet: bool, total: int) -> Any:
    """Pass items on, with a progress bar on standard error once it takes two seconds."""
    if quiet or total < 2 or not sys.stderr.isatty():
        return items
    from adamref.progress import tracked

    return tracked(items, label, total)


def _complain(message: str) -> None:
    from adamref.output import printable

    one_line = printable(" ".join(message.split()))
    click.echo(f"adamref: {one_line}", err=True)


def _refuse(message: str) -> NoReturn:
    _complain(message)
    sys.exit(2)


def main() -> None:
    """Run the command; every failure is one line on standard error and exit code 2."""
    try:
        adamref.main(standalone_mode=False)
    except click.exceptions.Abort:
        _refuse("interrupted")
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.ClickException as error:
        where = error.ctx.command_path if getattr(error, "ctx", None) else "adamref"  # type: ignore[attr-defined]
        _refuse(f"{error.format_message().rstrip('.')} (see {where} --help)")
    except AdamrefError as error:
        _refuse(str(error))
    except BrokenPipeError:
        # The reader went away, as `| head` does; nothing is left to say.
        sys.stderr.close()
        sys.exit(2)


if __name__ == "__main__":
    main()
