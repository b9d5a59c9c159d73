"""Download buttons of Retrieve: figure, table, report."""

from __future__ import annotations

from app.services import galleries
from app.services.retrieval import Query, Ranked
from app.shared import report, search_state
from app.shared.downloads import buttons, provenance
from app.views.retrieve import exports

IN_FIGURE = 10
"""Matches in the figure at most."""


def ranking(query: Query, ranked: Ranked, names: list[str], sections: report.Sections) -> None:
    """Buttons in the side bar; each file is made when it is asked for."""
    title, link, network = query.panel.photo.title, report.here("retrieve"), provenance()
    gallery = search_state.LINKED.gallery
    buttons(
        ("retrieve", report.about(query.panel.photo)),
        ("Figure", "png", "The query and its best matches in a row, framed green or red, as in "
         "Fig. 4 (a) of the paper; PNG for print.", lambda: _figure(query, ranked, gallery)),
        ("Ranks", "csv", "The matches that are shown, with file names, similarities and shares, "
         "as CSV.",
         lambda: exports.ranking_csv(ranked.entries, names, title, network)),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: report.write("Retrieve", title, link, sections)),
    )  # fmt: skip


def _figure(query: Query, ranked: Ranked, gallery: str) -> bytes:
    shown = [entry for entry in ranked.entries if entry.rank][:IN_FIGURE]
    pictures = [(galleries.photo(gallery, entry.name).image, entry) for entry in shown]
    return exports.strip_png(query.panel.photo.image, pictures)
