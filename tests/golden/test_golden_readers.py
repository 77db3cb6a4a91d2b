"""The readers in C and JavaScript agree with the golden vectors, and notice a wrong number."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from adamref.golden import suite

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
