"""The two moments: what is averaged, with which weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from sympy import Abs, Expr, Integer, Max, Rational, Symbol, evaluate

from adamref.faults.edits import averaging, either, exchanging, parts, replacing
from adamref.faults.fault import Edit, Fault, Parameter
from adamref.faults.inputs import Inputs, Rows, groups
from adamref.rules.symbols import alpha, beta1, beta2, m, m_prev, t, v, v_prev

if TYPE_CHECKING:
    from adamref.rules.orders import Average


def _new(what: Callable[[Average], Expr | None]) -> Callable[[Average], Expr | None]:
    """Average something else."""

    def made(a: Average) -> Expr | None:
        averaged = what(a)
        return None if averaged is None else a.rate * a.state + (1 - a.rate) * averaged

    return made


def _root(make: Callable[[Average, Expr], Expr]) -> Callable[[Average], Expr | None]:
    return lambda a: None if a.root is None else make(a, a.root)


def _with(beta: Symbol) -> Callable[[Average], Expr]:
    return lambda a: beta * a.state + (1 - beta) * a.put_in


def _weights() -> Iterator[Fault]:
    blocks, boltzmann = "mila-iqia/blocks#1159", "dngfra/Restricted-Boltzmann-Machines#2"
    for name, b, other, o, square, before in (
        ("m", "beta1", beta2, "beta2", "g", m_prev),
        ("v", "beta2", beta1, "beta1", "g**2", v_prev),
    ):
        small = name == "v"
        with evaluate(False):
            past = (beta2 if small else beta1) * before  # heavy-ball's m has no 1 - beta1 beside it
        yield Fault(
            f"{name}-without-complement",
            f"the factor 1 - {b} is left out of {name}",
            f"{name} is too large by 1/(1 - {b}) and the step "
            + ("too small" if small else "by a constant factor"),
            averaging(name, lambda a: a.rate * a.state + a.put_in),
        )
        yield Fault(
            f"{name}-decay-and-complement-swapped",
            f"{b} and 1 - {b} are exchanged in {name}",
            f"{name} forgets nearly all of its past",
            averaging(name, lambda a: (1 - a.rate) * a.state + a.rate * a.put_in),
            seen_in=blocks,
        )
        yield Fault(
            f"{name}-with-{o}",
            f"{o} is used in place of {b} in {name}",
            f"{name} decays with the rate of {'m' if small else 'v'}",
            averaging(name, _with(other)),
        )
        yield Fault(
            f"{name}-forgets-its-past",
            f"the term {b}*{name}[t-1] is left out",
            "right at the first step, wrong from the second on",
            either(
                averaging(name, lambda a: (1 - a.rate) * a.put_in),
                exchanging({past: Integer(0)}, name),
            ),
            seen_in=boltzmann,
        )
        yield Fault(
            f"{name}-past-undecayed",
            f"the previous {name} is not multiplied by {b}",
            f"right at the first step, then {name} grows",
            either(
                averaging(name, lambda a: a.state + (1 - a.rate) * a.put_in),
                exchanging({past: before}, name),
            ),
        )
        yield Fault(
            f"{name}-gradient-subtracted",
            f"(1 - {b})*{square} is subtracted instead of added",
            "v is negative, and theta NaN" if small else "m has the wrong sign, and theta climbs",
            averaging(name, lambda a: a.rate * a.state + -1 * ((1 - a.rate) * a.put_in)),
        )


def _squares() -> tuple[Fault, ...]:
    optax = "google-deepmind/optax#1716 (in a relative)"
    return (
        Fault("v-without-square", "the gradient is not squared",
              "v has the wrong size, and the wrong sign for negative g",
              averaging("v", _new(lambda a: a.root))),
        Fault("v-complement-squared", "1 - beta2 is squared together with g",
              "v is too small by 1 - beta2",
              averaging("v", _root(lambda a, g: a.rate * a.state + ((1 - a.rate) * g) ** 2)),
              seen_in="mdenil/dropout#4 (in SGD)"),
        Fault("v-of-m", "m is squared in place of g", "v is too small: m averages signs away",
              averaging("v", _new(lambda _: m**2))),
        Fault("m-of-square", "the gradient is squared, which belongs to v", "m has no sign",
              averaging("m", _new(lambda a: a.put_in**2))),
        Fault("m-used-before-update", "the step uses m of the step before",
              "the first step is zero, every other one comes late",
              exchanging({m: m_prev}, *_AFTER),
              seen_in="google-deepmind/optax#1716 (of v, in a relative)"),
        Fault("v-used-before-update", "the step uses v of the step before",
              "the first step divides by epsilon alone", exchanging({v: v_prev}, *_AFTER),
              seen_in="google-deepmind/optax#1716 (on purpose, in a relative)"),
        Fault("nesterov-unannounced", "m_hat looks ahead: (beta1*m + (1 - beta1)*g)/(1 - beta1**t)",
              _NADAM,
              _ahead(lambda g: (beta1 * m + (1 - beta1) * g) / (1 - beta1**t))),
        Fault("nesterov-with-two-corrections",
              "m_hat looks ahead: beta1*m/(1 - beta1**(t+1)) + (1 - beta1)*g/(1 - beta1**t)",
              _NADAM,
              _ahead(lambda g: beta1 * m / (1 - beta1 ** (t + 1))
                     + (1 - beta1) * g / (1 - beta1**t))),
        Fault("v-centred", "v averages (g - m)**2, as AdaBelief has it",
              "steady gradients make v vanish and the steps huge",
              averaging("v", _root(lambda a, g: a.rate * a.state
                                   + (1 - a.rate) * (g + -1 * m) ** 2)),
              seen_in="UselessToys/Ecosystem_WebUI#383 (its kin)"),
        Fault("v-centred-on-old-m", "v averages (g - m)**2 with m of the step before",
              "the first step is right",
              averaging("v", _root(lambda a, g: a.rate * a.state
                                   + (1 - a.rate) * (g + -1 * m_prev) ** 2)), seen_in=optax),
        Fault("v-of-magnitude", "v averages |g| instead of its square",
              "the step goes as sqrt(|g|)",
              averaging("v", _root(lambda a, g: a.rate * a.state + (1 - a.rate) * Abs(g)))),
        Fault("v-as-maximum", "v is max(beta2*v, g**2), as AdaMax has it",
              "v jumps instead of averaging",
              averaging("v", lambda a: Max(a.rate * a.state, a.put_in))),
        Fault("v-summed", "v is the sum of all squares, as AdaGrad has it",
              "steps shrink for good", averaging("v", lambda a: a.state + a.put_in)),
        Fault("m-times-alpha", "alpha is taken into the average m", "a schedule acts with delay",
              averaging("m", _new(lambda a: alpha * a.put_in)),
              seen_in="stanfordnlp/GloVe#134 (in AdaGrad)"),
        Fault("moments-shared", "v is averaged over the elements of a tensor",
              "elements with small gradients hardly move; invisible with one element",
              averaging("v", _new(lambda _: _SHARED)), _mean_square,
              seen_in="zyushun/Adam-mini#43 (on purpose)"),
        Fault("v-floored-at-{floor}", "v is held above {floor}",
              "small gradients make steps that are far too small",
              parameter=Parameter("floor", "units of g**2",
                                  ("1e-6", "1e-8", "1e-10", "1e-12", "1e-16"), edit=_floored),
              seen_in="tensorflow/tensorflow#22876"),
    )  # fmt: skip


_AFTER = ("m_hat", "v_hat", "v_max", "delta")
_NADAM = "the step weighs the last gradient more, as that of NAdam does"
_SHARED = Symbol("g_square_of_tensor", real=True)


def _ahead(make: Callable[[Expr], Expr]) -> Edit:
    """Give m_hat a look-ahead, where it is the corrected m."""
    with evaluate(False):
        right = m / (1 - beta1**t)
    return replacing(
        "m_hat",
        lambda rule: (
            make(its.gradient)
            if rule.line("m_hat").expr == right and (its := parts(rule))
            else None
        ),
    )


def _floored(floor: str) -> Edit:
    return replacing("v", lambda rule: Max(rule.line("v").expr, Rational(floor)))


def _mean_square(inputs: Inputs, table: Rows) -> Inputs | None:
    group = groups(table, "trial", "tensor", "step")
    squares = np.bincount(group, weights=inputs.columns["g"] ** 2)
    mean = (squares / np.bincount(group))[group]
    return inputs.changed("moments-shared", {_SHARED.name: mean})


FAULTS = (*_weights(), *_squares())
