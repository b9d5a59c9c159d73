"""How alike the network's landmarks are to itself."""

from __future__ import annotations

import streamlit as st

from app import services
from app.services import atlas as service
from app.shared import heat
from app.shared.markup import helped
from app.shared.wording import MEANING


def tab() -> None:
    """Patterns, memory, and one against the other."""
    count = services.info().num_landmarks
    if count < 2:
        st.info(f"This network has {count} landmark: there is nothing to compare.")
        return
    facts = service.facts()
    matrices = "".join(
        heat.matrix(values, helped(title, MEANING[title]), sides)
        for title, values, sides in (
            ("landmark patterns", facts.pattern_cosine, ("", "")),
            ("remembered features", facts.memory_cosine, ("", "")),
            ("patterns and memory", facts.reference_cosine, ("pattern", "memory")),
        )
    )
    st.html(f"<div class='heats'>{matrices}</div>{heat.scale()}")
    st.caption(
        "What the landmarks see in a gallery, and how alike that is, stands in the atlas. A dash: "
        "the network has no patterns, or its memory is empty."
    )
