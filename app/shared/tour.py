"""A tour of five steps for who is here for the first time: it can be skipped, left and linked."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from app import services
from app.services import visitor
from app.services.adaptation import MIN_PICTURES
from app.shared.links import TOUR

KNOWN = "tour"
"""Among the visitor's choices: set once the tour was offered and answered."""


@dataclass(frozen=True)
class Step:
    """A step of the tour.

    Attributes:
        page: Where it is.
        title: What it shows.
        words: What to look at and do there; Markdown.
        address: What the page's address says, besides.
    """

    page: str
    title: str
    words: str
    address: dict[str, str] = field(default_factory=dict)


STEPS = (
    Step(
        "inspect",
        "What the reference changes",
        "On the left somebody behind an occluder, on the right the same render without it; as in "
        "Fig. 3 of the paper. **Without reference** an occluded landmark (marked ■) lights up "
        "somewhere else, for its map must sum to 1. **With reference** it goes dark, and its "
        "awareness β falls.",
    ),
    Step(
        "retrieve",
        "Who is most alike, and why",
        "The best matches in the gallery, green if right, red if wrong; as in Fig. 4 (a). The bar "
        "beside a match splits its similarity by landmark: what is hidden in the query hardly "
        "counts. A click on a match opens the pair.",
    ),
    Step(
        "atlas",
        "Where every landmark lives",
        "A column a landmark: its mean map, the body part under its peaks, and the pictures that "
        "excite it most and least; as in Fig. 4 (b).",
    ),
    Step(
        "inspect",
        "A photograph of your own",
        "Upload a photo of one person, cropped tightly, by the field at the left: it stays on "
        "this machine, for your browser alone. Then open **Occlusion lab** and hide a part of it.",
    ),
    Step(
        "inspect",
        "Adapt to your cameras",
        "Photographs that look unlike the training's lower β though nothing is hidden: a line "
        f"below the maps says so. With {MIN_PICTURES} or more of them, **Adapt to pictures** "
        "measures the reference anew, and shows what changed.",
    ),
)


def show(page: str, first: str) -> None:
    """The step that the address names, on its page, or the offer of the tour on a first visit.

    Args:
        page: Path of the page that is open.
        first: Path of the page that offers the tour.
    """
    number = _number()
    if number:
        if STEPS[number - 1].page != page:
            go(number)
        st.session_state[KNOWN] = True
        _step(number, STEPS[number - 1])
    elif page == first and not _answered():
        _offer()


def _number() -> int:
    """Of the step, from 1 on; 0 for none."""
    step = st.query_params.get(TOUR, "")
    return int(step) if step in map(str, range(1, len(STEPS) + 1)) else 0


def _answered() -> bool:
    """Whether the visitor knows of the tour, or came by a link to something else."""
    if st.session_state.get(KNOWN) or visitor.belongings().choices.get(KNOWN):
        return True
    if services.uploads():
        return True
    # What the first page writes to its own address comes later.
    linked = bool(st.query_params)
    st.session_state.setdefault("tour_linked", linked)
    return st.session_state["tour_linked"]


def _offer() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="tour_offer"):
        st.markdown("**New here?** Five steps show what this is for, on the samples.")
        if st.button("Take the tour", key="tour_start", type="primary"):
            go(1)
        st.button("No, thanks", key="tour_skip", on_click=_answer)


def _answer() -> None:
    visitor.belongings().choices[KNOWN] = True
    st.session_state[KNOWN] = True


def _step(number: int, step: Step) -> None:
    with st.container(border=True, key="tour"):
        st.markdown(f"**{number} of {len(STEPS)}: {step.title}.** {step.words}")
        with st.container(horizontal=True, gap="small"):
            if st.button("Back", disabled=number == 1, key="tour_back"):
                go(number - 1)
            last = number == len(STEPS)
            if not last and st.button("Next", type="primary", key="tour_next"):
                go(number + 1)
            st.button(
                "Done" if last else "End the tour",
                key="tour_end", on_click=_end, type="primary" if last else "secondary",
            )  # fmt: skip


def _end() -> None:
    _answer()
    del st.query_params[TOUR]


def go(number: int) -> None:
    """Open a step on its page; the rest of this run is dropped."""
    _answer()
    step = STEPS[number - 1]
    address = step.address | {TOUR: str(number)}
    st.switch_page(st.session_state["pages"][step.page], query_params=address)
