"""What is compared, and on which picture: the side bar of Compare."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import EngineInfo
from app import services
from app.services import compare, galleries
from app.shared import lab_link, sample_browser, uploads
from app.shared.search_state import FORMS
from app.views.compare import state
from app.views.compare.state import LINKED, MATCHES, PATH, SideChoice


def picture() -> None:
    """Choose the picture."""
    with st.sidebar:
        uploads.photos("compare_files", state.take_uploads)
        titles = {key: f"{photo.title} (upload)" for key, photo in services.uploads().items()}
        samples = services.samples().samples.values()
        order = sorted(samples, key=lambda sample: sample.role != "query")
        titles |= {sample.name: sample.title for sample in order}
        chosen = LINKED.picture
        if chosen and chosen not in titles:
            # A link may name what is not here; it stays chosen, and the page says what is wrong.
            titles = {chosen: chosen} | titles
        st.selectbox(
            "Picture", list(titles), key=LINKED.key("picture"),
            format_func=lambda key: titles.get(key, key),
            on_change=lambda: LINKED.put(edit=""),
            placeholder="no samples here: upload a photo",
            help="Both sides look at it, and search the samples' gallery for it.",
        )  # fmt: skip
        left, right = st.columns(2)
        if left.button("Browse", width="stretch", help="Choose a sample by its picture."):
            sample_browser.browse(state.choose)
        if right.button("Occlude", width="stretch", help="Hide parts of it in the occlusion lab."):
            state.to_lab()
        if lab_link.LINKED.visited:
            st.button(
                "Take the lab's picture", width="stretch", on_click=state.from_lab,
                help="The occlusion lab's picture, with what is hidden there.",
            )  # fmt: skip
        if LINKED.edit:
            st.button(
                "Show the whole picture again", on_click=LINKED.put, kwargs={"edit": ""},
                width="stretch", help="Parts are hidden as drawn in the occlusion lab.",
            )  # fmt: skip


def side(name: str) -> SideChoice:
    """Choose the network and the match of one side; the network is loaded if need be.

    Raises:
        UserError: There is no such network.
    """
    with st.sidebar:
        st.html(f"<small><b>{name.upper()}</b></small>")
        network = _network(name)
        with st.spinner("Loading the network…"):
            info = compare.info(network)
        return SideChoice(network, _match(name, info))


def _network(name: str) -> str:
    running = services.info()
    titles = {"": f"{running.checkpoint}, runs here"}
    titles |= {each.name: each.title for each in compare.networks()}
    if galleries.at_home():
        titles[PATH] = "another checkpoint…"
    if LINKED.get(name) not in titles:
        LINKED.put(**{name: ""})
    network = st.selectbox(
        "Network", list(titles), key=LINKED.key(name), format_func=lambda key: titles.get(key, key),
        help="The checkpoint that runs here, another shipped one, a checkpoint on this machine, or "
        "a new network with a preset's design and random weights, which has learnt nothing.",
    )  # fmt: skip
    if network != PATH:
        return network
    path = st.text_input(
        "Checkpoint", key=LINKED.key(f"path_{name}"), placeholder="path of a .safetensors file",
        help="On the machine that runs this application; its card lies beside it.",
    ).strip()  # fmt: skip
    if not path:
        raise services.UserError("Name a checkpoint: the path of a .safetensors file.")
    return path


def _match(name: str, info: EngineInfo) -> str:
    key = f"match_{name}"
    offered = [match for match in MATCHES if match != compare.SL or compare.knows_sl(info)]
    if LINKED.get(key) not in offered:
        LINKED.put(**{key: "unweighted"})
    own = FORMS.get(info.similarity, info.similarity)
    return st.selectbox(
        "Match", offered, key=LINKED.key(key),
        format_func=lambda match: MATCHES[match] if match else f"{MATCHES['']}: {own}",
        help="How the landmarks' cosines make one number; it changes the ranking, not the maps.",
    )  # fmt: skip


def view() -> None:
    """How the maps are drawn, and the sides exchanged."""
    with st.sidebar:
        st.button(
            "Swap A and B", on_click=state.swap, width="stretch",
            help="Exchange the two sides.",
        )  # fmt: skip
        st.slider("Map opacity, %", 0, 100, LINKED.opacity, key=LINKED.key("opacity"), step=5)
