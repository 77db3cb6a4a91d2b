"""What programs may rely on in the JSON of each command: the cases, and the stable part of each.

Stable are verdicts, names, ids and exact values. Measured errors, seconds, sentences and versions
are not. The expectations lie in ``tests/contracts``, one file a command; after a change that is
meant they are written anew, and what changes is printed to be read:

    python tests/support/contracts.py [--regenerate] [COMMAND|ids]...
"""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path

import planted
from adamref import faults
from adamref.golden.suite import packaged
from adamref.oracle.check import probe_names
from adamref.theorems.library import theorems
from command import called

ROOT = Path(__file__).parents[2]
STORED = ROOT / "tests" / "contracts"
CHECKED_HERE = ROOT / "examples" / "check"

STEP = ("step", "--theta", "0.5", "--grad", "-15", "--alpha", "0.1")
PARABOLA = ("step", "--objective", "(3*w - 4)**2", "--theta", "1/2", "--steps", "3")
THREE = ("step", "--theta", "1", "--grad", "2", "--grad", "-0.5", "--grad", "0.25")
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


def answered(command: str, case: str) -> tuple[int, dict]:
    """Run a case: the exit code, and the JSON document."""
    arguments = CASES[command].get(case)
    if arguments is None:
        optimizer, dtype, fault = case.split(" ")
        names = [x for x in probe_names(dtype=dtype, optimizer=optimizer) if x in FEW]
        report = planted.checked(optimizer, dtype, fault, names=names)
        return report.exit_code, report.to_json()
    cwd = CHECKED_HERE if command in {"check", "compare"} else ROOT
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


_STABLE = {
    "step": _step,
    "audit": _audit,
    "golden": _golden,
    "derive": _derive,
    "prove": _prove,
    "check": _check,
    "tolerance": _tolerance,
    "compare": _compare,
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
