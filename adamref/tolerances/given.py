"""The inputs of a test: read from a golden vector or a part of one, or drawn as usual."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.errors import NotANumber, OutOfDomain, ShapeMismatch, UnknownName, Unreadable
from adamref.golden.drawn import Drawn
from adamref.golden.numerals import read
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.numbers.exact import exact
from adamref.oracle.observe.trial import Trial
from adamref.outside import departure, read_json

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule

_SCHEMA_FILE = "tolerance-inputs.schema.json"
_SEED, _ELEMENTS, _SPREADS = 2015, 64, 4.0


@final
@dataclass(frozen=True)
class GivenInputs:
    """Inputs that were given.

    Attributes
    ----------
    name : str
    optimizer, dtype : str
    dialect : tuple of str
        ``AXIS=VALUE``.
    steps : int
    document : mapping
    numbers : mapping of str to float
        Hyperparameters that stand for those of the document.
    """

    name: str
    optimizer: str
    dtype: str
    dialect: tuple[str, ...]
    steps: int
    document: Mapping[str, Any]
    numbers: Mapping[str, Any]

    def trial(self, rule: Rule) -> Trial:
        """Return them for a rule.

        Raises
        ------
        UnknownName, OutOfDomain, NotANumber
            For a hyperparameter.
        ShapeMismatch
            If gradients differ from theta in size.
        """
        said = {n: _number(x) for n, x in self.document.get("hyperparameters", {}).items()}
        if "alpha" in self.document and not {"lr", "alpha"} & self.numbers.keys():
            alphas = _vector(self.document["alpha"]).tolist()
        else:
            alphas = [float("nan")]
        alpha, hyper = hypers(rule, {n: x for n, x in said.items() if n not in self.numbers},
                              self.numbers)  # fmt: skip
        alphas = [alpha if x != x else x for x in alphas]  # noqa: PLR0124
        if len(alphas) not in (1, self.steps) and len(alphas) < self.steps:
            raise ShapeMismatch("alpha", (len(alphas),), (self.steps,), "the steps")
        tensors = self.document["tensors"]
        fmt = formats.get(self.dtype)
        thetas = tuple(nearest(_vector(x["theta"]), fmt) for x in tensors)
        grads = [_gradients(x, theta, self.steps) for x, theta in zip(tensors, thetas, strict=True)]
        for i, (listed, theta) in enumerate(zip(grads, thetas, strict=True)):
            for step, g in enumerate(listed, 1):
                if g is not None and g.shape != theta.shape:
                    where = f"tensors[{i}].gradients at step {step}"
                    raise ShapeMismatch(where, g.shape, theta.shape, "theta")
        known = {name for name in rule.states if name != "theta"}
        for x in tensors:
            for name in x.get("state", {}):
                if name not in known:
                    raise UnknownName("state", name, tuple(sorted(known)))
        return Trial(
            name=self.name,
            kind="core",
            says="The inputs that were given.",
            thetas=thetas,
            grads=tuple(
                tuple(None if (x := g[i]) is None else nearest(x, fmt) for g in grads)
                for i in range(self.steps)
            ),
            hyper=hyper,
            alphas=tuple(alphas[i if len(alphas) > 1 else 0] for i in range(self.steps)),
            states=tuple(
                {n: nearest(_vector(v), fmt) for n, v in x.get("state", {}).items()}
                for x in tensors
            ),
            firsts=tuple(x.get("t", 1) for x in tensors),
        )


def read_given(
    given: str | os.PathLike[str] | Mapping[str, Any],
    numbers: Mapping[str, Any],
    steps: int | None,
    asked: tuple[str | None, str | None, str | Sequence[str]],
) -> GivenInputs:
    """Read inputs, and hold them against the optimizer, dtype and dialect that were asked for.

    Raises
    ------
    Unreadable
        If the file cannot be read, or is no such document.
    OutOfDomain
        If the document is of another optimizer or dtype, or has fewer steps.
    """
    if isinstance(given, Mapping):
        name, document = str(given.get("name", "the inputs")), given
        if (said := departure(dict(given), _SCHEMA_FILE)) is not None:
            raise Unreadable(name, f"is not as {_SCHEMA_FILE} asks: {said}")
    else:
        path = Path(os.fspath(given))
        document = read_json(path, _SCHEMA_FILE)
        name = path.name
    optimizer, dtype, dialect = asked
    for what, mine, its in (
        ("optimizer", optimizer, document.get("rule")),
        ("dtype", dtype, document.get("dtype")),
    ):
        if mine is not None and its is not None and mine != its:
            raise OutOfDomain(what, mine, f"{its}, of which {name} is")
    pins = [dialect] if isinstance(dialect, str) else list(dialect)
    pinned = {x.partition("=")[0] if "=" in x else "form" for x in pins}
    pins += [f"{a}={v}" for a, v in document.get("dialect", {}).items() if a not in pinned]
    counts = [len(x) for one in document["tensors"] if (x := _listed(one)) is not None]
    count = min([*counts, *([document["steps"]] if "steps" in document else [])], default=0)
    if steps is not None and not 1 <= steps <= count:
        raise OutOfDomain("steps", steps, f"1 to {count}, which {name} has")
    return GivenInputs(
        name,
        document.get("rule") or optimizer or "adam",
        document.get("dtype") or dtype or "float32",
        tuple(pins),
        count if steps is None else steps,
        document,
        numbers,
    )


def hypers(
    rule: Rule, said: Mapping[str, Any], numbers: Mapping[str, Any]
) -> tuple[float, dict[str, float]]:
    """Return alpha, and the other hyperparameters of a rule: as given, or else as published.

    Raises
    ------
    UnknownName, OutOfDomain, NotANumber
        If there is no such one, or its value is none.
    """
    named = dict(numbers)
    if "lr" in named:
        if "alpha" in named:
            raise OutOfDomain("lr", named["lr"], "absent where alpha is given: they are the same")
        named["alpha"] = named.pop("lr")
    for name in named:
        if name not in rule.defaults:
            raise UnknownName(f"hyperparameter of {rule.name}", name, tuple(rule.defaults))
    found = {}
    for name, published in rule.defaults.items():
        value = named.get(name, said.get(name, published))
        try:
            x = float(value)
        except (TypeError, ValueError):
            raise NotANumber(name, value) from None
        rule.hypers[name].read(exact(x, name))
        found[name] = x
    return found.pop("alpha", float("nan")), found


def an_ordinary_test(
    rule: Rule,
    dtype: str,
    steps: int,
    numbers: Mapping[str, Any],
    sizes: tuple[float, float] = (0.0, 1.0),
) -> Trial:
    """Return the inputs of an ordinary test: normal theta and gradients, from a seed.

    The gradients have a spread of a quarter of the largest, and are cut off there.
    """
    alpha, hyper = hypers(rule, {}, numbers)
    draw, fmt = np.random.default_rng(_SEED), formats.get(dtype)
    theta = nearest(draw.standard_normal(_ELEMENTS), fmt)
    grads = []
    for _ in range(steps):
        g = draw.standard_normal(_ELEMENTS) / _SPREADS * sizes[1]
        g = nearest(np.clip(g, -sizes[1], sizes[1]), fmt)
        grads.append((np.where(np.abs(g) < sizes[0], 0.0, g),))
    return Trial(
        name="ordinary",
        kind="core",
        says="Normal theta and gradients.",
        thetas=(theta,),
        grads=tuple(grads),
        hyper=hyper,
        alphas=(alpha,) * steps,
        states=({},),
        firsts=(1,),
    )


def as_document(trial: Trial, optimizer: str, dtype: str, dialect: Mapping[str, str]) -> Any:
    """Return inputs as `read_given` takes them."""
    alphas = trial.alphas if len(set(trial.alphas)) > 1 else trial.alphas[:1]
    tensors = []
    for i, theta in enumerate(trial.thetas):
        one: dict[str, Any] = {"t": trial.firsts[i], "theta": theta.ravel().tolist()}
        if trial.states[i]:
            one["state"] = {n: np.ravel(x).tolist() for n, x in trial.states[i].items()}
        steps = [step[i] for step in trial.grads]
        one["gradients"] = [None if g is None else np.ravel(g).tolist() for g in steps]
        tensors.append(one)
    return {
        "rule": optimizer,
        "dialect": dict(dialect),
        "dtype": dtype,
        "alpha": list(alphas),
        "hyperparameters": dict(trial.hyper),
        "steps": len(trial.grads),
        "tensors": tensors,
    }


def _listed(tensor: Mapping[str, Any]) -> Sequence[Any] | None:
    """Return the gradients of a tensor where they are listed."""
    gradients = tensor["gradients"]
    return gradients.get("listed") if isinstance(gradients, Mapping) else gradients


def _gradients(tensor: Mapping[str, Any], theta: Array, steps: int) -> list[Array | None]:
    listed = _listed(tensor)
    if listed is None:
        formula = tensor["gradients"]["drawn"]
        drawn = Drawn(formula["seed"], formula["low"], formula["span"])
        listed = drawn.gradients(steps, theta.size)
    return [None if g is None else _vector(g) for g in listed[:steps]]


def _vector(found: Any) -> Array:
    values = found["hex"] if isinstance(found, Mapping) else found
    return np.array([_number(x) for x in values], dtype=np.float64)


def _number(x: Any) -> float:
    if isinstance(x, Mapping):
        return read(x["hex"])
    if isinstance(x, str) and not x.lstrip("-").startswith("0x"):
        return float(x)
    return read(x) if isinstance(x, str) else float(x)
