"""Formulas of lines: with all that was not shown put in, and as they are written in a report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sympy import Add, Expr, Integer, Max, Min, Mul, Pow, Rational, Symbol, evaluate
from sympy.core.function import AppliedUndef

from adamref.rules.notation import TEXT, render, symbolic_names
from adamref.rules.symbols import PREVIOUS
from adamref.solving.constants import law
from adamref.solving.inversion import rate_of
from adamref.solving.whole import twice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.solving.solution import Solution


def said_of(one: Solution) -> tuple[str, str]:
    """Say what a number that varies is of what, and what stands there in place of what."""
    more = ""
    if one.by:
        # Of a step at which several numbers give the same nothing is told.
        told = {t: x for t, x in one.numbers.items() if one.room[t] < math.inf}
        form = law(told, one.room) if one.by == "step" else None
        first = list(one.numbers.items())[:4]
        shown = ", ".join(f"{x:.6g}" for _, x in first)
        if one.by == "step" and [t for t, _ in first] != [1, 2, 3, 4]:
            shown += " at t = " + ", ".join(f"{t:g}" for t, _ in first)
        if one.by == "place":
            shown += " in the tensors j = " + ", ".join(f"{t:g}" for t, _ in first)
        left = ", …" if len(one.numbers) > len(first) else ""
        more = f", c(t) = {form}" if form else f", c = {shown}{left}"
        if one.so_far is not None:
            until = "before this one" if one.so_far.back else "so far"
            more = f", c = the product of {written(one.so_far.factor)} over the steps {until}"
    old, new = one.old, one.new
    if isinstance(new, AppliedUndef):
        name = new.func.__name__
        done = "cut off to" if name.startswith("cut_") else "rounded to"
        return more, f"{written(old)} is {done} {name.removeprefix('cut_')}"
    if new == 1:
        each = any(x.name == "β" for x in old.free_symbols)
        left_out = "left out of every correction" if each else "not multiplied in"
        return more, f"{written(old)} is {left_out}"
    if isinstance(new, Rational) and new != 0:
        return more, f"{_number(new)} stands for {written(old)}"
    if new == 0:
        return more, f"{written(old)} is missing"
    if isinstance(new, Symbol) and new.name.endswith(PREVIOUS) and not one.place:
        return more, f"{written(new)} is kept: the line is not carried out"
    if not one.place and any(new == twice(old, x) for x in old.free_symbols):
        return more, "the line is carried out twice"
    if isinstance(new, Mul) and len(new.args) == 2 and old in new.args:
        (by,) = [x for x in new.args if x != old] or [old]
        times = _number(by) if isinstance(by, Rational) else written(by)
        return more, f"{written(old)} is multiplied by {times}{more}"
    if isinstance(new, Add) and len(new.args) == 2 and old in new.args:
        (by,) = [x for x in new.args if x != old] or [old]
        return more, f"{written(by)} is added to {written(old)}{more}"
    return more, f"{written(new)} stands for {written(old)}{more}"


def _number(x: Rational) -> str:
    """Write a number; a small power of two as what it is."""
    if x.p == 1 and x.q >= 16 and x.q & (x.q - 1) == 0:
        return f"1/{x.q} (2^-{x.q.bit_length() - 1})"
    return written(x)


def written(expr: Expr) -> str:
    """Write a formula in Unicode, as the rule's lines are; without what is nothing in it."""
    return str(render(_tidied(expr), _names, TEXT))


def _tidied(expr: Expr) -> Expr:
    """Leave out zeros in sums and ones in products, and products with a zero; add up counts."""
    if isinstance(expr, Add | Mul) and all(isinstance(x, Integer) for x in expr.atoms()):
        with evaluate(True):
            return expr.doit()
    if not isinstance(expr, Add | Mul | Pow | Max | Min) or rate_of(expr) is not None:
        return expr
    args = [_tidied(x) for x in expr.args]
    if isinstance(expr, Mul) and 0 in args:
        return Integer(0)
    nothing = {Add: 0, Mul: 1}.get(expr.func)
    args = [x for x in args if x != nothing] if nothing is not None else args
    if len(args) < 2:
        return args[0] if args else Integer(nothing)
    with evaluate(False):
        return expr.func(*args)


def _names(symbol: Symbol) -> tuple[str, int]:
    if symbol.name in _OWN:
        return _OWN[symbol.name], 4
    return symbolic_names(TEXT)(symbol)


_OWN = {
    "g_last": "gₜ₋₁",
    "g_before": "g[i-1]",
    "g_next": "g[i+1]",
    "norm": "‖g‖",
    "norm_all": "‖all g‖",
    "mean_g": "mean(g)",
    "mean_size": "mean|g|",
    "size": "n",
    "norm_step": "‖Δ/α‖",
    "rms_step": "rms(Δ/α)",
    "most_step": "max(1, rms(Δ/α))",
    "most_norm_step": "max(1, ‖Δ/α‖)",
    "norm_theta": "‖θ‖",
    "trust": "(‖θ‖/‖Δ/α‖)",
    "alpha_first": "α₁",
    "alpha_last": "αₜ₋₁",
    "theta_first": "θ₀",
    "theta_earlier": "θₜ₋₂",
    "by_step": "c(t)",
    "by_tensor": "c(tensor)",
    "by_place": "c(j)",
    "by_trial": "c(run)",
}
"""How what a rule has no symbol for is written."""


def whole(lines: Mapping[str, Expr], name: str, shown: frozenset[str]) -> Expr:
    """Return a line with all that was not shown put into it."""
    expr = lines[name]
    with evaluate(False):
        while True:
            inner = {
                x: lines[x.name]
                for x in expr.free_symbols
                if x.name in lines and x.name not in shown and x.name != name
            }
            if not inner:
                return expr
            expr = expr.xreplace(inner)


def spread(expr: Expr) -> Expr:
    """Return a formula with ``(1 - a)*x`` as ``x - a*x``: what is taken from x is one thing."""
    if not expr.args:
        return expr
    with evaluate(False):
        args = [spread(x) for x in expr.args]
        made = expr.func(*args)
        if not isinstance(made, Mul) or len(args) != 2:
            return made
        for i, x in enumerate(args):
            if isinstance(x, Add) and len(x.args) == 2 and rate_of(x) is None and 1 in x.args:
                (rest,) = [y for y in x.args if y != 1] or [None]
                if rest is not None:
                    return args[1 - i] + rest * args[1 - i]
        return made
