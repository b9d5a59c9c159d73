"""Sign-in by OpenID Connect, where the secrets have a section [auth]; else there is none."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAuthError

SECTION = "auth"
ADMITTED = "access"
"""Section of the secrets with `emails` and `domains` of those who may come in; all without it."""


def admitted() -> bool:
    """Whether the visitor may see the pages; where not, draw what lets them in instead."""
    if not _asked_for():
        return True
    if not st.user.is_logged_in:
        _welcome()
        return False
    # An address that nobody has checked could be anybody's.
    checked = st.user.get("email_verified") is not False
    address = st.user.get("email") if checked else None
    if not _expected(address if isinstance(address, str) else ""):
        _turned_away()
        return False
    st.sidebar.button(
        f"Sign out {st.user.get('name') or ''}", on_click=st.logout, icon=":material/logout:"
    )
    return True


def _asked_for() -> bool:
    # Asking for a secret where there is no file at all would say so on the page.
    return st.secrets.load_if_toml_exists() and SECTION in st.secrets


def _expected(email: str) -> bool:
    if ADMITTED not in st.secrets:
        return True
    rules = st.secrets[ADMITTED]
    email = email.lower()
    domain = email.rpartition("@")[2]
    return email != "" and (
        email in map(str.lower, rules.get("emails", ()))
        or domain in map(str.lower, rules.get("domains", ()))
    )


def _welcome() -> None:
    with _middle():
        st.subheader("AONet Lens", anchor=False)
        st.write("See what an occlusion-aware re-identification network sees.")
        if st.button("Sign in", type="primary", icon=":material/login:"):
            try:
                st.login()
            except StreamlitAuthError as error:
                st.error(f"Sign-in is not set up: {str(error).splitlines()[0]}")


def _turned_away() -> None:
    with _middle():
        st.error("This account may not use this application: ask whoever runs it.")
        st.button("Sign out", on_click=st.logout, icon=":material/logout:")


def _middle() -> DeltaGenerator:
    """A narrow column in the middle of the page."""
    return st.columns((1, 2, 1))[1]
