"""How fast a replay is beside reading its files, which ``python -m benchmarks.replaying`` makes.

They lie in a folder of their own while they are needed, and are in the memory of the system when
the clock starts: what is compared is work, not disks.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.inputs import SEED
from benchmarks.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

HYPER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}
STEP = 50
_FIELDS = ("theta", "m", "v")
_AT_ONCE = 2**20
_KILOBYTE = 1024


def write_pair(folder: Path, elements: int) -> tuple[Path, Path]:
    """Write two checkpoints in float32, a step of AdamW apart: 24 bytes an element."""
    from adamref.fast import adamw_step

    paths = folder / "before.safetensors", folder / "after.safetensors"
    held = [_laid_out(path, elements, STEP + i) for i, path in enumerate(paths)]
    draw, f = np.random.default_rng(SEED), np.float32
    for start in range(0, elements, _AT_ONCE):
        size = min(_AT_ONCE, elements - start)
        theta, m, v, g = (
            np.abs(x) if name == "v" else x
            for name, scale, middle in (
                ("theta", 0.05, 0),
                ("m", 3e-3, 0),
                ("v", 5e-7, 5e-6),
                ("g", 1e-2, 0),
            )
            for x in [f(middle) + f(scale) * draw.standard_normal(size, f)]
        )
        after, state = adamw_step(theta, g, {"t": STEP, "m": m, "v": v}, **HYPER)
        for arrays, made in zip(
            held, ((theta, m, v), (after, state["m"], state["v"])), strict=True
        ):
            for array, x in zip(arrays, made, strict=True):
                array[start : start + size] = x
    return paths


def _laid_out(path: Path, elements: int, t: int) -> list[np.memmap]:
    size = 4 * elements
    head: dict[str, Any] = {
        f"w.{name}": {
            "dtype": "F32",
            "shape": [elements],
            "data_offsets": [i * size, (i + 1) * size],
        }
        for i, name in enumerate(_FIELDS)
    }
    end = len(_FIELDS) * size
    head["w.t"] = {"dtype": "I64", "shape": [], "data_offsets": [end, end + 8]}
    text = json.dumps(head).encode()
    begin = 8 + len(text)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.seek(begin + end)
        file.write(struct.pack("<q", t))
    return [
        np.memmap(path, np.float32, "r+", begin + i * size, (elements,))
        for i in range(len(_FIELDS))
    ]


def _files(case: Mapping[str, Any], opened: ExitStack) -> list[Path]:
    folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
    # In a process of its own: pages of files that are written would count as this one's memory.
    asked = [sys.executable, "-m", "benchmarks.replaying", str(folder), str(case["elements"])]
    subprocess.run(asked, check=True)  # noqa: S603 - this interpreter
    return sorted(folder.iterdir(), reverse=True)


def reading(case: Mapping[str, Any]) -> Task:
    """Read the two files, and do nothing with them."""
    opened = ExitStack()
    paths = _files(case, opened)
    buffer = memoryview(bytearray(_AT_ONCE))

    def work() -> int:
        count = 0
        for path in paths:
            with path.open("rb", buffering=0) as file:
                while got := file.readinto(buffer):
                    count += got
        return count

    return Task(work, lambda _: [], case["elements"], "", close=opened.close)


def replaying(case: Mapping[str, Any]) -> Task:
    """Replay the step, in this process or by workers that are there already."""
    import adamref

    opened = ExitStack()
    before, after = _files(case, opened)
    address, client = None, None
    if case["workers"]:
        from distributed import Client

        from adamref.replay.cluster import local_cluster

        local = opened.enter_context(local_cluster(case["workers"]))
        address = local.scheduler_address
        client = opened.enter_context(Client(local))

    def work() -> tuple[int, ...]:
        found = adamref.replay(before, after, scheduler=address, **HYPER)
        (tensor,) = found.groups[0].tensors
        assert tensor.off == 0
        return tensor.histogram

    def everywhere(ask: Any) -> list[Any]:
        return [ask(), *(client.run(ask).values() if client is not None else ())]

    return Task(
        work,
        lambda histogram: [str(x) for x in histogram[:4]],
        case["elements"],
        f"numpy {np.__version__}",
        cpu=lambda: sum(everywhere(time.process_time)),
        peak=lambda: max(everywhere(peak_of_process)),
        close=opened.close,
    )


def peak_of_process() -> int:
    """Return how many bytes of memory this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE


if __name__ == "__main__":
    write_pair(Path(sys.argv[1]), int(sys.argv[2]))
