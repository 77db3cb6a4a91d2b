"""Tables with an optimizer a row, or a column: what each says is judged by its own rule."""

import pytest

from adamref import audit

SHEET = r"""# Optimizer cheat sheet

| name | update | state |
|---|---|---|
| SGD | $\theta_t = \theta_{t-1} - \alpha g_t$ | none |
| Momentum | $m_t = \beta m_{t-1} + g_t$, $\theta_t = \theta_{t-1} - \alpha m_t$ | $m$ |
| RMSprop | $v_t = \beta v_{t-1} + (1-\beta) g_t^2$<br>$\theta_t = \theta_{t-1} - \alpha g_t/\sqrt{v_t+\epsilon}$ | $v$ |
| Adam | $m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t$, $v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2$, $\hat m_t = m_t/(1-\beta_1^t)$, $\hat v_t = v_t/(1-\beta_2^t)$, $\theta_t = \theta_{t-1} - \alpha \hat m_t/(\sqrt{\hat v_t}+\epsilon)$ | $m, v$ |
"""  # noqa: E501

COLUMNS = r"""# Two of them

| | RMSprop | Adam |
|---|---|---|
| first moment | none | $m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t$ |
| second | $v_t = \beta v_{t-1} + (1-\beta) g_t^2$ | $v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2$ |
"""

HEADED = r"""# Moments

| | $m_t$ | $v_t$ |
|---|---|---|
| RMSprop | none | $\beta v_{t-1} + (1-\beta) g_t^2$ |
| Adam | $\beta_1 m_{t-1} + (1-\beta_1) g_t$ | $\beta_2 v_{t-1} + (1-\beta_2) g_t^2$ |
"""

IN_HTML = """<!doctype html><html><body><h1>Optimizers</h1>
<table><tr><th>Optimizer</th><th>Update</th></tr>
<tr><td>Adagrad</td><td>v<sub>t</sub> = v<sub>t-1</sub> + g<sub>t</sub><sup>2</sup></td></tr>
<tr><td>Adam</td><td><p>m<sub>t</sub> = &beta;<sub>1</sub> m<sub>t-1</sub>
 + (1-&beta;<sub>1</sub>) g<sub>t</sub></p><p>v<sub>t</sub> = &beta;<sub>2</sub> v<sub>t-1</sub>
 + (1-&beta;<sub>2</sub>) g<sub>t</sub><sup>2</sup><br></p></td></tr></table></body></html>
"""


@pytest.mark.parametrize(
    ("text", "count"), [(SHEET, 10), (COLUMNS, 3), (HEADED, 3), (IN_HTML, 3)]
)  # fmt: skip
def test_a_row_is_judged_by_the_optimizer_that_heads_it(text, count):
    verdicts = [c.verdict for c in audit(text).claims]
    assert len(verdicts) == count
    assert {*verdicts} <= {"holds", "dialect"}


@pytest.mark.parametrize(
    ("text", "right", "wrong", "line", "field"),
    [
        (SHEET, r"(1-\beta_2^t)", r"(1-\beta_2)$", 8, "v_hat"),
        (SHEET, r"(1-\beta) g_t^2$<br>", r"(1-\beta) g_t$<br>", 7, "v"),
        (SHEET, r"+ (1-\beta_1) g_t$", r"- (1-\beta_1) g_t$", 8, "m"),
        (COLUMNS, r"(1-\beta) g_t^2", r"(1-\beta) g_t", 6, "v"),
        (HEADED, r"(1-\beta_1) g_t$", r"(1-\beta_2) g_t$", 6, "m"),
        (IN_HTML, "g<sub>t</sub><sup>2</sup><br>", "g<sub>t</sub><br>", 5, "v"),
    ],
)
def test_a_wrong_formula_in_a_row_is_found(text, right, wrong, line, field):
    assert right in text
    (found,) = [c for c in audit(text.replace(right, wrong)).claims if c.is_wrong]
    assert found.field == field
    assert found.line in (line, line - 1)


def test_what_stands_below_the_table_is_about_the_document_again():
    after = "\nFor Adam, $v_t = \\beta_2 v_{t-1} + (1-\\beta_2) g_t$ is the second moment.\n"
    (found,) = [c for c in audit(SHEET + after).claims if c.is_wrong]
    assert (found.line, found.optimizer) == (10, "adam")
