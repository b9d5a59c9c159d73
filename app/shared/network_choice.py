"""Which network answers: the one that runs, or one of the visitor's own; on every page."""

from __future__ import annotations

import streamlit as st

from app import services
from app.services import networks


def show() -> None:
    """Choose, in the side bar, once there is a choice."""
    titles = networks.titles()
    if not titles:
        return
    # Another set of networks is another widget: a browser's answer to the one before is not taken.
    key = f"network {' '.join(titles)}"
    st.session_state[key] = st.session_state.get(networks.KEY, "")
    with st.sidebar:
        st.selectbox(
            "Network",
            ["", *titles],
            key=key,
            format_func=lambda digest: titles.get(digest, "unadapted"),
            on_change=_choose,
            args=(key,),
            help="Networks that you adapted are yours alone: nobody else sees them. They answer on "
            "all pages, and are kept as long as your pictures.",
        )


def _choose(key: str) -> None:
    networks.choose(st.session_state[key])


def title() -> str:
    """What the network in use is called; "" for the one that runs."""
    own = networks.in_use()
    return networks.titles()[own.digest] if own else ""


def titled(name: str) -> str:
    """What a network is called by its name, as in `services.failures.ask_of`."""
    if name == networks.RUNNING:
        with networks.using(name):
            return f"{services.info().checkpoint}, unadapted"
    return networks.titles().get(name.removeprefix(networks.OWN), name)
