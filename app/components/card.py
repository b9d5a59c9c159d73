"""How to read the page, and the card of the checkpoint."""

from __future__ import annotations

import streamlit as st

from app import services
from app.components.markup import plain
from app.wording import MEANING

INTRODUCTION = """
AONet looks for K latent landmarks in a picture of a person. It compares each landmark's response
with the average response it remembers from training: a landmark that responds less than usual
everywhere is taken to be hidden, and counts less in matching. The *Inspect* page shows both sides
of that step.
"""
PRIVACY = """
Pictures are analysed by the machine that runs this application. Uploads stay in the memory of the
browser session and are gone with it, except those that you put into a gallery: they are stored on
that machine until you delete the gallery. Nothing is sent on, no usage is recorded.
The shipped samples are rendered: no real person is among them.
"""


def reading_help() -> None:
    """What every map and number means."""
    st.subheader("How to read the maps and numbers")
    st.markdown(INTRODUCTION)
    lines = [f"| **{name}** | {meaning} |" for name, meaning in MEANING.items()]
    st.markdown("\n".join(["| | |", "|---|---|", *lines]))
    st.subheader("What happens to pictures")
    st.markdown(PRIVACY)


def checkpoint() -> None:
    """What runs here, how it was trained and what was measured."""
    st.subheader("The checkpoint")
    try:
        with st.spinner("Loading the network, once for all pictures…"):
            info = services.info()
    except services.UserError as error:
        st.error(plain(str(error)))
        return
    facts = {
        "checkpoint": f"{info.checkpoint}, SHA-256 {info.digest}",
        "network": f"{info.preset}, {info.backbone}, {info.num_landmarks} landmarks",
        "input": f"{info.image_size[1]} × {info.image_size[0]} pixels, response maps "
        f"{info.map_size[1]} × {info.map_size[0]}",
        "runs on": f"{info.device}, {info.precision}"
        + (", batch norms folded into convolutions" if info.batch_norms_folded else ""),
    }
    lines = [f"| **{name}** | {plain(value)} |" for name, value in facts.items()]
    st.markdown("\n".join(["| | |", "|---|---|", *lines]))
    with st.expander("The whole card"):
        st.json(info.card)
