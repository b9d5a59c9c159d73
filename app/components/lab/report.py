"""All that has been computed for a picture as one HTML file that asks nothing of any network."""

from __future__ import annotations

from html import escape

import streamlit as st

from app import lab_state, maps, services
from app.components import report as page_report
from app.components import work
from app.components.lab import compare, counter, hurt, player, sweep
from app.components.strip import image_tag
from app.overlay import fit
from app.services import Photo, lab


def report(photo: Photo) -> bytes:
    """Write it: what is drawn, and every sweep, map and search of this picture that was kept."""
    return page_report.write("Occlusion lab", photo.title, "lab", lambda: _sections(photo))


def _sections(photo: Photo) -> list[tuple[str, str]]:
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    sections = [("Occlusion", _occlusion(photo, names))]
    for (_, spec, _other), found in work.kept("sweep", photo.key).items():
        sections.append((f"Sweep: {spec.motion.replace('_', ' ')}, {spec.fill.kind}",
                         player.standalone(sweep.shown(photo, spec, found))))  # fmt: skip
    sections += [("Where does it hurt", each) for each in _maps(photo)]
    for (_, kind), found in work.kept("counterfactual", photo.key).items():
        sections.append((f"Counterfactual: hidden with {kind}", counter.story(photo, found, names)))
    return sections


def _occlusion(photo: Photo, names: list[str]) -> str:
    other = st.session_state["lab_other"]
    seen = lab.occlude(photo.key, st.session_state["lab_edit"], other)
    view = lab_state.view()
    limits = maps.limits([seen.before, seen.after], view)
    match = image_tag(fit(services.photo(other).image, 128), other) if other else ""
    figure = f"<figure>{match}<figcaption>{escape(other)}</figcaption></figure>" if other else ""
    notes = "".join(f"<p class='notes'>{escape(note)}</p>" for note in seen.edited.notes)
    return (
        f"<div class='panel seen'><div>{notes}{compare.strip(seen, view, limits, names)}</div>"
        f"{compare.likeness(seen, figure, names)}</div>"
    )


def _maps(photo: Photo) -> list[str]:
    """Maps of one question stand side by side, as on the page."""
    questions: dict = {}
    for (_, question, method), answer in work.kept("attribution", photo.key).items():
        questions.setdefault(question, {})[method] = answer
    return [hurt.side_by_side(photo, found, asked.words) for asked, found in questions.items()]
