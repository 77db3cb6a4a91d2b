"""``adamref golden``: listing, writing, and finding what was damaged."""

from __future__ import annotations

import json
import shutil
from functools import partial
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.golden import catalogue, suite
from adamref.golden.canonical import canonical
from adamref.golden.vectors import WITHOUT_BOUNDS
from adamref.golden.verify import verify
from adamref.tolerances.golden import errors_of

NAMES = ("generic-float32-literal", "missing-float64", "subnormal-bfloat16")


@pytest.fixture
def call(call):
    """Run ``adamref golden``."""
    return partial(call, "golden")


@pytest.fixture
def written(call, tmp_path):
    """A small suite, freshly written."""
    directory = tmp_path / "suite"
    code, out, err = call(*NAMES, "--output", directory)
    assert (code, err) == (0, "")
    assert out.startswith(f"{directory}: 3 probes, ")
    return directory


def changed(path, change, *, sums=True):
    """Change a file, and its sum in the manifest with it."""
    found = json.loads(path.read_text("utf-8"))
    change(found)
    path.write_text(canonical(found), encoding="utf-8")
    if sums:
        manifest = path.parent / suite.MANIFEST
        said = json.loads(manifest.read_text("utf-8"))
        for entry in said["files"]:
            if entry["file"] == path.name:
                entry["sha256"] = suite.sha256(path.read_bytes())
        manifest.write_text(canonical(said), encoding="utf-8")


def test_plain_lists_every_probe(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    code, out, err = call()
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["probe", "class", "rule", "dtype", "hyper", "steps", "flags"]
    assert lines[1].split()[:6] == ["generic-float64", "core", "adam", "float64", "literal", "6"]
    assert lines[-1].endswith(" edge.")


def test_names_restrict_the_list(call):
    code, out, _ = call("long-float64", "nan-adam-float32")
    assert code == 0
    assert "2 probes: 2 core, 0 edge." in out


def test_json_fits_its_schema(call, written):
    schema = json.loads(
        files("adamref").joinpath("schemas", "golden.schema.json").read_text("utf-8")
    )
    for arguments in ((), (*NAMES[:1],), (f"--verify={written}",)):
        code, out, _ = call(*arguments, "--format", "json")
        assert code == 0
        jsonschema.validate(json.loads(out), schema)
    found = json.loads(out)
    assert found["verdict"] == "holds"
    assert {(p["name"], p["verdict"]) for p in found["probes"]} == {(n, "holds") for n in NAMES}


def test_an_unknown_probe_is_one_line_and_exit_2(call):
    code, out, err = call("nonsense")
    assert (code, out) == (2, "")
    assert err.startswith("adamref: probe 'nonsense' is unknown; of ")
    assert err.count("\n") == 1
    assert "generic-float32-mixed, " in call("generic-float32-mixd")[2]


@pytest.mark.parametrize("made", [None, "{}", "[", '{"schema": "adamref.golden-manifest/1"}'])
def test_a_directory_without_a_manifest_is_exit_2(call, tmp_path, made):
    if made is not None:
        (tmp_path / suite.MANIFEST).write_text(made, encoding="utf-8")
    code, out, err = call(f"--verify={tmp_path}")
    assert (code, out) == (2, "")
    assert err.startswith(f"adamref: {tmp_path / suite.MANIFEST}: ")
    assert err.count("\n") == 1


def test_output_and_verify_exclude_each_other(call, tmp_path):
    code, _, err = call("--verify", tmp_path, "--output", tmp_path)
    assert code == 2
    assert "give one of them" in err


def test_an_output_that_cannot_be_made_is_exit_2(call, tmp_path):
    (tmp_path / "file").write_text("x")
    code, _, err = call(NAMES[0], "--output", tmp_path / "file")
    assert code == 2
    assert "cannot be written" in err


def test_what_was_written_holds(call, written):
    assert sorted(path.name for path in written.iterdir()) == sorted(
        [*(f"{name}.json" for name in NAMES), *suite.SCHEMAS, suite.MANIFEST]
    )
    for name in NAMES:
        assert (written / f"{name}.json").read_bytes() == (
            suite.packaged() / f"{name}.json"
        ).read_bytes()
    code, out, err = call(f"--verify={written}")
    assert (code, err) == (0, "")
    assert out == "3 of 3 probes recomputed, certified, and the same.\n"
    assert call(f"--verify={written}", "--quiet") == (0, "", "")


def test_the_packaged_suite_holds_where_it_is_looked_at(call):
    code, out, _ = call(*NAMES, "--verify=")
    assert code == 0
    assert out == "3 of 3 probes recomputed, certified, and the same.\n"


@pytest.mark.long
def test_the_packaged_suite_holds(call):
    code, out, _ = call("--verify")
    assert code == 0
    total = len(suite.manifest(suite.packaged()).probes)
    assert f"{total} of {total} probes" in out


def test_writing_again_removes_what_the_older_manifest_listed(call, written):
    (written / "notes.json").write_text("{}")
    assert call(NAMES[0], "--output", written)[0] == 0
    left = {path.name for path in written.iterdir()}
    assert left == {f"{NAMES[0]}.json", *suite.SCHEMAS, suite.MANIFEST, "notes.json"}


def assert_refused(call, directory, *said):
    code, out, _ = call(f"--verify={directory}")
    assert code == 1
    for words in said:
        assert words in " ".join(out.split()), out
    assert call(f"--verify={directory}", "--quiet") == (1, "", "")


def test_a_corrupted_byte_is_named_with_both_sums(call, written):
    path = written / f"{NAMES[0]}.json"
    data = bytearray(path.read_bytes())
    data[data.index(b'"m"') + 20] ^= 1
    path.write_bytes(data)
    want = suite.manifest(written).sums[path.name]
    assert_refused(call, written, f"{path.name}: SHA-256 is {suite.sha256(bytes(data))}", want)


def test_a_file_that_is_no_longer_json_is_named(call, written):
    path = written / f"{NAMES[0]}.json"
    path.write_bytes(path.read_bytes()[:-10])
    assert_refused(call, written, f"{path.name}: SHA-256 is", f"{path.name}: is not JSON")


def test_a_dropped_file_is_named(call, written):
    (written / f"{NAMES[1]}.json").unlink()
    assert_refused(
        call, written, f"{NAMES[1]}.json: is missing, but the manifest lists it", "2 of 3"
    )


def test_a_file_too_many_is_named(call, written):
    (written / "more.json").write_text("{}")
    assert_refused(
        call, written, "manifest.json: more.json is there, but the manifest does not list it"
    )


def test_a_wrong_sum_is_named(call, written):
    manifest = written / suite.MANIFEST
    said = json.loads(manifest.read_text("utf-8"))
    said["files"][-1]["sha256"] = "0" * 64
    manifest.write_text(canonical(said), encoding="utf-8")
    assert_refused(call, written, f"{NAMES[2]}.json: SHA-256 is", f"but should be {'0' * 64}")


def test_a_probe_that_was_dropped_with_its_entry_is_named(call, tmp_path):
    directory = tmp_path / "copy"
    shutil.copytree(suite.packaged(), directory)
    (directory / "tail-float32.json").unlink()
    manifest = directory / suite.MANIFEST
    said = json.loads(manifest.read_text("utf-8"))
    keep = ("generic-float64.json", *suite.SCHEMAS)
    for entry in said["files"]:
        if entry["file"] not in keep:
            (directory / entry["file"]).unlink(missing_ok=True)
    said["files"] = [entry for entry in said["files"] if entry["file"] in keep]
    manifest.write_text(canonical(said), encoding="utf-8")
    assert_refused(
        call, directory, "manifest.json: tail-float32.json is not listed, but the catalogue"
    )


def at(step, field, index=0, text="0x1.5p-3"):
    def change(found):
        found["trace"][step - 1]["fields"][field]["hex"][index] = text

    return change


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at(3, "m_hat", 1), "step 3, tensor 0, t = 3: m_hat (hex)[1] = 0x1.5p-3, but should be "),
        (
            lambda d: d["trace"][0]["fields"]["v"]["dec"].__setitem__(2, "0.5"),
            "step 1, tensor 0, t = 1: v (dec)[2] = 0.5, but should be ",
        ),
        (lambda d: d.update({"class": "edge"}), "class = edge, but should be core"),
        (lambda d: d.update(name="other"), "name = other, but the file is generic-"),
        (lambda d: d["notes"].popitem(), "notes.step-sign is missing"),
        (lambda d: d["flags"].pop(), "notes.step-sign should not be there"),
        (lambda d: d["notes"]["t-behind"].update(effect="none"), "notes.t-behind.effect = none"),
        (lambda d: d.update(more=1), "is no probe: more should not be there"),
        (lambda d: d.pop("says"), "is no probe: it has no says"),
        (lambda d: d.update(rule="sgdx"), "cannot be worked: rule 'sgdx' is unknown"),
        (lambda d: d.update(tensors=3), "is no probe: tensors is 3, but type should be array"),
        (lambda d: d.update(says="Another."), "is not the catalogue's probe: says = Another."),
        (lambda d: d["trace"].pop(), "steps (1, 2, 3, 4, 5) are recorded, but should be (1, 2, 3"),
        (
            lambda d: d["hyperparameters"]["eps"].update(hex="0x1p-4", dec="0.0625"),
            "fields",
        ),
    ],
)  # fmt: skip
def test_a_change_with_a_matching_sum_is_named(call, written, change, said):
    path = written / f"{NAMES[0]}.json"
    changed(path, change)
    if said == "fields":
        said = "step 1, tensor 0, t = 1: delta (hex)[0] = "
    assert_refused(call, written, f"{path.name}: {said}")


@given(st.data())
def test_whatever_byte_is_damaged_it_is_a_finding_and_no_crash(one_probe, data):
    path = one_probe / f"{NAMES[2]}.json"
    sound = (suite.packaged() / path.name).read_bytes()
    at = data.draw(st.integers(0, len(sound) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda x: x != sound[at]))
    path.write_bytes(sound[:at] + bytes([byte]) + sound[at + 1 :])
    _, outcomes = verify(one_probe, bounding=errors_of)
    assert [outcome.file for outcome in outcomes if not outcome.holds] == [path.name]


@pytest.fixture(scope="module")
def one_probe(tmp_path_factory):
    directory = tmp_path_factory.mktemp("one")
    made = suite.texts([catalogue.probes()[NAMES[2]]], errors_of)
    assert len(list(suite.write(str(directory), made, complete=False))) == 1
    return directory


def test_an_older_manifest_cannot_have_a_file_elsewhere_removed(call, written):
    outside = written.parent / "outside.json"
    outside.write_text("{}")
    manifest = written / suite.MANIFEST
    said = json.loads(manifest.read_text("utf-8"))
    said["files"].append({"file": "../outside.json", "sha256": "0" * 64})
    manifest.write_text(canonical(said), encoding="utf-8")
    assert call(NAMES[0], "--output", written)[0] == 0
    assert outside.exists()


def test_another_layout_is_named(call, written):
    path = written / f"{NAMES[0]}.json"
    found = json.loads(path.read_text("utf-8"))
    changed(path, lambda _: None)
    path.write_text(json.dumps(found), encoding="utf-8")
    assert_refused(call, written, f"{path.name}: is not written in the canonical layout")


EDITED = {
    "fewer gradients": lambda x: x["tensors"][0]["gradients"]["listed"].pop(),
    "no theta": lambda x: x["tensors"][0].pop("theta"),
    "a name that is a list": lambda x: x.update(name=["a"]),
    "another rule": lambda x: x.update(rule="nothing"),
    "a dialect without a rule": lambda x: x["dialect"].update(form="odd"),
    "a billion steps": lambda x: x.update(steps=10**9),
    "a giant step": lambda x: x.update(steps=10**400),
    "no steps recorded": lambda x: x.update(trace=[]),
    "a step that is not there": lambda x: x["trace"][0].update(step=999),
    "a tensor that is not there": lambda x: x["trace"][0].update(tensor=7),
    "a step that is missing": lambda x: x["trace"].pop(),
    "a hyperparameter less": lambda x: x["hyperparameters"].pop("beta1"),
    "beta of 2": lambda x: x["hyperparameters"].update(beta1={"hex": "0x1p+1", "dec": "2"}),
    "a number beyond all": lambda x: x["alpha"].update(hex=["0x1p+99999"]),
    "escapes": lambda x: x.update(says="\x1b[2J", odd="\x1b[31m"),
    "another size": lambda x: x["tensors"][0].update(size=5),
}


@pytest.mark.parametrize("edit", EDITED.values(), ids=EDITED)
@pytest.mark.parametrize("probe", ["missing-float32", "decay-adamw-float32"])
def test_a_probe_that_was_edited_is_told_and_nothing_breaks(tmp_path, call, probe, edit):
    found = json.loads((suite.packaged() / f"{probe}.json").read_text())
    edit(found)
    text = json.dumps(found)
    (tmp_path / f"{probe}.json").write_text(text)
    listed = json.loads((suite.packaged() / "manifest.json").read_text())
    for entry in listed["files"]:
        if entry["file"] == f"{probe}.json":
            entry["sha256"] = suite.sha256(text.encode())
    (tmp_path / "manifest.json").write_text(json.dumps(listed))
    code, out, err = call("--verify", tmp_path, probe)
    assert (code, err) == (1, "")
    assert "\x1b" not in out
    assert f"{probe}.json: " in out


@pytest.mark.parametrize("file", ["../../x.json", "/etc/passwd", "a/b.json", "\x1b[31m.json", "x"])
def test_a_manifest_that_leads_elsewhere_is_refused(tmp_path, call, file):
    listed = json.loads((suite.packaged() / "manifest.json").read_text())
    listed["files"][0]["file"] = file
    (tmp_path / "manifest.json").write_text(json.dumps(listed))
    code, out, err = call("--verify", tmp_path)
    assert (code, out) == (2, "")
    assert "files[0].file is" in err
    assert "\x1b" not in err
    assert err.count("\n") == 1


def test_a_bound_that_was_edited_is_named(call, written):
    """It is computed again; the last of its three digits may be another machine's."""

    def narrower(found):
        field = found["trace"][0]["fields"]["theta"]
        field["bound"][0] = f"{float(field['bound'][0]) / 1.1:g}"

    changed(written / "generic-float32-literal.json", narrower)
    code, out, _ = call(f"--verify={written}")
    assert code == 1
    assert "theta (bound)" in out

    def nearly(found):
        field = found["trace"][0]["fields"]["theta"]
        field["bound"][0] = f"{float(field['bound'][0]) * 1.1 * 1.005:.3g}"

    changed(written / "generic-float32-literal.json", nearly)
    assert call(f"--verify={written}")[0] == 0


def test_a_file_of_before_there_were_bounds_holds(call, written):
    """Its schema is adamref.golden-probe/1; all else in it means the same, and is checked."""

    def older(found):
        found["schema"] = WITHOUT_BOUNDS
        for moment in found["trace"]:
            for field in moment["fields"].values():
                field.pop("bound", None)

    changed(written / "missing-float64.json", older)
    assert call(f"--verify={written}")[0] == 0

    def wrong(found):
        found["trace"][0]["fields"]["theta"]["hex"][0] = "0x1p+0"

    changed(written / "missing-float64.json", wrong)
    assert call(f"--verify={written}")[0] == 1
