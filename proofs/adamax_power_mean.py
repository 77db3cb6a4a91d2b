"""The norm of AdaMax, from below and above, against the average of the p-th powers.

The average of p-th powers, and the maximum: one lies between multiples of the other.
"""

from sympy import Abs, Expr, Integer, Symbol

from adamref.logic.cases import PutIn
from adamref.logic.facts import Fact
from adamref.logic.relations import Relational, eq, ge, instead, le, substituted
from adamref.rules import EWA
from adamref.theorems.spaces import Point, among, rates, reals, steps
from adamref.theorems.symbols import beta2, decay_rate, g, n, t
from adamref.theorems.writing import ProofStep, Run, Statement, Steps, Theorem, Use, near_miss, show

from .adamax import adamax, at_least_decayed, at_least_gradient, greatest, u
from .powers import below_one

p = Symbol("p", integer=True)

power_mean = Run(EWA, mark="'", gradient=lambda k: Abs(g(k)) ** p, hypers={"beta1": beta2**p})
"""The average of |g|^p with the decay rate beta2^p, of which AdaMax takes the p-th root."""

mean = power_mean.function("m")
MEAN_SOURCE = "Kingma & Ba 2015, section 7.1, equations 6 to 9"
MEAN_SPACE = among(
    rates("beta2"), steps(1, 6), steps(1, 6, "p"), reals(g=7), runs=(adamax, power_mean)
)
MEAN_DOMAIN = (*decay_rate(beta2), ge(t, 1), ge(p, 1))

nonnegative = show("the norm is not negative", ge(u(t), 0)).certificate(
    "It is at least the magnitude of the last gradient.",
    (greatest(t).relation.rhs - Abs(g(t)), Abs(g(t))),
    (greatest(t), at_least_gradient(t)),
)
falls = below_one(beta2, p)


def one_gradient(claim: Relational) -> tuple[ProofStep, ...]:
    """Show a relation between the average and the norm after one gradient."""
    at_one = substituted(claim, {t: Integer(1)})
    norm = show("the first norm", eq(u(1), Abs(g(1)))).identity(
        "Nothing came before it.", (greatest(Integer(1)), adamax.start("u"))
    )
    average = show("the first average", instead(at_one, u(1), Abs(g(1)))).certificate(
        "It holds one term, with the weight 1 - beta2^p.",
        (Integer(0),),
        (power_mean.line("m", 1), power_mean.start("m")),
    )
    both = show("one gradient", at_one).by(
        "The norm is the magnitude of the gradient.", PutIn(norm.name, (average.name,))
    )
    return norm, average, both


@Theorem(
    id="adamax-power-mean-from-below",
    title="The average of |g|^p is at least (1 - beta2^p) u^p",
    says="For every whole p >= 1 the average of |g|^p with the decay rate beta2^p is at least "
    "1 - beta2^p times the p-th power of the norm.",
    statement=Statement(le((1 - beta2**p) * u(t) ** p, mean(t)), MEAN_DOMAIN),
    source=MEAN_SOURCE,
    space=MEAN_SPACE,
)
@near_miss(
    le(Integer(1) * u(t) ** p, mean(t)),
    "The average has not the weight 1 for its greatest term.",
    Point.of(beta2="1/2", t=1, p=1, g=(0, 1)),
)
def FROM_BELOW(what: Statement) -> Steps:
    """By induction over t: u^p is the decayed one or |g|^p, and both are in the average."""
    claim = what.claim
    weight = 1 - beta2**p
    short = mean(t - 1) - weight * u(t - 1) ** p
    before = Use(nonnegative.name, {t: t - 1})
    base = one_gradient(claim)
    line = power_mean.line("m", t)
    one = show(
        "if the decayed norm is the greatest", instead(claim, u(t), beta2 * u(t - 1))
    ).certificate(
        "Norm and average decay alike, and the last gradient only adds to the average.",
        (beta2**p * short, weight * Abs(g(t)) ** p),
        (line, "induction hypothesis", falls),
    )
    other = show("if the gradient is the greatest", instead(claim, u(t), Abs(g(t)))).certificate(
        "The average holds it with just this weight, and the rest of it is not negative.",
        (beta2**p * short, beta2**p * weight * u(t - 1) ** p),
        (line, "induction hypothesis", before, falls),
    )
    either = show("one more gradient", claim).by(
        "The norm is one of the two.", PutIn(greatest(t), (one.name, other.name))
    )
    return (nonnegative, show("every step", claim).induction((t, 1), base, (one, other, either)))


def keeps_order(name: str, less: Expr, *facts: str | Use | Fact) -> ProofStep:
    """Show that what is at most u_t is so in every power as well."""
    return show(name, le(less**n, u(t) ** n), where=(n, t - 2)).induction(
        (n, 0, "Larger numbers have larger powers; by induction over n."),
        show(f"{name}: n = 0").certificate("Both are 1.", (Integer(0),)),
        show(f"{name}: one more factor").certificate(
            "x^n - y^n = x (x^(n-1) - y^(n-1)) + (x - y) y^(n-1).",
            (u(t) * (u(t) ** (n - 1) - less ** (n - 1)), (u(t) - less) * less ** (n - 1)),
            ("induction hypothesis", nonnegative.name, *facts),
        ),
    )


@Theorem(
    id="adamax-power-mean-from-above",
    title="The average of |g|^p is at most t (1 - beta2^p) u^p",
    says="For every whole p >= 1 the average of |g|^p with the decay rate beta2^p is at most t "
    "(1 - beta2^p) times the p-th power of the norm: it has t terms.",
    statement=Statement(le(mean(t), t * (1 - beta2**p) * u(t) ** p), MEAN_DOMAIN),
    source=MEAN_SOURCE,
    space=MEAN_SPACE,
)
@near_miss(
    le(mean(t), (t - 1) * (1 - beta2**p) * u(t) ** p),
    "It has t terms, not t - 1.",
    Point.of(beta2="1/2", t=1, p=1, g=(0, 1)),
)
def FROM_ABOVE(what: Statement) -> Steps:
    """By induction over t: each of the t terms is at most u^p."""
    weight = 1 - beta2**p
    line, largest = greatest(t), greatest(t).relation.rhs
    decayed, gradient = beta2 * u(t - 1), Abs(g(t))
    over_decayed = show("at least the decayed norm", ge(u(t), decayed)).certificate(
        "It is the maximum of it and something else.",
        (largest - decayed,),
        (line, at_least_decayed(t)),
    )
    over_gradient = show("at least the gradient", ge(u(t), gradient)).certificate(
        "It is the maximum of its magnitude and something else.",
        (largest - gradient,),
        (line, at_least_gradient(t)),
    )
    base = one_gradient(what.claim)
    next_ = show("one more gradient", what.claim).certificate(
        "The t - 1 terms so far decay to at most as much as the decayed norm, and so at most the "
        "norm; and the new term is at most the norm.",
        (
            beta2**p * ((t - 1) * weight * u(t - 1) ** p - mean(t - 1)),
            weight * (t - 1) * (u(t) ** p - decayed**p),
            weight * (u(t) ** p - gradient**p),
        ),
        (
            power_mean.line("m", t),
            "induction hypothesis",
            falls,
            Use("powers of the decayed norm", {n: p}),
            Use("powers of the gradient", {n: p}),
        ),
    )
    before = Use(nonnegative.name, {t: t - 1})
    return (
        nonnegative,
        over_decayed,
        over_gradient,
        keeps_order("powers of the decayed norm", decayed, over_decayed.name, before),
        keeps_order("powers of the gradient", gradient, over_gradient.name),
        show("every step", what.claim).induction((t, 1), base, next_),
    )


THEOREMS = (FROM_BELOW, FROM_ABOVE)
