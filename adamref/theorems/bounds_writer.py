"""Writes `adamref.bounds.generated`: run ``python -m adamref.theorems.bounds_writer``.

The formulas are the right-hand sides of theorems. The file names the checksum of the statements
that it came from; a test writes it again.
"""

from __future__ import annotations

import hashlib
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sympy import Abs, Function, Sum, Symbol, pycode, srepr

from adamref.theorems.library import PROOFS
from adamref.theorems.rounded import a, x, y
from adamref.theorems.symbols import beta1

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sympy import Expr

    from adamref.theorems.record import Theorem

CHAPTERS = (
    "rounding_of_operations",
    "rounding",
    "rounding_of_v",
    "rounding_of_steps",
    "rounding_stored",
    "rounding_over_steps",
    "rounding_any_order",
    "rounding_gradient",
    "moments_apart",
)
_WIDTH = 100
TARGET = Path(__file__).parent.parent / "bounds" / "generated.py"

_HEAD = '''"""What rounded operations do to errors, written from the theorems.

Do not edit: the formulas are those of theorems, by id. Change them there, and write this file
again: ``python -m adamref.theorems.bounds_writer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array

CHECKSUM = "{checksum}"
"""SHA-256 of the statements of the theorems on rounding, and on moments apart."""'''


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
    return "\n\n\n".join([_HEAD.format(checksum=checksum()), *_formulas()]) + "\n"


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
    for field, second in (("m", gradient), ("v", gradient**2)):
        limit = known[f"rounding-any-order-{field}-beta"].statement.claim.args[1]
        size_of_v = {second: y, Abs(gradient): Symbol("g_size", real=True)}
        named = {Abs(Symbol(field, real=True)): x}
        named |= {Abs(gradient): y} if field == "m" else size_of_v
        names = ("x", "y", "u", "eta") + (("g_size",) if field == "v" else ())
        name = f"rounding-any-order-{field}-beta"
        yield _formula(f"of_{field}_in_any_order", name, limit.subs(named), names)
    limit = known["rounding-gradient"].statement.claim.args[1]
    part, lost, share = (Symbol(name, real=True) for name in ("S", "R", "share"))
    named = {Abs(Symbol("G", real=True)): x, part: a, lost: share, w: y}
    yield _formula("of_gradient", "rounding-gradient", limit.subs(named), ("x", "a", "share", "y"))
    _first, second = known["moments-apart"].statement.claim.args
    (powers,) = second.atoms(Sum)
    (later,) = (part for part in second.args if part.func == Function("V", real=True))
    ours = second.subs({powers: Symbol("powers", real=True), later: y})
    named = {Symbol("W", real=True): Symbol("w", real=True), Symbol("P", real=True): Symbol("p")}
    yield _formula("most_of_first", "moments-apart", ours.subs(named), ("y", "w", "p", "powers"))


_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "after_rounding": ("x", "a", "r", "s"),
    "of_product": ("x", "a", "y", "b"),
    "of_sum": ("a", "b"),
    "of_root": ("x", "a"),
    "of_small_root": ("a",),
    "of_quotient": ("ratio", "a", "y", "b"),
}
_SCALARS = {"r", "s", "b_off", "w_off", "u", "eta", "w_size", "w", "p", "powers"}


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
        f"def {name}({signature}) -> Array:\n"
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


def main() -> None:
    """Write the file."""
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET}\n")


if __name__ == "__main__":
    main()
