"""Galleries: which there are, making one from a folder, a ZIP file or pictures, deleting."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aonet_core.engine import BuildReport, in_markdown
from app import services
from app.services import UserError, galleries
from app.shared import messages, search_state

SOURCES = ("Folder", "ZIP file", "Pictures")
LARGEST_ZIP = 1024
"""Of an upload, in MB."""
MOST_REFUSED = 8
"""Files told of that could not be read."""
STOPPED = "Stopped; what was done is kept. Make it again under the same name to go on."


def start() -> None:
    """Open it afresh."""
    _end("")
    _dialog()


@st.dialog("Galleries", width="large")
def _dialog() -> None:
    """What there is, and a form for one more."""
    try:
        services.info()
        _list()
    except UserError as error:
        messages.show(error)
    _tell()
    st.divider()
    _make()


def _list() -> None:
    for entry in galleries.listed():
        with st.container(horizontal=True, vertical_alignment="center"):
            facts = [f"{entry.count:,} pictures"]
            if entry.queries:
                facts.append(f"{entry.queries:,} queries")
            facts.append("identities known" if entry.pids_known else "identities not known")
            facts.append("cameras known" if entry.camids_known else "cameras not known")
            if not entry.complete:
                facts.append("not complete")
            line = f"**{in_markdown(entry.name)}** · {' · '.join(facts)}"
            if entry.source:
                line += f" · {in_markdown(entry.source)}"
            with st.container():
                st.markdown(line)
                if entry.problem:
                    st.caption(f":material/block: {in_markdown(entry.problem)}")
            if entry.name == galleries.SAMPLE:
                continue
            if entry.usable and st.button("Use", key=f"use {entry.name}"):
                _use(entry.name)
            with st.popover("Delete"):
                st.write("The pictures that it was made from stay where they are.")
                st.button(
                    f"Delete {entry.name}", key=f"delete {entry.name}",
                    on_click=_delete, args=(entry.name,),
                )  # fmt: skip


def _use(name: str) -> None:
    first = galleries.first_query(name)
    search_state.later(gallery=name, query=first, edit="", match="", page=1, cameras=())
    st.rerun()


def _delete(name: str) -> None:
    try:
        galleries.delete(name)
    except UserError as error:
        _end(error)
        return
    _end(f"{name} was deleted.")
    if search_state.LINKED.gallery == name:
        search_state.put(gallery=galleries.SAMPLE, cameras=())
        search_state.look_for(galleries.first_query(galleries.SAMPLE))


def _make() -> None:
    # A visitor from elsewhere has no business in this machine's folders.
    offered = SOURCES if galleries.at_home() else SOURCES[1:]
    kind = st.segmented_control(
        "Make one from", offered, default=offered[0], required=True, key="gallery_kind",
        help="A data set in a layout that is recognised brings identities, cameras and queries; of "
        "any other pictures these are unknown.",
    )  # fmt: skip
    source = _source(kind)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name", key="gallery_name", help="A gallery that has this name already is added to."
        )
        clicked = st.button("Make", type="primary", disabled=not (source and name.strip()))
    if clicked:
        st.session_state["gallery_running"] = True
    if st.session_state.get("gallery_running") and source and name.strip():
        _run(name.strip(), source)


def _source(kind: str) -> galleries.Source | None:
    if kind == "Folder":
        folder = st.text_input(
            "Folder on the machine that runs this application",
            key="gallery_folder",
            placeholder="/data/market1501",
        )
        return Path(folder.strip()).expanduser() if folder.strip() else None
    if kind == "ZIP file":
        file = st.file_uploader(
            "ZIP file", type=["zip"], key="gallery_zip", max_upload_size=LARGEST_ZIP
        )
        return file.getvalue() if file else None
    files = st.file_uploader(
        "Pictures, cropped to one person each", accept_multiple_files=True, key="gallery_files"
    )
    return [(file.name, file.getvalue()) for file in files] if files else None


def _run(name: str, source: galleries.Source) -> None:
    """Make it, showing how far it is; the button stops it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "Looking at the pictures…")
        st.button("Cancel", key="gallery_cancel", on_click=_end, args=(STOPPED,))

    def progress(done: int, total: int) -> None:
        # A click on the button raises here, at the first call to Streamlit.
        bar.progress(min(1.0, done / max(1, total)), f"Looking at pictures: {done} of {total}")

    try:
        _end(galleries.build(name, source, progress))
    except UserError as error:
        _end(error)
    st.rerun(scope="fragment")


def _end(outcome: BuildReport | UserError | str) -> None:
    st.session_state["gallery_running"] = False
    st.session_state["gallery_told"] = outcome


def _tell() -> None:
    """What came of the last thing that was done here."""
    outcome = st.session_state.get("gallery_told")
    if isinstance(outcome, UserError):
        messages.show(outcome)
    elif isinstance(outcome, str) and outcome:
        st.info(in_markdown(outcome))
    elif outcome:
        parts = [f"{outcome.added} pictures added"]
        if outcome.present:
            parts.append(f"{outcome.present} were there already")
        if outcome.duplicates:
            parts.append(f"{len(outcome.duplicates)} skipped as duplicates")
        st.success(", ".join(parts) + ".")
        for file, reason in outcome.refused[:MOST_REFUSED]:
            st.caption(f":material/block: {in_markdown(file)}: {in_markdown(reason)}")
        if len(outcome.refused) > MOST_REFUSED:
            st.caption(f"and {len(outcome.refused) - MOST_REFUSED} more that could not be read.")
