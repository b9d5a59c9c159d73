"""All that has been computed for a picture as one HTML file that asks nothing of any network."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from aonet_core.engine import Counterfactual, Sweep
from app import services
from app.services import Photo, UserError, lab
from app.services.lab import Occluded
from app.shared import maps, work
from app.shared import report as page_report
from app.shared.lab_link import LINKED
from app.shared.markup import SCROLLS, escape
from app.shared.view import View
from app.views.lab import state
from app.views.lab.parts import attribution, before_after, counterfactual, player, sweep


@dataclass(frozen=True)
class Material:
    """What a report is made of; the file is written when no session is at hand any more.

    Attributes:
        photo: The picture.
        seen: It before and after hiding; None where the edit cannot be made.
        kept: Sweeps, maps and searches of it that were worked out, as `work.kept`.
        view: How maps are shown.
        link: Reopens the lab.
    """

    photo: Photo
    seen: Occluded | None
    kept: dict[tuple, object]
    view: View
    link: str


def material(photo: Photo, seen: Occluded | None) -> Material:
    """Gather it from the session; what was hidden is looked at again where it is not given."""
    if seen is None:
        try:
            seen = lab.occlude(photo.key, LINKED.edit, LINKED.other or "")
        except UserError:
            seen = None  # told in the tab where it is drawn
    link = urlencode(LINKED.link())
    return Material(photo, seen, work.kept(photo.key), state.view(), link)


def written(given: Material) -> bytes:
    """Write the file: what is drawn, and every sweep, map and search."""
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    link = f"lab?{given.link}"
    return page_report.write(
        "Occlusion lab", given.photo.title, link, lambda: _sections(given, names)
    )


def _sections(given: Material, names: list[str]) -> list[tuple[str, str]]:
    """Heading and HTML of each."""
    photo, view = given.photo, given.view
    sections = [("Occlusion", _occlusion(given.seen, view, names))] if given.seen else []
    for (_, asked, *_), found in given.kept.items():
        if isinstance(found, Sweep):
            heading = f"Sweep: {asked.motion.replace('_', ' ')}, {asked.fill.kind}"
            shown = sweep.shown(photo, asked, found, view)
            sections.append((heading, player.standalone(shown)))
        elif isinstance(found, Counterfactual):
            story = counterfactual.story(photo, found, names)
            sections.append((f"Counterfactual: hidden with {asked}", story))
        elif isinstance(found, dict):
            heading = f"Where does it hurt: {asked.words}"
            sections.append((heading, attribution.side_by_side(photo, found, asked.words, view)))
    return sections


def _occlusion(seen: Occluded, view: View, names: list[str]) -> str:
    limits = maps.limits([seen.before, seen.after], view)
    notes = "".join(f"<p class='notes'>{escape(note)}</p>" for note in seen.edited.notes)
    return (
        f"<div class='panel seen'><div {SCROLLS}>{notes}"
        f"{before_after.strip(seen, view, limits, names)}</div>"
        f"{before_after.likeness(seen, names)}</div>"
    )
