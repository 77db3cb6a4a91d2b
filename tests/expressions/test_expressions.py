"""Hand-written arithmetic: spellings, what binds what, and values."""

from __future__ import annotations

import ast
import operator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adamref
from adamref.errors import CannotEvaluate, Unparsable
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import Binary, Call, Name, Negative, Number, names, numbers, walk
from adamref.expressions.parser import parse, parse_tokens
from adamref.expressions.tokens import tokenize
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.rational import Rational

EXACT = Rational()


def sketch(node) -> str:
    """Write a tree with a bracket around every operation; a dot is a product without a sign."""
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Name):
        index = f"_{node.index}" if node.index else ""
        return node.base + "^" * node.hat + index + "'" * node.prime
    if isinstance(node, Negative):
        return f"(-{sketch(node.of)})"
    if isinstance(node, Call):
        return f"{node.function}({sketch(node.of)})"
    sign = "." if node.sign == "juxtaposed" else node.sign
    return f"({sketch(node.left)}{sign}{sketch(node.right)})"


def value_of(text: str, carrier=EXACT, **options):
    """Evaluate an expression without names."""
    return evaluate(parse(text), carrier, lambda leaf: carrier.lift(leaf.value), **options)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        # what binds what
        ("2+3*4", "(2+(3*4))"),
        ("2 - 3 - 4", "((2-3)-4)"),
        ("1/2/4", "((1/2)/4)"),
        ("2^3^2", "(2^(3^2))"),
        ("-2^2", "(-(2^2))"),
        ("2^-1", "(2^(-1))"),
        ("2**-1", "(2^(-1))"),
        ("-(-3)", "(-(-3))"),
        ("+-+3", "(-3)"),
        ("2 -3", "(2-3)"),
        ("[1+2]*3", "((1+2)*3)"),
        ("{1+2}*3", "((1+2)*3)"),
        # products without a sign
        ("3w - 4", "((3.w)-4)"),
        ("2(3+4)", "(2.(3+4))"),
        ("(2)(3)", "(2.3)"),
        ("a b", "(a.b)"),
        ("1/2w", "((1/2).w)"),
        # numbers
        ("1,234,567.5", "1,234,567.5"),
        (".5", ".5"),
        ("1.5E+3", "1.5E+3"),
        ("0.333...", "0.333..."),
        # Unicode
        ("2×3·4÷6", "(((2*3)*4)/6)"),
        ("\N{MINUS SIGN}15", "(-15)"),
        ("√225", "sqrt(225)"),
        ("√(2+2)", "sqrt((2+2))"),
        ("10⁻⁸", "(10^(-8))"),
        ("(1 - β₁^t)", "(1-(beta_1^t))"),
        ("m̂_1", "m^_1"),
        ("θ", "theta"),
        # LaTeX
        (r"\frac{1}{2}", "(1/2)"),
        (r"\dfrac{-15}{\sqrt{225} + 10^{-8}}", "((-15)/(sqrt(225)+(10^(-8))))"),
        (r"2\cdot 3 \times 4", "((2*3)*4)"),
        (r"\left(1 - 0.9\right)", "(1-0.9)"),
        (r"\beta_1^t", "(beta_1^t)"),
        (r"\hat{m}_t", "m^_t"),
        (r"\hat{m_1}", "m^_1"),
        (r"\theta_{t}", "theta_t"),
        (r"\nabla L", "grad"),
        (r"\frac{\partial L}{\partial w}", "grad"),
        (r"\exp(0)", "exp(0)"),
        # plain text and code
        ("v_{t-1}", "v_t-1"),
        ("m_hat", "m^"),
        ("w'", "w'"),
        ("g_t^2", "(g_t^2)"),
        ("dL/dw", "grad"),
        ("lr", "alpha"),
        ("m_t/(1-beta1^t)", "(m_t/(1-(beta_1^t)))"),
        ("ln(1)", "log(1)"),
        ("abs(-3)", "abs((-3))"),
        ("np.sqrt(4)", "sqrt(4)"),
        ("math.sqrt(4)", "sqrt(4)"),
    ],
)
def test_a_spelling_is_read_as_this_tree(text, tree):
    assert sketch(parse(text)) == tree


@pytest.mark.parametrize("text", ["x²", "gₜ²", "β₁ᵗ", "(1-β₂ᵗ)", "v·m²"])
def test_a_name_can_be_raised_by_a_superscript(text):
    assert "^" in sketch(parse(text))


def test_a_root_with_an_index_is_no_product():
    try:
        tree = parse(r"\sqrt[3]{8}")
    except Unparsable:
        return
    assert sketch(tree) == "(8^(1/3))"


def test_two_numbers_side_by_side_are_not_multiplied():
    with pytest.raises(Unparsable):
        parse("1 000")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3*4", 14),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("1/2/4", Fraction(1, 8)),
        ("6/2(1+2)", 9),
        (r"\frac{1}{2} + \frac{1}{3}", Fraction(5, 6)),
        ("10^-8", Fraction(1, 10**8)),
        ("1.5e-3", Fraction(15, 10**4)),
        ("1,234,567", 1234567),
        ("√(9/16)", Fraction(3, 4)),
        ("4^0.5", 2),
        ("abs(-3)", 3),
        ("exp(0) + ln(1)", 1),
        ("0.9*0 + (1 - 0.9)*(-15)", Fraction(-3, 2)),
        ("0.001 × 225", Fraction(9, 40)),
        (r"-0.1 \cdot \frac{-15}{\sqrt{225}}", Fraction(1, 10)),
    ],
)
def test_a_value_is_exact(text, value):
    assert value_of(text) == value


def test_two_habits_of_handwriting_are_read_loosely_on_request():
    assert (value_of("-15^2"), value_of("-15^2", loose=True)) == (-225, 225)
    assert value_of("-(15^2)", loose=True) == -225
    half, loosely = (
        evaluate(
            parse("1/2w"),
            EXACT,
            lambda leaf: Fraction(4) if isinstance(leaf, Name) else leaf.value,
            loose=loose,
        )
        for loose in (False, True)
    )
    assert (half, loosely) == (2, Fraction(1, 8))
    assert value_of("(1/2)(4)", loose=True) == 2


def test_a_decimal_comma_is_read_on_request():
    assert parse("0,9", decimal_comma=True).value == Fraction(9, 10)
    assert parse("1,234").value == 1234
    assert parse("1,234", decimal_comma=True).value == Fraction(1234, 1000)


def test_a_number_keeps_what_was_printed():
    number = parse("0.2250")
    assert (number.value, number.unit, number.text) == (
        Fraction(9, 40),
        Fraction(1, 10**4),
        "0.2250",
    )
    assert not number.continued
    assert parse("0.333…").continued
    assert parse("1.50e-3").unit == Fraction(1, 10**5)


def test_names_and_numbers_are_listed_from_left_to_right():
    tree = parse("2*a + sqrt(b - 3)/c_1")
    assert [name.text for name in names(tree)] == ["a", "b", "c_1"]
    assert [number.value for number in numbers(tree)] == [2, 3]
    assert next(walk(tree)) is tree


def test_a_chain_keeps_its_relations_and_where_its_parts_stand():
    tokens = tokenize("m = 0.1*3 ≈ 0.3")
    chain = parse_tokens(tokens)
    assert chain.relations == ("=", "≈")
    assert [sketch(part) for part in chain.parts] == ["m", "(0.1*3)", "0.3"]
    assert chain.spans == ((0, 1), (2, 5), (6, 7))


@pytest.mark.parametrize(
    ("text", "column", "because"),
    [
        ("", 1, "nothing stands here"),
        ("   ", 1, "nothing stands here"),
        ("1 +", 4, "it ends too soon"),
        ("(1", 3, "it ends too soon"),
        (")", 1, "')' does not fit there"),
        ("1 * / 2", 5, "'/' does not fit there"),
        ("3 !", 3, "'!' is not arithmetic"),
        ("x = 3", 1, "one expression is wanted, without a relation"),
        ("therefore 3", 1, "'therefore' is not arithmetic"),
        ("__import__('os')", 1, "is not arithmetic"),
        ("x.__class__", 2, "'.' is not arithmetic"),
        ("|x|", 1, "'|' is not arithmetic"),
        ("a\x00b", 2, "'\\x00' is not arithmetic"),
    ],
)
def test_what_is_no_expression_is_refused_at_its_column(text, column, because):
    with pytest.raises(Unparsable) as caught:
        parse(text)
    assert caught.value.column == column
    assert because in caught.value.because
    assert str(caught.value).startswith("cannot read ")


def test_a_name_without_a_value_cannot_be_evaluated():
    def leaf(node):
        raise CannotEvaluate(node.text, "it is not given")

    with pytest.raises(CannotEvaluate, match="w has no value: it is not given"):
        evaluate(parse("w"), EXACT, leaf)


def test_an_exponent_must_be_known_exactly():
    carrier = Enclosure(53)

    def leaf(node):
        if isinstance(node, Number):
            return carrier.lift(node.value)
        ends = {"t": (3, 3), "x": (2, 3)}[node.base]
        return carrier.between(*map(Fraction, ends))

    low, high = Enclosure.ends(evaluate(parse("2^t"), carrier, leaf))
    assert low == high == 8
    with pytest.raises(CannotEvaluate, match="x has no value: it stands in an exponent and is not"):
        evaluate(parse("2^x"), carrier, leaf)
    with pytest.raises(CannotEvaluate, match="its exponent is not a rational number"):
        evaluate(parse("2^(1/0)"), carrier, leaf)


# Random arithmetic, written with full brackets in each notation.

SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
LEAVES = st.builds(lambda n, k: (n, k), st.integers(0, 9999), st.integers(0, 4))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(SIGNS)), inner, inner),
        st.tuples(st.just("negative"), inner),
        st.tuples(st.just("^"), inner, st.integers(0, 4)),
    ),
    max_leaves=20,
)
STYLES = {
    "plain": {"*": "*", "/": "({}/{})", "^": "({})**{}", "-": "-"},
    "unicode": {"*": "·", "/": "({} ÷ {})", "^": "({})^{}", "-": "\N{MINUS SIGN}"},
    "latex": {"*": r" \cdot ", "/": r"\frac{{{}}}{{{}}}", "^": r"\left({}\right)^{{{}}}", "-": "-"},
}


def computed(tree) -> Fraction:
    """Carry the tree out in Python's own fractions."""
    if tree[0] == "negative":
        return -computed(tree[1])
    if tree[0] == "^":
        return computed(tree[1]) ** tree[2]
    if isinstance(tree[0], str):
        return Fraction(SIGNS[tree[0]](computed(tree[1]), computed(tree[2])))
    return Fraction(tree[0], 10 ** tree[1])


def written(tree, style) -> str:
    """Write the tree in a notation."""
    if tree[0] == "negative":
        return f"({style['-']}{written(tree[1], style)})"
    if tree[0] == "^":
        return style["^"].format(written(tree[1], style), tree[2])
    if isinstance(tree[0], str):
        left, right = written(tree[1], style), written(tree[2], style)
        if tree[0] == "/":
            return style["/"].format(left, right)
        return f"({left} {style.get(tree[0], tree[0])} {right})"
    whole, places = divmod(tree[0], 10 ** tree[1])
    return f"{whole}.{places:0{tree[1]}d}" if tree[1] else str(whole)


@pytest.mark.parametrize("style", STYLES)
@given(tree=TREES)
def test_written_arithmetic_is_read_back_to_its_value(style, tree):
    text = written(tree, STYLES[style])
    if len(tokenize(text)) > 600:
        with pytest.raises(Unparsable, match="tokens, but at most 600 are read"):
            parse(text)
        return
    found = value_of(text, Rational(1 << 20))
    try:
        want = computed(tree)
    except ZeroDivisionError:
        assert found != found or isinstance(found, Fraction | float)  # noqa: PLR0124
    else:
        assert found == want


SOURCES = sorted(Path(adamref.__file__).parent.rglob("*.py"))
BY_NAME = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "parse_latex", "S"}
BY_ATTRIBUTE = BY_NAME - {"compile"}  # re.compile


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(SOURCES[0].parent).as_posix())
def test_no_source_file_evaluates_text(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not {alias.name for alias in node.names} & BY_ATTRIBUTE
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in BY_NAME
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in BY_ATTRIBUTE


def test_a_juxtaposition_is_told_from_a_product():
    assert isinstance(parse("2w"), Binary)
    assert (parse("2w").sign, parse("2*w").sign) == ("juxtaposed", "*")
    assert (parse("(1/2)").grouped, parse("1/2").grouped) == (True, False)


CASES = r"\begin{cases} 2 & \text{if } %s \\ 3 & \text{otherwise} \end{cases}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 if 1 > 1, else 3", 3),
        ("2 if 1 ≥ 1, else 3", 2),
        ("max(1, 2) if 2 > 1, else 3", 2),
        ("1 if 1 < 0, 2 if 0 ≤ 0, else 3", 2),
        (CASES % "1 > 1", 3),
        (CASES % r"1 \leq 1", 2),
        (r"\left|-2\right| + \lvert 3 \rvert", 5),
        ("max(|-2|, 1)", 2),
    ],
)
def test_a_choice_is_what_its_condition_says(text, value):
    assert evaluate(parse(text), EXACT, lambda leaf: leaf.value) == value


def test_a_choice_that_cannot_be_told_and_a_sum_over_nothing_have_no_value():
    wide = Enclosure(64)
    for text in ("2 if x > 1, else 3", "Σx"):
        with pytest.raises(CannotEvaluate):
            evaluate(parse(text), wide, lambda _: wide.between(Fraction(0), Fraction(2)))


@pytest.mark.parametrize("text", ["x = 2 if t > 1 else 3", "we take 2 if it is fine, else 3"])
def test_words_and_programs_are_no_choice(text):
    assert not any(token.kind == "OPEN" for token in tokenize(text))


@pytest.mark.parametrize(
    ("text", "base", "index", "accent"),
    [
        ("‖θ‖₁", "theta", "1", "norm"),
        (r"\lVert r \rVert_{2}", "r", "2", "norm"),
        (r"\bar{v}_{1}", "v", "1", "bar"),
        ("ǧ₂", "g", "2", "check"),
        (r"\tilde{\theta}_1", "theta", "1", "tilde"),
        ("RMS₁", "RMS", "1", ""),
        ("m′₁", "m", "1", ""),
    ],
)
def test_what_a_letter_wears_is_kept(text, base, index, accent):
    name = parse(text)
    assert (name.base, name.index, name.accent) == (base, index, accent)
