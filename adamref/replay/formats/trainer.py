"""Folders of Hugging Face's Trainer: a model, its optimizer, its schedule, and where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adamref.errors import Unreadable
from adamref.replay.formats import safetensors, torch_file
from adamref.replay.formats.format import CheckpointFormat, Contents
from adamref.replay.formats.reading import inside, json_of, whole
from adamref.replay.formats.tree import NotRead, children, count

_MODELS = ("model.safetensors", "pytorch_model.bin", "adapter_model.safetensors")
_INDEX = ".index.json"
_OPTIMIZER, _SCHEDULE, _PLACE = "optimizer.pt", "scheduler.pt", "trainer_state.json"


def _recognises(path: str) -> bool:
    names = (*_MODELS, *(name + _INDEX for name in _MODELS), _OPTIMIZER)
    return any((Path(path) / name).is_file() for name in names)


def _read(path: str) -> Contents:
    folder = Path(path)
    tree: dict[str, Any] = {}
    notes: list[str] = []
    model = next((x for x in _MODELS if (folder / x).is_file()), None)
    index = next((x for x in _MODELS if (folder / (x + _INDEX)).is_file()), None)
    if index is not None:
        tree["model"] = _by_index(folder, index + _INDEX)
    elif model is not None:
        tree["model"] = _tensors(str(folder / model))
    if (folder / _OPTIMIZER).is_file():
        tree["optimizer"] = torch_file.loaded(str(folder / _OPTIMIZER))
    if (folder / _PLACE).is_file():
        about = str(folder / _PLACE)
        step = count(json_of(about, whole(about, _PLACE), _PLACE).get("global_step"))
        if step is not None:
            notes.append(f"the trainer had taken {step} steps")
    if (folder / _SCHEDULE).is_file():
        said = torch_file.loaded(str(folder / _SCHEDULE))
        last = dict(children(said) or []).get("_last_lr")
        if last is not None:
            notes.append("its schedule has set the groups' lr to that of the next step")
    return Contents(tree, ordered=(index or model or "").endswith(".bin"), notes=tuple(notes))


def _by_index(folder: Path, name: str) -> dict[str, Any]:
    """Return the tensors that an index lists, from the files in which it says that they are."""
    about = str(folder / name)
    where = json_of(about, whole(about, name), name).get("weight_map")
    if not isinstance(where, dict):
        raise Unreadable(about, "it has no weight_map")
    files: dict[str, dict[str, Any] | NotRead] = {}
    found: dict[str, Any] = {}
    for tensor, file in where.items():
        path = inside(str(folder), file)
        if path not in files:
            try:
                files[path] = _tensors(path)
            except Unreadable as because:
                files[path] = NotRead(str(because))
        held = files[path]
        found[tensor] = (
            held if isinstance(held, NotRead)
            else held.get(tensor, NotRead(f"the index says that it is in {file}, and it is not"))
        )  # fmt: skip
    return found


def _tensors(path: str) -> dict[str, Any]:
    if not path.endswith(".bin"):
        return safetensors.tensors(path)
    found = torch_file.loaded(path)
    if not isinstance(found, dict):
        raise Unreadable(path, "it holds no dict of tensors")
    return found


FORMAT = CheckpointFormat("Hugging Face Trainer", 20, True, _recognises, _read)
