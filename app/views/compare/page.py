"""Two networks, or two forms of the match, side by side on the same picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aonet_core.engine import Edit, in_markdown
from app import services
from app.services import Photo, compare, galleries, networks
from app.services.compare import Ranking, Side
from app.shared import cards, downloads, lost_notice, messages, prepare, report, work
from app.shared.markup import helped, signed
from app.views.compare import controls, state
from app.views.compare import side as drawn
from app.views.compare.exports import ranks_csv
from app.views.compare.state import LINKED, SIDES, SideChoice

TITLE = "The same picture seen by two networks, or ranked by two forms of the match"
AGREE = {
    "same order": "Spearman's correlation of the two rankings over all gallery pictures that "
    "count: 1 is the same order, 0 none, −1 the reverse.",
    "shared": "Pictures that are among the first ten of both rankings.",
}


def show() -> None:
    """The choices, both sides and their downloads."""
    with networks.using(networks.RUNNING):
        _show()


def _show() -> None:
    head = st.empty()
    head.html(_heading(""))
    controls.picture()
    lost_notice.notice(LINKED)
    problems = [services.sample_problem(), *st.session_state.get("compare_problems", ())]
    for problem in filter(None, problems):
        st.error(in_markdown(problem))
    try:
        prepare.network()
        if not LINKED.picture:
            st.info("Upload a photo of a person, or choose a sample, to compare two networks.")
            return
        _both(head)
    except services.UserError as error:
        messages.show(error)


def _both(head: DeltaGenerator) -> None:
    shown, edit = services.photo(LINKED.picture), state.edit()
    columns = dict(zip(SIDES, st.columns(2, gap="large"), strict=True))
    sides: dict[str, tuple[Side, SideChoice]] = {}
    for name, column in columns.items():
        # What is wrong with one side is told there; the other is shown all the same.
        try:
            choice = controls.side(name)
            with column:
                sides[name] = _side(name, choice, shown, edit), choice
        except services.UserError as error:
            column.error(in_markdown(str(error)))
    controls.view()
    ranked = [side.ranking for side, _ in sides.values() if side.ranking]
    if len(ranked) == 2:
        head.html(_heading(_agreement(*ranked)))
    if ranked:
        _downloads(sides)


def _side(name: str, choice: SideChoice, shown: Photo, edit: Edit | None) -> Side:
    info = compare.info(choice.network)
    panel = compare.look(choice.network, shown, edit)
    trained = not info.card.get("untrained", False)
    side = Side(info, trained, panel, None)
    st.html(drawn.title(name, side, choice.match) + drawn.strip(side, choice.match))
    for note in panel.photo.notes:
        st.caption(in_markdown(note))
    if not _searchable(name, choice):
        return side
    ranking = compare.rank(choice.network, panel, choice.match)
    st.html(drawn.ranking(side, ranking))
    return replace(side, ranking=ranking)


def _searchable(name: str, choice: SideChoice) -> bool:
    """Whether its gallery is there, after it was made if need be; not once that was stopped."""
    if compare.ready(choice.network):
        return True
    count = work.result(
        f"compare {name}",
        ("compare", choice.network, compare.info(choice.network).digest),
        "Looking at all samples, once for this network",
        partial(compare.make_gallery, choice.network),
        galleries.size(galleries.SAMPLE),
        shared=True,
    )
    return count is not None


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Compare</h1><p>{TITLE}</p>{status}</div>"


def _agreement(a: Ranking, b: Ranking) -> str:
    agreement = compare.agreement(a, b)
    if agreement is None:
        return ""
    same = "the same first match" if a.names[0] == b.names[0] else "different first matches"
    order = f"ρ = {signed(agreement.correlation, 2, plus=False)}"
    return (
        f"<div class='status'>{same} · {helped('shared', AGREE['shared'])} {agreement.shared} of "
        f"{agreement.out_of} · {helped('same order', AGREE['same order'])} {order}</div>"
    )


def _downloads(sides: dict[str, tuple[Side, SideChoice]]) -> None:
    title, link = next(iter(sides.values()))[0].panel.photo.title, report.here("compare")
    downloads.buttons(
        ("compare", report.about(next(iter(sides.values()))[0].panel.photo)),
        ("Ranks", "csv", "The matches of both sides with file names, similarities and shares, "
         "as CSV.",
         lambda: ranks_csv(sides)),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: report.write("Compare", title, link, lambda: _sections(sides))),
    )  # fmt: skip


def _sections(sides: dict[str, tuple[Side, SideChoice]]) -> list[tuple[str, str]]:
    return [
        (
            f"Side {name.upper()}",
            drawn.title(name, side, choice.match)
            + drawn.strip(side, choice.match)
            + (cards.legend(drawn.names_of(side), False) + drawn.ranking(side, side.ranking)
               if side.ranking else ""),
        )
        for name, (side, choice) in sides.items()
    ]  # fmt: skip
