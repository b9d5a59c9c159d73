"""Whatever a link says, each choice of a page has a value that its page can show and write."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aonet_core.engine import Edit
from app.shared import lab_link, search_state
from app.shared.choices import MAX_LETTERS, MAX_NUMBER
from app.views.atlas import state as atlas
from app.views.compare import state as compare
from app.views.inspect import state as inspect
from app.views.model import page as model
from tests.hostile import NAMES

GROUPS = (
    atlas.LINKED, compare.LINKED, inspect.LINKED, lab_link.LINKED, model.LINKED,
    search_state.LINKED,
)  # fmt: skip
CHOICES = [
    (f"{group.name}.{name}", each) for group in GROUPS for name, each in group.choices.items()
]
numbers = st.one_of(
    st.integers(),
    st.integers(-3, 300),
    st.floats(),
    st.sampled_from([10**40, 2**31, 2**63, -(2**63), 1e308, 1e-320]),
)
signs = st.sampled_from("+-. _,eE0123456789\u0661\uff12x%\0\n")
texts = st.one_of(
    st.text(),
    numbers.map(str),
    st.lists(numbers, max_size=6).map(lambda found: "-".join(map(str, found))),
    st.text(signs, max_size=30),
    st.sampled_from(["1", "0", "true", "None", "nan", "-inf", "", *NAMES]),
    st.sampled_from([text for _, each in CHOICES for text in [each.write(each.default)] if text]),
    st.builds(str.__mul__, st.sampled_from(["9", "1-", "x", "\u202e", "[", "A"]),
              st.integers(4000, 100_000)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "choice"), CHOICES, ids=[name for name, _ in CHOICES])
@given(text=texts)
def test_any_text_is_a_value(name, choice, text):
    value = choice.value(text)
    check(value)
    if choice.default is not None:
        assert type(value) is type(choice.default)
    written = choice.write(value)
    assert written is None or len(written) <= MAX_LETTERS
    assert written is None or choice.write(choice.value(written)) == written


def check(value):
    """It fits a widget, a table and a browser."""
    if isinstance(value, float | int):
        assert math.isfinite(value) and abs(value) <= MAX_NUMBER
    elif isinstance(value, tuple):
        assert len(set(value)) == len(value) < MAX_LETTERS
        for each in value:
            check(each)
    elif isinstance(value, str):
        assert len(value) <= MAX_LETTERS
    else:
        assert value is None or isinstance(value, Edit)
