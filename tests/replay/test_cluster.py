"""A replay by several processes finds what one finds, and outlives them."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import numpy as np
import pytest

import adamref
from adamref.errors import NoWorkers, OutOfDomain
from adamref.replay import workers
from adamref.replay.given import checkpoint_of
from adamref.replay.pairing import TensorPair, paired
from adamref.replay.tally import tallied
from adamref.replay.workers import Here, Lost, Workers, pieces
from command import called
from dying import Dies
from steps import HYPER, Training

NUMBERS = [x for n, v in HYPER.items() for x in ("--" + n.replace("_", "-"), str(v))]


def _dask():
    return pytest.importorskip("distributed", reason="the extra dask is not installed")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two checkpoints of three tensors: in one of them ten elements are off."""
    made = tmp_path_factory.mktemp("cluster")
    sides: dict[str, dict[str, object]] = {"before": {}, "after": {}}
    for name, size, wrong in (("a", 40_000, 0), ("b", 700, 10), ("c", 5, 0)):
        training = Training(size=size, seed=size)
        before = training.after(3)
        after = training.step(before)
        after["theta"][:wrong] += np.float32(0.01)
        for side, held in (("before", before), ("after", after)):
            sides[side] |= {f"{name}.{field}": x for field, x in held.items()}
    for side, arrays in sides.items():
        np.savez(made / f"{side}.npz", **arrays)
    return made


class _Backwards(Workers):
    """Does the last task first, and loses some."""

    def __init__(self, lost: int | None = None) -> None:
        self.lost = lost

    def each(self, work, tasks):
        tasks = list(tasks)
        made = {i: work(tasks[i]) for i in reversed(range(len(tasks)))}
        for i, task in enumerate(tasks):
            yield task, Lost() if i == self.lost else made[i]


def _pairs(files: Path) -> tuple[TensorPair, ...]:
    return paired(*(checkpoint_of(files / f"{x}.npz", x) for x in ("before", "after"))).pairs


def _held(pair: TensorPair, start: int, stop: int) -> np.ndarray:
    """Allow for a 1500th of change."""
    before, after = pair.read(start, stop)
    return 1500 * np.abs(after["theta"] - before["theta"])


def _nothing_off(_: TensorPair, start: int, stop: int) -> np.ndarray:
    return np.zeros(stop - start)


def test_pieces_hold_every_element_once(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = _pairs(files)
    for size in (2**20, 1000, 7):
        monkeypatch.setattr(workers, "PIECE", size)
        seen = [np.zeros(pair.size, dtype=int) for pair in pairs]
        for piece in pieces(pairs):
            assert sum(x.stop - x.start for x in piece) < 2 * size
            for x in piece:
                seen[x.number][x.start : x.stop] += 1
        assert all((x == 1).all() for x in seen)


def test_what_is_found_does_not_depend_on_who_is_first(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "PIECE", 4096)
    pairs = _pairs(files)
    one, other = tallied(_held, pairs, Here()), tallied(_held, pairs, _Backwards())
    assert any(x.off for x in one)
    for x, y, pair in zip(one, other, pairs, strict=True):
        assert (x.off, x.over, x.first, x.wrong, x.right) == (
            y.off, y.over, y.first, y.wrong, y.right,
        )  # fmt: skip
        assert (x.histogram == y.histogram).all()
        assert x.histogram.sum() == pair.size


def test_a_lost_piece_is_told_and_the_rest_is_judged(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "PIECE", 4096)
    pairs = _pairs(files)
    found = tallied(_nothing_off, pairs, _Backwards(lost=1))
    (big,) = (x for x, pair in zip(found, pairs, strict=True) if pair.size == 40_000)
    assert big.lost == [(4096, 8192)]
    assert (big.verdict, big.off) == ("not-judged", 0)
    assert big.histogram.sum() == 40_000 - 4096
    assert "4096 elements from 4096 to 8192" in big.because
    assert [x.verdict for x in found if x is not big] == ["holds", "holds"]


def test_what_is_in_memory_is_not_given_away() -> None:
    training = Training(size=8)
    before = training.after(2)
    with pytest.raises(OutOfDomain, match="paths"):
        adamref.replay(before, training.step(before), workers=1, **HYPER)


def test_workers_and_a_scheduler_are_not_given_together(files: Path) -> None:
    _dask()
    paths = (files / "before.npz", files / "after.npz")
    with pytest.raises(OutOfDomain, match="left out"):
        adamref.replay(*paths, workers=1, scheduler="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_processes_find_what_one_process_finds(files: Path) -> None:
    _dask()
    asked = ("replay", "before.npz", "after.npz", *NUMBERS, "--no-diagnose", "--format", "json")
    code, alone, _ = called(*asked, cwd=files)
    other_code, together, err = called(*asked, "--workers", "2", cwd=files)
    assert (code, other_code, err) == (1, 1, "")
    for side in ("before", "after"):
        together = together.replace(str(files / f"{side}.npz"), f"{side}.npz")
    assert together == alone


@pytest.mark.slow
def test_two_clusters_do_not_stand_in_each_other_s_way() -> None:
    """Dask warned that the port of its page was taken, and a replay ended by that."""
    _dask()
    from adamref.replay.cluster import local_cluster

    with local_cluster(1) as one, local_cluster(1) as other:
        assert one.scheduler_address != other.scheduler_address


@pytest.mark.long
@pytest.mark.slow
def test_one_alone_and_steps_apart_are_given_away_too(files: Path) -> None:
    _dask()
    rates = ("--beta1", "0.9", "--beta2", "0.999", "--workers", "1")
    code, out, _ = called("replay", "before.npz", *rates, cwd=files)
    assert (code, "holds" in out) == (0, True)
    code, out, _ = called("replay", "before.npz", "after.npz", "--steps", "2", *rates, cwd=files)
    assert (code, "t goes from" in out) == (1, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("times", "lost"),
    [(1, []), pytest.param(99, [(8192, 12288)], marks=pytest.mark.long)],
)
def test_a_worker_that_dies_costs_its_piece(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, lost: list
) -> None:
    _dask()
    from adamref.replay.cluster import dask_workers

    monkeypatch.setattr(workers, "PIECE", 4096)
    pairs = [pair for pair in _pairs(files) if pair.size == 40_000]
    mark = tmp_path / "tries"
    with dask_workers(None, 2, []) as crew:
        (found,) = tallied(Dies(mark, 8192, times), pairs, crew)
    assert found.lost == lost
    assert found.histogram.sum() == 40_000 - sum(stop - start for start, stop in lost)
    assert mark.stat().st_size >= 2  # it was tried again


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dask()
    from adamref.replay import cluster

    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoWorkers, match=f"{address}: it does not answer"):
        adamref.replay(files / "before.npz", files / "after.npz", scheduler=address)


@pytest.mark.slow
def test_workers_of_a_scheduler_are_asked_if_they_see_the_same(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = _dask()
    from adamref.replay import cluster

    asked = (files / "before.npz", files / "after.npz")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as local:
        address = local.scheduler_address
        found = adamref.replay(*asked, scheduler=address, diagnose=False, **HYPER)
        assert found.verdict == "deviates"
        assert sum(x.off for x in found.groups[0].tensors) == 10
        monkeypatch.setattr(cluster, "_extent", lambda _: 5)
        with pytest.raises(NoWorkers, match=r"does not see .*before\.npz as it is here"):
            adamref.replay(*asked, scheduler=address)
        monkeypatch.setattr(cluster, "VERSION", "99")
        with pytest.raises(NoWorkers, match="and this is 99"):
            adamref.replay(*asked, scheduler=address)
        local.scale(0)
        with distributed.Client(address) as client:
            while client.nthreads():
                time.sleep(0.05)
        with pytest.raises(NoWorkers, match="it has no workers"):
            adamref.replay(*asked, scheduler=address)
