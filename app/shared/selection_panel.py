"""The selection and the tags of a gallery, in the side bar of every page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from aonet_core.engine import in_markdown
from app import services
from app.services import galleries
from app.shared import clickable, csv_table, downloads, gallery_links, report, selection

THUMBNAILS = 12
"""Selected pictures that are shown."""
TAG, NEW_TAG = "selection_tag", "selection_new_tag"
"""Keys of the widgets."""


def show(gallery: str, here: Sequence[str]) -> None:
    """Offer to change the selection, and to open its pictures.

    Args:
        gallery: Whose pictures.
        here: Keys of those that the page shows in large; an upload is in no gallery.
    """
    names = [key.removeprefix(galleries.MEMBER) for key in here if key]
    here = [name for name in names if not name.startswith(services.UPLOAD)]
    selected, picked = selection.get(gallery), None
    with st.sidebar.expander("Selection and tags"):
        sentence = f"{len(selected):,} selected in {in_markdown(gallery)}, the same on every page."
        st.caption(sentence if selected else "Nothing is selected. Selected pictures stand out, "
                   "and the others back, on every page.")  # fmt: skip
        if selected and services.ready() and galleries.ready(gallery):
            picked = clickable.show(_thumbnails(gallery, sorted(selected)), "selection_pictures")
        with st.container(horizontal=True, gap="small"):
            if here:
                inside = selected.issuperset(here)
                st.button(
                    "Deselect this picture" if inside else "Select this picture",
                    on_click=selection.toggle, args=(gallery, tuple(here)),
                )  # fmt: skip
            if selected:
                st.button("Clear", on_click=selection.put, args=(gallery,), key="selection_clear")
        _tags(gallery, selected)
        if selected:
            _download(gallery, selected)
    if picked:
        gallery_links.go(*gallery_links.target(gallery, picked))


def _tags(gallery: str, selected: frozenset[str]) -> None:
    """Choose the pictures of a tag, make one of the selection, drop one."""
    by_label = selection.tags(gallery)
    if by_label:
        # The tag whose pictures are selected now stands out, whatever selected them.
        current = next((label for label, names in by_label.items() if names == selected), None)
        st.session_state[TAG] = current
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.pills(
                "Tags", list(by_label), key=TAG, on_change=_select_tag, args=(gallery,),
                format_func=lambda label: f"{in_markdown(label)} ({len(by_label[label])})",
            )  # fmt: skip
            if current:
                st.button(
                    "Delete tag", on_click=selection.untag, args=(gallery, current),
                    help="The pictures stay selected.",
                )  # fmt: skip
    if selected:
        st.text_input(
            "Tag the selected pictures", key=NEW_TAG, on_change=_add_tag, args=(gallery,),
            placeholder="a word, then Enter",
        )  # fmt: skip


def _select_tag(gallery: str) -> None:
    label = st.session_state[TAG]
    selection.put(gallery, selection.tags(gallery).get(label, ()) if label else ())


def _add_tag(gallery: str) -> None:
    selection.tag(gallery, st.session_state[NEW_TAG])
    st.session_state[NEW_TAG] = ""


def _thumbnails(gallery: str, names: Sequence[str]) -> str:
    revision = galleries.gallery(gallery).revision
    tiles, lost = [], 0
    for name in names[:THUMBNAILS]:
        try:
            picture = galleries.thumbnail(gallery, revision, name)
        except services.UserError:
            lost += 1  # selected before the gallery changed
            continue
        page, address = gallery_links.target(gallery, name)
        body = f"<img src='{picture}' alt=''>"
        path = gallery_links.path(page)
        tiles.append(clickable.link(name, path, address, f"Open {name}", body, "tile"))
    if lost:
        tiles.append(f"<small>{lost:,} not in the gallery any more</small>")
    if len(names) > THUMBNAILS:
        tiles.append(f"<small>and {len(names) - THUMBNAILS:,} more</small>")
    return f"<div class='selection'>{''.join(tiles)}</div>"


def _download(gallery: str, selected: frozenset[str]) -> None:
    by_label = selection.tags(gallery)
    lines = [
        (gallery, name, " ".join(label for label, names in by_label.items() if name in names))
        for name in sorted(selected)
    ]
    downloads.button(
        "Names",
        "csv",
        f"aonet-{report.safe(gallery)}-selection.csv",
        csv_table.table(("gallery", "file", "tags"), lines),
        "The selected pictures' file names and tags.",
    )
