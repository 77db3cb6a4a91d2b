"""The orders of operations in which a rule is carried out: edits that change no real number.

An order is a line written in another way: the same function of the same symbols over the reals, and
other roundings in a format. An average stands in one of four forms; what stands between the states
and theta is divided, multiplied by reciprocals, or has what all elements share drawn together. The
orders themselves are those of `adamref.bounds.orders`, about which the theorems on rounding are:
here the expressions of a rule's lines are put into them. A fused multiply-add loses less than the
product and the sum that it replaces, so that each order also stands for its fused forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, final

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, evaluate, sqrt

from adamref.bounds.operations import Operand, Operation, carry_out, over_the_reals
from adamref.bounds.orders import ORDERS, average_of_square
from adamref.bounds.orders import average as average_of
from adamref.rules import symbols
from adamref.rules.symbols import alpha, delta, theta_decayed, theta_prev, weight_decay

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

keep, taken = (Symbol(name, real=True) for name in ("kept_by_decay", "taken_by_decay"))

SHARED: Mapping[str, Expr] = {
    keep.name: 1 - alpha * weight_decay,
    taken.name: alpha * weight_decay,
}
"""What all elements share and is worked in float64 before it is rounded once, by its symbol."""

_state, _put_in = Operand("state"), Operand("put_in")
_AVERAGES = average_of(_state, _put_in)
_WEIGHT_FIRST = average_of_square(_state, _put_in)["weight-first"]

AVERAGE_ORDERS = ("beta", "lerp", "back", "weight-first")
"""Of an average: itself; x + w*(y - x), as Keras and PyTorch; y - (y - x)*b; (w*g)*g for w*g**2."""


def _put_into(order: Operation, given: Mapping[str, Expr]) -> Expr:
    """Return an order with expressions for its operands; nothing is simplified."""

    def held(operand: Operand) -> Expr:
        return given[operand.name] if operand.number is None else Integer(operand.number)

    with evaluate(False):
        found = carry_out(order, held, lambda done, of: over_the_reals(done.kind, of, sqrt))
        return found[order]


@final
@dataclass(frozen=True)
class Average:
    """A line ``rate*x_prev + (1 - rate)*put_in + rest``.

    Attributes
    ----------
    rate : sympy.Expr
        A symbol, but for states that are kept otherwise (`adamref.rules.stored`).
    state : Symbol
        x_prev.
    put_in, rest : sympy.Expr
        rest is 0 where there is none.
    line : sympy.Expr
        As it stands.
    """

    rate: Expr
    state: Symbol
    put_in: Expr
    rest: Expr
    line: Expr

    @property
    def root(self) -> Expr | None:
        """That of which the square is averaged; None if it is no square."""
        square = isinstance(self.put_in, Pow) and self.put_in.exp == 2
        return self.put_in.base if square else None

    def ordered(self, order: str) -> Expr:
        """Return the line in an order."""
        if order == "beta":
            return self.line
        given = {"b": self.rate, "w": 1 - self.rate, "state": self.state, "put_in": self.put_in}
        tree = _AVERAGES["beta" if order == "weight-first" else order]
        if order == "weight-first" and self.root is not None:
            tree, given = _WEIGHT_FIRST, given | {"put_in": self.root}
        with evaluate(False):
            made = _put_into(tree, given)
            return made if self.rest == 0 else made + self.rest


def _terms(expr: Expr) -> list[Expr]:
    """Return the terms of a sum, of one within the first place too: x + y + z is (x + y) + z."""
    if not isinstance(expr, Add):
        return [expr]
    return [*_terms(expr.args[0]), *expr.args[1:]]


@lru_cache(maxsize=4096)
def average(name: str, expr: Expr) -> Average | None:
    """Recognise a line that averages its own last value with something else."""
    # Also where a caller has switched evaluation off: what is found is kept for all.
    with evaluate(True):
        return _average(symbols.previous(name), _terms(expr), expr)


def _average(state: Symbol, terms: list[Expr], expr: Expr) -> Average | None:
    for kept in terms:
        if not (isinstance(kept, Mul) and len(kept.args) == 2 and state in kept.args):
            continue
        (rate,) = [x for x in kept.args if x != state] or [None]
        if rate is None or state in rate.free_symbols:
            continue
        others = [x for x in terms if x is not kept]
        for added in others:
            parts = added.args if isinstance(added, Mul) else ()
            weights = [x for x in parts if (x - (1 - rate)).expand() == 0]
            if not weights or state in added.free_symbols:
                continue
            put_in = Mul(*(x for x in parts if x is not weights[0]), evaluate=False)
            if len(parts) == 2:
                put_in = next(x for x in parts if x is not weights[0])
            rest = Add(*(x for x in others if x is not added))
            return None if state in rest.free_symbols else Average(rate, state, put_in, rest, expr)
    return None


@lru_cache(maxsize=1024)
def averages(rule: Rule, order: str) -> dict[str, Expr]:
    """Return the lines that are averages, in an order; what has none is left out."""
    found = {}
    for line in rule.lines:
        one = average(line.name, line.expr)
        made = None if one is None else one.ordered(order)
        if made is not None and (order == "beta" or made != line.expr):
            found[line.name] = symbols.interned(made)
    return found


@lru_cache(maxsize=1024)
def steps(rule: Rule) -> dict[str, dict[str, Expr]]:
    """Return the orders of what stands between the states and theta, by name.

    Each is the lines that differ from the rule's own. The first is the rule as it stands.
    """
    with evaluate(False):
        found: dict[str, dict[str, Expr]] = {}
        for (hats, lines), shape in product(_hats(rule), ORDERS["delta"]):
            made = dict(lines)
            parts = made.pop("parts", None) or _parts(rule)
            if parts is None:
                if shape != "size-first":
                    continue
            else:
                made["delta"] = _divided_by(shape, parts)
            for name, theta in _thetas(rule, parts, shape):
                lines_ = made | theta
                found[f"{hats}, {name}"] = {x: symbols.interned(y) for x, y in lines_.items()}
        return found


@lru_cache(maxsize=1024)
def every(rule: Rule) -> tuple[tuple[str, Expr], ...]:
    """Return every line of a rule in every order, each once, by the name of the line."""
    found = [(line.name, line.expr) for line in rule.lines]
    for order in AVERAGE_ORDERS:
        found += averages(rule, order).items()
    for lines in steps(rule).values() if "theta" in rule.fields else ():
        found += lines.items()
    return tuple(dict.fromkeys(found))


@final
@dataclass(frozen=True)
class _Parts:
    """A step ``-size*first/below``: what all elements share, what is divided, and by what."""

    size: Expr
    first: Expr
    below: Expr | None


def _divided_by(shape: str, x: _Parts) -> Expr:
    """Return a step as a product and a division in some order; reciprocals are of hardware."""
    if x.below is None:
        return -1 * (x.size * x.first)
    given = {"alpha": x.size, "m_hat": x.first, "denominator": x.below}
    return -1 * _put_into(ORDERS["delta"][shape], given)


def _parts(rule: Rule) -> _Parts | None:
    if "delta" not in rule.fields:
        return None
    factors = _factors(rule.line("delta").expr)
    if not any(x == -1 for x in factors):
        return None
    factors = [x for x in factors if x != -1]
    below = [x.base for x in factors if isinstance(x, Pow) and x.exp == -1]
    above = [x for x in factors if not (isinstance(x, Pow) and x.exp == -1)]
    shared = _shared(rule)
    size = [x for x in above if is_shared(x, shared)]
    first = [x for x in above if not is_shared(x, shared)]
    under = [x for x in below if not is_shared(x, shared)]
    if not size or not first or len(under) > 1:
        return None
    made = _times(size)
    for x in below:
        if is_shared(x, shared):
            made = made / x
    return _Parts(made, _times(first), under[0] if under else None)


def _factors(expr: Expr) -> list[Expr]:
    if isinstance(expr, Mul):
        return [y for x in expr.args for y in _factors(x)]
    return [expr]


def _times(factors: list[Expr]) -> Expr:
    made = factors[0]
    for x in factors[1:]:
        made = made * x
    return made


def _shared(rule: Rule) -> frozenset[str]:
    """Return the names of what all elements of a tensor share."""
    known = {*rule.defaults, "t", "size"}
    for line in rule.lines:
        own = line.name + symbols.PREVIOUS
        if line.initial is not None and is_shared(line.expr, frozenset({*known, own})):
            known |= {line.name, own}
    return frozenset(known)


def is_shared(expr: Expr, names: frozenset[str]) -> bool:
    """Say whether all elements share a value."""
    return all(x.name in names for x in expr.free_symbols)


def _divided(rule: Rule) -> dict[Symbol, tuple[Expr, Expr]]:
    """Return the lines ``x/c`` whose divisor all elements share: by symbol, x and c."""
    shared, found = _shared(rule), {}
    for line in rule.lines:
        factors = line.expr.args if isinstance(line.expr, Mul) else ()
        below = [x.base for x in factors if isinstance(x, Pow) and x.exp == -1]
        above = [x for x in factors if not (isinstance(x, Pow) and x.exp == -1)]
        if len(below) != 1 or len(above) != 1 or not is_shared(below[0], shared):
            continue
        if not is_shared(above[0], shared):
            found[symbols.current(line.name)] = above[0], below[0]
    return found


def _hats(rule: Rule) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ways to correct moments for their bias."""
    yield "plain", {}
    hats, parts = _divided(rule), _parts(rule)
    if hats:
        reciprocal = ORDERS["m_hat"]["reciprocal"]
        made = {
            str(x): _put_into(reciprocal, {"m": above, "c": c}) for x, (above, c) in hats.items()
        }
        yield "reciprocal", made
    if parts is None or parts.below is None or parts.first not in hats:
        return
    m, c1 = hats[parts.first]
    under = [x for x in parts.below.args if isinstance(x, Pow) and x.exp == Rational(1, 2)]
    if not (isinstance(parts.below, Add) and len(under) == 1 and under[0].base in hats):
        return
    v, c2 = hats[under[0].base]
    beside = Add(*(x for x in parts.below.args if x is not under[0]), evaluate=False)
    if len(parts.below.args) == 2:
        beside = next(x for x in parts.below.args if x is not under[0])
    size, below = ORDERS["step_size"], ORDERS["denominator"]
    given = {"alpha": parts.size, "c": c1, "s": sqrt(c2), "v": v, "eps": beside}
    of_v = given | {"v_hat": v, "eps": beside * sqrt(c2)}
    for name, shared, under_m, held in (
        ("root-divided", size["divided"], below["root-divided"], given),
        ("folded", size["efficient"], below["paper"], of_v),
    ):
        yield name, {"parts": _Parts(_put_into(shared, held), m, _put_into(under_m, held))}


def _pair(rule: Rule, parts: _Parts | None) -> list[Expr] | None:
    """Return the steps of the two terms that what is divided has, the last one first.

    So PyTorch's NAdam: it adds the gradient's step, and then the moment's.
    """
    if parts is None or parts.below is None or not isinstance(parts.first, Symbol):
        return None
    known = {line.name: line.expr for line in rule.lines}
    first = None if parts.first.name in rule.states else known.get(parts.first.name)
    if not isinstance(first, Add) or len(first.args) != 2:
        return None
    shared, made = _shared(rule), []
    for term in reversed(first.args):
        factors = _factors(term)
        own = [x for x in factors if not is_shared(x, shared)]
        if len(own) != 1:
            return None
        scale = _times([parts.size, *(x for x in factors if x is not own[0])])
        made.append(-1 * (scale * (own[0] / parts.below)))
    return made


def _thetas(rule: Rule, parts: _Parts | None, shape: str) -> Iterator[tuple[str, dict[str, Expr]]]:
    """Yield the ways to put a step and decoupled decay together."""
    theta = rule.line("theta").expr
    factor, pair = 1 - alpha * weight_decay, _pair(rule, parts)
    decayed = rule.line("theta_decayed").expr if "theta_decayed" in rule.fields else None
    for rate, kept, took in (
        (alpha * weight_decay, keep, taken),
        (weight_decay, 1 - weight_decay, weight_decay),
    ):
        if decayed != (1 - rate) * theta_prev:
            continue
        yield shape, {"theta_decayed": kept * theta_prev}
        yield f"{shape}, decay taken", {"theta_decayed": theta_prev - took * theta_prev}
        if pair is not None and shape == "quotient-first":
            apart = Add(theta_decayed, *pair, evaluate=False)
            yield "one by one", {"theta_decayed": kept * theta_prev, "theta": apart}
        if parts is None or parts.below is None or shape != "size-first":
            return
        inner = parts.first / parts.below
        both = parts.size * inner + rate * theta_prev
        yield "decay added to the step", {"theta": theta_prev - both}
        if parts.size == alpha and rate != weight_decay:
            both = alpha * (inner + weight_decay * theta_prev)
            yield "decay added to the ratio", {"theta": theta_prev - both}
        return
    if pair is not None and shape == "quotient-first" and delta in theta.args:
        rest = [x for x in theta.args if x != delta]
        yield "one by one", {"theta": Add(*rest, *pair, evaluate=False)}
    moved = theta_prev + delta
    if theta == factor * moved:
        yield shape, {"theta": keep * moved}
        yield f"{shape}, decay taken", {"theta": moved - taken * moved}
        return
    yield shape, {}
