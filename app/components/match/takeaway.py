"""What can be taken away from a ranking: the figure, the table, the report."""

from __future__ import annotations

import streamlit as st

from app import match_exports, match_state, services
from app.components import report
from app.services import galleries
from app.services.retrieval import Query, Ranked

IN_FIGURE = 10
"""Matches in the figure at most."""


def ranking(query: Query, ranked: Ranked, names: list[str], sections: report.Sections) -> None:
    """Buttons in the side bar; each file is made when it is asked for."""
    title, link, belongs = query.panel.photo.title, report.here("retrieve"), facts()
    chosen = match_state.get("gallery")
    buttons(
        ("retrieve", report.about(query.panel.photo)),
        ("Figure", "png", "The query and its best matches in a row, framed green or red, as in "
         "Fig. 4 (a) of the paper; PNG for print.", lambda: _figure(query, ranked, chosen)),
        ("Ranks", "csv", "The matches that are shown, with file names, scores and shares, as CSV.",
         lambda: match_exports.ranking_csv(ranked.entries, names, title, belongs)),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: report.write("Retrieve", title, link, sections)),
    )  # fmt: skip


def buttons(about: tuple[str, str], *files: tuple) -> None:
    """Download buttons in the side bar.

    Args:
        about: The page and what it is about, for the files' names.
        files: Label, suffix, meaning and maker of each.
    """
    with st.sidebar:
        st.html("<small>Download</small>")
        columns = st.columns(len(files), gap="small")
        for column, (label, suffix, meaning, make) in zip(columns, files, strict=True):
            column.download_button(
                label,
                report.in_session(make),
                file_name=report.file_name(*about, label, suffix),
                mime=report.MIMES[suffix],
                help=meaning,
                on_click="ignore",
                width="stretch",
            )


def facts() -> dict[str, str]:
    """What a table belongs to."""
    info = services.info()
    return {
        "gallery": match_state.get("gallery"),
        "similarity": match_state.words(match_state.options(), info.similarity),
        "checkpoint": info.digest,
    }


def _figure(query: Query, ranked: Ranked, chosen: str) -> bytes:
    shown = [entry for entry in ranked.entries if entry.rank][:IN_FIGURE]
    pictures = [(galleries.photo(chosen, entry.name).image, entry) for entry in shown]
    return match_exports.strip_png(query.panel.photo.image, pictures)
