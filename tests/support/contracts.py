"""What programs may rely on in the JSON of each command: the cases, and the stable part of each.

Stable are verdicts, names, ids and exact values. Measured errors, seconds, sentences and versions
are not. The expectations lie in ``tests/contracts``, one file a command; after a change that is
meant they are written anew, and what changes is printed to be read:

    python tests/support/contracts.py [--regenerate] [COMMAND|ids]...
"""

from __future__ import annotations

import atexit
import difflib
import json
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import planted
from adamref import faults
from adamref.golden.suite import packaged
from adamref.oracle.check import probe_names
from adamref.theorems.library import theorems
from command import called
from steps import HYPER, Training

ROOT = Path(__file__).parents[2]
STORED = ROOT / "tests" / "contracts"
CHECKED_HERE = ROOT / "examples" / "check"

STEP = ("step", "--theta", "0.5", "--grad", "-15", "--alpha", "0.1")
PARABOLA = ("step", "--objective", "(3*w - 4)**2", "--theta", "1/2", "--steps", "3")
THREE = ("step", "--theta", "1", "--grad", "2", "--grad", "-0.5", "--grad", "0.25")
REPLAYED = [x for n, v in HYPER.items() for x in (f"--{n.replace('_', '-')}", str(v))]
CASES = {
    "step": {
        "one step": STEP,
        "an objective": PARABOLA,
        "machine numbers": (*STEP, "--dtype", "float32", "--hyper", "mixed", "--grad", "0.1"),
        "from a state": (*STEP, "--m", "0.1", "--v", "0.01", "--t", "7", "--digits", "30"),
        "AdamW in bfloat16": (
            *STEP, "--optimizer", "adamw", "--weight-decay", "0.01", "--dtype", "bfloat16"),
        "epsilon hat": (*STEP, "--form", "eps-hat", "--eps", "1e-3"),
        **{name: (*THREE, "--optimizer", name)
           for name in ("amsgrad", "adamax", "nadam", "adagrad", "rmsprop", "momentum")},
    },
    "audit": {
        "w-half": ("audit", "examples/audit/w-half.md"),
        "right ones": ("audit", *(f"tests/corpus/{name}" for name in (
            "h02_lecture_align.tex", "h06_dezimalkomma.txt", "h10_eps_inside_root.tex"))),
        "wrong ones": ("audit", *(f"tests/corpus_blind/{name}" for name in (
            "wrong_bias_power.txt", "missing_sqrt.md", "swapped_betas.md", "table5_wrong.md",
            "quad_wrong.tex"))),
        "relatives": ("audit", "tests/corpus_blind/adamw.md", "tests/corpus_blind/amsgrad.md"),
        "one that is not there": (
            "audit", "tests/corpus/nowhere.md", "tests/corpus_blind/adam_l2.txt"),
    },
    "golden": {"all": ("golden",), "verified": (
        "golden", "--verify=", "generic-float32-literal", "nan-adam-float32", "eps-zero-float32")},
    "derive": {"first-step": ("derive", "--unchecked", "first-step", "step-bound-reached")},
    "prove": {id_: ("prove", "--no-kernel", id_) for id_ in (
        "first-step", "scale-invariance-claimed", "rounding-product")},
    "check": {
        "wrong": ("check", "wrong:step"),
        "right": ("check", "adam_numpy:step"),
        "right in float64, as another dialect": (
            "check", "adam_numpy:step", "--dtype", "float64", "--dialect", "eps-hat",
            "--probes", "generic-float64", "--probes", "nan-adam-float64"),
        "one that answers nothing": (
            "check", "--command", "true", "--probes", "generic-float32-literal"),
    },
    "tolerance": {
        "all gradients": ("tolerance", "--optimizer", "adamw", "--steps", "3", "--no-faults"),
        "given": (
            "tolerance", "--given", str(packaged() / "generic-amsgrad-float32.json"),
            "--no-faults"),
    },
    "replay": {
        "a right step": ("replay", "before.npz", "right.npz", *REPLAYED),
        "numbers inferred": ("replay", "before.npz", "right.npz", "--optimizer", "adamw"),
        "decay missing in one": ("replay", "before.npz", "no-decay.npz", *REPLAYED),
        "steps apart": ("replay", "before.npz", "forgotten.npz", "--steps", "3", *REPLAYED),
        "one alone": ("replay", "before.npz", *REPLAYED),
        "a counter that stood": ("replay", "before.npz", "stood.npz", *REPLAYED),
        "nothing in common": ("replay", "before.npz", "other.npz", *REPLAYED),
    },
    "compare": {
        "one with itself": (
            "compare", "adam_numpy:step", "adam_numpy:step",
            "--probes", "generic-float32-literal", "--probes", "near-eps-adam-float32"),
    },
}  # fmt: skip
PLANTED = (
    ("adam", "float32", "v-centred"),
    ("adam", "float64", "corrections-in-float32"),
    ("adamw", "float32", "decay-with-corrected-alpha"),
    ("amsgrad", "float32", "maximum-uncorrected"),
)
"""Faults in a NumPy step; their case is named for them."""
FEW = {
    f"{name}-{dtype}"
    for dtype in ("float32", "float64")
    for name in (
        "generic-adamw", "generic-amsgrad", "first-step", "near-eps-adam", "sparse",
        "shrinking-amsgrad", "tensors", "resume-adam", "jump-2e24", "large", "tiny", "random-many")
} | {"generic-float32-mixed", "generic-float64"}  # fmt: skip
"""The probes of which the planted are asked; those that an optimizer has."""


@cache
def replayed_here() -> Path:
    """Make checkpoints of two tensors: before a step, and after right and wrong ones."""
    folder, runs = Path(tempfile.mkdtemp()), {"w": Training(size=40), "b": Training(size=9, seed=1)}
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    before = {name: run.after(20) for name, run in runs.items()}
    right = {name: run.step(before[name]) for name, run in runs.items()}
    b, forgotten = before["b"], {**before["w"], "m": 0 * right["w"]["m"], "v": 0 * right["w"]["v"]}
    for _ in range(3):
        forgotten = runs["w"].step(forgotten)
    made = {
        "before": before,
        "right": right,
        "no-decay": {**right, "b": runs["b"].step(b, weight_decay=0.0)},
        "forgotten": {**before, "w": forgotten},
        "stood": {**right, "b": {**right["b"], "t": b["t"]}},
        "other": {"x": b},
    }
    for name, tensors in made.items():
        flat = {f"{of}.{field}": x for of, one in tensors.items() for field, x in one.items()}
        np.savez(folder / f"{name}.npz", **flat)
    return folder


def answered(command: str, case: str) -> tuple[int, dict]:
    """Run a case: the exit code, and the JSON document."""
    arguments = CASES[command].get(case)
    if arguments is None:
        optimizer, dtype, fault = case.split(" ")
        names = [x for x in probe_names(dtype=dtype, optimizer=optimizer) if x in FEW]
        report = planted.checked(optimizer, dtype, fault, names=names)
        return report.exit_code, report.to_json()
    where = {"check": CHECKED_HERE, "compare": CHECKED_HERE}
    cwd = replayed_here() if command == "replay" else where.get(command, ROOT)
    code, out, _ = called(*arguments, "--format", "json", cwd=cwd)
    return code, json.loads(out)


def cases() -> list[tuple[str, str]]:
    """Return each command with each of its cases."""
    listed = [(command, case) for command, of in CASES.items() for case in of]
    return [*listed, *(("check", " ".join(plant)) for plant in PLANTED)]


def stable(command: str, code: int, document: dict) -> dict:
    """Return the part of an answer that does not change between machines or releases."""
    return {"exit": code, **_STABLE[command](document)}


def agrees(got: dict, want: dict) -> bool:
    """Say whether an answer is the stored one; it may have more probes, and no fewer."""
    known = {name: x for name, x in got.get("probes", {}).items() if name in want["probes"]}
    return (got | {"probes": known} if "probes" in got else got) == want


def stored(command: str) -> dict:
    """Read the expectations of a command, by case."""
    return json.loads(_file(command).read_text(encoding="utf-8"))


def written(expectations: dict) -> str:
    """Write expectations canonically."""
    return json.dumps(expectations, indent=1, ensure_ascii=False) + "\n"


def _file(command: str) -> Path:
    return STORED / f"{command}.json"


def _only(document: dict, names: str) -> dict:
    return {name: document[name] for name in names.split()}


def _step(document: dict) -> dict:
    def value(line: dict) -> str:
        return f"{'=' if line['exact'] else '≈'} {line['value']} {line['hex'] or ''}".rstrip()

    steps = [
        {"t": step["t"], **{line["name"]: value(line) for line in step["lines"]}}
        for step in document["steps"]
    ]
    return {**_only(document, "schema given"), "steps": steps}


def _audit(document: dict) -> dict:
    def of(claim: dict) -> str:
        place = f"{claim['line']}:{claim['column']}"
        about = f"{claim['kind']} {claim['field']} t={claim['t']}"
        causes = [f"{x['id']}{'' if x['reproduces'] else '?'}" for x in claim["causes"]]
        said = f"{place} {about}: {claim['claimed']}, {claim['verdict']}"
        held = claim["verdict"] in {"holds", "unread"}
        return said if held else f"{said}, {claim['expected']} {' '.join(causes)}".rstrip()

    documents = [
        {
            **_only(x, "path verdict first_wrong"),
            "given": {name: given["value"] for name, given in x["given"].items()},
            "repairs": len(x["repairs"]),
            "claims": [of(claim) for claim in x["claims"]],
            "pointers": [f"{point['line']} {point['theorem']}" for point in x["pointers"]],
        }
        for x in document["documents"]
    ]
    return {**_only(document, "schema"), "documents": documents}


def _golden(document: dict) -> dict:
    def of(probe: dict) -> str:
        axes = " ".join(f"{axis}={value}" for axis, value in probe["dialect"].items())
        rest = f"{probe['class']} {probe['rule']} {probe['dtype']} {probe['hyper']}"
        return f"{rest}, {probe['steps']} steps, {axes}: {' '.join(probe['flags'])}"

    probes = {probe["name"]: of(probe) for probe in document["probes"]}
    return {**_only(document, "schema verdict"), "probes": probes}


def _derive(document: dict) -> dict:
    theorems = [
        {**_only(x, "id title chapter"), "blocks": len(x["blocks"])} for x in document["theorems"]
    ]
    return {**_only(document, "schema"), "theorems": theorems}


def _prove(document: dict) -> dict:
    names = "id title verdict recorded checks near_misses refused"
    return {
        **_only(document, "schema"),
        "theorems": [_only(x, names) for x in document["theorems"]],
    }


def _check(document: dict) -> dict:
    def of(probe: dict) -> str:
        first = probe["first_difference"]
        at = f" {first['field']} t={first['t']}" if first else ""
        return f"{probe['class']} {probe['verdict']}{at}"

    diagnosis = [
        {**_only(x, "faults confirmed equivalent"), "explains": len(x["explains"])}
        for x in document["diagnosis"]
    ]
    findings = sorted(f"{x['severity']} {x['id']} {x['probe']}" for x in document["findings"])
    return {
        **_only(document, "schema target isolated dtype optimizer verdict dialect"),
        "measured": sorted(name for name, x in document["accuracy"].items() if x),
        "probes": {probe["name"]: of(probe) for probe in document["probes"]},
        "findings": findings,
        "diagnosis": diagnosis,
    }


def _tolerance(document: dict) -> dict:
    known = {name: x["rtol"] != "inf" for name, x in document["fields"].items()}
    names = "schema optimizer dtype dialect steps stored compute hyper conventions inputs"
    return {**_only(document, names), "fields": known}


def _compare(document: dict) -> dict:
    sides = {x: _only(document[x], "target kind verdict optimizer dtype dialect") for x in "ab"}
    axes = [_only(x, "axis a b is_real") for x in document["axes"]]
    return {**_only(document, "schema same_dialect was_run"), **sides, "axes": axes}


def _replay(document: dict) -> dict:
    def of(tensor: dict) -> str:
        first = f" {tensor['first']['field']}" if tensor["first"] else ""
        causes = "".join(f", {' '.join(x['faults']) or 'another'}" for x in tensor["diagnosis"])
        return f"{tensor['verdict']} {tensor['off']} of {tensor['elements']}{first}{causes}"

    groups = [
        {
            **_only(x, "name optimizer dialect verdict"),
            "said": {name: x["hyper"][name] for name, of in x["source"].items() if of == "given"},
            "inferred": sorted(name for name, of in x["source"].items() if of == "inferred"),
            "tensors": {tensor["name"]: of(tensor) for tensor in x["tensors"]},
        }
        for x in document["groups"]
    ]
    return {
        **_only(document, "schema verdict steps"),
        "ranges": sorted(document["inferred"]),
        "groups": groups,
        "findings": sorted(f"{x['severity']} {x['id']}" for x in document["findings"]),
        "unread": sorted(x["name"] for x in document["unread"]),
    }


_STABLE = {
    "step": _step,
    "audit": _audit,
    "golden": _golden,
    "derive": _derive,
    "prove": _prove,
    "check": _check,
    "tolerance": _tolerance,
    "compare": _compare,
    "replay": _replay,
}


def ids() -> dict:
    """Return the ids that never change: of theorems, with their verdicts, and of faults."""
    recorded = {id_: theorem.verdict for id_, theorem in theorems().items()}
    return {"theorems": recorded, "faults": [fault.id for fault in faults.cases()]}


def main(arguments: list[str]) -> int:
    """Print what differs from the expectations; ``--regenerate`` also writes them."""
    names = [x for x in arguments if x != "--regenerate"] or [*CASES, "ids"]
    changed = False
    for command in names:
        made = ids() if command == "ids" else {
            case: stable(command, *answered(command, case))
            for of, case in cases()
            if of == command
        }  # fmt: skip
        file = _file(command)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        after = written(made)
        changed |= before != after
        lines = (text.splitlines(keepends=True) for text in (before, after))
        sys.stdout.writelines(difflib.unified_diff(*lines, file.name, file.name))
        if "--regenerate" in arguments:
            STORED.mkdir(exist_ok=True)
            file.write_text(after, encoding="utf-8")
    return int(changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
