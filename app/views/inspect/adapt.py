"""Says calmly that uploads look unlike the training's pictures, and offers to adapt to them."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Adaptation, in_markdown
from app import services
from app.services import Panel, UserError, adaptation, galleries, networks
from app.shared import downloads, report, work

MEANING = (
    "How far the better half of a picture's landmarks lies below what the network knows: mean of "
    "(typical best logit - best logit) / spread. All but 1 % of the pictures that it knows stay "
    "below the limit."
)
MOST_MB = 32
"""Of a saved network."""
WANTED = "adapt_wanted"
"""Key in the session's state: what to adapt to, None for nothing."""


def offer(panels: list[Panel]) -> None:
    """Tell the shift of uploads; the button, its progress and what it changed."""
    try:
        _line(panels)
        if networks.own() or services.uploads():
            _choose()
        _work()
    except UserError as error:
        st.session_state[WANTED] = None
        st.error(in_markdown(str(error)))
    shown = networks.in_use() or (None, *networks.own().values())[-1]
    if shown:
        _changed(shown)


def _line(panels: list[Panel]) -> None:
    shift = adaptation.shift(panels, services.info())
    if shift is None or not shift.beyond:
        return
    number = ", ".join(f"{value:.1f}" for value in shift.values)
    st.caption(
        ":material/info: These pictures look unlike the training's: awareness here may mean "
        f"*unfamiliar*, not *hidden*. Shift {number}, limit {shift.limit:.1f}.",
        help=MEANING,
    )


def _choose() -> None:
    # Under another key it is drawn closed, once what it was opened for is done.
    with st.popover(
        "Adapt to pictures", icon=":material/tune:", key=f"adapt {'-'.join(networks.own())}"
    ):
        st.write(
            "Measures the network's reference anew on unlabelled pictures of your own cameras, "
            f"{adaptation.MIN_PICTURES} or more of one whole person each. What comes of it is "
            "yours alone; save it to keep it."
        )
        count = len(services.uploads())
        titles = {adaptation.UPLOADS: f"your uploads ({count})", **galleries.titles()}
        source = st.selectbox(
            "Pictures",
            list(titles),
            format_func=lambda key: titles.get(key, key),
            key="adapt_source",
        )
        missing = max(0, adaptation.MIN_PICTURES - count) if source == adaptation.UPLOADS else 0
        st.button(
            "Adapt to these pictures",
            on_click=_want,
            args=(source,),
            disabled=missing > 0,
            type="primary",
            help=f"Upload {missing} more, or choose a gallery." if missing else None,
        )
        st.file_uploader(
            "A network that you saved", key="adapt_file", on_change=_take, max_upload_size=MOST_MB
        )


def _take() -> None:
    file = st.session_state["adapt_file"]
    if file is None:
        return
    try:
        adaptation.take(file.getvalue())
    except UserError as error:
        st.session_state["problems"] = [str(error)]


def _want(source: str) -> None:
    st.session_state[WANTED] = source


def _work() -> None:
    source = st.session_state.get(WANTED)
    if source is None:
        return
    count, adapt = adaptation.work(source)
    own = work.result(
        "adapt",
        (source, tuple(services.uploads()) if source == adaptation.UPLOADS else ()),
        f"Adapting to {count} pictures",
        adapt,
    )
    if own is not None:
        st.session_state[WANTED] = None
        networks.keep(own)
        st.rerun()


def _changed(own: Adaptation) -> None:
    """Before and after at a glance."""
    title = networks.titles()[own.digest]
    with st.expander(f"The network {in_markdown(title)}", expanded=True):
        st.html(_table(own.adapted["landmarks"]))
        for note in own.adapted["notes"]:
            st.caption(in_markdown(note))
        with st.container(horizontal=True):
            st.button(
                "Undo", on_click=networks.drop, args=(own.digest,), icon=":material/undo:",
                help="Forget this network and go back to the one that runs.",
            )  # fmt: skip
            downloads.button(
                "Network",
                "safetensors",
                report.file_name("inspect", title, "adapted network", "safetensors"),
                own.to_bytes,
                "What sets it apart from the network that runs, as one small file. Take it up "
                "again here, or make a checkpoint of it: python -m aonet_core adapt --saved FILE "
                "--out mine.",
                icon=":material/download:",
            )


def _table(rows: list[dict]) -> str:
    cells = [
        f"<td>{number}</td><td>{row['awareness_before']:.2f} → <b>{row['awareness']:.2f}</b>"
        f"</td><td>{row['average_logit_before']:.1f} → {row['average_logit']:.1f} "
        f"({row['average_logit_interval'][0]:.1f} to {row['average_logit_interval'][1]:.1f})"
        "</td>"
        for number, row in enumerate(rows, 1)
    ]
    return (
        "<table class='adapted'><tr><th>Landmark</th><th>Mean β</th>"
        "<th>Reference (95 % interval)</th></tr>"
        + "".join(f"<tr>{cell}</tr>" for cell in cells)
        + "</table>"
    )
