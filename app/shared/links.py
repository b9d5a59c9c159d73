"""Choices of pages, kept in the address, the session and for the visitor: a link reopens them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.services import visitor
from app.shared.choices import Choice

MINOR = ("opacity", "scale", "edit", "mask", "least", "colour", "neighbours", "distance", "page")
"""Names in addresses that changes of make no step to go back to: looks, and what has an undo."""
TOUR = "tour"
"""Name in addresses of the tour's step, which belongs to no page: pages leave it where it is."""
SHOWN = "page_shown"
"""Key in the session's state: the page of the last run."""


def went_back() -> bool:
    """Whether this run began because the visitor went back or forward to its address."""
    context = get_script_run_ctx(suppress_warning=True)
    return bool(context and context.is_history_navigation)


@dataclass(frozen=True)
class Linked:
    """What a group of pages can be asked: a class whose attributes are the choices.

    Attributes:
        name: Of the group, the path of its page where it has but one; begins the widgets' keys.
        pages: What each page's address names; by default everything, on the page `name`.
        prefix: Begins the widgets' keys instead of the name.
    """

    name: str
    pages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prefix: str | None = None

    @cached_property
    def choices(self) -> dict[str, Choice]:
        """All choices by name in the address bar."""
        return {name: each for name, each in vars(type(self)).items() if isinstance(each, Choice)}

    def key(self, name: str) -> str:
        """Key of a choice's widget."""
        return f"{self.name + '_' if self.prefix is None else self.prefix}{name}"

    def named(self, page: str = "") -> tuple[str, ...]:
        """What the address of a page names."""
        return self.pages.get(page or self.name) or tuple(self.choices)

    def restore(self, page: str = "") -> bool:
        """Fill the choices.

        They come from the last run; at first from the address bar, else from the visitor's last
        visit, else they are the defaults. An address counts again where the visitor went back to
        it, or where it came with the way to this page.

        Args:
            page: Whose address it is; the only page's by default.

        Returns:
            Whether they are others than in the last run.
        """
        page = page or self.name
        entered = st.session_state.get(SHOWN) != page
        st.session_state[SHOWN] = page
        address = st.query_params.to_dict()
        address.pop(TOUR, None)
        values = st.session_state.get(self._kept)
        first = values is None
        if values is None:
            last = visitor.belongings().choices.get(self.name, {})
            values = {n: last.get(n, each.default) for n, each in self.choices.items()}
            st.session_state[self._kept] = values
        anew = went_back() or bool(address) and (first or entered)
        if anew:
            self.put(**{n: self.choices[n].value(address.get(n)) for n in self.named(page)})
        undrawn = st.session_state.pop(self._undrawn, ())
        for name, value in values.items():
            # Of what was not drawn, in another tab or page, Streamlit may hold something emptied.
            absent = (entered and not first) or name in undrawn
            if absent or self.key(name) not in st.session_state:
                st.session_state[self.key(name)] = value
        self.put(**st.session_state.pop(self._later, {}))
        if not first:
            self._write(page)  # now: what the page works out may take long
        return anew or first

    def remember(self, page: str = "") -> None:
        """Keep the choices for the next run and visit, and write a page's to its address."""
        values = {name: self.get(name) for name in self.choices}
        st.session_state[self._kept] = values
        visitor.belongings().choices[self.name] = values
        self._write(page)

    def leave(self, page: str = "") -> None:
        """End a whole run of a page: remember, and hold what it has not drawn."""
        self.remember(page)
        undrawn = []
        for name, value in st.session_state[self._kept].items():
            with suppress(StreamlitAPIException):  # it was drawn
                st.session_state[self.key(name)] = value
                undrawn.append(name)
        st.session_state[self._undrawn] = undrawn

    def _write(self, page: str) -> None:
        address = self.link(page)
        if TOUR in st.query_params:
            address[TOUR] = st.query_params[TOUR]
        if st.query_params.to_dict() != address:
            st.query_params.from_dict(address)

    def link(self, page: str = "", /, **others: object) -> dict[str, str]:
        """What the address of a page says.

        Args:
            page: Key of `pages`.
            others: Choices that differ from the present ones.
        """
        said = {}
        for name in self.named(page):
            choice, value = self.choices[name], others.get(name, self.get(name))
            if value is not None and value != choice.default:
                said[name] = choice.write(value)
        return {name: text for name, text in said.items() if text is not None}

    def get(self, name: str) -> object:
        """A choice as it stands, on other pages too, where its widget is not drawn."""
        values = st.session_state.get(self._kept, {})
        default = values.get(name, self.choices[name].default)
        value = st.session_state.get(self.key(name), default)
        return tuple(value) if isinstance(value, list) else value

    def put(self, **values: object) -> None:
        """Choose; in callbacks, and before the widgets that show the choices."""
        for name, value in values.items():
            st.session_state[self.key(name)] = value
            if self._kept in st.session_state:
                st.session_state[self._kept][name] = value

    def later(self, **values: object) -> None:
        """Choose when the next run begins: a widget that was drawn cannot be given a value."""
        st.session_state[self._later] = values

    @property
    def visited(self) -> bool:
        """Whether anything was chosen in this session."""
        return self._kept in st.session_state

    @property
    def _kept(self) -> str:
        return f"{self.name}_choices"

    @property
    def _undrawn(self) -> str:
        return f"{self.name}_undrawn"

    @property
    def _later(self) -> str:
        return f"{self.name}_later"
