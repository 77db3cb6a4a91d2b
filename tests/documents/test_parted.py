"""Which rows, lines and functions are about what: by the names that they carry themselves."""

from __future__ import annotations

import pytest

from adamref import audit

ROWS = {
    "sgd": ("0;;1", "1;2;0.8", "2;1.6;0.64", "3;1.28;0.512"),
    "adagrad": ("0;;1", "1;2;0.9", "2;1.8;0.833104", "3;1.66621;0.780456"),
    "adam": ("0;;1", "1;2;0.9", "2;1.8;0.800412", "3;1.60082;0.701586"),
}
"""Of w² from 1 at the rate 0.1, worked with Python's floats."""


def table(rows, head="optimizer;step;grad;theta"):
    lines = [f"{name};{row}" for name, its in rows.items() for row in its]
    return "# f(w) = w^2, lr = 0.1, eps = 1e-10\n" + "\n".join([head, *lines]) + "\n"


def verdicts(text, name, tmp_path):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return audit(path).claims


def barred(text):
    """Write a table as Markdown does, with a rule below its head."""
    above, head, *rows = text.splitlines()
    lines = ["|" + x.replace(";", "|") + "|" for x in (head, *rows)]
    rule = "|" + "---|" * (head.count(";") + 1)
    return "\n".join([above.removeprefix("# "), "", lines[0], rule, *lines[1:], ""])


@pytest.mark.parametrize(
    ("name", "written"),
    [("steps.csv", str), ("steps.txt", str), ("steps.md", str), ("steps.md", barred)],
)
def test_rows_are_judged_by_the_optimizer_that_their_column_names(name, written, tmp_path):
    claims = verdicts(written(table(ROWS)), name, tmp_path)
    assert not [c for c in claims if c.is_wrong]
    right = {(c.optimizer, c.t) for c in claims if c.verdict == "holds" and c.field == "theta"}
    assert right >= {("adagrad", 3), ("adam", 3), ("gradient-descent", 3)}


@pytest.mark.parametrize("name", ["steps.csv", "steps.md"])
def test_rows_from_the_first_step_on_begin_where_the_text_says(name, tmp_path):
    rows = {who: its[1:] for who, its in ROWS.items()}
    text = "f(w) = w^2, w_0 = 1, lr = 0.1, eps = 1e-10\n\n" + barred(table(rows)).split("\n", 2)[2]
    text = text if name.endswith("md") else table(rows).replace("f(w)", "w_0 = 1, f(w)")
    claims = verdicts(text, name, tmp_path)
    assert not [c for c in claims if c.is_wrong]
    right = {(c.optimizer, c.t) for c in claims if c.verdict == "holds" and c.field == "theta"}
    assert right == {(x, t) for x in ("gradient-descent", "adagrad", "adam") for t in (1, 2, 3)}


def test_a_wrong_number_among_them_is_found(tmp_path):
    spoiled = ROWS | {"adagrad": (*ROWS["adagrad"][:2], "2;1.8;0.853104", ROWS["adagrad"][3])}
    wrong = [c for c in verdicts(table(spoiled), "steps.csv", tmp_path) if c.is_wrong]
    assert [(c.optimizer, c.field, c.t, c.line) for c in wrong] == [("adagrad", "theta", 2, 9)]


def test_a_number_before_printed_vectors_is_the_step():
    text = (
        "Adam: alpha = 0.1, beta1 = 0.9, beta2 = 0.99, g_1 = (2, -1), theta_0 = (0, 0)\n\n"
        "1  lr=0.1  m=(0.2, {m})  v=(0.04, 0.01)\n"
    )
    assert not [c for c in audit(text.format(m="-0.1")).claims if c.is_wrong]
    assert [c.field for c in audit(text.format(m="-0.3")).claims if c.is_wrong] == ["m"]


GO = """```go
// {name} of a vector.
func (a *{name}) Step(p, g []float64) {{
	a.t++
	c1 := 1 - math.Pow(a.Beta1, float64(a.t))
	for i := range p {{
		a.m[i] = a.Beta1*a.m[i] + (1-a.Beta1)*g[i]
		a.u[i] = math.Max(a.Beta2*a.u[i], {size})
		p[i] -= a.LR / c1 * a.m[i] / a.u[i]
	}}
}}
```
"""
CPP = """```cpp
void {name}::step(float* p, const float* g) {{
  t += 1;
  for (int i = 0; i < n; i++) {{
    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    u[i] = std::max(beta2 * u[i], {size});
    p[i] -= lr / (1 - std::pow(beta1, t)) * m[i] / u[i];
  }}
}}
```
"""


@pytest.mark.parametrize(("code", "size"), [(GO, "math.Abs(g[i])"), (CPP, "std::abs(g[i])")])
def test_a_method_outside_its_class_is_of_the_optimizer_that_this_names(code, size):
    above = "# Adam and AdaMax\n\n"
    assert not [
        c for c in audit(above + code.format(name="AdaMax", size=size)).claims if c.is_wrong
    ]
    spoiled = audit(above + code.format(name="AdaMax", size="g[i]")).claims
    assert [c.optimizer for c in spoiled if c.is_wrong] == ["adamax"]


RUST = """```rust
fn main() {{
    for g in [0.5, 1.0] {{
        let mut opt = Adam::new(0.01);
        {step}
    }}
}}
```
"""


@pytest.mark.parametrize(
    ("step", "is_wrong"),
    [("let x = opt.step(1.0, g);", False), ("x = opt.step(x, g);", True), ("opt.step();", True)],
)
def test_an_optimizer_for_each_single_step_is_none_made_anew(step, is_wrong):
    claims = audit("# Adam\n\n" + RUST.format(step=step)).claims
    assert any(c.is_wrong for c in claims) == is_wrong


@pytest.mark.parametrize(
    "said",
    [
        "With plain gradient descent we would get $w_1 = 1 - 0.1*2 = 0.8$.",
        "Mit gewöhnlichem Gradientenabstieg wäre $w_1 = 1 - 0.1*2 = 0.8$.",
        "Par la descente de gradient on aurait $w_1 = 1 - 0.1*2 = 0.8$.",
        "如果用普通梯度下降,第一步会走到 $w_1 = 1 - 0.1*2 = 0.8$。",
    ],
)
def test_gradient_descent_is_known_by_its_name_in_other_languages(said):
    above = "# Adam\n\nalpha = 0.1, w_0 = 1, g_1 = 2\n\nm_1 = 0.2, v_1 = 0.004, w_1 = 0.9\n\n"
    assert not [c for c in audit(above + said).claims if c.is_wrong]


ASKED = """# Why is my second step of Adam another than the framework's?

alpha = 0.1, beta1 = 0.9, theta_0 = 1, g_1 = 2, g_2 = 1. For the second I do

> $m_2 = 0.9*0.2 + 0.1*1 = 0.28$
>
> $\\hat m_2 = 0.28/(1-0.9) = 2.8$

{asks}

---

**Answer.** {answer}
"""
RIGHT = "Use the power: $\\hat m_2 = 0.28/(1-0.9^2) = 1.4737$."


def test_what_is_asked_about_and_put_right_below_is_no_mistake_of_the_text():
    asked = ASKED.format(asks="but it prints another. What am I doing wrong?", answer=RIGHT)
    unread = [c for c in audit(asked).claims if c.t == 2 and c.verdict == "unread"]
    assert not [c for c in audit(asked).claims if c.is_wrong]
    assert "the text says in line 9 that it is wrong" in unread[0].because
    stays = (
        ASKED.format(asks="So far for the second step.", answer=RIGHT),
        ASKED.format(asks="What am I doing wrong?", answer="Nothing."),
    )
    assert all([c.field for c in audit(x).claims if c.is_wrong] == ["m_hat"] for x in stays)
