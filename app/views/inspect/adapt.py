"""Says calmly that uploads look unlike the training's pictures, and offers to adapt to them."""

from __future__ import annotations

import streamlit as st

from app import services
from app.services import Panel, UserError, adaptation, galleries
from app.shared import report, work
from app.shared.markup import plain

MEANING = (
    "How far the better half of a picture's landmarks lies below what the network knows: mean of "
    "(typical best logit - best logit) / spread. All but 1 % of the pictures that it knows stay "
    "below the limit."
)
WANTED = "adapt_wanted"
"""Key in the session's state: what to adapt to, None for nothing."""


def network() -> None:
    """Choose between the running network and this session's own, in the side bar."""
    adaptation.turn()
    own = adaptation.networks()
    if not own:
        return
    titles = {"": "as shipped", **{each.path: each.title for each in own}}
    with st.sidebar:
        st.segmented_control(
            "Network",
            list(titles),
            key=adaptation.CHOSEN,
            format_func=titles.get,
            required=True,
            help="Networks that you adapted belong to this session: nobody else sees them.",
        )


def offer(panels: list[Panel]) -> None:
    """Tell the shift of uploads; the button, its progress and what it changed."""
    try:
        _line(panels)
        if adaptation.networks() or services.uploads():
            _choose()
        _work()
    except UserError as error:
        st.session_state[WANTED] = None
        st.error(plain(str(error)))
    for own in adaptation.networks()[-1:]:
        _changed(own)


def _line(panels: list[Panel]) -> None:
    found = adaptation.shift(panels, adaptation.info())
    if found is None or not found.beyond:
        return
    number = ", ".join(f"{value:.1f}" for value in found.values)
    st.caption(
        ":material/info: These pictures look unlike the training's: awareness here may mean "
        f"*unfamiliar*, not *hidden*. Shift {number}, limit {found.limit:.1f}.",
        help=MEANING,
    )


def _choose() -> None:
    with st.popover("Adapt to pictures", icon=":material/tune:"):
        st.write(
            "Measures the network's reference anew on unlabelled pictures of your own cameras, "
            f"{adaptation.FEWEST} or more of one whole person each. Nothing leaves this session."
        )
        if refused := adaptation.refusal():
            st.info(refused)
            return
        count = len(services.uploads())
        titles = {adaptation.UPLOADS: f"your uploads ({count})", **galleries.titles()}
        source = st.selectbox("Pictures", list(titles), format_func=titles.get, key="adapt_source")
        few = source == adaptation.UPLOADS and count < adaptation.FEWEST
        st.button(
            "Adapt to these pictures",
            on_click=_want,
            args=(source,),
            disabled=few,
            type="primary",
            help=f"Upload {adaptation.FEWEST - count} more, or choose a gallery." if few else None,
        )


def _want(source: str) -> None:
    st.session_state[WANTED] = source


def _work() -> None:
    source = st.session_state.get(WANTED)
    if source is None:
        return
    count, adapt = adaptation.work(source)
    own = work.result(
        "adapt",
        (services.info().digest, source, tuple(services.uploads()), len(adaptation.networks())),
        f"Adapting to {count} pictures",
        adapt,
    )
    if own is not None:
        st.session_state[WANTED] = None
        adaptation.keep(own)
        st.rerun()


def _changed(own: adaptation.Own) -> None:
    """Before and after at a glance."""
    with st.expander(f"The network {plain(own.title)}", expanded=True):
        cells = [
            f"<td>{number}</td><td>{row['awareness_before']:.2f} → <b>{row['awareness']:.2f}</b>"
            f"</td><td>{row['average_logit_before']:.1f} → {row['average_logit']:.1f} "
            f"({row['average_logit_interval'][0]:.1f} to {row['average_logit_interval'][1]:.1f})"
            "</td>"
            for number, row in enumerate(own.said["landmarks"], 1)
        ]
        st.html(
            "<table class='adapted'><tr><th>Landmark</th><th>Mean β</th>"
            "<th>Reference (95 % interval)</th></tr>"
            + "".join(f"<tr>{cell}</tr>" for cell in cells)
            + "</table>"
        )
        for note in own.said["notes"]:
            st.caption(plain(note))
        with st.container(horizontal=True):
            st.button("Undo", on_click=adaptation.undo, icon=":material/undo:")
            st.download_button(
                "ZIP network",
                lambda: adaptation.download(own),
                file_name=report.file_name("inspect", own.title, "adapted network", "zip"),
                mime="application/zip",
                icon=":material/download:",
                help="Checkpoint and card: unpack them and start with AONET_CHECKPOINT=PATH, or "
                "serve them with --checkpoint mine=PATH.",
                on_click="ignore",
            )
