"""Faults of resumes and shards that projects reported, done again in torch: each found and named.

What is done again is what the report says was wrong, in a small training of our own.
"""

from __future__ import annotations

import copy
from functools import partial

import pytest

import adamref

torch = pytest.importorskip("torch", reason="torch is NOT installed: no reported bug is tried")

pytestmark = pytest.mark.slow

LR, DECAY = 1e-3, 0.1


class Training:
    """A small net with a norm, trained on noise."""

    def __init__(self, make=None, seed=0):
        torch.manual_seed(seed)
        self.model = torch.nn.Sequential(
            torch.nn.Linear(12, 16), torch.nn.LayerNorm(16), torch.nn.Linear(16, 16)
        )
        make = make or partial(torch.optim.AdamW, lr=LR, weight_decay=DECAY)
        self.optimizer = make(self.model.parameters())

    def step(self, times=1):
        for _ in range(times):
            self.optimizer.zero_grad()
            (self.model(torch.randn(8, 12)) ** 2).mean().backward()
            self.optimizer.step()

    def saved(self):
        held = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        return copy.deepcopy(held)

    def resumed(self, held, make=None):
        """Return a training that goes on from what was saved."""
        other = Training(make)
        other.model.load_state_dict(held["model"])
        other.optimizer.load_state_dict(copy.deepcopy(held["optimizer"]))
        return other

    def state(self, p):
        return self.optimizer.state[p]


def watched(training, **options):
    return adamref.watch(
        training.optimizer, every=1, model=training.model, on_deviation=lambda _: None, **options
    )


def said_of(watch):
    return {x.id: x.says for x in watch.report().findings if x.severity == "deviation"}


def file(training, path):
    torch.save(training.saved(), path)
    return path


def causes(found):
    return {x.says for group in found.groups for one in group.tensors for x in one.diagnosis}


def test_moments_are_dropped_and_the_counter_is_not():
    """KempnerInstitute/KempnerForge#115: no moments were there to be loaded into."""
    first = Training()
    first.step(20)
    training = first.resumed(first.saved())
    for state in training.optimizer.state.values():
        state["exp_avg"].zero_()
        state["exp_avg_sq"].zero_()
    watch = watched(training)
    training.step()
    assert list(said_of(watch)) == ["state-is-zero"]
    assert "0 after 20 steps: the state was lost" in said_of(watch)["state-is-zero"]


def test_one_counter_is_shared_by_all_parameters():
    """vllm-project/vime#427: a restored step tensor was one for all."""
    first = Training(partial(torch.optim.AdamW, lr=LR, foreach=False))
    first.step(4)
    training = first.resumed(first.saved(), partial(torch.optim.AdamW, lr=LR, foreach=False))
    states = [*training.optimizer.state.values()]
    for state in states:
        state["step"] = states[0]["step"]
    watch = watched(training)
    training.step()
    found = said_of(watch)
    assert {*found} == {"t-not-by-steps", "state-shared"}
    assert found["t-not-by-steps"].startswith(
        "t went from 4 to 10 in one step, in 0.weight, 0.bias"
    )
    assert "t of 0.bias" in found["state-shared"]


def test_a_throw_away_step_is_counted():
    """Tencent-Hunyuan/UniRL#440: it made the state's shape, and left a counter of 1."""
    training = Training()
    kept = copy.deepcopy(training.model.state_dict())
    training.step()
    training.model.load_state_dict(kept)
    for state in training.optimizer.state.values():
        state["exp_avg"].zero_()
        state["exp_avg_sq"].zero_()
    watch = watched(training)
    training.step()
    assert "0 after 1 steps" in said_of(watch)["state-is-zero"]


def test_a_state_is_wiped_after_it_was_loaded():
    """OpenNMT/OpenNMT-py#38: parameters were set anew, and their states with them."""
    training = Training()
    watch = watched(training)
    training.step(5)
    training.optimizer.state.clear()
    training.step()
    assert list(said_of(watch)) == ["t-went-back"]
    assert said_of(watch)["t-went-back"].startswith("t went from 5 to 0")


def cosine(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40)


def rate(taken):
    """Return the rate that the schedule gives."""
    import math

    return LR * (1 + math.cos(math.pi * taken / 40)) / 2


def test_a_new_schedule_sets_back_the_rate():
    """ultralytics/yolov5#292: the scheduler was made after the optimizer was loaded."""
    first = Training()
    schedule = cosine(first.optimizer)
    for _ in range(20):
        first.step()
        schedule.step()
    training = first.resumed(first.saved())
    # What a scheduler does that is made with last_epoch = -1, and then moved by hand.
    training.optimizer.param_groups[0]["lr"] = LR
    watch = watched(training, lr=rate)
    training.step()
    assert list(said_of(watch)) == ["another-lr"]
    assert said_of(watch)["another-lr"].startswith("lr was 0.001 where 0.0005 is written")


@pytest.mark.filterwarnings("ignore:Detected call")  # nothing steps what it schedules
def test_a_schedule_changes_groups_that_are_not_those_of_the_optimizer():
    """EleutherAI/gpt-neox#1029: after a resume the rate that is used stays."""
    training = Training()
    other = torch.optim.AdamW(training.model.parameters(), lr=LR)
    schedule = cosine(other)
    watch = watched(training, lr=lambda _: schedule.get_last_lr()[0])
    for _ in range(6):
        training.step()
        schedule.step()
    assert said_of(watch)["another-lr"].startswith("lr was 0.001 where 0.0009")


def test_a_restored_scheduler_leaves_the_rate_of_the_optimizer():
    """pytorch/torchtitan#4598: the scheduler reports one rate and the optimizer uses another."""
    first = Training()
    ahead = cosine(first.optimizer)
    for _ in range(10):
        first.step()
        ahead.step()
    training = Training()
    schedule = cosine(training.optimizer)
    schedule.load_state_dict(ahead.state_dict())
    watch = watched(training, lr=lambda _: schedule.get_last_lr()[0])
    training.step()
    assert said_of(watch)["another-lr"].startswith("lr was 0.001 where 0.000853")


def test_a_schedule_goes_as_often_as_there_are_processes():
    """huggingface/transformers#24088: it was stepped once for each of them."""
    training = Training()
    schedule = cosine(training.optimizer)
    watch = watched(training, lr=rate)
    for _ in range(4):
        training.step()
        for _ in range(2):
            schedule.step()
    assert said_of(watch)["another-lr"].startswith("lr was 0.0009938")


def test_parameters_are_in_no_group():
    """zjunlp/HVPNeT#5: groups were made, and not appended."""
    training = Training(lambda params: torch.optim.AdamW([*params][:-2], lr=LR))
    watch = watched(training)
    training.step()
    assert list(said_of(watch)) == ["in-no-group"]
    assert said_of(watch)["in-no-group"].startswith("2.weight, 2.bias had a gradient and is in no")


class OwnCounter(torch.optim.AdamW):
    """Corrects by a counter of its own, as one in C does, which no state has."""

    counted = 0

    @torch.no_grad()
    def step(self, closure=None):
        self.counted += 1
        real = {p: state["step"].clone() for p, state in self.state.items()}
        for state in self.state.values():
            state["step"].fill_(self.counted - 1)
        made = super().step(closure)
        for p, t in real.items():
            self.state[p]["step"].copy_(t + 1)
        return made


def test_the_counter_of_a_kernel_is_not_restored():
    """deepspeedai/DeepSpeed#564: the step of the kernel stayed behind that of the checkpoint."""
    make = partial(OwnCounter, lr=LR, foreach=False)
    first = Training(make)
    first.step(20)
    training = first.resumed(first.saved(), make)
    watch = watched(training)
    training.step()
    assert list(said_of(watch)) == ["t-lost-on-resume"]
    assert said_of(watch)["t-lost-on-resume"].startswith("t was 1 where 21 is written")


class FirstRows(torch.optim.AdamW):
    """Updates as many elements of a tensor as it has rows."""

    @torch.no_grad()
    def step(self, closure=None):
        old = [(p, p.clone()) for group in self.param_groups for p in group["params"]]
        held = {p: {n: x.clone() for n, x in self.state[p].items()} for p, _ in old}
        super().step(closure)
        for p, was in old:
            rest = slice(p.shape[0], None)
            p.view(-1)[rest] = was.view(-1)[rest]
            for n in ("exp_avg", "exp_avg_sq"):
                before = held[p].get(n, torch.zeros_like(p))
                self.state[p][n].view(-1)[rest] = before.view(-1)[rest]


def test_a_kernel_updates_as_many_elements_as_there_are_rows():
    """hpcaitech/ColossalAI#633: the length of the first axis was taken for the number of all."""
    training = Training(partial(FirstRows, lr=LR))
    watch = watched(training)
    training.step()
    assert "elements-not-moved" in said_of(watch)
    assert said_of(watch)["elements-not-moved"].endswith("in 0.weight, 2.weight")


def test_a_scale_of_the_rate_is_not_applied(tmp_path):
    """huggingface/pytorch-image-models#2532: groups had an lr_scale that nothing read."""

    def make(params):
        every = [*params]
        groups = [{"params": every[:2], "lr_scale": 0.75}, {"params": every[2:], "lr_scale": 1.0}]
        return torch.optim.AdamW(groups, lr=LR)

    training = Training(make)
    training.step(9)
    before = file(training, tmp_path / "9.pt")
    training.step()
    after = file(training, tmp_path / "10.pt")
    asked = {"first": {"tensors": ["0.*"], "lr": 0.75 * LR}}
    found = adamref.replay(before, after, groups=asked)
    assert causes(found) == {"lr was 0.001 where 0.00075 is written"}


def test_norms_are_decayed(tmp_path):
    """ServiceNow/Fast-LLM#542: they fell back to the default that decays."""
    training = Training()
    training.step(9)
    before = file(training, tmp_path / "9.pt")
    training.step()
    after = file(training, tmp_path / "10.pt")
    asked = {"no decay": {"tensors": ["1.weight"], "weight_decay": 0.0}}
    found = adamref.replay(before, after, groups=asked)
    assert causes(found) == {"weight_decay was 0.1 where 0 is written"}
    off = [x.name for group in found.groups for x in group.tensors if x.verdict == "deviates"]
    assert off == ["1.weight"]


def test_the_counter_starts_again(tmp_path):
    """radixark/Megatron-LM#69: a skeleton made by a throw-away step wrote over what was loaded."""
    training = Training()
    training.step(20)
    before = file(training, tmp_path / "20.pt")
    for state in training.optimizer.state.values():
        state["step"].fill_(1)
    training.step()
    after = file(training, tmp_path / "21.pt")
    found = adamref.replay(before, after)
    assert [x.id for x in found.findings] == ["t-not-by-steps"]
    assert found.findings[0].says.startswith("t goes from 20 to 2, in 0.weight, 0.bias, 1.weight")


def test_no_state_is_restored(tmp_path):
    """NVlabs/stylegan2-ada-pytorch#108: a resume made new optimizers."""
    first = Training()
    first.step(20)
    before = file(first, tmp_path / "20.pt")
    training = Training()
    training.model.load_state_dict(first.model.state_dict())
    training.step()
    after = file(training, tmp_path / "21.pt")
    found = adamref.replay(before, after)
    assert [x.id for x in found.findings] == ["t-not-by-steps"]
    assert "t goes from 20 to 1" in found.findings[0].says
    assert any("m and v start at zero again" in x for x in causes(found))


class DecaysAll(torch.optim.AdamW):
    """Decays every parameter, and then those that have a gradient once more."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    p.mul_(1 - group["lr"] * group["weight_decay"])
        return super().step(closure)


def test_a_parameter_without_a_gradient_decays():
    """lessw2020/Ranger21#54: decay stood outside of what asks for a gradient."""
    training = Training(partial(DecaysAll, lr=LR, weight_decay=DECAY))
    training.model[2].requires_grad_(requires_grad=False)
    watch = watched(training)
    training.step()
    assert said_of(watch) == {
        "moved-without-gradient": "a step changed 2.weight, 2.bias, which had no gradient"
    }


def test_states_of_two_parameters_are_exchanged(tmp_path):
    """facebookresearch/fairscale#380: the order of a sharded state was not that of the groups."""

    def make(params):
        return torch.optim.AdamW(params, lr=LR)

    torch.manual_seed(0)
    training = Training(make)
    training.model[2] = torch.nn.Linear(16, 16)
    training.step(9)
    before = file(training, tmp_path / "9.pt")
    weight, bias = training.model[1].weight, training.model[1].bias
    states = training.optimizer.state
    states[weight], states[bias] = states[bias], states[weight]
    training.step()
    after = file(training, tmp_path / "10.pt")
    found = adamref.replay(before, after)
    off = [x.name for group in found.groups for x in group.tensors if x.verdict == "deviates"]
    assert off == ["1.weight", "1.bias"]
    assert causes(found) == {f"it went on from the state of {x}" for x in off}


def test_moments_come_back_with_fewer_digits(tmp_path):
    """KempnerInstitute/KempnerForge#114: moments were not restored to full precision."""
    training = Training()
    training.step(20)
    before = file(training, tmp_path / "20.pt")
    for state in training.optimizer.state.values():
        for name in ("exp_avg", "exp_avg_sq"):
            state[name].copy_(state[name].bfloat16())
    training.step()
    after = file(training, tmp_path / "21.pt")
    found = adamref.replay(before, after)
    assert causes(found) == {"a loaded state is rounded to bfloat16"}
