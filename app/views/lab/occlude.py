"""Occlude: draw on the photo, see what the network makes of it."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Edit, in_markdown
from app import services
from app.services import Photo, lab
from app.services.lab import Occluded
from app.shared import figures, lab_link, maps, messages, search_state, uploads
from app.shared.lab_link import LINKED
from app.shared.markup import SCROLLS, escape, helped, percent
from app.shared.wording import MEANING
from app.views.lab import canvas, downloads, exports, state
from app.views.lab.fills import FILLS
from app.views.lab.parts import before_after


@messages.fragment
def tab() -> None:
    """The canvas and beside it all that follows from it; a stroke reruns this alone."""
    state.hold_fill()
    photo = services.photo(LINKED.picture)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=300, gap="small"):
            _fill()
            drawn = canvas.canvas(photo)
            _cutouts()
        with st.container(gap="small", key="lab_results"):
            _results(photo, drawn)


def _results(photo: Photo, drawn: list[dict]) -> None:
    try:
        edit = state.take(drawn)
    except services.UserError as error:
        lab_link.add_problem(f"{error} The page shows what was there before.")
        edit = LINKED.edit
    LINKED.remember()
    try:
        occluded = lab.occlude(photo.key, edit, LINKED.other or "")
    except services.UserError as error:
        lab_link.add_problem(str(error))
        occluded = lab.occlude(photo.key, Edit())
    for problem in lab_link.take_problems():
        st.error(in_markdown(problem))
    _show(occluded)
    if st.button("Retrieve", help="Rank the gallery for the picture as it is hidden here."):
        search_state.go("retrieve", query=photo.key, edit=lab_link.token(), match="", page=1)


def _show(occluded: Occluded) -> None:
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    view = state.view()
    limits = maps.limits([occluded.before, occluded.after], view)
    notes = list(occluded.edited.notes)
    if not occluded.edited.mask.any():
        notes.append("Nothing is hidden: draw on the photo, or add a shape by numbers below it.")
    paragraphs = "".join(f"<p class='notes'>{escape(note)}</p>" for note in notes)
    st.html(
        f"<div class='panel seen'><div {SCROLLS}>{_title(occluded)}{paragraphs}"
        f"{before_after.strip(occluded, view, limits, names)}</div>"
        f"{before_after.likeness(occluded, names)}</div>"
    )
    both = [occluded.before, occluded.after]
    downloads.row(
        occluded.before.photo,
        ("Figure", "png", lambda: figures.figure_png(both, view, limits, names)),
        ("Numbers", "csv", lambda: exports.numbers_csv(occluded, names)),
        occluded=occluded,
    )


def _title(occluded: Occluded) -> str:
    width, height = occluded.before.photo.image.size
    spent = helped(f"{occluded.after.analysis.milliseconds:.0f} ms", MEANING["milliseconds"])
    return (
        f"<h2><b>{escape(occluded.before.photo.title)}</b><small>{width} × {height} px · "
        f"{percent(occluded.edited.hidden, 1)} hidden · {spent}</small></h2>"
    )


def _fill() -> None:
    """What the shapes are filled with."""
    with st.container(horizontal=True, gap="small"):
        kind = st.selectbox(
            "Hide with",
            list(FILLS),
            format_func=lambda key: FILLS.get(key, key),
            key=state.FILL,
            help="What takes the place of the hidden pixels. Cut-outs bring their own.",
        )
        if kind in ("noise", "texture"):
            st.number_input(
                "Seed",
                0,
                9999,
                key=state.SEED,
                width=110,
                help="Another makes another pattern.",
            )
    if kind == "picture":
        _donor()


def _donor() -> None:
    """Whose pixels the shapes show."""
    titles = {s.name: s.title for s in services.samples().samples.values()}
    titles |= {key: f"{photo.title} (upload)" for key, photo in services.uploads().items()}
    chosen = st.session_state[state.SOURCE]
    if not chosen:
        st.session_state[state.SOURCE] = next(iter(titles), "")
    elif chosen not in titles:
        titles = {chosen: chosen} | titles
    st.selectbox(
        "Whose pixels",
        list(titles),
        format_func=lambda key: titles.get(key, key),
        key=state.SOURCE,
        help="Scaled onto the whole photo; the shapes show it through.",
    )


def _cutouts() -> None:
    """More cut-outs for the stamp tool."""
    with st.popover("More cut-outs", width="stretch", help="Besides the shipped occluders."):
        people = [sample for sample in services.samples().samples.values() if sample.mask]
        titles = {lab.PERSON + sample.name: sample.title for sample in people}
        st.multiselect(
            "The person of a sample",
            list(titles),
            format_func=lambda key: titles.get(key, key),
            key="lab_people",
            help="Cut out along the rendered outline, to put in front of this one.",
        )
        st.file_uploader(
            "A cut-out of your own",
            type=["png", "webp"],
            key="lab_cutout",
            on_change=_take_cutout,
            help=f"PNG or WebP with transparency. {uploads.kept()}",
        )


def _take_cutout() -> None:
    file = st.session_state["lab_cutout"]
    if file is None:
        return
    try:
        lab.add_cutout(file.name, file.getvalue())
    except services.UserError as error:
        lab_link.add_problem(str(error))
