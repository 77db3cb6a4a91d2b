"""Test cases as data: records of named numbers, read as givens and as a table of steps.

JSON, YAML and CSV end here. A mapping is read from the outside in: its numbers are given, a list of
records is a table with a row a record, and what it holds before the first step is that of step 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adamref.documents.formats.format import (
    PROBLEM,
    FormatRefused,
    Passage,
    Writing,
    barred,
    written,
)
from adamref.documents.formats.located import Located
from adamref.documents.subjects import announced, is_name, runs_named

_NAMES = {
    "alpha": "lr learningrate stepsize eta",
    "beta1": "b1 beta_1 betaone",
    "beta2": "b2 beta_2 betatwo",
    "eps": "epsilon epsilonhat",
    "weight_decay": "weightdecay wd lambda",
    "m": "expavg firstmoment mt mu",
    "v": "expavgsq secondmoment vt nu",
    "m_hat": "mhat mcorrected mcorr biascorrectedm firstmomentcorrected mhatt",
    "v_hat": "vhat vcorrected vcorr biascorrectedv secondmomentcorrected vhatt",
    "g": "grad gradient gt grads gradients",
    "theta": "param params parameter w weight x thetat theta",
    "delta": "update step_taken",
    "t": "step iteration iter timestep epoch",
}
_MEANT = {_key: name for name, keys in _NAMES.items() for _key in (*keys.split(), name)}
HYPER = frozenset("alpha beta1 beta2 eps weight_decay".split())
_LABEL = re.compile(r"(?i)(?:coord|comp(?:onent)?|var|axis|dim|name)\w*$")
_BEFORE = re.compile(r"(?i)(?:^|_)(?:init\w*|start\w*|before|prev\w*|old|0)$")
_AFTER = re.compile(r"(?i)_?(?:expected|after|new|next|out|want)_?|_t$")
_MADE = re.compile(
    r"(?i)(?:expect\w*|after|want\w*|results?|outputs?|outcome|final|golden|target)$"
)
_INDEXED = re.compile(r"([A-Za-z]+(?:_hat|_max|hat)?)_?\[?([0-9]{1,6})\]?$")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SHARED = frozenset("common shared defaults default base all".split())
_CALLED = frozenset("optimizer optimiser rule method algorithm name title case".split())
MOST_RECORDS = 100_000


def named(key: str) -> str:
    """Return the usual name of a quantity, by that which a test case has for it."""
    plain = _AFTER.sub("", key.strip())
    folded = re.sub(r"[\s_-]", "", plain).lower()
    return _MEANT.get(folded, _MEANT.get(plain.lower(), plain))


def number(value: Located) -> str:
    """Return a number as it is written; empty for what is none."""
    said = value.string() if value.is_text else value.value
    found = isinstance(said, str) and _NUMBER.fullmatch(said.strip().replace("\u2212", "-"))
    return said.strip() if found and isinstance(said, str) else ""


def placed(value: Located) -> Writing:
    """Write a number where it stands."""
    line, column = value.place
    return written(number(value), line, column + value.is_text)


def read_records(root: Located) -> Iterator[Passage]:
    """Read a test case, or several that share what they are given."""
    yield from _mapping(root, "") if isinstance(root.value, dict) else _listed(root, {})


def _same(cases: Sequence[Located]) -> bool:
    """Say whether records repeat the same hyperparameters in each."""
    given = [
        {named(k): number(v) for k, v in case.value.items() if named(k) in HYPER} for case in cases
    ]
    return all(one == given[0] for one in given)


def _mapping(held: Located, around: str) -> Iterator[Passage]:
    later = []
    before = bool(_BEFORE.search(around))
    times = [v for k, v in held.value.items() if named(k) == "t" and number(v)]
    if times and not any(isinstance(v.value, list | dict) for v in held.value.values()):
        yield from table([held], ("t",))
        return
    for key, value in held.value.items():
        if isinstance(value.value, dict) or value.items():
            later.append((key, value))
        elif number(value):
            yield _said(key, value, before=before)
    yield from _starts(later)
    shared: dict[str, Located] = next(
        (v.value for k, v in later if k.lower() in _SHARED and _is_mapping(v)), {}
    )
    number_of = 0
    for key, value in later:
        if key.lower() in _SHARED and len(later) > 1 and _is_mapping(value):
            continue
        if any(map(_is_expected, _entries(value))):
            number_of += 1
            yield from _case(Located({**shared, **value.value}, value.place), number_of)
            continue
        if isinstance(value.value, dict):
            about = announced(key)
            # A key that is the name of an optimizer heads what it holds.
            head = f"# {key}" if about is not None and is_name(key, about) else ""
            yield written(head, value.place[0], 1, 1).passage()
            yield from _mapping(Located({**shared, **value.value}, value.place), key)
        elif named(key) in ("betas", "beta") and len(value.items()) == 2:
            for name, one in zip(("beta1", "beta2"), value.items(), strict=True):
                yield _said(name, one, before=False)
        elif all(isinstance(one.value, dict) for one in value.items()):
            yield from _listed(value, shared)
    if (steps := _vectors(held)) is not None:
        yield from steps
        return
    yield from _columns([(k, v) for k, v in later if all(map(number, v.items()))])


def _starts(lists: Sequence[tuple[str, Located]]) -> Iterator[Passage]:
    """Give the vectors that a case starts from, where steps of such vectors follow."""
    rows = [x for _, value in lists for x in value.items() if isinstance(x.value, dict)]
    if not rows or not all(map(_is_step_of_vectors, rows)):
        return
    for key, value in lists:
        indexed = _INDEXED.match(key)
        if _begins(key) and value.items() and all(map(number, value.items())):
            name = indexed[1] if indexed is not None else _BEFORE.sub("", key)
            yield _as_vector(f"{named(name) or 'theta'}_0", value)


def _begins(key: str) -> bool:
    """Say whether a key is that of what is before the first step: ``x0``, ``param_before``."""
    indexed = _INDEXED.match(key)
    return bool(_BEFORE.search(key)) or (indexed is not None and indexed[2] == "0")


def _entries(value: Located) -> list[tuple[str, Located]]:
    return list(value.value.items()) if isinstance(value.value, dict) else []


def _is_expected(entry: tuple[str, Located]) -> bool:
    """Say whether an entry of a case holds what is expected of it."""
    return _MADE.match(entry[0]) is not None and _is_mapping(entry[1])


def _is_mapping(value: Located) -> bool:
    return isinstance(value.value, dict)


def _vectors(held: Located) -> Iterator[Passage] | None:
    """Read a case with vectors: where it starts, the gradients, and where it should end."""
    start = gradients = made = None
    for key, value in held.value.items():
        plain = _AFTER.sub("", key.strip())
        if named(key) == "g":
            gradients = value
        elif _BEFORE.search(key) and (named(_BEFORE.sub("", key)) or "theta") == "theta":
            start = value
        elif not plain or named(plain) == "theta":
            made = value
    if start is None or gradients is None or made is None:
        return None
    size = len(start.items())
    every = (start, made, *gradients.items())
    if size < 2 or any(len(x.items()) != size or not all(map(number, x.items())) for x in every):
        return None
    steps = gradients.items()
    names = ("theta_0", *(f"g_{t}" for t in range(1, len(steps) + 1)), f"theta_{len(steps)}")
    return (_as_vector(name, x) for name, x in zip(names, (start, *steps, made), strict=True))


def _as_vector(name: str, value: Located) -> Passage:
    row = written(f"{name} = (", value.place[0], value.place[1], 1)
    for i, one in enumerate(value.items()):
        row.add(", " if i else "", *one.place, 1)
        row.extend(placed(one))
    row.add(")", *value.items()[-1].place, 1)
    return row.passage()


def _columns(lists: list[tuple[str, Located]]) -> Iterator[Passage]:
    """Read lists of equal length, one of them the steps or the gradients, as columns."""
    lists = [(key, value) for key, value in lists if named(key) not in ("betas", "beta")]
    names = {named(key) for key, _ in lists}
    lengths = {len(value.items()) for _, value in lists}
    if not lists or len(lengths) != 1 or names.isdisjoint(("t", "g")):
        return
    rows = [
        Located({key: value.items()[i] for key, value in lists}, lists[0][1].items()[i].place)
        for i in range(lengths.pop())
    ]
    yield from table(rows, tuple(key for key, _ in lists))


def _said(key: str, value: Located, *, before: bool) -> Passage:
    """Give one number its name."""
    name, indexed = named(_BEFORE.sub("", key)) or "theta", _INDEXED.match(key)
    if name not in HYPER:
        if before or _BEFORE.search(key):
            name += "_0"
        elif indexed is not None and named(indexed[1]) not in HYPER:
            name = f"{named(indexed[1])}_{indexed[2]}"
    line, column = value.place
    made = written(f"{name} = ", line, column, 1)
    made.extend(placed(value))
    return made.passage()


def _listed(held: Located, shared: Mapping[str, Located]) -> Iterator[Passage]:
    """Read a list of records: steps, or cases that inherit what is shared."""
    rows = [one for one in held.items() if isinstance(one.value, dict)]
    flat = [_flattened(one) for one in rows]
    if flat and all(map(_is_step_of_vectors, flat)):
        for one in flat:
            yield from _step_of_vectors(one)
        return
    if flat and (all(map(_holds_steps, flat)) or not _same(flat)):
        for number_of, one in enumerate(rows, 1):
            yield from _case(Located({**shared, **one.value}, one.place), number_of)
        return
    yield from table(flat, tuple(dict.fromkeys(key for one in flat for key in one.value)))


def read_rows(rows: Sequence[Located], keys: Sequence[str]) -> Iterator[Passage]:
    """Read the rows of a table: a step each, or cases where each has its own hyperparameters."""
    if len(rows) > 1 and not _same(rows) and all(any(map(_BEFORE.search, r.value)) for r in rows):
        for number_of, one in enumerate(rows, 1):
            yield from _case(one, number_of)
        return
    yield from table(rows, keys)


def _is_step_of_vectors(one: Located) -> bool:
    """Say whether a record is one step: it says which, and has as many gradients as weights."""
    lists = {named(key): value.items() for key, value in one.value.items() if value.items()}
    sizes = {len(items) for items in lists.values()}
    told = any(named(key) == "t" and number(value) for key, value in one.value.items())
    plain = all(number(x) for items in lists.values() for x in items)
    return told and plain and len(lists) > 1 and "g" in lists and len(sizes) == 1


def _step_of_vectors(one: Located) -> Iterator[Passage]:
    t = next(number(value) for key, value in one.value.items() if named(key) == "t")
    for key, value in one.value.items():
        if value.items():
            before = named(_BEFORE.sub("", key)) if _BEFORE.search(key) else ""
            at = str(int(t) - 1) if before and t.isdigit() else t
            yield _as_vector(f"{before or named(key)}_{at}", value)


def _holds_steps(one: Located) -> bool:
    """Say whether a record holds steps: gradients in a list, or records with a gradient."""
    for key, value in one.value.items():
        records = [x for x in value.items() if isinstance(x.value, dict)]
        if value.items() and (
            named(key) == "g" or any("g" in map(named, x.value) for x in records)
        ):
            return True
    return False


def _case(held: Located, number_of: int) -> Iterator[Passage]:
    """Read a record as a problem of its own: what it is given, its gradients, what is expected.

    What is expected is of the step of the last gradient.
    """
    said = [v.value for k, v in held.value.items() if k.lower() in _CALLED]
    about = next((x for x in said if isinstance(x, str) and announced(x) is not None), "")
    head = f"# Example {number_of}" + f": {about}" * bool(about)
    yield replace(written(head, held.place[0], 1, 1).passage(), kind=PROBLEM)
    made = [entry[0] for entry in _entries(held) if _is_expected(entry)]
    given = _flattened(Located({k: v for k, v in held.value.items() if k not in made}, held.place))
    gradients = next((v for k, v in given.value.items() if named(k) == "g"), None)
    rest = sorted(given.value.items(), key=lambda x: _is_result(x[0]) and not x[1].items())
    if made and gradients is not None and (start := _start_as_vector(given, gradients)):
        yield from start
        rest = [(k, v) for k, v in rest if named(k) in (*HYPER, "beta", "betas")]
    yield from _mapping(Located(dict(rest), held.place), "")
    last = len(gradients.items()) or 1 if gradients is not None else 1
    for key in made:
        for name, value in held.value[key].value.items():
            yield from _expected(named(name), value, last)


def _is_result(key: str) -> bool:
    """Say whether a case names something that a step makes, and not what the step is given."""
    plain = named(key)
    return plain not in (*HYPER, "g", "t") and not _BEFORE.search(key) and plain in _MEANT.values()


def _start_as_vector(held: Located, gradients: Located) -> list[Passage]:
    """Give where vectors start, and each of their gradients; nothing where numbers are trained."""
    starts = [v for k, v in held.value.items() if _begins(k) and v.items()]
    every = [*starts, *gradients.items()]
    if len(starts) != 1 or any(not x.items() or not all(map(number, x.items())) for x in every):
        return []
    names = ("theta_0", *(f"g_{t}" for t in range(1, len(every))))
    return [_as_vector(name, x) for name, x in zip(names, every, strict=True)]


def _expected(name: str, value: Located, last: int) -> Iterator[Passage]:
    """Say what a quantity should be behind the last step, or behind each of them."""
    items = value.items()
    if number(value):
        yield _said(f"{name}_{last}", value, before=False)
    elif len(items) == last and all(map(number, items)):
        for t, one in enumerate(items, 1):
            yield _said(f"{name}_{t}", one, before=False)
    elif items and all(map(number, items)):
        yield _as_vector(f"{name}_{last}", value)


def _flattened(held: Located) -> Located:
    """Take what a record holds in records of its own ("expected") for its own."""
    made: dict[str, Any] = {}
    for key, value in held.value.items():
        if isinstance(value.value, dict):
            made |= {
                (f"{inner}_before" if _BEFORE.search(key) else inner): one
                for inner, one in value.value.items()
            }
        else:
            made[key] = value
    return Located(made, held.place)


def table(rows: Sequence[Located], keys: Sequence[str]) -> Iterator[Passage]:
    """Read records as the rows of a table; what is the same in all and no step's is given."""
    if len(rows) > MOST_RECORDS:
        raise FormatRefused(f"{len(rows)} records, but at most {MOST_RECORDS} are read")
    about = next((k for k in keys if runs_named(_texts(k, rows))), None)
    keys = [
        k for k in keys if k == about or any(number(row[k]) for row in rows) or _labels(k, rows)
    ]
    for key in [k for k in keys if named(k) in HYPER]:
        if len({number(row[key]) for row in rows}) == 1:
            yield _said(key, rows[0][key], before=False)
    columns = [k for k in keys if named(k) not in HYPER and not _BEFORE.search(k)]
    # Whose a row is comes first, and then its step.
    columns.sort(key=lambda k: (k != about, named(k) != "t"))
    if not columns:
        return
    numbered = about is None and "t" not in map(named, columns) and "g" in map(named, columns)
    line = rows[0].place[0]
    labelled = {about, *(k for k in columns if _labels(k, rows))}
    yield written("", line).passage()
    heads = [*(["t"] if numbered else []), *(named(k) for k in columns)]
    yield barred([written(head, line, 1, 1) for head in heads], line).passage()
    for t, row in enumerate(rows, 1):
        cells = [_cell(row[k], row, label=k in labelled) for k in columns]
        own = [written(str(t), row.place[0], 1, 1)] if numbered else []
        yield barred([*own, *cells], row.place[0]).passage()
    yield written("", line).passage()


def _cell(value: Located, row: Located, *, label: bool) -> Writing:
    if label:
        line, column = value.place
        return written(str(value.value).strip(), line, column + value.is_text)
    return placed(value) if number(value) else written("-", row.place[0])


def _labels(key: str, rows: Sequence[Located]) -> bool:
    """Say whether a column names the parameter of each row."""
    said = _texts(key, rows)
    names = all(re.fullmatch(r"[^\W\d]\w{0,11}", one) for one in said)
    is_label = named(key) == "theta" or _LABEL.match(key.strip()) is not None
    return is_label and names and 1 < len(set(said)) < len(said)


def _texts(key: str, rows: Sequence[Located]) -> list[str]:
    return [str(row[key].value).strip() for row in rows]
