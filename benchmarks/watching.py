"""What watching an optimizer of torch costs: a training with a watch, and without one.

The work is a hundred steps of a net of a million parameters, as many as are from one judged step to
the next with the watch at its defaults: one of them is judged. The first step of a run, for which
the dialect is looked for, is in the work that is done once to warm up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.inputs import CHECKED
from benchmarks.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS = 100
"""The default of ``every``."""


def training(case: Mapping[str, Any]) -> Task:
    """Train a net of two layers by AdamW."""
    import torch

    import adamref

    torch.manual_seed(0)
    torch.set_num_threads(1)
    wide = case["wide"]
    model = torch.nn.Sequential(
        torch.nn.Linear(wide, wide, bias=False), torch.nn.ReLU(), torch.nn.Linear(wide, 10)
    )
    optimizer = torch.optim.AdamW(model.parameters(), **{case["kind"]: True})
    inputs = torch.randn(case["batch"], wide)
    classes = torch.randint(0, 10, (case["batch"],))

    def steps(count: int) -> list[float]:
        for _ in range(count):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(inputs), classes).backward()
            optimizer.step()
        shown: list[float] = model[2].bias.detach()[:CHECKED].tolist()
        return shown

    if case["watched"]:
        adamref.watch(optimizer, model=model)
    return Task(
        lambda: steps(STEPS), lambda shown: [f"{x!r}" for x in shown], STEPS,
        f"torch {torch.__version__}",
    )  # fmt: skip
