"""Choices of one page, kept in its address and in the session: a link reopens it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.choices import Choice


@dataclass(frozen=True)
class Linked:
    """What a page can be asked.

    Attributes:
        page: Its path; begins the keys of its widgets.
        choices: By name in the address bar.
    """

    page: str
    choices: dict[str, Choice]

    def key(self, name: str) -> str:
        """Key of a choice's widget."""
        return f"{self.page}_{name}"

    def restore(self) -> None:
        """Fill the choices from the last run, at first from the address bar, else the defaults."""
        kept = st.session_state.get(self.key("kept"))
        if kept is None:
            kept = {n: each.value(st.query_params.get(n)) for n, each in self.choices.items()}
        for name, value in kept.items():
            st.session_state.setdefault(self.key(name), value)

    def remember(self) -> None:
        """Keep the choices for the next visit, and write them to the address."""
        kept = {name: self.get(name) for name in self.choices}
        st.session_state[self.key("kept")] = kept
        st.query_params.from_dict(self.link())

    def link(self) -> dict[str, str]:
        """What the address says."""
        return {
            name: choice.write(self.get(name))
            for name, choice in self.choices.items()
            if self.get(name) != choice.default
        }

    def get(self, name: str) -> object:
        """A choice as it stands."""
        return st.session_state.get(self.key(name), self.choices[name].default)

    def put(self, **values: object) -> None:
        """Choose; in callbacks, and before the widgets that show the choices."""
        for name, value in values.items():
            st.session_state[self.key(name)] = value
