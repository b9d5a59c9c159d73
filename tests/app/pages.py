"""What tests of pages share."""


def run(app):
    """Run a page once more; nothing may be raised."""
    app.run()
    assert not app.exception, app.exception
    return app


def errors(app):
    """What the page says is wrong, without the backslashes that Markdown needs."""
    return [error.value.replace("\\", "") for error in app.error]


def script(view):
    """The text of a script that shows one page of the application."""
    return f"""
import streamlit as st
from app.main import VIEWS
st.session_state.setdefault("pages", {{}})
VIEWS["{view}"].run()
"""
