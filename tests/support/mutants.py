"""Steps with one thing wrong at random: an edit of the source of a right one.

The edits know no catalogue: an operator, an operand, a number or a function is exchanged, something
is left out, or all of that on some rows alone.
"""

from __future__ import annotations

import ast
import copy
import random
from dataclasses import dataclass

import numpy as np

RIGHT = """
def step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t, m_last, v_last = s["t"] + 1, s["m"], s["v"]
    m = beta1 * m_last + (1 - beta1) * grad
    v = beta2 * v_last + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    kept = theta - lr * weight_decay * theta
    new = kept - lr * m_hat / (np.sqrt(v_hat) + eps)
    kind = theta.dtype
    return new.astype(kind), {"m": m.astype(kind), "v": v.astype(kind), "t": t}
"""
"""AdamW as its paper has it."""

LINES = ("m", "v", "m_hat", "v_hat", "kept", "new")
"""What is edited: the lines that define these."""

_ARRAYS = ("theta", "grad", "m_last", "v_last", "m", "v", "m_hat", "v_hat", "kept")
_NUMBERS = ("lr", "beta1", "beta2", "eps", "weight_decay", "t")
_CONSTANTS = (2.0, 0.5, 8.0, 0.1, 0.75, 3.0)
_CONDITIONS = (
    "t == 1", "t > 2", "t % 2 == 0", "np.arange(theta.size).reshape(theta.shape) >= 4",
    "np.arange(theta.size).reshape(theta.shape) % 2 == 1", "grad < 0", "np.abs(grad) > 1",
    "theta > 0", "theta.ndim == 1",
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A step with one thing wrong.

    Attributes
    ----------
    line : str
        Of the lines above, the one that is edited.
    source : str
        Of the whole function.
    says : str
        The line as it stands now.
    """

    line: str
    source: str
    says: str

    @property
    def step(self):
        """The function."""
        return _run(self.source)


def _run(source):
    known = {"np": np}
    exec(compile(source, "step", "exec"), known)
    return known["step"]


RIGHT_STEP = _run(RIGHT)
"""The right one."""


def mutant(seed):
    """Return the mutant of a number: the same for the same number."""
    chance = random.Random(seed)
    tree = ast.parse(RIGHT)
    body = tree.body[0].body
    lines = {
        line.targets[0].id: line
        for line in body
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
    }
    name = chance.choice(LINES)
    line = lines[name]
    right = copy.deepcopy(line.value)
    known = [x for x in _ARRAYS if x not in LINES or LINES.index(x) < LINES.index(name)]
    line.value = _edited(chance, line.value, known)
    if chance.random() < 0.3:
        where = ast.parse(chance.choice(_CONDITIONS), mode="eval").body
        choose = ast.parse("np.where(a, b, c)", mode="eval").body
        choose.args = [where, line.value, right]
        line.value = choose
    ast.fix_missing_locations(tree)
    return Mutant(name, ast.unparse(tree), ast.unparse(line))


def _edited(chance, expr, known):
    """Edit one place of an expression."""
    places = [x for x in ast.walk(expr) if isinstance(x, ast.BinOp | ast.Name | ast.Constant)]
    places = [x for x in places if not (isinstance(x, ast.Name) and x.id == "np")]
    place = chance.choice(places)
    new = _other(chance, copy.deepcopy(place), known)

    class Put(ast.NodeTransformer):
        def visit(self, node):
            return new if node is place else self.generic_visit(node)

    return Put().visit(expr)


def _other(chance, x, known):
    """Return something else for a place."""
    ways = [_times, _rooted, _negated]
    if isinstance(x, ast.BinOp):
        ways += [_operator, _operator, _left_out, _left_out, _exchanged]
    else:
        ways += [_variable, _variable, _variable]
    if isinstance(x, ast.Constant):
        ways += [_constant, _constant]
    return chance.choice(ways)(chance, x, known)


def _operator(chance, x, known):
    del known
    kinds = [k for k in (ast.Add, ast.Sub, ast.Mult, ast.Div) if not isinstance(x.op, k)]
    x.op = chance.choice(kinds)()
    return x


def _left_out(chance, x, known):
    del known
    return chance.choice([x.left, x.right])


def _exchanged(chance, x, known):
    del chance, known
    x.left, x.right = x.right, x.left
    return x


def _variable(chance, x, known):
    own = getattr(x, "id", None)
    among = [*known, *_NUMBERS] if own in (*_ARRAYS, *LINES) else [*_NUMBERS, *known]
    return ast.Name(chance.choice([n for n in among if n != own]), ast.Load())


def _constant(chance, x, known):
    del known
    return ast.Constant(chance.choice([c for c in (0, *_CONSTANTS) if c != x.value]))


def _times(chance, x, known):
    del known
    return ast.BinOp(ast.Constant(chance.choice(_CONSTANTS)), ast.Mult(), x)


def _rooted(chance, x, known):
    del known
    name = chance.choice(["sqrt", "abs", "square"])
    inside = ast.parse(f"np.{name}(x)", mode="eval").body
    inside.args = [x]
    return inside


def _negated(chance, x, known):
    del chance, known
    return ast.UnaryOp(ast.USub(), x)
