"""Sign-in: off without secrets, first of all with them."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.shared import sign_in

PAGE = """
import streamlit as st
from app.shared import sign_in
if sign_in.admitted():
    st.write("the page")
"""
AUTH = {"auth": {"client_id": "lens"}}


class User(SimpleNamespace):
    def get(self, name, default=None):
        return getattr(self, name, default)


@pytest.fixture
def visitor(monkeypatch):
    def come(**about):
        monkeypatch.setattr(st, "user", User(**about))

    return come


def run(secrets):
    app = AppTest.from_string(PAGE, default_timeout=60)
    for name, value in secrets.items():
        app.secrets[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app):
    return "the page" in [each.value for each in app.markdown]


def test_without_secrets_nothing_changes():
    app = run({})
    assert shown(app) and not app.button


def test_other_secrets_change_nothing():
    assert shown(run({"database": {"password": "x"}}))


def test_with_secrets_the_sign_in_comes_first(visitor):
    visitor(is_logged_in=False)
    app = run(AUTH)
    assert not shown(app) and [button.label for button in app.button] == ["Sign in"]


def test_sign_in_that_is_not_set_up_is_explained(visitor, monkeypatch):
    visitor(is_logged_in=False)

    def login():
        raise sign_in.StreamlitAuthError("Authlib is missing.\nmore")

    monkeypatch.setattr(st, "login", login)
    app = run(AUTH)
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["Sign-in is not set up: Authlib is missing."]


def test_whoever_signed_in_sees_the_page_and_can_leave(visitor):
    visitor(is_logged_in=True, email="a@b.org", name="Ada")
    app = run(AUTH)
    assert shown(app) and app.button[0].label == "Sign out Ada"


@pytest.mark.parametrize(
    ("email", "checked", "let_in"),
    [
        ("ada@lab.org", True, True),
        ("Guest@Else.org", None, True),
        ("mallory@evil-lab.org", True, False),
        ("ada@lab.org", False, False),
        ("", True, False),
        (None, None, False),
    ],
)
def test_only_those_on_the_list_come_in(email, checked, let_in, visitor):
    about = {"email": email} | ({} if checked is None else {"email_verified": checked})
    visitor(is_logged_in=True, **about)
    app = run(AUTH | {"access": {"emails": ["guest@else.org"], "domains": ["lab.org", ""]}})
    assert shown(app) == let_in and bool(app.error) != let_in
