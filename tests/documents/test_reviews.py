"""Code that a text quotes in order to criticise it is no claim of the text."""

import pytest

from adamref import audit

CODE = """```python
def step(self, grads):
    for i, g in enumerate(grads):
        self.t += 1
        self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
        self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g
        mh = self.m[i] / (1 - self.b1 ** self.t)
        vh = self.v[i] / (1 - self.b2 ** self.t)
        self.p[i] -= self.lr * mh / (math.sqrt(vh) + self.eps)
```
"""
COUNTS = "`self.t += 1` is inside the loop over parameters. Move it above the `for`."
SQUARES = "In `self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g` the square is missing: fix it."
PIECE = "`(1 - self.b2) * g` should be `(1 - self.b2) * g * g`."


def wrong(*said):
    text = "# Review: Adam\n\n" + CODE + "".join(f"\n> {one}\n" for one in said)
    return [c.quote.strip() for c in audit(text).claims if c.is_wrong]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ((), ["self.t", "self.v[i]"]),
        ((COUNTS,), ["self.v[i]"]),
        ((SQUARES,), ["self.t"]),
        ((PIECE,), ["self.t"]),
        ((COUNTS, SQUARES), []),
        (("Here `self.t += 1` counts the steps.",), ["self.t", "self.v[i]"]),
        (("All should end near 3. `self.t += 1` counts the steps.",), ["self.t", "self.v[i]"]),
    ],
)
def test_what_a_review_says_itself_is_not_said_again(said, left):
    assert [quote.split()[0] for quote in wrong(*said)] == left
