"""The occlusion lab's picture on pages that take it: they do not draw the lab's widgets."""

import pytest
from streamlit.testing.v1 import AppTest

from aonet_core.engine import Edit, edit_from_token
from tests.app.pages import run

pytestmark = pytest.mark.usefixtures("small")
PAGES = """
import streamlit as st
from app.main import VIEWS
st.session_state.setdefault("pages", {})
VIEWS[st.session_state["open"]].run()
"""


@pytest.mark.parametrize(
    ("view", "label", "picture", "edit"),
    [
        ("compare", "Take the lab's picture", "compare_picture", "compare_edit"),
        ("map", "From the lab", "match_placed", "match_mask"),
    ],
)
def test_a_page_takes_the_labs_picture_as_it_is_hidden(view, label, picture, edit, monkeypatch):
    monkeypatch.setenv("AONET_PATIENCE", "0")  # the map itself is not asked for
    app = AppTest.from_string(PAGES, default_timeout=300)
    app.session_state["open"] = "lab"
    lab = run(app).session_state["lab_picture"]
    hidden = app.session_state["lab_edit"]
    app.session_state["open"] = view
    app.query_params.clear()
    run(app)
    next(button for button in app.button if button.label == label).click()
    run(app)
    assert app.session_state[picture] == lab
    assert edit_from_token(app.session_state[edit]) == hidden != Edit()
