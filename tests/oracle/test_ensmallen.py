"""ensmallen, a library of headers in C++, checked through a program that speaks the protocol.

It is compiled where its headers are, which no package of Debian 12 has. Elsewhere pyensmallen,
which has it compiled for Python, is checked: test_third_party_check.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import adamref

SOURCE = Path(__file__).parents[2] / "examples" / "check" / "ensmallen.cpp"
HEADERS = ("ensmallen.hpp", "armadillo", "nlohmann/json.hpp")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if not compiler or not SOURCE.exists():
        pytest.skip("no C++ compiler, or no examples: ensmallen is NOT checked here")
    asked = "\n".join(f"#if !__has_include(<{x}>)\n{x}\n#endif" for x in HEADERS)
    preprocess = [compiler, "-std=c++17", "-E", "-P", "-x", "c++", "-"]
    ran = subprocess.run(preprocess, input=asked, capture_output=True, text=True, check=True)
    if lacking := ran.stdout.split():
        pytest.skip(f"no {', '.join(lacking)}: ensmallen is NOT checked here through the protocol")
    program = tmp_path_factory.mktemp("ensmallen") / "ensmallen"
    subprocess.run(
        [compiler, "-std=c++17", "-O2", "-o", program, SOURCE, "-larmadillo"], check=True
    )
    return str(program)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "amsgrad"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ensmallen_conforms_in_the_more_efficient_order(compiled, optimizer, dtype):
    report = adamref.check(command=compiled, optimizer=optimizer, dtype=dtype)
    assert report.verdict == "conforms"
    assert (report.dialect["form"], report.dialect["storage"]) == ("eps-hat", dtype)
