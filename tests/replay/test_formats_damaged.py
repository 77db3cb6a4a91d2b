"""Checkpoints that are damaged or hostile: a clear line, nothing run, memory bounded."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from adamref.errors import AdamrefError, Unreadable
from adamref.replay.formats import open_checkpoint
from checkpoints import Archive, Call, adam, as_torch, distributed, safetensors, torch_file

STATE = adam({"w": (6, 4), "b": (4,)})
FLAT = {
    f"{field}/{name}": one[field] for name, one in STATE.items() for field in ("theta", "m", "v")
}


def npz(path, save=np.savez, **arrays):
    with path.open("wb") as file:
        save(file, **(arrays or FLAT))
    return path


MADE = {
    "npz": npz,
    "deflated": lambda path: npz(path, np.savez_compressed),
    "safetensors": lambda path: safetensors(path, FLAT),
    "torch": lambda path: torch_file(path, as_torch(STATE)),
    "old torch": lambda path: path.write_bytes(pickle.dumps(0x1950A86A20F9469CFC6C, 2)) and path,
    "distributed": lambda path: distributed(path, as_torch(STATE, numbers=False)),
}


def walked(path):
    """Read all of a checkpoint, in pieces; return what it says where it cannot be."""
    try:
        with open_checkpoint(path) as found:
            for one in found.tensors:
                for array in (one.theta, one.m, one.v):
                    if array is not None:
                        for start in range(0, min(array.size, 1000), 7):
                            array.read(start, min(array.size, start + 7))
            return found.unread
    except AdamrefError as because:
        return str(because)


def parts(path):
    return [one for one in path.iterdir() if one.is_file()] if path.is_dir() else [path]


@pytest.mark.parametrize("kind", MADE)
def test_a_file_that_is_cut_off_is_said_to_be(kind, tmp_path):
    made = MADE[kind](tmp_path / "a")
    for file in parts(made):
        data = file.read_bytes()
        for length in {0, 1, 7, 100, len(data) // 2, len(data) - 20, len(data) - 1}:
            file.write_bytes(data[: max(0, length)])
            assert walked(made), (file.name, length)
        file.write_bytes(data)


@pytest.mark.parametrize("kind", MADE)
def test_bytes_that_are_changed_are_read_or_refused(kind, tmp_path):
    made = MADE[kind](tmp_path / "a")
    draw = np.random.default_rng(3)
    for file in parts(made):
        data = file.read_bytes()
        for _ in range(int(os.environ.get("ADAMREF_DAMAGES", "12"))):
            changed = bytearray(data)
            for place in draw.integers(0, len(data), draw.integers(1, 4)):
                changed[place] = draw.integers(0, 256)
            file.write_bytes(changed)
            assert walked(made) is not None
        file.write_bytes(data)


def code(path):
    """Give a pickle that would make a file when it is loaded."""
    return Call("os.system", (f"touch {path}",))


def test_the_code_in_a_pickle_is_never_run(tmp_path):
    ran = tmp_path / "ran"
    torch_file(tmp_path / "a", {**as_torch(STATE), "extra": code(ran), "x": {"y": [code(ran)]}})
    found = open_checkpoint(tmp_path / "a")
    said = "it is made by os.system: no code that a checkpoint names is run"
    assert found.unread == (("extra", said), ("x.y.0", said))
    assert len(found.tensors) == 2
    for by in ("builtins.eval", "torch.load", "adamref.errors.Unreadable"):
        torch_file(tmp_path / "a", {"w": Call(by, ("1 + 1",))})
        assert f"made by {by}" in open_checkpoint(tmp_path / "a").unread[0][1]
    assert not ran.exists()


def test_the_code_in_metadata_is_never_run(tmp_path):
    ran = tmp_path / "ran"
    folder = distributed(tmp_path / "a", {"w": STATE["w"]["theta"], "extra": code(ran)})
    found = open_checkpoint(folder)
    assert [x for x, _ in found.unread] == ["extra"]
    (folder / ".metadata").write_bytes(
        b"\x80\x02" + Archive().pickled(code(tmp_path / "ran")) + b"."
    )
    with pytest.raises(Unreadable, match="it is no metadata of torch"):
        open_checkpoint(folder)
    assert not ran.exists()


def test_arrays_of_objects_are_not_unpickled(tmp_path):
    npz(tmp_path / "a", theta=np.array([{}], object), m=np.ones(1), v=np.ones(1))
    assert "Python objects" in dict(open_checkpoint(tmp_path / "a").unread)["theta"]


@pytest.mark.parametrize("name", ["../../w", "/etc/w", "a/../../w", "..\\w", "C:/w", ""])
def test_names_that_lead_elsewhere_are_refused(name, tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as file:
        file.writestr(f"{name}.npy" if name else "/", b"")
        file.writestr("b.npy", b"")
    assert "leads out of the archive" in walked(tmp_path / "a") or not name
    (tmp_path / "b").mkdir()
    index = json.dumps({"weight_map": {"w": name}})
    (tmp_path / "b" / "model.safetensors.index.json").write_text(index)
    assert "does not lie in the folder" in walked(tmp_path / "b")
    folder = distributed(tmp_path / "c", {"w": np.zeros(2, np.float32)})
    about = (folder / ".metadata").read_bytes()
    old = Archive().pickled("__0_0.distcp")
    (folder / ".metadata").write_bytes(about.replace(old, Archive().pickled(name)))
    assert "does not lie in the folder" in dict(open_checkpoint(folder).unread)["w"]


def bomb(path, size, shape):
    """Write an NPZ file of 1 MiB of zeros that says to hold other sizes."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape},)}}".ljust(117) + "\n"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("theta.npy", start + bytes(1 << 20))
        file.infolist()[0].file_size = size
    return path


def test_a_zip_bomb_is_refused(tmp_path):
    said = walked(bomb(tmp_path / "a", (1 << 33) + 128, 1 << 31))
    assert said.startswith(f"{tmp_path / 'a'}: it is a zip bomb: ")
    assert "theta.npy in it is damaged" in walked(bomb(tmp_path / "a", 1 << 22, 1 << 20))
    # More in it than it says, and less.
    for size in (1 << 19, 1 << 21):
        (one,) = open_checkpoint(bomb(tmp_path / "a", size + 128, size // 4)).tensors
        with pytest.raises(Unreadable, match="it holds"):
            one.theta.read(one.theta.size - 1, one.theta.size)


def test_members_that_share_bytes_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as file:
        file.writestr("a.npy", bytes(1000))
        file.writestr("b.npy", bytes(1000))
        one, two = file.infolist()
        two.header_offset = one.header_offset
    assert "shares bytes with another" in walked(tmp_path / "a")


def test_shapes_and_places_that_cannot_be_are_refused(tmp_path):
    w = {"w": np.zeros(4, np.float32)}

    def said(**entry):
        whole = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16], **entry}
        return walked(safetensors(tmp_path / "a", w, x=whole))

    assert "has 16 bytes" in said(shape=[5])
    assert "ends 984 bytes after it" in said(data_offsets=[0, 1000])
    assert "share bytes" in said()
    for wrong in ([-4], [4.0], "4", [True], None):
        assert "does not say where 'x' lies" in said(shape=wrong)
    assert said(dtype="F3", data_offsets=[16, 16]) == (
        ("x", "it is of 'F3', which is no type of a tensor that is read"),
    )  # fmt: skip
    (tmp_path / "a").write_bytes(struct.pack("<Q", 90_000_000) + b"{" + bytes(100))
    assert "its header says to have 90000000 bytes" in walked(tmp_path / "a")


def test_states_of_other_shapes_are_told(tmp_path):
    made = {**FLAT, "m/w": np.zeros(24, np.float32)}
    found = open_checkpoint(npz(tmp_path / "a", **made))
    assert found.unread == (("w.m", "it has shape (24,), the parameter (6, 4)"),)
    assert [(x.name, x.m is None) for x in found.tensors] == [("w", True), ("b", False)]


def test_renamed_tensors_stay_apart(tmp_path):
    made = {name.replace("theta/w", "theta/renamed"): x for name, x in FLAT.items()}
    found = {x.name: x for x in open_checkpoint(npz(tmp_path / "a", **made)).tensors}
    assert (found["renamed"].m, found["w"].theta) == (None, None)


def halves(_, array):
    return [((0,) * array.ndim, array)] if len(array) < 2 else [
        ((low, *(0,) * (array.ndim - 1)), array[low : low + len(array) // 2])
        for low in (0, len(array) // 2)
    ]  # fmt: skip


def test_a_shard_that_is_missing_or_another_is_told(tmp_path):
    folder = distributed(
        tmp_path / "a", {"w": STATE["w"]["theta"], "x": np.zeros(6, np.float32)}, halves
    )
    other = distributed(
        tmp_path / "b", {"w": STATE["b"]["theta"], "x": np.zeros(6, np.float32)}, halves
    )
    (other / "__1_0.distcp").replace(folder / "__1_0.distcp")
    (name, because), *_ = walked(folder)
    assert name == "w"
    assert "shape" in because or "archive" in because
    (folder / "__1_0.distcp").unlink()
    assert {name: because.rpartition(": ")[2] for name, because in walked(folder)} == {
        "w": "there is no such file", "x": "there is no such file"
    }  # fmt: skip


def test_a_pickle_that_holds_itself_ends(tmp_path):
    loop = b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s."
    twice = (b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60))
    many = b"\x80\x02]q\x00" + b"".join(twice) + b"."
    deep = b"\x80\x02" + b"(" * 20_000 + b"t" * 20_000 + b"."
    key = b"\x80\x02}" + b"(" * 20_000 + b"t" * 20_000 + b"Ns."
    for data in (loop, many, deep, key):
        with zipfile.ZipFile(tmp_path / "a", "w") as file:
            file.writestr("archive/data.pkl", data)
        assert walked(tmp_path / "a") is not None


@pytest.mark.parametrize("count", [30, pytest.param(3334, marks=pytest.mark.slow)])
def test_ten_thousand_tensors_are_read(count, tmp_path):
    rows = np.ones((count, 2), np.float32)
    state = {f"layers.{i}.w": {"theta": x, "m": x, "v": x, "t": 3} for i, x in enumerate(rows)}
    found = open_checkpoint(torch_file(tmp_path / "a", as_torch(state)))
    assert len(found.tensors) == count  # with three tensors each, and a number of steps
    assert found.tensors[-1].v.read(0, 2).tolist() == [1, 1]


_MEASURED = """
import resource, sys
from adamref.replay.formats import open_checkpoint
(one,) = open_checkpoint(sys.argv[1]).tensors
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for start in range(0, one.theta.size, 1 << 16):
    one.theta.read(start, min(one.theta.size, start + (1 << 16)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_memory_taken_is_that_of_a_piece(save, tmp_path):
    npz(tmp_path / "a", save, theta=np.zeros(1 << 25, np.float32))
    run = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(tmp_path / "a")],
        capture_output=True,
        text=True,
        check=True,
    )
    unit = 1024 if sys.platform != "darwin" else 1
    assert int(run.stdout) * unit < 16 << 20  # of 128 MiB
