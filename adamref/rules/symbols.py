"""The field's own symbols, and how each is written.

A rule speaks of one step t. ``m`` is the value that step makes, ``m_prev`` the one it found; in
print these are m_t and m_(t-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from sympy import Expr, Function, Symbol

PREVIOUS = "_prev"


@final
@dataclass(frozen=True)
class Spelling:
    """How a name is written: in Unicode text and in LaTeX, without its time index."""

    text: str
    latex: str
    timed: bool = True


SPELLINGS: dict[str, Spelling] = {
    "g": Spelling("g", "g"),
    "g_total": Spelling("g\N{COMBINING TILDE}", r"\tilde{g}"),
    "m": Spelling("m", "m"),
    "v": Spelling("v", "v"),
    "u": Spelling("u", "u"),
    "v_max": Spelling("v\N{COMBINING MACRON}", r"\bar{v}"),
    "m_hat": Spelling("m\N{COMBINING CIRCUMFLEX ACCENT}", r"\hat{m}"),
    "v_hat": Spelling("v\N{COMBINING CIRCUMFLEX ACCENT}", r"\hat{v}"),
    "delta": Spelling("Δ", r"\Delta"),
    "theta": Spelling("θ", r"\theta"),
    "theta_decayed": Spelling("θ\N{COMBINING TILDE}", r"\tilde{\theta}"),
    "alpha_t": Spelling("α", r"\alpha"),
    "mu": Spelling("μ", r"\mu"),
    "mu_next": Spelling("μ\N{PRIME}", r"\mu'"),
    "mu_product": Spelling("Π", r"\Pi"),
    "alpha": Spelling("α", r"\alpha", timed=False),
    "beta1": Spelling("β₁", r"\beta_1", timed=False),
    "beta2": Spelling("β₂", r"\beta_2", timed=False),
    "beta3": Spelling("β₃", r"\beta_3", timed=False),
    "eps": Spelling("ε", r"\epsilon", timed=False),
    "eps_root": Spelling("ε̄", r"\bar{\epsilon}", timed=False),
    "weight_decay": Spelling("λ", r"\lambda", timed=False),
    "psi": Spelling("ψ", r"\psi", timed=False),
    "t": Spelling("t", "t", timed=False),
    # Those of the frameworks' forms, of Adan, LAMB and StableAdamW.
    "b": Spelling("b", "b"),
    "difference": Spelling("d", "d"),
    "n": Spelling("n", "n"),
    "n_hat": Spelling("n\N{COMBINING CIRCUMFLEX ACCENT}", r"\hat{n}"),
    "g_kept": Spelling("g\N{COMBINING CARON}", r"\check{g}"),
    "update": Spelling("r", "r"),
    "theta_norm": Spelling("\N{DOUBLE VERTICAL LINE}θ\N{DOUBLE VERTICAL LINE}", r"\|\theta\|"),
    "update_norm": Spelling("\N{DOUBLE VERTICAL LINE}r\N{DOUBLE VERTICAL LINE}", r"\|r\|"),
    "trust": Spelling("ρ", r"\rho"),
    "rms": Spelling("RMS", r"\mathrm{RMS}"),
    "eta": Spelling("η", r"\eta"),
    "dampening": Spelling("τ", r"\tau", timed=False),
    "alpha_decay": Spelling("κ", r"\kappa", timed=False),
    "clip_at": Spelling("d", "d", timed=False),
    "v_start": Spelling("v₀", "v_0", timed=False),
    "size": Spelling("N", "N", timed=False),
    # Those of Lion, RAdam, ADOPT, AdEMAMix, the cautious and the schedule-free AdamW.
    "c": Spelling("c", "c"),
    "rho": Spelling("ρ", r"\rho"),
    "rho_inf": Spelling("ρ\N{INFINITY}", r"\rho_\infty", timed=False),
    "r": Spelling("r", "r"),
    "below": Spelling("d", "d"),
    "g_hat": Spelling("g\N{COMBINING CIRCUMFLEX ACCENT}", r"\hat{g}"),
    "g_clipped": Spelling("g\N{COMBINING MACRON}", r"\bar{g}"),
    "m_slow": Spelling("m\N{PRIME}", r"m'"),
    "mix": Spelling("a", "a"),
    "rate": Spelling("b", "b"),
    "ratio": Spelling("u", "u"),
    "phi": Spelling("φ", r"\phi"),
    "k": Spelling("k", "k"),
    "alpha_max": Spelling("α\N{COMBINING MACRON}", r"\bar{\alpha}"),
    "weight_sum": Spelling("W", "W"),
    "z": Spelling("z", "z"),
    "keep1": Spelling("p", "p"),
    "keep2": Spelling("q", "q"),
    "keep3": Spelling("s", "s"),
    "alpha_mix": Spelling("a", "a", timed=False),
    "warmup": Spelling("T", "T", timed=False),
}


_GREEK = frozenset(
    "beta gamma zeta eta kappa lambda mu nu xi rho sigma tau phi chi psi omega epsilon".split()
)


def spelling(name: str) -> Spelling:
    """Return how a name is written: as it is listed, or a Greek letter, a letter, or a word."""
    if name in SPELLINGS:
        return SPELLINGS[name]
    word = name if len(name) == 1 else rf"\mathrm{{{name}}}".replace("_", r"\_")
    return Spelling(name, rf"\{name}" if name in _GREEK else word, timed=False)


CHANGING_RATES = frozenset({"keep1", "keep2", "keep3"})
"""Fields that are decay rates: in [0, 1), as hyperparameters named beta are."""


class Total(Function):  # type: ignore[misc]
    """The sum of a value over the elements of its tensor."""

    nargs = 1


def current(name: str) -> Symbol:
    """Return the symbol of a field at step t."""
    return Symbol(name, real=True)


def previous(name: str) -> Symbol:
    """Return the symbol of a field at step t - 1."""
    return Symbol(name + PREVIOUS, real=True)


def _hyper(name: str) -> Symbol:
    return Symbol(name, real=True, nonnegative=True)


t, size = (Symbol(name, integer=True, positive=True) for name in ("t", "size"))
alpha, beta1, beta2, beta3, eps, eps_root, weight_decay, psi = map(
    _hyper, "alpha beta1 beta2 beta3 eps eps_root weight_decay psi".split()
)
g, g_total, m, v, u, v_max, m_hat, v_hat, delta, theta, theta_decayed, alpha_t = map(
    current, "g g_total m v u v_max m_hat v_hat delta theta theta_decayed alpha_t".split()
)
mu, mu_next, mu_product = map(current, ("mu", "mu_next", "mu_product"))
m_prev, v_prev, u_prev, v_max_prev, theta_prev, mu_product_prev = map(
    previous, ("m", "v", "u", "v_max", "theta", "mu_product")
)

# Those of the frameworks' forms, of Adan, LAMB and StableAdamW.
dampening, alpha_decay, clip_at = map(_hyper, ("dampening", "alpha_decay", "clip_at"))
b, difference, n, n_hat, update, theta_norm, update_norm, trust, rms, eta = map(
    current, "b difference n n_hat update theta_norm update_norm trust rms eta".split()
)
b_prev, n_prev, g_kept_prev = map(previous, ("b", "n", "g_kept"))

# Those of Lion, RAdam, ADOPT, AdEMAMix, the cautious and the schedule-free AdamW.
alpha_mix, warmup = map(_hyper, ("alpha_mix", "warmup"))
c, rho, rho_inf, r, below, g_hat, g_clipped, m_slow, mix, rate = map(
    current, "c rho rho_inf r below g_hat g_clipped m_slow mix rate".split()
)
keep1, keep2, keep3 = map(current, ("keep1", "keep2", "keep3"))
ratio, phi, k, alpha_max, weight_sum, z = map(
    current, ("ratio", "phi", "k", "alpha_max", "weight_sum", "z")
)
m_slow_prev, alpha_max_prev, weight_sum_prev, z_prev = map(
    previous, ("m_slow", "alpha_max", "weight_sum", "z")
)


_KNOWN: dict[Expr, Expr] = {}


def interned(expr: Expr) -> Expr:
    """Return the one object that stands for every expression written like this one.

    What is worked once for an expression is then found by its identity, whichever rule has it.
    """
    return _KNOWN.setdefault(expr, expr)
