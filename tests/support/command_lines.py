"""Command lines of every kind: documented options in any combination, with good and bad values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from adamref.rules.family import axes, family

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NUMBERS = (
    "0.5", "-15", "0", "1", "0.1", "1/3", "1e-8", "0.999", "2",
    # odd, and right
    "-0", "+1", ".5", "5.", "1e308", "1e-400", "123456789012345678901234567890", "  1 ", "0.3333",
    # wrong, or perhaps so
    "", "x", "nan", "inf", "-inf", "1/0", "1_0", "1,5", "0x1p-3", "½", "٣", "1e999999999", "--1",
    "1e", "e5", "true", "1 2", "\u200b1", "∞", "−1",
)  # fmt: skip
WHOLE = ("1", "2", "3", "0", "-1", "2.5", "x", "", "1e3", "10001", "99999999999999999999", "٣")
WORDS = ("", " ", "x", "ADAM", "adam ", "-", "--", "é", "a" * 300, "'", '"', "%s", "{0}", "\n", "=")
EXPRESSIONS = (
    "w**2", "(3*w - 4)**2", "w", "w^2/2", "-w", "1/w", "sqrt(w)", "w*w*w", "0*w", "w**0.5", "|w|",
    # odd, and perhaps wrong
    "", "3", "a*b", "w +", "sin(w)", "exp(w)", "log(w)", "9^9^9^9", "w^9^9", "w/(w - w)", "((((w",
    "w**-1", "w**w", "\\frac{w}{2}", "2w", "w²", "__import__('os')", "w" * 200, "max(w, 0)",
)  # fmt: skip
OPTIMIZERS = tuple(family())
AXES = tuple(f"{axis}={value}" for axis, values in axes().items() for value in values)
HYPERS = tuple(dict.fromkeys(name for one in family().values() for name in one.hypers))
STATES = tuple(dict.fromkeys(name for one in family().values() for name in one.states))
FORMS = ("paper", "eps-hat", "eps-inside", "eps-root")
DTYPES = ("float32", "float64", "float16", "bfloat16")
CONVENTIONS = ("literal", "rounded", "mixed")
THEOREMS = ("bernoulli", "weights", "sign-symmetry", "adamw-zero-decay")
"""Quickly proved, and quickly written."""
PROBES = (
    "generic-float16-mixed",
    "subnormal-float16",
    "first-step-float32",
    "zero-gradient-float64",
    "generic-lion-float32",
    "generic-stable-adamw-timm-float32",
)
"""Quickly verified."""
DIALECTS = (
    "paper", "eps-hat", "form=eps-inside", "form=eps-root", "bias_correction=on",
    "bias_correction=off", "moments=beta", "moments=lerp", "weight_decay=none", "weight_decay=l2",
    "weight_decay=decoupled-before", "amsgrad=none", "amsgrad=v", "amsgrad=v_hat", "hyper=mixed",
    "storage=float32", "compute=float64", "form=", "=", "form", "form=x", "x=paper", "form=paper=",
)  # fmt: skip
OUTPUTS = ("made", "there", "folder", "nowhere/made", "", "made\nthere", ".", "é")
"""Where to write; ``there`` is a file and ``folder`` a directory, that exist."""


class Values(NamedTuple):
    """What an option is given: what it is made for, and what it may have to refuse."""

    good: SearchStrategy[str]
    odd: SearchStrategy[str]


def of(good, *odd):
    """Return the values of an option; what is odd for each is added."""
    return Values(st.sampled_from(good), st.sampled_from((*good, *odd, *WORDS)))


def pairs(names):
    """Return ``NAME=NUMBER`` of names."""
    good = st.builds("{}={}".format, st.sampled_from(names), st.sampled_from(NUMBERS[:9]))
    odd = st.builds("{}={}".format, st.sampled_from((*names, *WORDS)), st.sampled_from(NUMBERS))
    return Values(good, st.one_of(good, odd, st.sampled_from(WORDS)))


NUMBER = Values(
    st.sampled_from(NUMBERS[:9]),
    st.one_of(
        st.sampled_from(NUMBERS),
        st.decimals(allow_nan=False, allow_infinity=False, places=6).map(str),
        st.floats(width=32).map(repr),
        st.floats().map(float.hex),
        st.text("0123456789.-+eE/xp ", max_size=8),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
    ),
)
RATE = NUMBER._replace(good=st.sampled_from(("0.1", "1/3", "1e-3", "2")))
BETA = NUMBER._replace(good=st.sampled_from(("0.9", "0.999", "1/2", "0")))
SMALL = NUMBER._replace(good=st.sampled_from(("0", "1e-8", "0.1", "3")))
COUNT = of(WHOLE[:3], *WHOLE)
STEP = {
    "--theta": NUMBER,
    "--grad": NUMBER,
    "--objective": of(EXPRESSIONS[:11], *EXPRESSIONS),
    "--steps": COUNT,
    "--alpha": RATE,
    "--lr": RATE,
    "--beta1": BETA,
    "--beta2": BETA,
    "--eps": SMALL,
    "--weight-decay": SMALL,
    "--m": NUMBER,
    "--v": SMALL,
    "--t": COUNT,
    "--optimizer": of(OPTIMIZERS),
    "--form": of(FORMS),
    "--dialect": of(AXES),
    "--set": pairs(HYPERS),
    "--state": pairs(STATES),
    "--digits": of(("1", "5", "40"), *WHOLE),
    "--dtype": of(DTYPES, "float8"),
    "--hyper": of(CONVENTIONS),
}
CHECK = {
    "--adapter": of(("function", "class"), "torch", "optax", "keras"),
    "--dtype": of(DTYPES, "float8", "int32"),
    "--state-dtype": of(DTYPES, "float8"),
    "--compute": of(("storage", "float32", "float64"), "float16"),
    "--optimizer": of(("adam", "adam-l2", "adamw", "amsgrad"), *OPTIMIZERS),
    "--dialect": of(DIALECTS),
    "--hyper": of(CONVENTIONS),
    "--arg": of(("x=1", "amsgrad=True", "betas=(0.9, 0.99)"), "x", "=1", "x=((", "1x=2"),
    "--device": of(("cpu", "cuda")),
    "--ulp": of(("sqrt=2,div=2", "div=0.5"), "sqrt", "sqrt=x", "cos=2", "sqrt=0", "sqrt=nan",
                    "sqrt=inf", "sqrt=2,,div=1", "sqrt=1e308"),
    "--strict": None,
    "--defaults": of(("paper",)),
    "--timeout": of(("5", "0.5"), "0", "-1", "nan", "inf", "1e400"),
    "--save": of(("kept.json",), *OUTPUTS),
    "--against": of(("baseline.json",), "there", "folder", "nowhere"),
}  # fmt: skip


REPLAY = {
    "--steps": of(("1", "3"), *WHOLE),
    "--optimizer": of(("adam", "adamw", "amsgrad", "adam-l2"), "lion", "sgd"),
    "--lr": RATE,
    "--alpha": RATE,
    "--beta1": BETA,
    "--beta2": BETA,
    "--eps": SMALL,
    "--weight-decay": SMALL,
    "--groups": of(("groups.json",), "there", "folder", "nowhere", "before.npz"),
    "--t": COUNT,
    "--dialect": of(DIALECTS),
    "--hyper": of(CONVENTIONS),
    "--compute": of(("storage", "float32", "float64"), "float16"),
    "--infer": None,
    "--no-diagnose": None,
}  # fmt: skip


STRAY = (("--nonsense",), ("stray",), ("--format",), ("-x",), ("--theta=",))
"""What has no business on a line."""


def formats(*names):
    return of(names, "text", "json", "html", "latex", "pdf")


def common(*names):
    """Return the options that every command has, with the formats of one."""
    return {"--format": formats(*names), "--output": of(OUTPUTS[:2], *OUTPUTS), "--quiet": None}


@st.composite
def lines(draw, options, always=(), repeated=(), few=6):
    """Draw options in any order, some repeated; at most two have odd values, or half of them."""
    names = [*always, *draw(st.lists(st.sampled_from(list(options)), unique=True, max_size=few))]
    names = list(dict.fromkeys(names))
    names += draw(st.lists(st.sampled_from(repeated), max_size=2)) if repeated else []
    odd = draw(st.sampled_from((0, 0, 1, 1, 2, len(names) // 2)))
    made = []
    for i, name in enumerate(names):
        values = options[name]
        if values is None:
            made.append([name])
            continue
        value = draw(values.odd if i >= len(names) - odd else values.good)
        made.append([f"{name}={value}"] if draw(st.booleans()) else [name, value])
    line = [part for parts in draw(st.permutations(made)) for part in parts]
    return [*line, *draw(st.sampled_from((*[()] * 15, *STRAY)))]
