"""How accurate: `adamref.fast` beside torch and optax, each held against the exact step.

``python -m benchmarks.accuracy`` prints a table; what is not installed is left out, and named. One
step is taken from a state in the middle of training, and every element is compared with the exact
one: the greatest error in ulps (`scales` says of what), and the share of correctly rounded ones.
(In float64 the exact numbers are themselves rounded: half an ulp may be missing.)
"""

from __future__ import annotations

from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from adamref import exact_step, fast
from benchmarks.inputs import HYPERS, SEED, STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

ELEMENTS = 100_000
_FLOATS = {name: float(x) for name, x in HYPERS.items()}
_FIELDS = ("theta", "m", "v")


def state(dtype: str) -> dict[str, NDArray[Any]]:
    """Draw theta of the size of a step's sum, gradients, and moments like them."""
    rng = np.random.default_rng(SEED)
    drawn = {
        "theta": rng.standard_normal(ELEMENTS) * 0.05,
        "grad": rng.standard_normal(ELEMENTS),
        "m": rng.standard_normal(ELEMENTS) * 0.3,
        "v": rng.standard_normal(ELEMENTS) ** 2 * 0.1,
    }
    return {name: x.astype(dtype) for name, x in drawn.items()}


def with_fast(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Take the step with adamref.fast."""
    before = {"t": STEP - 1, "m": arrays["m"], "v": arrays["v"]}
    names = {"alpha": "lr"}
    hyper = {names.get(n, n): x for n, x in _FLOATS.items()}
    theta, after = fast.adam_step(arrays["theta"], arrays["grad"], before, **hyper)
    return {"theta": theta, "m": after["m"], "v": after["v"]}


def with_torch(arrays: Arrays, **kind: bool) -> dict[str, NDArray[Any]]:
    """Take the step with torch.optim.Adam."""
    import torch

    held = {name: torch.from_numpy(x.copy()) for name, x in arrays.items()}
    theta = torch.nn.Parameter(held["theta"])
    theta.grad = held["grad"]
    betas = _FLOATS["beta1"], _FLOATS["beta2"]
    optimizer = torch.optim.Adam([theta], _FLOATS["alpha"], betas, _FLOATS["eps"], **kind)
    optimizer.state[theta] = {
        "step": torch.tensor(float(STEP - 1)),
        "exp_avg": held["m"],
        "exp_avg_sq": held["v"],
    }
    optimizer.step()
    return {"theta": theta.detach().numpy(), "m": held["m"].numpy(), "v": held["v"].numpy()}


def with_optax(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Take the step with optax.adam, in 64 bits where the arrays have them."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    optimizer = optax.adam(_FLOATS["alpha"], _FLOATS["beta1"], _FLOATS["beta2"], _FLOATS["eps"])
    theta = jax.numpy.asarray(arrays["theta"])
    fresh = optimizer.init(theta)
    moments = {name: jax.numpy.asarray(arrays[name]) for name in ("m", "v")}
    count = jax.numpy.asarray(STEP - 1, dtype="int32")
    before = (fresh[0]._replace(count=count, mu=moments["m"], nu=moments["v"]), *fresh[1:])
    updates, after = optimizer.update(jax.numpy.asarray(arrays["grad"]), before, theta)
    found = {"theta": optax.apply_updates(theta, updates), "m": after[0].mu, "v": after[0].nu}
    return {name: np.asarray(x) for name, x in found.items()}


CONTENDERS: dict[str, tuple[str, Callable[[Arrays], dict[str, NDArray[Any]]]]] = {
    "adamref.fast": ("numpy", with_fast),
    "torch fused": ("torch", lambda arrays: with_torch(arrays, fused=True)),
    "torch for-loop": ("torch", lambda arrays: with_torch(arrays, foreach=False)),
    "optax": ("optax", with_optax),
}


def scales(arrays: Arrays, right: Arrays) -> dict[str, NDArray[np.float64]]:
    """Return a unit in the last place for each element of each field.

    Of theta that of the larger one of before and after; of m that of ``|beta1 m| + |(1-beta1) g|``,
    since what cancels takes its error along, however right each operation is; of v its own.
    """
    kept = np.abs(_FLOATS["beta1"] * arrays["m"]) + np.abs((1 - _FLOATS["beta1"]) * arrays["grad"])
    sizes = {
        "theta": np.maximum(np.abs(arrays["theta"]), np.abs(right["theta"])),
        "m": kept.astype(right["m"].dtype),
        "v": right["v"],
    }
    return {name: np.spacing(x).astype(np.float64) for name, x in sizes.items()}


def table(dtype: str) -> list[list[str]]:
    """Measure all that are installed, for one dtype."""
    arrays = state(dtype)
    names = {"alpha": "lr"}
    hyper = {names.get(n, n): Fraction(x) for n, x in _FLOATS.items()}
    right = exact_step(**arrays, t=STEP, **hyper)._asdict()
    # The same numbers in float64, where float32 has 29 bits less to tell of the real ones.
    real = exact_step(**{n: x.astype(np.float64) for n, x in arrays.items()}, t=STEP, **hyper)
    units = scales(arrays, right)
    rows = []
    for name, (package, work) in CONTENDERS.items():
        if find_spec(package) is None:
            rows.append([f"{name} (not installed)", dtype, *[""] * len(_FIELDS)])
            continue
        found = work(arrays)
        cells = []
        for field in _FIELDS:
            off = np.abs(found[field].astype(np.float64) - getattr(real, field)) / units[field]
            share = float((found[field] == right[field]).mean())
            cells.append(f"{off.max():.2f} ulp, {share:.1%}")
        rows.append([name, dtype, *cells])
    return rows


@click.command()
def main() -> None:
    """Print the greatest error of a step, and the share of correctly rounded results."""
    click.echo(f"{ELEMENTS:,} elements, step {STEP}, the published defaults")
    head = ["", "dtype", *_FIELDS]
    body = [row for dtype in ("float32", "float64") for row in table(dtype)]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    for row in (head, ["-" * width for width in widths], *body):
        click.echo("| " + " | ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)) + " |")


if __name__ == "__main__":
    main()
