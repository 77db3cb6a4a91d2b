"""Whatever the options: an exit code as promised, one line where refused, and no traceback."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import command_lines as lines
import contracts
from adamref.rules.family import family
from adamref.theorems import kernel
from command import called, schema

ROOT = Path(__file__).parent.parent
OLD = "old\n"
SCHEMAS = {
    name: schema(name) for name in ("step", "audit", "golden", "derive", "prove", "check", "replay")
}


def few(divisor, *unhealthy):
    """So many examples less than the profile has, where one takes long."""
    suppressed = (*settings.default.suppress_health_check, *unhealthy)
    examples = max(settings.default.max_examples // divisor, 5)
    return settings(max_examples=examples, suppress_health_check=suppressed)


def ends_well(*arguments, prepare=lambda _here: None, lines_of_error=1):
    """Run a command among a file, a folder and nothing else, and look at all that it left."""
    with tempfile.TemporaryDirectory() as place, mock.patch.dict(os.environ, {"COLUMNS": "80"}):
        here = Path(place)
        (here / "there").write_text(OLD)
        (here / "folder").mkdir()
        prepare(here)
        before = {path.name for path in here.iterdir()}
        code, out, err = called(*arguments, cwd=here)
        said = err.splitlines()
        assert code in ({0, 1, 2, 3} if arguments[0] == "check" else {0, 1, 2}), code
        assert all(line.startswith("adamref: ") for line in said), err
        assert not err or err.endswith("\n")
        if code == 2:
            assert 1 <= len(said) <= lines_of_error, err
        else:
            assert len(said) < lines_of_error, err
        assert "Traceback" not in out + err
        made = {path.name: path for path in here.iterdir()}
        assert not [name for name in made if name.startswith(".")], "left beside what it wrote"
        if code == 2 and lines_of_error == 1:
            assert made.keys() == before, "a file, although the command was refused"
            assert (here / "there").read_text() == OLD
        texts = [out, *(made[x].read_text() for x in made.keys() - before if made[x].is_file())]
        for text in texts:
            valid(arguments[0], text)
        return code


def either(values):
    """Draw good values three times out of four."""
    return st.one_of(values.good, values.good, values.good, values.odd)


def valid(command, text):
    """A text that says it is the command's JSON is whole, and by its schema."""
    if not text.startswith("{") or f'"adamref.{command}/1"' not in text[:60]:
        return
    document = json.loads(text, parse_constant=refused)
    jsonschema.validate(document, SCHEMAS[command])


def refused(constant):
    raise AssertionError(f"{constant} is not JSON")


STEP = lines.STEP | lines.common("text", "json", "md", "html", "latex")


@given(st.one_of(
    lines.lines(STEP, always=("--theta", "--grad"), repeated=("--grad", "--alpha", "--lr"), few=4),
    lines.lines(STEP, always=("--theta", "--objective"), few=4),
))  # fmt: skip
def test_step(options):
    ends_well("step", *options)


@functools.cache
def sheet(name):
    """Two steps of a rule as `adamref step` works them, and its lines."""
    trains = family()[name].trains
    given = ("--theta", "0.5" if trains else "0", "--grad", "-15", "--grad", "2")
    steps = called("step", *given, "--optimizer", name, "--format", "md").out
    return f"{steps}\n$${family()[name].rule.latex()}$$\n"


CORPUS = sorted((ROOT / "tests" / "corpus_blind").glob("*.[mt]*"))
NAMES = sorted({x for one in family().values() for x in (one.name, one.title, *one.spoken)})


@st.composite
def documents(draw):
    """Documents of any rule, or under any's name, cut, doubled, strewn with strange characters."""
    named, worked = draw(st.sampled_from(NAMES)), draw(st.sampled_from(lines.OPTIMIZERS))
    of_corpus = draw(st.sampled_from(CORPUS)).read_text()
    text = draw(st.sampled_from((
        of_corpus, f"# {named}\n\n{of_corpus}", of_corpus.replace("Adam", named),
        sheet(worked), f"# {named}\n\n{sheet(worked)}",
    )))  # fmt: skip
    for _ in range(draw(st.integers(0, 3))):
        i, j = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        new = draw(st.one_of(
            st.just(""), st.just(text[i:j] * 2), st.sampled_from("${}\\|&=≈\n\t0.\ufeff\x1b"),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        ))  # fmt: skip
        text = text[:i] + new + text[j:]
    return text


FILES = ("notes.md",) * 6 + ("notes.tex", "there", "folder", "nowhere", "", "-", ".")


@pytest.mark.slow
@few(3)
@given(
    documents(),
    st.lists(st.sampled_from(FILES), min_size=1, max_size=2),
    lines.lines(lines.common("text", "json", "html"), few=2),
)
def test_audit(text, files, options):
    def prepare(here):
        for name in ("notes.md", "notes.tex"):
            (here / name).write_text(text, encoding="utf-8")

    # A line for each file that cannot be read, and one for what it is asked to do.
    ends_well("audit", *files, *options, prepare=prepare, lines_of_error=len(files) + 2)


@few(2)
@given(
    st.lists(either(lines.of(lines.PROBES)), min_size=1, max_size=2),
    st.sampled_from((None, "", "suite", "folder", "there", "nowhere", "damaged")),
    lines.lines(lines.common("text", "json"), few=2),
)
def test_golden(names, verified, options):
    packaged = ROOT / "adamref" / "data" / "golden"

    def prepare(here):
        for name in ("suite", "damaged"):
            (here / name).mkdir()
            for file in ("manifest.json", *(f"{probe}.json" for probe in lines.PROBES)):
                text = (packaged / file).read_text()
                damaged = text.replace("0x1", "0x2", 1) if name == "damaged" else text
                (here / name / file).write_text(damaged)

    verify = [] if verified is None else [f"--verify={verified}"]
    ends_well("golden", *verify, *options, "--", *names, prepare=prepare)


@pytest.mark.slow
@few(16, HealthCheck.nested_given)  # a proof looks for counterexamples with it
@given(
    st.lists(either(lines.of((*lines.THEOREMS, *lines.OPTIMIZERS))), min_size=1, max_size=2),
    lines.lines({"--checked": None, "--unchecked": None} | lines.common("md", "latex", "json")),
)
def test_derive(ids, options):
    ends_well("derive", *options, "--", *ids)


@pytest.mark.slow
@few(16, HealthCheck.nested_given)  # a proof looks for counterexamples with it
@given(
    st.lists(either(lines.of(lines.THEOREMS)), min_size=1, max_size=1),
    lines.lines(
        {"--require": lines.of(("decisive", "all")), "--kernel": None, "--no-kernel": None}
        | lines.common("text", "json")
    ),
)
def test_prove(ids, options):
    """Without Coq, which would compile all that it has each time."""
    with mock.patch.object(kernel.shutil, "which", return_value=None):
        ends_well("prove", *options, "--", *ids)


def right(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    t = s["t"] + 1
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, {"m": m, "v": v, "t": t}


def wrong(theta, grad, state, **hyper):
    return right(theta, -grad, state, **{x: y for x, y in hyper.items() if x != "weight_decay"})


def raising(theta, grad, state, **_hyper):  # noqa: ARG001 - by these it is known
    raise ValueError("two\nlines")


def shapeless(theta, grad, state, **_hyper):  # noqa: ARG001
    return None, state


TARGETS = {"right": right, "wrong": wrong, "raising": raising, "shapeless": shapeless}


@pytest.fixture
def here_is_enough(monkeypatch):
    """Check in this process, as a process for each example would take a second."""
    import adamref.oracle.check as checking

    check = checking.check

    def in_this_process(target, *, isolate, command, **options):
        assert isolate
        with np.errstate(all="ignore"):
            if target in TARGETS:
                return check(TARGETS[target], isolate=False, command=command, **options)
            return check(target, isolate=isolate, command=command, **options)

    monkeypatch.setattr(checking, "check", in_this_process)


@st.composite
def checks(draw):
    """Draw a target and options, with a few probes that there are, and perhaps one that is not."""
    target = draw(st.sampled_from((*TARGETS, "right", "wrong")))
    options = draw(lines.lines(
        lines.CHECK | lines.common("text", "json", "html"),
        always=("--format",), repeated=("--dialect", "--arg"), few=4,
    ))  # fmt: skip
    dtype = next((x for x in lines.DTYPES if any(x == y.removeprefix("--dtype=") for y in options)),
                 "float32")  # fmt: skip
    known = {
        "float32": ("generic-float32-mixed", "tensors-float32", "nan-adam-float32"),
        "float64": ("generic-float64", "first-step-float64", "tail-float64"),
        "float16": ("generic-float16-rounded", "large-float16"),
        "bfloat16": ("generic-bfloat16-literal", "theta-zero-bfloat16"),
    }[dtype]
    names = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2))
    names += draw(st.sampled_from(([],) * 9 + (["nonsense"],)))
    return [target, *options, *(x for name in names for x in ("--probes", name))]


@pytest.mark.slow
@few(4)
@given(checks())
@pytest.mark.usefixtures("here_is_enough")
def test_check(arguments):
    ends_well("check", *arguments)


CHECKPOINTS = ("before.npz", "right.npz", "no-decay.npz", "stood.npz", "other.npz", "forgotten.npz",
               "damaged.npz", "there", "folder", "nowhere", "", "-")  # fmt: skip
GROUPS = {"some": {"tensors": ["w*"], "lr": 0.001, "weight_decay": 0.01}}


@pytest.mark.slow
@few(12)
@given(
    st.lists(st.sampled_from((*CHECKPOINTS[:6] * 2, *CHECKPOINTS)), min_size=1, max_size=2),
    lines.lines(
        lines.REPLAY | lines.common("text", "json", "html"), repeated=("--dialect",), few=7
    ),
)
def test_replay(files, options):
    def prepare(here):
        for path in contracts.replayed_here().iterdir():
            shutil.copy(path, here)
        (here / "damaged.npz").write_bytes((here / "before.npz").read_bytes()[:700])
        (here / "groups.json").write_text(json.dumps(GROUPS))

    # Where nothing could be judged, a line says so beside the report.
    ends_well("replay", *options, "--", *files, prepare=prepare, lines_of_error=2)


ELSEWHERE = {
    "no width": {"COLUMNS": "abc"},
    "a width below all": {"COLUMNS": "-3"},
    "a far too wide terminal": {"COLUMNS": "9" * 30},
    "an alphabet without Greek": {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    "colour asked for": {"FORCE_COLOR": "1", "TERM": "xterm-256color"},
}


@pytest.mark.slow
@pytest.mark.parametrize("environment", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_strange_environment(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ran = subprocess.run(
        [sys.executable, "-m", "adamref", "golden", "tail-float16"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\x1b" not in ran.stdout
    assert b"1 probes" in ran.stdout or b"1 probe:" in ran.stdout
