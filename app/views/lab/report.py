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
        occluded: It before and after hiding; None where the edit cannot be made.
        results: Sweeps, maps and searches of it that were worked out, as `work.kept`.
        view: How maps are shown.
        link: Reopens the lab.
    """

    photo: Photo
    occluded: Occluded | None
    results: dict[tuple, object]
    view: View
    link: str


def material(photo: Photo, occluded: Occluded | None) -> Material:
    """Gather it from the session; what was hidden is looked at again where it is not given."""
    if occluded is None:
        try:
            occluded = lab.occlude(photo.key, LINKED.edit, LINKED.other or "")
        except UserError:
            occluded = None  # told in the tab where it is drawn
    link = urlencode(LINKED.link())
    return Material(photo, occluded, work.kept(photo.key), state.view(), link)


def written(material: Material) -> bytes:
    """Write the file: what is drawn, and every sweep, map and search."""
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    link = f"lab?{material.link}"
    return page_report.write(
        "Occlusion lab", material.photo.title, link, lambda: _sections(material, names)
    )


def _sections(material: Material, names: list[str]) -> list[tuple[str, str]]:
    """Heading and HTML of each."""
    photo, view = material.photo, material.view
    sections = []
    if material.occluded:
        sections.append(("Occlusion", _occlusion(material.occluded, view, names)))
    for (_, request, *_), result in material.results.items():
        if isinstance(result, Sweep):
            heading = f"Sweep: {request.motion.replace('_', ' ')}, {request.fill.kind}"
            shown = sweep.shown(photo, request, result, view)
            sections.append((heading, player.standalone(shown)))
        elif isinstance(result, Counterfactual):
            story = counterfactual.story(photo, result, names)
            sections.append((f"Counterfactual: hidden with {request}", story))
        elif isinstance(result, dict):
            heading = f"Where does it hurt: {request.words}"
            sections.append((heading, attribution.side_by_side(photo, result, request.words, view)))
    return sections


def _occlusion(occluded: Occluded, view: View, names: list[str]) -> str:
    limits = maps.limits([occluded.before, occluded.after], view)
    notes = "".join(f"<p class='notes'>{escape(note)}</p>" for note in occluded.edited.notes)
    return (
        f"<div class='panel seen'><div {SCROLLS}>{notes}"
        f"{before_after.strip(occluded, view, limits, names)}</div>"
        f"{before_after.likeness(occluded, names)}</div>"
    )
