"""The ``adamref`` command."""

from __future__ import annotations

import atexit
import gc
import io
import sys
import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from adamref import completion
from adamref.command import complain, delivers, listed, looked_through, named, number, tracked
from adamref.commands import compare, golden, mutate, replay, tolerance
from adamref.errors import AdamrefError, readable
from adamref.spelling import HANDLER

if TYPE_CHECKING:
    from adamref.render import Result

_FORMATS = "adamref.numbers.formats:FORMATS"
_CONVENTIONS = "adamref.conventions:CONVENTIONS"
_MANY = click.IntRange(min=1, max=10_000)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(package_name="adamref", message="adamref %(version)s")
def adamref() -> None:
    """Check everything about Adam: documents, numbers, derivations, implementations."""


@adamref.command()
@number("--theta", required=True, help="The parameter before the step.")
@click.option(
    "--objective",
    metavar="EXPRESSION",
    help="A function of one variable, such as '(3*w - 4)**2'; its derivative is the gradient.",
)
@number("--grad", multiple=True, help="A gradient; once for each step.")
@click.option("--steps", type=_MANY, help="How many; a single --grad is used for all of them.")
@number("--alpha", "--lr", multiple=True, help="Step size; give it once, or once for each step.")
@number("--beta1")
@number("--beta2")
@number("--eps")
@number("--weight-decay")
@number("--m", help="First moment before the first step.")
@number("--v", help="Second moment before the first step.")
@click.option("--t", type=click.IntRange(min=1), default=1, help="The t of the first step.")
@named("--optimizer", of="adamref.rules:family", default="adam", help="Which rule:")
@named("--form", of="adamref.rules:FORMS", help="Its dialect, by where epsilon stands:")
@click.option(
    "--dialect",
    multiple=True,
    metavar="AXIS=VALUE",
    help="Its dialect, by any axis.",
    shell_complete=completion.dialects,
)
@click.option(
    "--set", "others", multiple=True, metavar="NAME=NUMBER", help="Any hyperparameter of the rule."
)
@click.option(
    "--state", multiple=True, metavar="NAME=NUMBER", help="Any state before the first step."
)
@click.option("--digits", type=_MANY, default=12, help="How many significant digits.")
@named("--dtype", of=_FORMATS, help="Show what a machine holds instead:")
@named(
    "--hyper",
    "convention",
    of=_CONVENTIONS,
    help="With --dtype, how it holds hyperparameters (rounded if not given):",
)
@named(
    "--compute",
    of="adamref.conventions:COMPUTES",
    help="With --dtype, in what its code works, hyperparameters are held in that (the dtype, but "
    "float32 for float16 and bfloat16, if not given):",
)
@click.option(
    "--letters",
    multiple=True,
    metavar="w,s,v",
    help="An author's letters for theta, v and m, or NAME=LETTER,...",
)
@click.option(
    "--blank", multiple=True, metavar="NAME,...", help="Fields whose results are to be found."
)
@click.option("--key/--no-key", default=True, help="With --blank, the results at the end.")
@delivers("step")
def step(**given: Any) -> tuple[Result, int]:
    """Work one or more steps by hand, every intermediate shown.

    Numbers are decimals and taken exactly: 0.1 is one tenth.
    """
    from adamref.worked import worked_sheet

    return worked_sheet(**given), 0


_NO_STEP = "no step of Adam with numbers is in it"
_NONE_READ = "none of its claims, which are listed, could be"


@adamref.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes for many files.")
@delivers("audit")
def audit(files: tuple[str, ...], jobs: int | None) -> tuple[Result | None, int]:
    """Read documents and check what they claim about Adam.

    FILE is a file, a folder, a pattern such as 'notes/**/*.md', or - for standard input: text,
    Markdown, LaTeX, HTML, notebooks, Word, PDF, source code, test cases in JSON, YAML or CSV.

    Exits 0 if nothing is wrong, 1 if something is, 2 if something could not be read.
    """
    from adamref.documents.files import Named, documents
    from adamref.documents.findings import Audit, Audits
    from adamref.documents.many import audit_all

    meant = list(documents(files))
    named = [one for one in meant if isinstance(one, Named)]
    sought = {one.path for one in named if one.sought}
    results = audit_all([one.path for one in named], jobs=jobs)
    results = tracked(results, "auditing", len(named))
    found, unread = [], False
    for one in (one if not isinstance(one, Named) else next(results) for one in meant):
        if isinstance(one, Audit):
            found.append(one)
        else:
            unread = True
            complain(one)
    for one in found:
        if one.verdict == "nothing-read" and one.path not in sought:
            complain(f"{one.path}: nothing read: {_NONE_READ if one.claims else _NO_STEP}")
    verdicts = [one.verdict for one in found]
    nothing = {*verdicts} == {"nothing-read"}
    if nothing and sought:
        complain(f"{files[0]}: nothing read: {_NO_STEP}")
    code = 1 if "wrong" in verdicts else 2 if unread or nothing else 0
    return Audits(tuple(found)) if found else None, code


@adamref.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.theorem_ids)
@listed
@click.option(
    "--require",
    type=click.Choice(["decisive", "all"]),
    default="decisive",
    help="all: fail too where a checker is not installed.",
)
@click.option(
    "--kernel/--no-kernel",
    default=None,
    help="Build the Coq development too; if not given, of all theorems or where all is required.",
)
@delivers("prove")
def prove(
    ids: tuple[str, ...], words: str | None, require: str, kernel: bool | None
) -> tuple[Result, int]:
    """Check the theorems again, each in independent ways, and that each near-miss is refused.

    An ID is that of a theorem, or of a chapter of proofs/.

    Exits 0 if every verdict is the recorded one, 1 if one is UNKNOWN or another.
    """
    if words is not None:
        from adamref.theorems.library import listing

        return looked_through(listing(), words, ids), 0
    from adamref.theorems.report import Proved

    if kernel is None:
        # It takes half a minute, whatever is asked of it.
        kernel = not ids or require == "all"
    proved = Proved(tuple(_proved(ids, in_kernel=kernel)))
    return proved, 0 if proved.holds(complete=require == "all") else 1


@adamref.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.derived_ids)
@listed
@click.option(
    "--checked/--unchecked",
    default=False,
    help="Check first what is asked for and what it rests on, and say who checked it.",
)
@click.option(
    "--level",
    type=click.Choice(["statement", "idea", "steps"]),
    default="steps",
    help="How much is told: what is claimed, what its idea is, or every step.",
)
@click.option(
    "--pictures", metavar="FOLDER", help="Write its pictures and their numbers there too."
)
@delivers("derive", default="md")
def derive(
    ids: tuple[str, ...], words: str | None, checked: bool, level: Any, pictures: str | None
) -> tuple[Result, int]:
    """Write the derivations: statement, proof step by step, who checked it, and the near-misses.

    An ID is that of a theorem or a chapter, of a way through the book (student, bias-correction,
    implementer, theorist), or the name of an optimizer: then its rule is written; all is all
    theorems. What was not checked now says so.
    """
    from adamref.derive.again import laid_out
    from adamref.derive.document import Book
    from adamref.derive.reading import PATHS, selected
    from adamref.derive.rules import rules_chapter
    from adamref.listing import Group, Listing
    from adamref.rules import family
    from adamref.theorems.citing import with_grounds
    from adamref.theorems.library import listing
    from adamref.typeset.tree import Document

    if words is not None:
        titles = tuple((name, one.title) for name, one in family().items())
        ways = tuple((path.id, path.title) for path in PATHS.values())
        groups = (Group("Rules", titles), Group("Ways through the book", ways), *listing().groups)
        return looked_through(Listing("theorems and rules", groups), words, ids), 0
    named = [family()[name] for name in ids if name in family()]
    others = tuple(name for name in ids if name not in family())
    if named and not others:
        return Book(Document("Rules", (rules_chapter(named),))), 0
    theorems = selected(others)
    asked = tuple(one.id for one in with_grounds(theorems)) if checked else ()
    outcomes = {one.id: one for one in (_proved(asked, in_kernel=not others) if asked else ())}
    made = laid_out(others, tracked(theorems, "deriving", len(theorems)), outcomes, level)
    if named:
        chapters = (rules_chapter(named), *made.document.chapters)
        made = replace(made, document=replace(made.document, chapters=chapters))
    if pictures is not None:
        from adamref.derive.files import write_pictures

        write_pictures(made.document, pictures)
    return made, 0


def _proved(ids: tuple[str, ...], **options: Any) -> Any:
    from adamref.theorems.library import chosen
    from adamref.theorems.prove import prove as prove_them

    return tracked(prove_them(ids, **options), "proving", len(chosen(ids)))


@adamref.command()
@click.argument("targets", nargs=-1, metavar="[MODULE:ATTRIBUTE|FILE.py:ATTRIBUTE|FILE|FOLDER]...")
@click.option("--command", metavar="'PROGRAM ARGS'", help="A program that speaks the protocol.")
@named("--adapter", of="adamref.oracle.observe.sessions.declared:declared", help="How to call it:")
@named("--dtype", of=_FORMATS, default="float32", help="Of theta and gradients:")
@click.option(
    "--state-dtype",
    metavar="NAME",
    help="Of the states, or m=NAME,v=NAME; as they come if not given.",
)
@click.option("--compute", metavar="NAME", help="storage or float32; identified if not given.")
@click.option(
    "--rounding",
    metavar="NAME",
    help="nearest or stochastic, of what is stored in fewer digits; by what is seen if not given.",
)
@named("--optimizer", of="adamref.rules.family:training", help="As what it is judged:")
@click.option(
    "--dialect",
    "--declare",
    multiple=True,
    metavar="AXIS=VALUE",
    shell_complete=completion.dialects,
    help="Pin one axis, or a behaviour; a bare name pins the form. Identified if not given.",
)
@named("--hyper", of=_CONVENTIONS, help="Pin how hyperparameters are held:")
@click.option("--probes", multiple=True, metavar="NAME", help="Only these; may be repeated.")
@click.option("--arg", "args", multiple=True, metavar="KEY=VALUE", help="For the constructor.")
@click.option("--device", metavar="NAME", help="For torch or JAX.")
@click.option("--ulp", metavar="sqrt=2,div=2", help="Hardware with approximate root or division.")
@click.option("--strict", is_flag=True, help="Limits fail too.")
@click.option("--thorough", is_flag=True, help="Cover steps, sizes and shapes for some minutes.")
@click.option("--defaults", metavar="paper", help="Judge the constructor's defaults too.")
@click.option(
    "--timeout", type=float, help="Seconds an answer; 10 if not given, but 60 for the first."
)
@click.option("--save", metavar="FILE", help="Keep what was found as a baseline.")
@click.option("--against", metavar="FILE", help="Exit 1 where it got worse than a baseline.")
@click.option("--allow", metavar="1ulp", help="By how much errors may be greater than there.")
@click.option("--jobs", type=_MANY, help="How many at a time, of several; one a processor.")
@click.option("--verbose", is_flag=True, help="List every probe; of several, every report.")
@delivers("check")
def check(
    targets: tuple[str, ...], command: str | None, jobs: int | None, verbose: bool, **options: Any
) -> tuple[Result, int]:
    """Check an implementation of Adam: a verdict, its errors in ulps, and the name of the bug.

    MODULE:ATTRIBUTE, or FILE.py:ATTRIBUTE, is a function step(theta, grad, state, *, lr, beta1,
    beta2, eps, weight_decay), a torch or Keras optimizer, an optax factory or a class with
    step(grad); the current directory is importable. Of a FILE or FOLDER what looks like an
    optimizer is checked. Several are checked at once, and make a table.

    Exits 0 if all conform, 1 if one deviates, 3 if one crashed, hung or answered out of protocol.
    """
    if (not targets) == (command is None):
        raise click.UsageError("give MODULE:ATTRIBUTE or --command, one of them")
    if len(targets) == 1 and ":" in targets[0]:
        from adamref.oracle.observe.sessions.child import HOST, begin

        begin(HOST)
    from adamref.oracle.check import check as check_one
    from adamref.oracle.observe.sessions.load import read_arguments
    from adamref.oracle.several import check_many, expanded

    options["args"] = read_arguments(options["args"])
    names = expanded(targets)
    if len(names) > 1:
        if options["save"] or options["against"]:
            raise click.UsageError("--save and --against take one target at a time")
        bar = partial(tracked, label="checking", total=len(names))
        checks = check_many(names, jobs=jobs, tracked=bar, **options)
        if checks.exit_code == 2:
            lost = ", ".join(one.target for one in checks.unreached)
            complain(f"{len(checks.unreached)} of {len(names)} could not be called: {lost}")
        reports = tuple(replace(report, verbose=verbose) for report in checks.reports)
        return replace(checks, reports=reports), checks.exit_code
    found = check_one(
        *names,
        command=command,
        isolate=True,
        tracked=lambda trials: tracked(trials, "checking", len(trials)),
        **options,
    )
    return replace(found, verbose=verbose), found.exit_code


adamref.add_command(golden)
adamref.add_command(tolerance)
adamref.add_command(compare)
adamref.add_command(replay)
adamref.add_command(mutate)


def _refuse(error: AdamrefError | str) -> NoReturn:
    complain(error)
    sys.exit(2)


_SELDOM = 200_000, 30, 30
"""Objects made before garbage is looked for: a command keeps most of what it makes to its end. With
Python's usual 700 it is looked for 200 times while the modules of a check are imported."""


def main() -> None:
    """Run the command; every failure is one line on standard error and exit code 2.

    Interrupted it ends with 130.
    """
    gc.set_threshold(*_SELDOM)
    atexit.register(gc.freeze)  # at its end all is given back: nothing need be looked through
    for stream in (sys.stdout, sys.stderr):
        # What neither command nor library has put into its letters is, too.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
    try:
        adamref.main(prog_name="adamref", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("interrupted")
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.ClickException as error:
        where = error.ctx.command_path if getattr(error, "ctx", None) else "adamref"  # type: ignore[attr-defined]
        _refuse(f"{error.format_message().rstrip('.')} (see {where} --help)")
    except AdamrefError as error:
        _refuse(error)
    except BrokenPipeError:
        # The reader went away, as `| head` does; nothing is left to say.
        sys.stderr.close()
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - a traceback tells a user nothing
        _report(error)


def _report(error: Exception) -> NoReturn:
    """Say that something went wrong that should not have, and where."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(Path(__file__).parent)
    ]
    where = f" in {Path(frames[-1].filename).stem}, line {frames[-1].lineno}" if frames else ""
    said = f"{type(error).__name__}{where}: {readable(error)}"
    complain(f"a mistake of adamref's own, please report it with what led to it: {said[:500]}")
    sys.exit(3 if sys.argv[1:2] == ["check"] else 2)


if __name__ == "__main__":
    main()
