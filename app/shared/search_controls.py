"""What is looked for, where, and how alike is measured: the side bar of Retrieve and its like."""

from __future__ import annotations

import streamlit as st

from app import services
from app.services import galleries
from app.shared import gallery_dialog, sample_browser, search_state, uploads
from app.shared.search_state import FORMS, PREFIX


def gallery() -> None:
    """Choose the gallery, or look after galleries."""
    with st.sidebar.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        titles = galleries.titles()
        chosen = search_state.LINKED.gallery
        if chosen not in titles:
            titles = {chosen: chosen} | titles
        st.selectbox(
            "Gallery",
            list(titles),
            key=PREFIX + "gallery",
            format_func=lambda key: titles.get(key, key),
            on_change=_change_gallery,
            help="The pictures that are ranked.",
        )
        if st.button("Galleries…", help="Make, list and delete galleries."):
            gallery_dialog.start()


def _change_gallery() -> None:
    """Another gallery: a query that belongs to the one before, and its cameras, are gone."""
    key = search_state.LINKED.query
    if not key.startswith(services.UPLOAD):
        key = galleries.first_query(search_state.LINKED.gallery)
    search_state.look_for(key)
    search_state.put(cameras=())


def query() -> None:
    """Choose what is looked for."""
    with st.sidebar:
        uploads.photos("match_files", _take_uploads)
        titles = _queries()
        chosen = search_state.LINKED.query
        if chosen not in titles:
            # A link may name what is not here; it stays chosen, and the page says what is wrong.
            titles = {chosen: chosen} | titles
        st.selectbox(
            "Query",
            list(titles),
            key=PREFIX + "query",
            format_func=lambda key: titles.get(key, key),
            on_change=lambda: search_state.look_for(search_state.LINKED.query),
            placeholder="no queries here: upload a photo",
            help="The picture to look for: one of the set's queries, or an upload.",
        )
        left, right = st.columns(2)
        if left.button("Browse", width="stretch", help="Choose a sample by its picture."):
            sample_browser.browse(search_state.look_for)
        if right.button(
            "Occlude",
            width="stretch",
            disabled=chosen.startswith(galleries.MEMBER),
            help="Hide parts of the query, a sample or an upload, in the occlusion lab.",
        ):
            search_state.to_lab()
        if search_state.LINKED.edit:
            st.button(
                "Show the whole query again",
                on_click=search_state.put,
                kwargs={"edit": ""},
                width="stretch",
                help="Parts of the query are hidden as drawn in the occlusion lab.",
            )


def _queries() -> dict[str, str]:
    """Titles of what can be looked for, by key: uploads first, then the set's own."""
    titles = {key: f"{photo.title} (upload)" for key, photo in services.uploads().items()}
    if search_state.LINKED.gallery == galleries.SAMPLE:
        samples = [s for s in services.samples().samples.values() if s.role == "query"]
        return titles | {sample.name: sample.title for sample in samples}
    return titles | galleries.query_titles(search_state.LINKED.gallery)


def _take_uploads() -> None:
    """Look for a new upload; what cannot be read leaves the page as it was."""
    fresh, st.session_state["match_problems"] = services.add_uploads(
        st.session_state["match_files"]
    )
    if fresh:
        search_state.look_for(fresh[-1])


def similarity(count: int, own: str, suffix: str = "") -> None:
    """Choose how alike two pictures are said to be.

    Args:
        count: K.
        own: The checkpoint's own form.
        suffix: "2" for the options that are compared with.
    """
    st.selectbox(
        "Similarity",
        list(FORMS),
        key=f"{PREFIX}form{suffix}",
        format_func=lambda form: FORMS[form] if form else f"{FORMS['']}: {FORMS[own]}",
        disabled=bool(search_state.get("sl" + suffix)),
        help="How the landmarks' cosines make one number. Eq. 8 weights each by both awareness "
        "scores β; normalised divides by the sum of those weights.",
    )
    _landmarks(count, suffix)
    with st.container(horizontal=True):
        st.toggle(
            "SL features",
            key=f"{PREFIX}sl{suffix}",
            help="Features pooled without the average-response reference, and no β: what the "
            "landmarks see when they cannot tell that they are hidden.",
        )
        if not suffix:
            st.toggle(
                "Re-ranked",
                key=f"{PREFIX}rerank",
                help="k-reciprocal re-ranking: two pictures are alike if their nearest neighbours "
                "are. The bars still show what the first similarity is made of.",
            )


def _landmarks(count: int, suffix: str) -> None:
    """Pills, all lit at first: those that are put out do not count."""
    key = f"{PREFIX}pills{suffix}"
    everything = tuple(range(1, count + 1))
    counting = [number for number in search_state.counting(suffix) if number <= count]
    st.session_state[key] = counting or list(everything)

    def take() -> None:
        lit = tuple(sorted(st.session_state[key]))
        search_state.put(**{"only" + suffix: () if lit == everything else lit})

    st.pills(
        "Landmarks that count",
        everything,
        selection_mode="multi",
        key=key,
        on_change=take,
        help="Put one out to see the ranking without it; leave one lit to match by it alone. "
        "With none lit all count.",
    )
