"""Writes `adamref.bounds.generated`: run ``python -m adamref.theorems.bounds_writer``.

The formulas are the right-hand sides of theorems, the functions the orders of operations, line by
line. The file names the checksum of the statements that it came from; a test writes it again.
"""

from __future__ import annotations

import hashlib
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sympy import Abs, Symbol, pycode, srepr

from adamref.theorems.library import PROOFS
from adamref.theorems.operations import Operand, Operation, operands, operations
from adamref.theorems.orders import ORDERS
from adamref.theorems.rounded import a, x, y
from adamref.theorems.symbols import beta1

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sympy import Expr

    from adamref.theorems.operations import Value
    from adamref.theorems.record import Theorem

CHAPTERS = (
    "rounding_of_operations",
    "rounding",
    "rounding_of_v",
    "rounding_of_steps",
    "rounding_stored",
    "rounding_over_steps",
)
_WIDTH = 100
TARGET = Path(__file__).parent.parent / "bounds" / "generated.py"

_HEAD = '''"""Error bounds of every order of operations, written from the theorems.

Do not edit: the formulas are those of theorems, by id. Change them there, and write this file
again: ``python -m adamref.theorems.bounds_writer``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.bounds.arithmetic import Arithmetic, Array, Bounded

CHECKSUM = "{checksum}"
"""SHA-256 of the statements of the theorems in proofs/rounding*.py."""'''


def theorems() -> tuple[Theorem, ...]:
    """Return the theorems that the bounds rest on."""
    found: list[Theorem] = []
    for chapter in CHAPTERS:
        found += import_module(f"{PROOFS}.{chapter}").THEOREMS
    return tuple(found)


def checksum() -> str:
    """Return the SHA-256 of what the theorems say."""
    digest = hashlib.sha256()
    for theorem in theorems():
        said = (theorem.statement.claim, *theorem.statement.domain)
        for relation in said:
            digest.update(f"{theorem.id}: {srepr(relation)}\n".encode())
        for name, supposed in theorem.statement.hypotheses.items():
            digest.update(f"{theorem.id}, {name}: {srepr(supposed.relation)}\n".encode())
    return digest.hexdigest()


def text() -> str:
    """Return the whole file."""
    parts = [_HEAD.format(checksum=checksum()), *_formulas()]
    for field, orders in ORDERS.items():
        parts += [_function(field, name, order) for name, order in orders.items()]
    return "\n\n\n".join([*parts, _table()])


def _formulas() -> Iterator[str]:
    """Yield a function for the right-hand side of each theorem that the arithmetic applies."""
    known = {theorem.id: theorem for theorem in theorems()}
    size, other = {Abs(x): x}, {Abs(y): y}
    ratio = Symbol("ratio", real=True)
    for name, theorem, meaning in (
        ("after_rounding", "rounding", size),
        ("of_product", "rounding-product", {**size, **other}),
        ("of_sum", "rounding-sum", {}),
        ("of_root", "rounding-root", {}),
        ("of_small_root", "rounding-root-near-zero", {}),
        ("of_quotient", "rounding-quotient", {Abs(x / y): ratio, **other}),
    ):
        bound = known[theorem].statement.claim.args[1].subs(meaning)
        yield _formula(name, theorem, bound, _PARAMETERS[name])
    stored = known["rounding-stored-coefficients-m"].statement.claim.args[1]
    b, w, state, gradient, limit = (Symbol(n, real=True) for n in ("b", "w", "m", "g", "B"))
    named = {
        Abs(b - beta1): Symbol("b_off", real=True),
        Abs(w - (1 - beta1)): Symbol("w_off", real=True),
        Abs(state): x,
        Abs(gradient): y,
        limit: a,
    }
    yield _formula(
        "with_stored_coefficients",
        "rounding-stored-coefficients-m",
        stored.subs(named),
        ("x", "y", "a", "b_off", "w_off"),
    )
    for field, second in (("m", gradient), ("v", gradient**2)):
        products = {
            Abs(b * Symbol(field, real=True)): Symbol("kept", real=True),
            Abs(w * second): Symbol("taken", real=True),
            w * second: Symbol("taken", real=True),
            Abs(w): Symbol("w_size", real=True),
        }
        limit = known[f"rounding-{field}-beta"].statement.claim.args[1].subs(products)
        names = ("kept", "taken", "u", "eta") + (("w_size",) if field == "v" else ())
        yield _formula(f"of_{field}_in_beta_form", f"rounding-{field}-beta", limit, names)


_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "after_rounding": ("x", "a", "r", "s"),
    "of_product": ("x", "a", "y", "b"),
    "of_sum": ("a", "b"),
    "of_root": ("x", "a"),
    "of_small_root": ("a",),
    "of_quotient": ("ratio", "a", "y", "b"),
}
_SCALARS = {"r", "s", "b_off", "w_off", "u", "eta", "w_size"}


def _formula(name: str, theorem: str, bound: Expr, parameters: tuple[str, ...]) -> str:
    signature = ", ".join(
        f"{parameter}: {'float' if parameter in _SCALARS else 'Array'}" for parameter in parameters
    )
    free = {symbol.name for symbol in bound.free_symbols}
    assert free == set(parameters), (name, free)
    printed = pycode(bound, fully_qualified_modules=False).replace("math.", "")
    printed = printed.replace("sqrt(", "np.sqrt(").replace("/", " / ")
    printed = printed.replace("**", "^").replace("*", " * ").replace("^", "**")
    return (
        f"{_signature(name, signature, 'Array')}\n"
        f'    """Return the bound of theorem {theorem}."""\n'
        f"{_assigned(printed)}\n"
        "    return limit"
    )


def _assigned(printed: str) -> str:
    """Return the line with a formula, broken at its sums as the formatter breaks it."""
    line = f"    limit: Array = {printed}"
    if len(line) <= _WIDTH:
        return line
    broken, depth = "", 0
    for at, character in enumerate(printed):
        depth += {"(": 1, ")": -1}.get(character, 0)
        splits = depth == 0 and printed[at : at + 3] == " + "
        broken += "\n       " if splits else ""
        broken += character
    return f"    limit: Array = (\n        {broken}\n    )"


def _signature(name: str, parameters: str, returns: str) -> str:
    """Return the first line of a function, broken as the formatter breaks it."""
    line = f"def {name}({parameters}) -> {returns}:"
    if len(line) <= _WIDTH:
        return line
    return f"def {name}(\n    {parameters}\n) -> {returns}:"


def _identifier(*names: str) -> str:
    return "_".join(name.replace("-", "_") for name in names)


def _function(field: str, name: str, order: Operation) -> str:
    """Return an order of operations as a function, a line for each operation."""
    inputs = sorted(part.name for part in operands(order) if not part.name.isdigit())
    names: dict[Value, str] = {}
    lines = []
    for part in operands(order):
        constant = _CONSTANTS.get(part.name)
        names[part] = part.name if constant is None else f"a.{constant}"
    steps = operations(order)
    for number, operation in enumerate(steps, 1):
        called = f"a.{operation.kind}({', '.join(names[part] for part in operation.of)})"
        names[operation] = f"x{number}"
        lines.append(f"    x{number} = {called}" if operation != order else f"    return {called}")
    signature = ", ".join(f"{part}: Bounded" for part in inputs)
    return (
        f"{_signature(_identifier(field, name), f'a: Arithmetic, {signature}', 'Bounded')}\n"
        f'    """Return {field}, worked as {written(order)}."""\n' + "\n".join(lines)
    )


def written(value: Value) -> str:
    """Write an order of operations, for people."""
    if isinstance(value, Operand):
        return value.name
    assert isinstance(value, Operation)
    parts = [written(part) for part in value.of]
    sign = {"product": "*", "sum": "+", "difference": "-", "quotient": "/"}.get(value.kind)
    if sign is None:
        return f"{value.kind}({', '.join(parts)})"
    inner = [
        f"({part})" if isinstance(v, Operation) and v.kind in _INFIX else part
        for v, part in zip(value.of, parts, strict=True)
    ]
    return f"{inner[0]} {sign} {inner[1]}"


_CONSTANTS = {"1": "one"}
_INFIX = {"product", "sum", "difference", "quotient"}


def _table() -> str:
    rows = []
    for field, orders in ORDERS.items():
        inner = "".join(
            f'                "{name}": {_identifier(field, name)},\n' for name in orders
        )
        rows.append(
            f'        "{field}": MappingProxyType(\n'
            f"            {{\n{inner}            }}\n        ),\n"
        )
    return (
        "ORDERS: Mapping[str, Mapping[str, Callable[..., Bounded]]] = MappingProxyType(\n    {\n"
        + "".join(rows)
        + "    }\n)\n"
        '"""By field and order."""\n'
    )


def main() -> None:
    """Write the file."""
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET}\n")


if __name__ == "__main__":
    main()
