"""How to read the pages, and what happens to pictures."""

from __future__ import annotations

import streamlit as st

from app.shared.wording import MEANING

INTRODUCTION = """
AONet looks for K latent landmarks in a picture of a person. It compares each landmark's response
with the average response it remembers from training: a landmark that responds less than usual
everywhere is taken to be hidden, and counts less in matching. The *Inspect* page shows both sides
of that step.
"""
TOUR = "[Take the tour of five steps](./?tour=1)"
PRIVACY = """
Pictures are analysed by the machine that runs this application. Uploads stay in its memory, for
your browser alone, for some hours after your last visit (the help of the upload field tells how
many), or until you press *Forget my pictures*; those that you put into a gallery are stored on that
machine until you delete the gallery. Nothing is sent on, no usage is recorded.
The shipped samples are rendered: no real person is among them.
"""


def tab() -> None:
    """What every map and number means."""
    st.markdown(f"{INTRODUCTION}\n{TOUR}")
    lines = [f"| **{name}** | {meaning} |" for name, meaning in MEANING.items()]
    with st.container(height=420):
        st.markdown("\n".join(["| | |", "|---|---|", *lines]))
    st.html("<h2 class='small'>What happens to pictures</h2>")
    st.markdown(PRIVACY)
