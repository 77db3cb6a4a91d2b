"""A comparison in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.output import printable

if TYPE_CHECKING:
    from adamref.comparisons.comparison import AxisApart, Compared, Comparison

_CALLED = {
    "form": "where epsilon stands",
    "bias_correction": "whether the bias is corrected",
    "weight_decay": "how weights decay",
    "amsgrad": "which maximum is kept",
    "hyper": "which numbers stand for the hyperparameters",
    "moments": "how averages are updated",
    "storage": "what they store in",
    "compute": "what they work in",
}


def sentences(found: Comparison) -> tuple[str, ...]:
    """Say what was found: whether they differ and in what, by how much, and which are right."""
    return (_headline(found), *_by_how_much(found), *_rights(found), *_axes(found))


def _headline(found: Comparison) -> str:
    a, b = found.a, found.b
    if "error" in (a.verdict, b.verdict):
        lost = " and ".join(x.target for x in (a, b) if x.verdict == "error")
        return printable(f"They cannot be compared: {lost} could not be judged.")
    if a.optimizer != b.optimizer:
        return f"They are different optimizers, {a.optimizer} and {b.optimizer}{_right(found)}."
    real = [axis for axis in found.axes if axis.is_real]
    if not real:
        same = "They are the same dialect"
        if a.verdict == b.verdict == "conforms":
            return f"{same}, and both are right."
        return f"{same}{_right(found)}."
    names = " and ".join(f"{_called(x)} ({x.a}, {x.b})" for x in real)
    exact = found.exact
    size = "" if exact is None else f"; from step {exact.first_step} by {exact.largest:.1g}"
    return f"They differ in {names}{size}{_right(found)}."


def _right(found: Comparison) -> str:
    a, b = found.a, found.b
    if a.verdict == b.verdict == "conforms":
        return "; both are right"
    if a.verdict == b.verdict:
        return "; neither is right"
    right, wrong = (a, b) if a.verdict == "conforms" else (b, a)
    return printable(f"; {right.target} is right, {wrong.target} is not")


def _called(axis: AxisApart) -> str:
    return _CALLED.get(axis.axis, axis.says)


def _by_how_much(found: Comparison) -> list[str]:
    said = []
    if found.exact is not None:
        one = found.exact
        said.append(
            f"Over the reals theta differs from step {one.first_step} on, by {one.largest:.2g} at "
            f"most ({one.ulps:.2g} ulp of {found.a.dtype}), at step {one.at_step}."
        )
    if not found.was_run:
        return said
    seen = found.observed
    if seen is None:
        return [*said, f"Run beside each other they give the same bits, on {found.inputs}."]
    sentence = (
        f"Run beside each other theta differs from step {seen.first_step} on, by "
        f"{seen.largest:.2g} at most ({seen.ulps:.2g} ulp), at step {seen.at_step}, on "
        f"{found.inputs}."
    )
    if found.allowed is None:
        return [*said, sentence]
    may = "right ones of these dialects may, by what roundings can make of them"
    if found.beyond is None:
        says = (
            f"At no step that is more than {may}: at step {found.allowed_at} {found.allowed:.2g}."
        )
    else:
        says = (
            f"From step {found.allowed_at} on that is more than {may}: {found.beyond:.2g}, where "
            f"{found.allowed:.2g} is the most."
        )
    return [*said, f"{sentence} {says}"]


def _rights(found: Comparison) -> list[str]:
    return [_side(x) for x in (found.a, found.b)]


def _side(side: Compared) -> str:
    kept = "the baseline " if side.kind == "baseline" else ""
    likely = f", and looks like {side.likely}" if side.likely else ""
    theta = side.accuracy.get("theta")
    errors = ""
    if theta is not None:
        errors = f"; its theta is {float(theta['max_ulp']):.3g} ulp off at most, a step at a time"
    return printable(f"{kept}{side.target} {_VERDICTS[side.verdict]}{likely}{errors}.")


_VERDICTS = {"conforms": "conforms", "deviates": "deviates", "error": "could not be judged"}


def _axes(found: Comparison) -> list[str]:
    rest = [axis for axis in found.axes if not axis.is_real]
    return [f"Only roundings differ by {_called(x)}: {x.a}, {x.b}." for x in rest]
