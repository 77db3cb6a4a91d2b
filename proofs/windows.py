"""How far back an exponentially weighted average looks: its weights, and what they add up to.

How far back does an average look? It has no sharp end, so there are several honest answers, and one
theorem for each.
"""

from sympy import And, Expr, Integer, Limit, Sum, oo

from adamref.logic.facts import last_term
from adamref.logic.limits import Vanishing
from adamref.logic.relations import eq, ge, total
from adamref.rules import EWA
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, Space, among, rates, steps
from adamref.theorems.symbols import beta, decay_rate, i, n
from adamref.theorems.writing import ProofStep, Run, Steps, show

WEIGHTS = "the weights (1 - beta) beta^age of Kingma & Ba 2015, section 3, equation 1"
AGES = (*decay_rate(beta), ge(n, 0))
SPACE = among(rates("beta"), steps(0, 25, "n"))

# What weighs how much: a single 1, and then nothing but zeros. An average is linear, so this
# says it of every value.

single = Run(EWA, gradient=lambda k: Integer(0) ** (k - 1), hypers={"beta1": beta})


@Theorem(
    id="window-weights",
    matters="Everything that is said of the memory of an average follows from this line.",
    title="A value of the age n has the weight (1 - beta) beta^n",
    says="What a single 1 leaves in the average n steps later is (1 - beta) beta^n.",
    statement=Statement(eq(single("m", n + 1), (1 - beta) * beta**n), AGES),
    source="Kingma & Ba 2015, section 3, equation 1",
    space=Space(SPACE.points, (single,)),
)
@near_miss(
    eq(single("m", n + 1), beta**n),
    "The newest value has the weight 1 - beta, not 1.",
    Point.of(beta="1/2", n=0),
)
def AGED(what: Statement) -> Steps:
    """By induction over the age: a step later all is multiplied by beta, and nothing is added."""
    return show("the weight", what.claim).induction(
        (n, 0),
        show("at once").identity(
            "The average starts at 0.", (single.line("m", 1), single.start("m"))
        ),
        show("one step later").identity(
            "Nothing is added, and what there is is multiplied by beta.",
            (single.line("m", n + 1), "induction hypothesis"),
        ),
    )


# Sums over the n newest values, the newest of which has the age 0.

weight = AGED.statement.claim.rhs.subs(n, i)


def _sum(term: Expr, value: Expr) -> Statement:
    return Statement(eq(total(term, i, 0, n - 1), value), AGES)


def _of_sum(
    name: str, title: str, says: str, matters: str, statement: Statement, wrong: Statement, why: str
) -> Theorem:
    @Theorem(
        id=f"window-{name}",
        matters=matters,
        title=title,
        says=says,
        statement=statement,
        source=WEIGHTS,
        space=SPACE,
    )
    @near_miss(wrong, why, Point.of(beta="1/2", n=1))
    def theorem(what: Statement) -> Steps:
        """By induction over n: one older value adds its own term to the sum."""
        (whole,) = what.claim.lhs.atoms(Sum)
        return show("the sum", what.claim).induction(
            (n, 0),
            show("no values").identity("An empty sum is 0, and so is the right-hand side."),
            show("one value more").combination(
                "The sum gets the term of the age n - 1.",
                (("induction hypothesis", Integer(1)),),
                (last_term(whole),),
            ),
        )

    return theorem


MASS = _of_sum(
    "mass",
    "The last n values carry the weight 1 - beta^n",
    "The weights of the n newest values add up to 1 - beta^n: of the older ones the share "
    "beta^n is left.",
    "It answers how much of an average comes from the last n values, whatever n is.",
    _sum(weight, 1 - beta**n),
    _sum(weight, Integer(1)),
    "They do not carry all the weight, as those of a plain mean of n values do.",
)
AGE = _of_sum(
    "mean-age",
    "The mean age is beta/(1 - beta)",
    "The weights times the ages of the n newest values add up to beta/(1 - beta), less "
    "beta^n (n + beta/(1 - beta)), which vanishes as n grows.",
    "It is one honest meaning of how far back an average looks: the age of a value, on average.",
    _sum(weight * i, beta / (1 - beta) - beta**n * (n + beta / (1 - beta))),
    _sum(weight * i, 1 / (1 - beta) - beta**n * (n + 1 / (1 - beta))),
    "The mean age is not 1/(1 - beta): the newest value has the age 0.",
)
SQUARES = _of_sum(
    "squared-weights",
    "The squares of the weights add up to (1 - beta)/(1 + beta)",
    "The squares of the weights of the n newest values add up to (1 - beta)/(1 + beta) times "
    "1 - beta^(2n), which tends to 1 as n grows: so much of the variance of independent values is "
    "left.",
    "It is the other meaning: how steady an average is, and of how many values a plain mean would "
    "be as steady.",
    _sum(weight**2, (1 - beta) / (1 + beta) * (1 - beta ** (2 * n))),
    _sum(weight**2, (1 - beta) * (1 - beta ** (2 * n))),
    "It is less than 1 - beta, the square sum of a plain mean of 1/(1 - beta) values.",
)


def _vanish(value: int) -> Statement:
    limits = (eq(Limit(beta**n, n, oo), 0), eq(Limit(n * beta**n, n, oo), value))
    return Statement(And(*limits), decay_rate(beta))


@Theorem(
    id="window-rest-vanishes",
    matters="The sums about windows end at some age n. This is why what is older may be left out "
    "in the end.",
    title="What older values add vanishes",
    says="For a decay rate beta, beta^n and n beta^n tend to 0 as n grows: the sums over all ages "
    "are what stands before these terms.",
    statement=_vanish(0),
    source="elementary",
    space=among(rates("beta")),
    not_applicable={"smt": "a limit is no matter of the arithmetic of the reals"},
)
@near_miss(_vanish(1), "The limit is 0 and not 1, whatever the decay rate.", Point.of(beta="1/2"))
def VANISH(what: Statement) -> Steps:
    """A power of what is below 1 vanishes, and so does n times it."""
    one, other = sorted(what.claim.args, key=lambda part: part.has(n * beta**n))
    return (
        show("the power", one).by("It is a power of what is below 1.", Vanishing(n)),
        show("n times the power", other).by("A power of what is below 1 outdoes n.", Vanishing(n)),
        show("the limits", what.claim).parts(
            "The two steps before, together.", ("the power", "n times the power")
        ),
    )


# What a plain mean of n values has.


def _plain_proof(what: Statement) -> tuple[ProofStep, ...]:
    return (show("expanded", what.claim).identity("Expand both sides."),)


def _exactly(
    name: str, title: str, says: str, matters: str, claim: Expr, wrong: Expr, why: str
) -> Theorem:
    return Theorem(
        id=f"window-{name}",
        matters=matters,
        title=title,
        says=says,
        statement=Statement(claim, decay_rate(beta)),
        proof=_plain_proof,
        source=WEIGHTS,
        space=among(rates("beta")),
        near_misses=(NearMiss(Statement(wrong, decay_rate(beta)), why, Point.of(beta="1/2")),),
    )


mean_age = beta / (1 - beta)
equal = (1 + beta) / (1 - beta)
EXACTLY = (
    _exactly(
        "age-and-one",
        "1/(1 - beta) is the mean age plus 1",
        "1/(1 - beta), the usual word for how far back the average looks, is the mean age of what "
        "is averaged, plus 1, exactly.",
        "Ten days for beta = 0.9 is a mean age of nine, and one more: the usual word for the "
        "window has a meaning, but it is no window.",
        eq(1 / (1 - beta), mean_age + 1),
        eq(1 / (1 - beta), mean_age),
        "It is not the mean age itself.",
    ),
    _exactly(
        "equal-age",
        "A plain mean of as large a mean age has (1 + beta)/(1 - beta) values",
        "A plain mean of N values, of the ages 0 to N - 1, has the mean age (N - 1)/2; that is "
        "beta/(1 - beta) for N = (1 + beta)/(1 - beta), the window of equal variance too.",
        "It says which plain mean to compare with: for beta = 0.9 one of 19 values, not of 10.",
        eq((equal - 1) / 2, mean_age),
        eq((1 / (1 - beta) - 1) / 2, mean_age),
        "A plain mean of 1/(1 - beta) values is half as old.",
    ),
)


def _variance(value: Expr) -> Statement:
    return Statement(eq(total((1 / n) ** 2, i, 1, n), value), (ge(n, 1),))


PLAIN = Theorem(
    id="window-plain-squared-weights",
    matters="A weighted average is compared with this: it is the share of the noise that a plain "
    "mean leaves.",
    title="The squares of the weights of a plain mean of n values add up to 1/n",
    says="A plain mean of n values leaves 1/n of the variance; so an exponentially weighted "
    "average leaves as much as a plain mean of (1 + beta)/(1 - beta) values.",
    statement=_variance(1 / n),
    proof=_plain_proof,
    source="elementary",
    space=among(steps(1, 200, "n")),
    near_misses=(NearMiss(_variance(1 / n**2), "There are n of them.", Point.of(n=2)),),
)

THEOREMS = (AGED, MASS, AGE, SQUARES, VANISH, *EXACTLY, PLAIN)
