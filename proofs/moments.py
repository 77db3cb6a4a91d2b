"""Steps that proofs about Adam and its relatives share: their moments, corrected and not."""

from sympy import Expr, Integer, Symbol

from adamref.logic.relations import eq, ge
from adamref.theorems.symbols import beta1, beta2, j, t
from adamref.theorems.writing import ProofStep, Run, Use, show

from .powers import below_one


def same_state(one: Run, other: Run, name: str) -> ProofStep:
    """Return the step that a moment is the same in two runs on the same gradients, for t >= 1."""
    return proportional(one, other, name, Integer(1))


def proportional(one: Run, other: Run, name: str, scale: Expr) -> ProofStep:
    """Return the step that a moment is so many times another run's, for t >= 1."""
    return show(f"the two {name}", eq(one(name, t), scale * other(name, t))).induction(
        (t, 1),
        show(f"{name} at the first step").identity(
            "Both start at 0.",
            (one.line(name, 1), one.start(name), other.line(name, 1), other.start(name)),
        ),
        show(f"{name} at the next step").identity(
            "Both lines are linear in what the step before left and in the new value.",
            (one.line(name, t), "induction hypothesis", other.line(name, t)),
        ),
    )


def multiple(
    name: str,
    of: tuple[Run, Run, str, Expr | int],
    over: tuple[Symbol, int, str],
    why: str,
    names: tuple[str, str] = ("before the first step", "one more gradient"),
) -> ProofStep:
    """Return the step that a state of one run is so many times another's, from the start on."""
    one, other, state, by = of
    at = over[0]
    return show(name, eq(one(state, at), by * other(state, at)), where=(at,)).induction(
        over,
        show(names[0]).identity("Both start at 0.", (one.start(state), other.start(state))),
        show(names[1]).identity(
            why, (one.line(state, at), other.line(state, at), "induction hypothesis")
        ),
    )


def second_moment(run: Run) -> ProofStep:
    """Return the step that the second moment of a run is >= 0, at any step j >= 0.

    Another index than t: what a theorem assumes at t is not in the way of the induction.
    """
    return show(f"v{run.mark} is not negative", ge(run("v", j), 0), where=(j,)).induction(
        (j, 0, "A mean of squares is not negative; by induction over the steps j."),
        show("before the first step").certificate(
            "It starts at 0.", (Integer(0),), (run.start("v"),)
        ),
        show("one more gradient").certificate(
            "It is a mean of what it was and of a square.",
            (beta2 * run("v", j - 1), (1 - beta2) * run("g", j) ** 2),
            (run.line("v", j), "induction hypothesis"),
        ),
    )


def not_negative(run: Run) -> tuple[ProofStep, ProofStep]:
    """Return the steps that the second moment is >= 0, and corrected too, for t >= 1."""
    moment = second_moment(run)
    corrected = show(f"v_hat{run.mark} is not negative", ge(run("v_hat", t), 0)).certificate(
        "It is v, divided by what is positive.",
        (run("v", t) / (1 - beta2**t),),
        (run.line("v_hat", t), Use(moment.name, {j: t}), below_one(beta2)),
    )
    return moment, corrected


def same_moments(one: Run, other: Run) -> tuple[ProofStep, ...]:
    """Return the steps that two runs on the same gradients have the same corrected moments."""
    states = {name: same_state(one, other, name) for name in ("m", "v")}
    hats = (
        show(f"the same {name}_hat", eq(one(f"{name}_hat", t), other(f"{name}_hat", t))).identity(
            "The correction is the same.",
            (
                one.line(f"{name}_hat", t),
                other.line(f"{name}_hat", t),
                states[name].name,
                below_one(rate),
            ),
        )
        for name, rate in (("m", beta1), ("v", beta2))
    )
    return (*states.values(), *not_negative(other), *hats)
