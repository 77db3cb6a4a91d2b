"""The readers in other languages agree with the golden vectors, and notice what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from adamref.golden import suite
from adamref.golden.canonical import canonical

EXAMPLES = Path(__file__).parents[2] / "examples" / "golden"
PROBES = 21


@pytest.fixture(scope="module")
def reader_in_c(tmp_path_factory):
    if shutil.which("cc") is None or not EXAMPLES.exists():
        pytest.skip("no C compiler, or no examples: the reader in C is NOT tried here")
    program = tmp_path_factory.mktemp("reader") / "reader"
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2", "-ffp-contract=off"]
    source = str(EXAMPLES / "reader.c")
    subprocess.run(["cc", *flags, "-o", str(program), source, "-lm"], check=True)
    return lambda directory: [str(program), *map(str, sorted(directory.glob("*.json")))]


@pytest.fixture
def reader_in_javascript():
    if shutil.which("node") is None or not EXAMPLES.exists():
        pytest.skip("no node, or no examples: the reader in JavaScript is NOT tried here")
    return lambda directory: ["node", str(EXAMPLES / "reader.js"), str(directory)]


@pytest.fixture(params=["reader_in_c", "reader_in_javascript"])
def read(request):
    command = request.getfixturevalue(request.param)

    def called(directory):
        ran = subprocess.run(command(directory), check=False, capture_output=True, text=True)
        return ran.returncode, ran.stdout

    return called


def test_a_plain_adam_agrees(read):
    code, out = read(suite.packaged())
    assert out.splitlines()[-1] == f"{PROBES} probes, 0 beyond 256 ulp"
    assert code == 0


@pytest.mark.parametrize("field", ["m", "v", "theta"])
def test_a_wrong_number_is_noticed(read, tmp_path, field):
    text = (suite.packaged() / "generic-float64.json").read_text("utf-8")
    lines = text.splitlines()
    at = max(i for i, line in enumerate(lines) if line.lstrip().startswith(f'"{field}": '))
    lines[at] = lines[at].replace('["0x1.', '["0x1.ff', 1).replace('["-0x1.', '["-0x1.ff', 1)
    lines[at] = lines[at].replace('"dec": ["', '"dec": ["1', 1).replace('["1-', '["-1', 1)
    (tmp_path / "generic-float64.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, out = read(tmp_path)
    assert out.splitlines()[-1] == "1 probes, 1 beyond 256 ulp"
    assert code == 1


def test_nothing_to_read_is_exit_2(read, tmp_path):
    shutil.copy(suite.packaged() / "generic-float32-literal.json", tmp_path)
    assert read(tmp_path)[0] == 2


JUDGED = {
    "decay-adamw-bfloat16", "decay-adamw-float32", "generic-adamw-float32",
    "generic-amsgrad-float32", "nan-amsgrad-float32", "resume-adamw-float32",
    "resume-amsgrad-float32", "shrinking-amsgrad-bfloat16", "shrinking-amsgrad-float32",
}  # fmt: skip
"""The probes that the readers which judge by the bounds in the files are for."""

COMPILERS = {
    "reader.cpp": ("c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"),
    "reader.rs": ("rustc", "-O", "-D", "warnings"),
}


@pytest.fixture(scope="module", params=COMPILERS)
def judge(request, tmp_path_factory):
    """A compiled reader that judges by the bound in the file."""
    compiler, *flags = COMPILERS[request.param]
    if shutil.which(compiler) is None or not EXAMPLES.exists():
        pytest.skip(f"{request.param} is NOT tried here: no {compiler}, or no examples")
    program = tmp_path_factory.mktemp("judge") / "reader"
    source = str(EXAMPLES / request.param)
    made = subprocess.run(
        [compiler, *flags, "-o", str(program), source], check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr

    def called(*arguments):
        ran = subprocess.run(
            [str(program), *map(str, arguments)], check=False, capture_output=True, text=True
        )
        return ran.returncode, ran.stdout.splitlines()

    return called


@pytest.mark.slow
def test_a_right_one_is_within_the_bounds_in_the_files(judge):
    code, lines = judge(*sorted(suite.packaged().glob("*.json")))
    assert code == 0
    assert {line.split()[0] for line in lines[:-1]} == {f"{name}.json" for name in JUDGED}
    assert lines[-1] == f"{len(JUDGED)} probes, 0 beyond their bounds"
    assert all(0 < float(line.split()[1]) < 1 for line in lines[:-1])


@pytest.mark.slow
def test_a_wrong_one_is_beyond_every_one_of_them(judge):
    code, lines = judge("--wrong", *sorted(suite.packaged().glob("*.json")))
    assert code == 1
    assert lines[-1] == f"{len(JUDGED)} probes, {len(JUDGED)} beyond their bounds"


@pytest.mark.slow
def test_a_narrower_bound_is_judged_by(judge, tmp_path):
    """Nothing is known to the reader but what stands in the file."""
    document = json.loads((suite.packaged() / "generic-adamw-float32.json").read_text("utf-8"))
    last = document["trace"][-1]["fields"]["theta"]
    last["bound"] = ["1e-12"] * len(last["bound"])
    (tmp_path / "narrow.json").write_text(canonical(document), encoding="utf-8")
    assert judge(tmp_path / "narrow.json")[0] == 1
    assert judge(suite.packaged() / "manifest.json")[0] == 2
