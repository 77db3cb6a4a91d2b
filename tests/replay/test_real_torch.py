"""What real torch writes is read as what it holds; torch itself says what that is."""

from __future__ import annotations

import socket
import subprocess
import sys
import warnings

import numpy as np
import pytest

from adamref.replay.formats import open_checkpoint
from adamref.replay.movement import named_by_movement

torch = pytest.importorskip("torch", reason="torch is NOT installed: its files are NOT read here")

FIELDS = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
WAYS = {
    "adam": torch.optim.Adam,
    "amsgrad": lambda params: torch.optim.Adam(params, amsgrad=True, lr=torch.tensor(1e-2)),
    "adamw": lambda params: torch.optim.AdamW(params, foreach=True),
    "fused": lambda params: torch.optim.AdamW(params, fused=True),
}


def net(dtype=torch.float32):
    torch.manual_seed(1)
    layers = [
        torch.nn.Linear(4, 5),
        torch.nn.BatchNorm1d(5),
        torch.nn.ReLU(),
        torch.nn.Linear(5, 5),
    ]
    return torch.nn.Sequential(*layers).to(dtype)


def trained(model, optimizer, steps=3):
    draw = torch.Generator().manual_seed(2)
    dtype = next(model.parameters()).dtype
    for _ in range(steps):
        optimizer.zero_grad()
        (model(torch.randn(8, 4, generator=draw, dtype=dtype)) ** 2).mean().backward()
        optimizer.step()
    return model, optimizer


def same(array, tensor):
    want = tensor.detach().contiguous().reshape(-1)
    got = array.read(0, array.size)
    if want.dtype is torch.bfloat16:
        got, want = got.view(np.int16), want.view(torch.int16)
    assert array.shape == tuple(tensor.shape)
    np.testing.assert_array_equal(got, want.numpy())


def holds(found, model, optimizer, t=3):
    by_name = {one.name: one for one in found.tensors}
    for name, param in model.named_parameters():
        one, state = by_name[name], optimizer.state[param]
        same(one.theta, param)
        assert one.t == t
        for field, theirs in FIELDS.items():
            array = getattr(one, field)
            assert (array is None) == (theirs not in state)
            if array is not None:
                same(array, state[theirs])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_a_file_of_torch_is_read(way, dtype, tmp_path):
    model = net(getattr(torch, dtype))
    model, optimizer = trained(model, WAYS[way](model.parameters()))
    made = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    torch.save(made, tmp_path / "a")
    found = open_checkpoint(tmp_path / "a")
    holds(found, model, optimizer)
    (group,) = found.groups
    assert group.optimizer == {"fused": "adamw"}.get(way, way)
    # One is a tensor, in float32.
    assert group.hyper["lr"] == (float(np.float32(1e-2)) if way == "amsgrad" else 1e-3)
    assert [name for name, _ in found.unread] == ["model.1.num_batches_tracked"]


def test_groups_are_told_apart(tmp_path):
    model = net()
    split = ([], [])
    for name, param in model.named_parameters():
        split[name.endswith("bias") or name.startswith("1.")].append(param)
    decayed, spared = (
        {"params": some, "weight_decay": x} for some, x in zip(split, (0.1, 0.0), strict=True)
    )
    optimizer = torch.optim.AdamW([decayed, {**spared, "lr": 1e-4}])
    trained(model, optimizer)
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "a")
    found = open_checkpoint(tmp_path / "a")
    holds(found, model, optimizer)
    assert {x.name: x.group for x in found.tensors if x.m} == {
        "0.weight": 0, "3.weight": 0, "0.bias": 1, "1.weight": 1, "1.bias": 1, "3.bias": 1
    }  # fmt: skip


def test_names_that_the_optimizer_knows_are_taken(tmp_path):
    model = net()
    model, optimizer = trained(model, torch.optim.Adam(reversed([*model.named_parameters()])))
    torch.save({"net": model.state_dict(), "optim": optimizer.state_dict()}, tmp_path / "a")
    holds(open_checkpoint(tmp_path / "a"), model, optimizer)


def test_tensors_that_share_a_storage_are_read(tmp_path):
    whole = torch.arange(24.0).reshape(4, 6)
    made = {"all": whole, "rows": whole[1:3], "columns": whole[:, 1:4], "turned": whole.t(),
            "every": whole[::2], "again": torch.ones(1).expand(5), "tied": whole}  # fmt: skip
    torch.save(made, tmp_path / "a")
    for one in open_checkpoint(tmp_path / "a").tensors:
        same(one.theta, made[one.name])


def test_a_whole_model_is_read_and_not_made(tmp_path):
    model = net()
    torch.save(model, tmp_path / "a")
    found = open_checkpoint(tmp_path / "a")
    for one, (name, param) in zip(found.tensors, model.named_parameters(), strict=True):
        assert one.name == name
        same(one.theta, param)


def test_what_is_no_plain_tensor_is_told(tmp_path):
    made = {"sparse": torch.eye(3).to_sparse(), "w": torch.ones(2), "whole": torch.ones(2).long()}
    torch.save(made, tmp_path / "a")
    found = open_checkpoint(tmp_path / "a")
    assert [x.name for x in found.tensors] == ["w"]
    assert [name for name, _ in found.unread] == ["sparse", "whole"]


def test_files_of_before_1_6_are_refused(tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "a", _use_new_zipfile_serialization=False)
    with pytest.raises(OSError, match=r"the format of torch before 1\.6"):
        open_checkpoint(tmp_path / "a")


@pytest.mark.parametrize("flat", [False, True])
def test_a_folder_of_distributed_checkpoint_is_read(flat, tmp_path):
    from torch.distributed import checkpoint
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict

    model = net()
    model, optimizer = trained(model, torch.optim.AdamW(model.parameters()))
    options = StateDictOptions(flatten_optimizer_state_dict=flat)
    states, optim = get_state_dict(model, optimizer, options=options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        checkpoint.save({"model": states, "optim": optim}, checkpoint_id=tmp_path / "a")
    found = open_checkpoint(tmp_path / "a")
    holds(found, model, optimizer)
    assert [(x.optimizer, x.hyper["lr"]) for x in found.groups] == [("adamw", 1e-3)]


def test_a_folder_of_a_trainer_is_read_and_its_states_are_named_by_a_step(tmp_path):
    files = pytest.importorskip("safetensors.torch", reason="safetensors is NOT installed")
    torch.manual_seed(3)
    model = torch.nn.Sequential(*(torch.nn.Linear(12, 12) for _ in range(12)))
    decayed = [x for name, x in model.named_parameters() if not name.endswith("bias")]
    spared = [x for name, x in model.named_parameters() if name.endswith("bias")]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": spared, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer)
    found = []
    for step in (1, 2, 3):
        optimizer.zero_grad()
        (model(torch.randn(8, 12)) ** 2).mean().backward()
        optimizer.step()
        schedule.step()
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        files.save_file(model.state_dict(), folder / "model.safetensors")
        torch.save(optimizer.state_dict(), folder / "optimizer.pt")
        torch.save(schedule.state_dict(), folder / "scheduler.pt")
        (folder / "trainer_state.json").write_text(f'{{"global_step": {step}}}')
        found.append(open_checkpoint(folder))
    before, after = found[1:]
    assert not any(x.theta is not None and x.m is not None for x in after.tensors)
    _, named = named_by_movement(before, after)
    ours = {x.name: x for x in named.tensors if x.theta is not None}
    for name, param in model.named_parameters():
        same(ours[name].m, optimizer.state[param]["exp_avg"])
        assert ours[name].t == 3


_RANK = """
import os, sys, torch, torch.distributed as dist
from torch.distributed import checkpoint
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

rank, world, folder, port, flat = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
dist.init_process_group("gloo", rank=rank, world_size=world)
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 3))
fully_shard(model, mesh=init_device_mesh("cpu", (world,)))
split = [[p for n, p in model.named_parameters() if n.endswith(x)] for x in ("weight", "bias")]
optimizer = torch.optim.AdamW([{"params": split[0]}, {"params": split[1], "weight_decay": 0.0}])
for _ in range(2):
    optimizer.zero_grad()
    (model(torch.ones(4, 5)) ** 2).mean().backward()
    optimizer.step()
options = StateDictOptions(flatten_optimizer_state_dict=flat == "flat")
states, optim = get_state_dict(model, optimizer, options=options)
checkpoint.save({"model": states, "optim": optim}, checkpoint_id=folder)
whole = {}
for name, p in model.named_parameters():
    kept = optimizer.state[p]
    whole[name] = [x.full_tensor() for x in (p, kept["exp_avg"], kept["exp_avg_sq"])]
if not rank:
    torch.save(whole, folder + ".pt")
dist.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "flat"), [(1, "nested"), (2, "flat"), (3, "nested"), (3, "flat")]
)
def test_shards_of_fsdp_are_put_together(world, flat, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path / "a"
    command = [sys.executable, "-W", "ignore", "-c", _RANK]
    ranks = [
        subprocess.Popen([*command, str(i), str(world), str(folder), str(port), flat])
        for i in range(world)
    ]
    assert [one.wait(200) for one in ranks] == [0] * world
    found = open_checkpoint(folder)
    whole = torch.load(f"{folder}.pt", weights_only=True)
    assert (found.unread, {x.name for x in found.tensors}) == ((), {*whole})
    for one in found.tensors:
        assert one.t == 2
        for array, tensor in zip((one.theta, one.m, one.v), whole[one.name], strict=True):
            same(array, tensor)
            low, high = array.size // 4, array.size - 1
            part = tensor.reshape(-1)[low:high].detach().numpy()
            np.testing.assert_array_equal(array.read(low, high), part)
    decays = {x.name: found.groups[x.group].hyper["weight_decay"] for x in found.tensors}
    assert decays == {"0.weight": 0.01, "2.weight": 0.01, "0.bias": 0, "2.bias": 0}
