"""AdaGrad is the limit of Adam without momentum for beta2 -> 1.

AdaGrad never forgets. Adam with a beta2 next to 1 hardly does.
"""

from sympy import Abs, Expr, Integer, Sum, sqrt

from adamref.logic.facts import empty, last_term
from adamref.logic.relations import eq, ge, gt, le, total
from adamref.rules import ADAGRAD, ADAM
from adamref.theorems.spaces import Point, Space, among, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta2, eps, g, i, n, t
from adamref.theorems.writing import Cite, Run, Statement, Steps, Theorem, Use, near_miss, show

from .powers import below_one
from .weighted_mean import HIGH, INSIDE, LOW, adam, oldest, plain, powers

adagrad = Run(ADAGRAD, mark="'", gradient=g)


def _sum(low: int) -> Statement:
    return Statement(eq(adagrad("v", t), total(g(i) ** 2, i, low, t)), (ge(t, 0),))


@Theorem(
    id="adagrad-sum",
    title="What AdaGrad keeps is the sum of the squared gradients",
    says="AdaGrad's v at step t is the plain sum of all squared gradients so far.",
    statement=_sum(1),
    source="Duchi, Hazan & Singer 2011; Kingma & Ba 2015, section 5",
    space=among(steps(0, 9), reals(g=9), runs=(adagrad,)),
)
@near_miss(_sum(2), "The first gradient counts too.", Point.of(t=1, g=(0, 1)))
def ADAGRAD_SUM(what: Statement) -> Steps:
    """By induction over t: each step adds a square."""
    (whole,) = what.claim.rhs.atoms(Sum)
    at_start = whole.subs(t, 0)
    return show("a sum", what.claim).induction(
        (t, 0),
        show("no gradient yet").identity("Both are 0.", (adagrad.start("v"), empty(at_start))),
        show("one more gradient").identity(
            "The line adds its square, which is the last term of the sum.",
            (adagrad.line("v", t), "induction hypothesis", last_term(whole)),
        ),
    )


# Adam without momentum, and its rates divided by sqrt(t). The t in them is the step that is looked
# at: earlier steps do not enter into it through alpha or epsilon.
scaled = Run(ADAM, hypers={"beta1": Integer(0), "alpha": alpha / sqrt(t), "eps": eps / sqrt(t)})
factor, root_of_mean = sqrt(oldest), sqrt(plain) / sqrt(t)


DRAWN = points(
    rates("beta2"),
    steps(1, 6),
    numbers("alpha", low=0),
    numbers("eps", low=0, strictly=True),
    reals(g=6),
)


def _limit(name: str, title: str, claim: Expr, wrong: Expr, point: Point) -> Theorem:
    domain = (ge(alpha, 0), gt(eps, 0), *INSIDE)

    @Theorem(
        id=f"adam-tends-to-adagrad-{name}",
        title=title,
        matters="AdaGrad adds up all squares, Adam forgets them. With a bound from either side the "
        "one becomes the other as beta2 tends to 1.",
        says="With beta1 = 0, alpha/sqrt(t) for alpha and eps/sqrt(t) for eps, Adam's step differs "
        "from AdaGrad's by a factor between beta2^((t-1)/2) and its inverse, which both tend to 1 "
        "for beta2 -> 1.",
        statement=Statement(claim, domain),
        source="Kingma & Ba 2015, section 5, on AdaGrad",
        space=Space(DRAWN, (scaled, adagrad)),
    )
    @near_miss(wrong, "For beta2 < 1 either step may be the longer one, from the second on.", point)
    def theorem(what: Statement) -> Steps:
        """Adam divides by the root of a weighted mean, AdaGrad by that of the plain one."""
        one, other = Abs(scaled("delta", t)), Abs(adagrad("delta", t))
        shorter = what.claim.lhs.has(one)
        second = adam("v_hat", t)
        divisors = [sqrt(second) + eps / sqrt(t), root_of_mean + eps / sqrt(t)]
        size = alpha * Abs(g(t)) / sqrt(t)
        cited: tuple[Cite, ...]
        low = Cite(LOW, {beta2: beta2, t: t})
        if shorter:
            less, more, cited = root_of_mean, sqrt(second), (low,)
            apart = (t * second - oldest * plain) / t
        else:
            less, more, cited = sqrt(second), root_of_mean, (Cite(HIGH, {beta2: beta2, t: t}), low)
            apart = (plain - oldest * t * second) / t
        whose = "Adam's" if shorter else "AdaGrad's"
        shared = size / (divisors[0] * divisors[1])
        return (
            show("no momentum", eq(scaled("m_hat", t), g(t))).identity(
                "With beta1 = 0 the first moment is the gradient, and so is its correction.",
                (scaled.line("m_hat", t), scaled.line("m", t), below_one(Integer(0))),
            ),
            powers(),
            show("the factor is at most 1", le(factor, 1)).squares(
                "Its square is a power of beta2.",
                (1 - oldest,),
                (Use("powers are at most 1", {n: t - 1}),),
            ),
            show("the roots", le(factor * less, more)).squares(
                "Their squares are the bounds on v_hat, which is not negative.",
                (apart,),
                cited,
            ),
            show("Adam's step", eq(one, size / divisors[0])).identity(
                "The lines put together.", (scaled.line("delta", t), "no momentum")
            ),
            show("AdaGrad's step", eq(other, size / divisors[1])).identity(
                "The lines put together, with the sum that AdaGrad keeps.",
                (adagrad.line("delta", t), Cite(ADAGRAD_SUM, {t: t})),
            ),
            show("the steps", what.claim).certificate(
                f"{whose} divisor is at least the other one times the factor.",
                (shared * (more - factor * less), shared * eps / sqrt(t) * (1 - factor)),
                ("Adam's step", "AdaGrad's step", "the factor is at most 1", "the roots"),
            ),
        )

    return theorem


_STEPS = Abs(scaled("delta", t)), Abs(adagrad("delta", t))
ADAGRAD_LIMIT = (
    _limit(
        "from-above",
        "Adam's step, times beta2^((t-1)/2), is at most AdaGrad's",
        le(factor * _STEPS[0], _STEPS[1]),
        le(_STEPS[0], _STEPS[1]),
        Point.of(alpha=1, eps=1, beta2="1/2", t=2, g=(0, 2, 1)),
    ),
    _limit(
        "from-below",
        "Adam's step is at least AdaGrad's, times beta2^((t-1)/2)",
        le(factor * _STEPS[1], _STEPS[0]),
        le(_STEPS[1], _STEPS[0]),
        Point.of(alpha=1, eps=1, beta2="1/2", t=2, g=(0, 1, 2)),
    ),
)

THEOREMS = (ADAGRAD_SUM, *ADAGRAD_LIMIT)
