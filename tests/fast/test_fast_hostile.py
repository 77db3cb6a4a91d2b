"""What is handed over damaged is refused, and a step that fails leaves everything as it was."""

from __future__ import annotations

import io
import random
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from adamref import fast
from adamref.errors import AdamrefError, OutOfDomain


def made(kind=fast.Adam, count=2, size=3, **options):
    params = [np.linspace(0.5, 1 + i, size) for i in range(count)]
    return params, kind(params, lr=0.1, **options)


def everything(params, optimizer):
    return [x.tolist() for x in params], repr(optimizer.state_dict())


OVERFLOWING = [np.array([1.0, 2.0, 1e-3]), np.array([1.0, 1e300, 2.0])]


@pytest.mark.parametrize("kind", [fast.Adam, fast.NAdam, fast.AdamW, fast.AMSGrad])
@pytest.mark.parametrize("how", ["raise", "call", "warn"])
def test_a_step_that_fails_leaves_everything_as_it_was(kind, how):
    """The second parameter's gradient overflows when it is squared, after the first was worked."""

    def called(*_):
        raise KeyboardInterrupt

    params, optimizer = made(kind)
    optimizer.step([np.ones(3), np.ones(3)])
    before = everything(params, optimizer)
    with np.errstate(all=how, call=called), warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((FloatingPointError, KeyboardInterrupt, RuntimeWarning)):
            optimizer.step(OVERFLOWING)
    assert everything(params, optimizer) == before
    optimizer.step([np.ones(3), np.ones(3)])
    assert optimizer.t == 2


def test_a_long_array_is_put_back_whole():
    theta = np.ones(300_000)
    grad = np.ones(300_000)
    grad[-1] = 1e200
    optimizer = fast.Adam([theta], lr=0.1)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        optimizer.step([grad])
    assert (theta == 1).all()
    assert not optimizer.state["0"]["m"].any()
    assert optimizer.t == optimizer.state["0"]["t"] == 0


def test_a_step_in_place_that_fails_leaves_everything_as_it_was():
    theta = np.ones(3)
    _, state = fast.adam_step(theta.copy(), np.ones(3), None)
    before = repr((theta, state))
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        fast.adam_step(theta, OVERFLOWING[1], state, in_place=True)
    assert repr((theta, state)) == before


BASE = np.arange(12.0)
SHARED = {
    "the same twice": lambda: [BASE, BASE],
    "a view of it": lambda: [BASE, BASE[3:5]],
    "backwards": lambda: [BASE[6:], BASE[8:2:-1]],
    "a reshaped one": lambda: [BASE.reshape(3, 4), BASE[:1]],
    "far apart in the list": lambda: [BASE[:2], np.ones(3), BASE[4:6], BASE[1:2]],
    "itself, by strides of 0": lambda: [np.lib.stride_tricks.as_strided(BASE, (5, 2), (0, 8))],
    "itself, by half steps": lambda: [np.lib.stride_tricks.as_strided(BASE, (4, 3), (8, 8))],
}
APART = {
    "two halves": lambda: [BASE[:6], BASE[6:]],
    "every other": lambda: [BASE[::2], BASE[1::2]],
    "columns": lambda: list(BASE.reshape(3, 4).T),
    "nothing of it": lambda: [BASE, BASE[:0]],
    "backwards": lambda: [BASE[5::-1], BASE[6:]],
}


@pytest.mark.parametrize("params", SHARED.values(), ids=SHARED)
def test_arrays_that_share_memory_are_refused_at_once(params):
    with pytest.raises(OutOfDomain, match=r"shares memory with|overlaps itself"):
        fast.Adam(params())


@pytest.mark.parametrize("params", APART.values(), ids=APART)
def test_arrays_of_one_memory_that_do_not_meet_are_taken(params):
    """And stepped as arrays apart are."""
    memory = BASE.copy()
    own = [x.copy() for x in params()]
    steps = [fast.Adam(x) for x in (params(), own)]
    try:
        for optimizer in steps:
            optimizer.step([np.ones_like(x) for x in own])
        assert [x.tolist() for x in params()] == [x.tolist() for x in own]
        assert (memory != BASE).any()
    finally:
        BASE[...] = memory


def test_a_state_that_is_the_parameter_itself_is_refused():
    theta = np.ones(3)
    state = {"t": 1, "m": theta, "v": np.ones(3)}
    with pytest.raises(OutOfDomain, match="shares memory"):
        fast.adam_step(theta, np.ones(3), state, in_place=True)
    params, optimizer = made()
    optimizer.state["0"]["m"] = params[1]
    before = everything(params, optimizer)
    with pytest.raises(OutOfDomain, match="shares memory"):
        optimizer.step([np.ones(3), np.ones(3)])
    assert everything(params, optimizer) == before


WRONG_STATES = {
    "no mapping": lambda saved: saved.update(state=[1, 2]),
    "a state that is none": lambda saved: saved["state"].update({"0": 3}),
    "a product that is text": lambda saved: saved["state"]["1"].update(mu_product="x"),
    "a product that is an array": lambda saved: saved["state"]["1"].update(mu_product=np.ones(2)),
    "a product that is not finite": lambda saved: saved["state"]["1"].update(mu_product=np.inf),
    "t that is no number": lambda saved: saved.update(t="x"),
    "t below 0": lambda saved: saved["state"]["1"].update(t=-1),
    "m of another shape": lambda saved: saved["state"]["1"].update(m=np.ones((1, 3))),
    "m of whole numbers": lambda saved: saved["state"]["1"].update(m=np.ones(3, int)),
    "m that is missing": lambda saved: saved["state"]["1"].pop("m"),
}


@pytest.mark.parametrize("damage", WRONG_STATES.values(), ids=WRONG_STATES)
def test_a_state_that_is_wrong_is_refused_and_nothing_of_it_is_taken_over(damage):
    params, optimizer = made(fast.NAdam)
    optimizer.step([np.ones(3), np.ones(3)])
    saved = optimizer.state_dict()
    optimizer.step([np.ones(3), np.ones(3)])
    before = everything(params, optimizer)
    damage(saved)
    with pytest.raises(AdamrefError):
        optimizer.load_state_dict(saved)
    assert everything(params, optimizer) == before
    optimizer.step([np.ones(3), np.ones(3)])


def test_a_state_that_is_no_mapping_is_refused():
    with pytest.raises(AdamrefError, match="mapping"):
        made()[1].load_state_dict(7)


def npz(**members):
    made_of = io.BytesIO()
    with zipfile.ZipFile(made_of, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return made_of.getvalue()


def header(text, data=b""):
    line = text.encode("latin-1").ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line + data


def array(value):
    held = io.BytesIO()
    np.save(held, np.asarray(value), allow_pickle=False)
    return held.getvalue()


GOOD = {"format": array("adamref.fast.state/1"), "algorithm": array("adam"), "t": array(0)}
FILES = {
    "no file of NumPy": b"PK",
    "a header that opens brackets": npz(**GOOD, keys=header("{" * 100)),
    "a header of half a text": npz(**GOOD, keys=header("{'descr': '''")),
    "a header that is code": npz(**GOOD, keys=header("{'descr': __import__('os')}")),
    "a header of gigabytes": npz(
        **GOOD, keys=header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**15,)}")
    ),
    "a shape beyond all": npz(
        **GOOD,
        keys=header(
            f"{{'descr': '<f8', 'fortran_order': False, 'shape': (1{'0' * 15},)}}"
        ),
    ),
    "objects": npz(**GOOD, keys=header("{'descr': '|O', 'fortran_order': False, 'shape': ()}")),
    "deep keys": npz(**GOOD, keys=array("[" * 100_000)),
    "keys that are a number": npz(**GOOD, keys=array("3")),
    "keys that are numbers": npz(**GOOD, keys=array("[1]")),
    "keys twice": npz(**GOOD, keys=array('["0", "0"]')),
    "t of text": npz(**GOOD | {"t": array("x")}, keys=array("[]")),
    "t of many": npz(**GOOD | {"t": array([1, 2])}, keys=array("[]")),
    "a state without a key": npz(**GOOD, keys=array("[]"), **{"state/0/m": array(1.0)}),
    "a state before the first": npz(**GOOD, keys=array("[]"), **{"state/-1/m": array(1.0)}),
    "bits of another width": npz(**GOOD, keys=array('["0"]'), **{"bfloat16/0/m": array(1.0)}),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # NumPy warns of what it cannot parse
@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_file_that_is_damaged_is_refused_in_one_line(tmp_path, data):
    path = tmp_path / "state.npz"
    path.write_bytes(data)
    params, optimizer = made(count=1)
    before = everything(params, optimizer)
    with pytest.raises(AdamrefError) as caught:
        optimizer.load(path)
    assert str(caught.value)
    assert everything(params, optimizer) == before


def test_an_archive_that_grows_is_refused_before_it_does(tmp_path):
    """`save` compresses nothing; 300 kB that say to be 300 MB are not unpacked."""
    path = tmp_path / "state.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("format.npy", bytes(300_000_000))
    tracemalloc.start()
    with pytest.raises(AdamrefError, match="more than there is in the file"):
        made(count=1)[1].load(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10**6


def test_what_is_wrong_with_a_file_is_said_shortly(tmp_path):
    """NumPy puts what it cannot parse into its message, all of it."""
    path = tmp_path / "state.npz"
    path.write_bytes(npz(format=header("{'descr': '" + "x" * 20_000)))
    with pytest.raises(AdamrefError) as caught:
        made(count=1)[1].load(path)
    assert len(str(caught.value)) < 600


@pytest.mark.filterwarnings("ignore")
def test_a_file_that_is_damaged_at_random_is_read_or_refused(tmp_path):
    """And what is read leads to a step, or to a refusal before anything moved."""
    params, optimizer = made(fast.NAdam)
    optimizer.step([np.ones(3), np.ones(3)])
    path = tmp_path / "state.npz"
    optimizer.save(path)
    whole = path.read_bytes()
    refused = 0
    draw = random.Random(7)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(draw.choice((1, 1, 2, 4))):
            at = draw.randrange(len(data))
            data[at : at + draw.choice((0, 1, 1, 9))] = draw.randbytes(draw.choice((0, 1, 1, 9)))
        path.write_bytes(data)
        before = everything(params, optimizer)
        try:
            optimizer.load(path)
        except AdamrefError:
            refused += 1
            assert everything(params, optimizer) == before
        else:
            with np.errstate(all="ignore"):
                optimizer.step([np.ones(3), np.ones(3)])
            optimizer = fast.NAdam(params, lr=0.1)
    assert refused > 100
