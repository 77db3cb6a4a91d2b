"""What differs of two surveys: who came and went, verdicts, dialects, causes, limits, errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ALLOWED = 1.25
"""By what factor an error may be another without being told: libraries reorder."""

Records = Mapping[str, Mapping[str, Any]]


def differences(old: Records, new: Records) -> list[str]:
    """Return what differs, a line each; dates, and errors that are nearly the same, do not count.

    Parameters
    ----------
    old, new : mapping
        Records by name, as `survey.record.read_all` returns them.
    """
    gone = [f"{name}: is no longer surveyed" for name in sorted(set(old) - set(new))]
    came = [f"{name}: is new" for name in sorted(set(new) - set(old))]
    both = [
        f"{name}: {x}" for name in sorted(set(old) & set(new)) for x in _apart(old[name], new[name])
    ]
    return [*gone, *came, *both]


def _apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in ("version", "platform", "because"):
        if old[key] != new[key]:
            yield f"{key} was {old[key] or 'nothing'}, is {new[key] or 'nothing'}"
    for dtype in sorted({*old["dtypes"], *new["dtypes"]}):
        one, other = old["dtypes"].get(dtype), new["dtypes"].get(dtype)
        if one is None or other is None:
            yield f"{dtype}: {'was not checked before' if one is None else 'is not checked now'}"
        else:
            yield from (f"{dtype}: {x}" for x in _dtype_apart(one, other))


def _dtype_apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["verdict"] != new["verdict"]:
        yield f"{old['verdict']} before, {new['verdict']} now"
    for axis in sorted({*old["dialect"], *new["dialect"]}):
        one, other = old["dialect"].get(axis), new["dialect"].get(axis)
        if one != other:
            yield f"{axis} was {one}, is {other}"
    for key in ("limits", "deviations", "errors", "notes"):
        one, other = ({x["id"] for x in side[key]} for side in (old, new))
        yield from (f"no longer: {x}" for x in sorted(one - other))
        yield from (f"now: {x}" for x in sorted(other - one))
    one, other = ([x["says"] for x in side["causes"]] for side in (old, new))
    if one != other:
        yield f"the cause was {_said(one)}, is {_said(other)}"
    for key in ("theta", "first_step"):
        yield from _errors_apart(key, old[key], new[key])


def _said(causes: list[list[str]]) -> str:
    return "; ".join(" and ".join(x) for x in causes) or "none"


def _errors_apart(
    key: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[str]:
    if old is None or new is None:
        if old is not new:
            yield f"{key} {'was not measured before' if old is None else 'is not measured now'}"
        return
    one, other = old["max_ulp"], new["max_ulp"]
    if one != other and not _is_near(one, other):
        yield f"{key} was at most {one} ulp off, is {other}"


def _is_near(one: float | str, other: float | str) -> bool:
    """Say whether two errors are nearly the same; "nan" and "inf" are like themselves alone."""
    if isinstance(one, str) or isinstance(other, str):
        return False
    return min(one, other) > 0 and max(one, other) / min(one, other) <= ALLOWED
