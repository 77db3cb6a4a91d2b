"""The kernel checker: theorems of ``proofs/coq``, compiled by Coq, and the axioms they rest on.

What has to be believed is Coq's kernel, that a theorem's statement says what its record says, and
the axioms of Coq's own real numbers. Everything else is checked: that the rules spoken of are the
ones that `adamref.rules` holds, that no file assumes anything, and what each proof depends on.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from adamref.theorems.coq_statements import RECORDS, STATEMENTS, covering, statements_file
from adamref.theorems.gallina import rules_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.theorems.record import KernelTheorem, Theorem

NEEDS = "needs Coq: apt-get install coq libcoq-flocq"
RULES = "Rules"
"""The file that is generated."""

AXIOMS = (
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
)
"""What a theorem may rest on: the axioms of Coq's real numbers, and classical logic."""

_LOGICAL = "AdamRef"
_TIMEOUT_S = 300
_AT_ONCE = 2
_ASSUMES = frozenset(
    "Admitted admit give_up Admit Axiom Axioms Parameter Parameters Conjecture Conjectures "
    "Primitive Checking bypass_check native_compute Declare Load Redirect".split()
)
_LOCAL = frozenset("Hypothesis Hypotheses Variable Variables Context".split())
_WORD = re.compile(r"(?P<keyword>Section|End)\s+(?P<name>[\w']+)\s*\.|(?P<word>[\w']+)")
_SECTIONS = re.compile(
    r"\bSection (?P<section>\w+)\.|\bEnd (?P<end>\w+)\."
    r"|\bHypothes[ie]s (?P<supposed>[^.]*(?:\.\w[^.]*)*)\."
    r"|\b(?:Theorem|Lemma|Corollary) (?P<name>[\w']+)"
)
_IDENTIFIER = re.compile(r"[A-Za-z_][\w']*")
_ANSWER = re.compile(r"^(Closed under the global context|Axioms:)$", re.MULTILINE)

Sources: TypeAlias = "tuple[tuple[str, str], ...]"
"""The files of a development: name without ending, and text."""


@final
@dataclass(frozen=True)
class KernelResult:
    """What became of one theorem.

    Attributes
    ----------
    status : {"passed", "failed", "not run"}
    says : str
        The axioms it rests on, or what is wrong, in one line.
    """

    status: Literal["passed", "failed", "not run"]
    says: str


@final
@dataclass(frozen=True)
class _Build:
    """A compiled development: where it lies, and what is wrong with which file."""

    directory: Path
    wrong: Mapping[str, KernelResult]


def folder_of_proofs() -> Path:
    """Return the folder of the Coq files: the installed one, else the repository's."""
    try:
        installed = Path(str(files("adamref.proofs").joinpath("coq")))
    except ModuleNotFoundError:
        installed = Path()
    if (installed / f"{RULES}.v").is_file():
        return installed
    return Path(__file__).parents[2] / "proofs" / "coq"


@cache
def of_record(theorem: Theorem) -> tuple[KernelTheorem, ...]:
    """Return the theorems of a record: those that it names, and the one that says what it says."""
    records = folder_of_proofs() / f"{RECORDS}.v"
    own = covering(theorem, records.read_text("utf-8")) if records.is_file() else ()
    return (*own, *theorem.kernel)


def supposed(theorem: KernelTheorem, folder: Path | None = None) -> tuple[str, ...]:
    """Return the hypotheses of the sections in which a theorem stands, as they are written there.

    To Coq they are assumptions of the theorem like any other; here they are what a reader should
    see: that an expectation is linear, how a rounding errs.
    """
    text = dict(_read(folder or folder_of_proofs())).get(theorem.file, "")
    found: list[list[str]] = []
    for match in _SECTIONS.finditer(_without_comments(text)):
        if match["section"]:
            found.append([])
        elif match["end"] and found:
            found.pop()
        elif match["supposed"] and found:
            found[-1].append(" ".join(match["supposed"].split()))
        elif match["name"] == theorem.name:
            return tuple(one for section in found for one in section)
    return ()


def check(
    names: Sequence[KernelTheorem], folder: Path | None = None
) -> Mapping[KernelTheorem, KernelResult]:
    """Compile a development and check theorems of it.

    Parameters
    ----------
    names : sequence of KernelTheorem
    folder : Path, optional
        Where the files are; default: those of adamref.

    Returns
    -------
    mapping of KernelTheorem to KernelResult
        "not run" where Coq, or a library the theorem needs, is not installed.
    """
    if shutil.which("coqc") is None:
        return dict.fromkeys(names, KernelResult("not run", NEEDS))
    sources = _read(folder or folder_of_proofs())
    if dict(sources).get(RULES) != rules_file():
        says = f"{RULES}.v is not what adamref.theorems.gallina writes of the rules: generate it"
        return dict.fromkeys(names, KernelResult("failed", says))
    records = dict(sources).get(RECORDS, "")
    if records and dict(sources).get(STATEMENTS) != statements_file(records):
        says = f"{STATEMENTS}.v is not what adamref.theorems.coq_statements writes: generate it"
        return dict.fromkeys(names, KernelResult("failed", says))
    results = {name: _before_asking(sources, name) for name in names}
    asked = tuple(name for name, result in results.items() if result is None)
    answers = _answers(sources, asked)
    return {name: result or answers[name] for name, result in results.items()}


def _read(folder: Path) -> Sources:
    return tuple((path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.v")))


def _before_asking(sources: Sources, theorem: KernelTheorem) -> KernelResult | None:
    """Return what is wrong with a theorem's file, or None."""
    if theorem.file not in dict(sources):
        return KernelResult("failed", f"there is no file {theorem.file}.v")
    if not _IDENTIFIER.fullmatch(theorem.name):
        return KernelResult("failed", f"{theorem.name!r} is not a name")
    return _built(sources).wrong.get(theorem.file)


# ---- what a file may hold


def _assumed(text: str) -> str | None:
    """Return the first word of a file by which it assumes something, or None."""
    sections: list[str] = []
    for match in _WORD.finditer(_without_comments(text)):
        keyword, word = match["keyword"], match["word"]
        if keyword == "Section":
            sections.append(match["name"])
        elif keyword == "End" and sections[-1:] == [match["name"]]:
            sections.pop()
        elif word in _ASSUMES or (word in _LOCAL and not sections):
            return word
    return None


def _without_comments(text: str) -> str:
    """Return a file without its comments, which nest, and without its strings."""
    kept: list[str] = []
    depth = 0
    for piece in re.split(r'(\(\*|\*\)|"[^"]*")', text):
        if piece == "(*":
            depth += 1
        elif piece == "*)" and depth:
            depth -= 1
        elif not depth:
            kept.append(" " if piece.startswith('"') else piece)
    return "".join(kept)


# ---- compiling


@cache
def _built(sources: Sources) -> _Build:
    """Compile a development in a directory of its own, which lasts as long as the process."""
    directory = TemporaryDirectory(prefix="adamref-coq-")
    atexit.register(directory.cleanup)
    place = Path(directory.name)
    for name, text in sources:
        (place / f"{name}.v").write_text(text, "utf-8")
    wrong: dict[str, KernelResult] = {}
    for name, text in sources:
        if word := _assumed(text):
            wrong[name] = KernelResult("failed", f"{name}.v assumes something: it holds {word}")
    needs = _needs(place, [name for name, _ in sources])
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while sorter.is_active():
            ready = sorter.get_ready()
            sound = [name for name in ready if not _inherited(name, needs, wrong)]
            done = pool.map(lambda name: _compiled(place, name), sound)
            wrong |= {name: bad for name, bad in zip(sound, done, strict=True) if bad}
            sorter.done(*ready)
    return _Build(place, wrong)


def _inherited(
    name: str, needs: Mapping[str, Sequence[str]], wrong: dict[str, KernelResult]
) -> bool:
    """Say whether a file is wrong already, or needs one that is; it is then recorded as wrong."""
    bad = [other for other in needs[name] if other in wrong]
    if bad and name not in wrong:
        first = wrong[bad[0]]
        wrong[name] = KernelResult(first.status, f"{name}.v needs {bad[0]}.v: {first.says}")
    return name in wrong


def _needs(place: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Ask coqdep which files each file needs."""
    ran = _run(place, "coqdep", *(f"{name}.v" for name in names))
    needs: dict[str, list[str]] = {name: [] for name in names}
    for line in ran.stdout.replace("\\\n", " ").splitlines():
        made, _, needed = line.partition(":")
        name = made.split(".vo", 1)[0]
        if ".vo " in f"{made} " and name in needs:
            found = (word.removesuffix(".vo") for word in needed.split() if word.endswith(".vo"))
            needs[name] = [word for word in found if word in needs]
    return needs


def _compiled(place: Path, name: str) -> KernelResult | None:
    """Compile one file; return what is wrong, or None."""
    ran = _run(place, "coqc", f"{name}.v")
    if ran.returncode == 0:
        return None
    says = _one_line(ran.stderr)
    if "Cannot find a physical path" in says and f"prefix {_LOGICAL}" not in says:
        return KernelResult("not run", f"{NEEDS} ({says})")
    return KernelResult("failed", f"{name}.v: {says}")


def _run(place: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    found = shutil.which(program)
    if found is None:
        return subprocess.CompletedProcess(program, 127, "", f"there is no {program}")
    own = () if program == "coqdep" else ("-q",)
    command = [found, *own, "-Q", ".", _LOGICAL, *arguments]
    plain = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(  # noqa: S603 - Coq, on files of our own
            command,
            cwd=place,
            env=plain,
            capture_output=True,
            encoding="utf-8",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        late = f"Error: {program} took more than {_TIMEOUT_S} s"
        return subprocess.CompletedProcess(command, 124, "", late)


def _one_line(message: str) -> str:
    """Return Coq's error message in one line, without the place of generated files."""
    _, _, error = message.rpartition("Error:")
    return " ".join((error or message).split()) or "no message"


# ---- assumptions


def _answers(
    sources: Sources, theorems: tuple[KernelTheorem, ...]
) -> dict[KernelTheorem, KernelResult]:
    """Ask what theorems rest on, all at once, or one by one if one of them stops Coq."""
    blocks = _printed(sources, theorems) if theorems else ()
    if isinstance(blocks, tuple):
        return {t: _judged(sources, t, b) for t, b in zip(theorems, blocks, strict=True)}
    if len(theorems) == 1:
        return {theorems[0]: KernelResult("failed", blocks)}
    return {t: result for one in theorems for t, result in _answers(sources, (one,)).items()}


@cache
def _printed(sources: Sources, theorems: tuple[KernelTheorem, ...]) -> tuple[str, ...] | str:
    """Run ``Print Assumptions``; return what Coq says of each theorem, or its error message."""
    asked = dict.fromkeys(theorem.file for theorem in theorems)
    lines = [f"From {_LOGICAL} Require {file}." for file in asked]
    lines += [f"Print Assumptions {_LOGICAL}.{t.file}.{t.name}." for t in theorems]
    with TemporaryDirectory(prefix="Ask", dir=_built(sources).directory) as own:
        (Path(own) / "Ask.v").write_text("\n".join(lines) + "\n", "utf-8")
        ran = _run(_built(sources).directory, "coqc", f"{Path(own).name}/Ask.v")
    if ran.returncode != 0:
        return _one_line(ran.stderr)
    starts = [match.start() for match in _ANSWER.finditer(ran.stdout)]
    if len(starts) != len(theorems):
        return f"Coq answered {len(starts)} of {len(theorems)} questions"
    return tuple(
        ran.stdout[a:b] for a, b in zip(starts, [*starts[1:], len(ran.stdout)], strict=True)
    )


def _judged(sources: Sources, theorem: KernelTheorem, block: str) -> KernelResult:
    """Judge what Coq says a theorem rests on."""
    stated = rf"\b(Theorem|Lemma|Corollary)\s+{re.escape(theorem.name)}(?![\w'])"
    if not re.search(stated, _without_comments(dict(sources)[theorem.file])):
        says = f"{theorem.file}.v does not state {theorem.name} as a theorem"
        return KernelResult("failed", says)
    axioms = tuple(_axioms(block))
    foreign = [axiom for axiom in axioms if not _allowed(axiom)]
    if foreign:
        return KernelResult("failed", f"rests on {', '.join(foreign)}")
    names = ", ".join(axiom.rpartition(".")[2] for axiom in axioms)
    return KernelResult("passed", f"rests on {names}" if names else "rests on no axiom")


def _axioms(block: str) -> Iterator[str]:
    """Yield the names in an answer of ``Print Assumptions``: what stands at the left margin."""
    for line in block.splitlines()[1:]:
        if line and not line[0].isspace():
            yield line.split()[0]


def _allowed(axiom: str) -> bool:
    return any(axiom == known or axiom.endswith(f".{known}") for known in AXIOMS)
