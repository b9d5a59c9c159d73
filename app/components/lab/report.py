"""All that has been computed for a picture as one HTML file that asks nothing of any network."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from app import lab_state, maps, services
from app.components.lab import compare, counter, hurt, player, sweep, work
from app.components.strip import image_tag
from app.overlay import fit
from app.services import Photo, lab
from app.theme import STYLE

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
LOOK = """
:root {color-scheme: light dark;} body {font: 14px/1.45 sans-serif; margin: 2rem auto;
max-width: 76rem; padding: 0 1.5rem;} h1 {font-size: 1.3rem;} h2 {font-size: 1rem;}
body > section > h2 {margin-top: 2.2rem; border-bottom: 1px solid #8886; padding-bottom: .2rem;}
.strip.lab img {max-height: 190px !important;}
"""


def report(photo: Photo) -> bytes:
    """Write it: what is drawn, and every sweep, map and search of this picture that was kept."""
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    sections = [("Occlusion", _occlusion(photo, names))]
    for (_, spec, _other), found in work.kept("sweep", photo.key).items():
        sections.append((f"Sweep: {spec.motion.replace('_', ' ')}, {spec.fill.kind}",
                         player.standalone(sweep.shown(photo, spec, found))))  # fmt: skip
    sections += [("Where does it hurt", each) for each in _maps(photo)]
    for (_, kind), found in work.kept("counterfactual", photo.key).items():
        sections.append((f"Counterfactual: hidden with {kind}", counter.story(photo, found, names)))
    body = "".join(f"<section><h2>{escape(title)}</h2>{html}</section>" for title, html in sections)
    network = f"checkpoint {info.checkpoint}, SHA-256 {info.digest}, {info.device}"
    link = urlencode(dict(st.query_params))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<meta http-equiv='Content-Security-Policy' content=\"{POLICY}\">"
        f"<title>Occlusion lab: {escape(photo.title)}</title>"
        f"<style>{STYLE.read_text(encoding='utf-8')}{LOOK}</style></head><body>"
        f"<h1>Occlusion lab: {escape(photo.title)}</h1><p>{escape(network)}</p>{body}"
        f"<p class='notes'>Reopen: lab?{escape(link)}</p></body></html>"
    ).encode()


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
        f"{compare.likeness(seen, figure)}</div>"
    )


def _maps(photo: Photo) -> list[str]:
    """Maps of one question stand side by side, as on the page."""
    questions: dict = {}
    for (_, question, method), answer in work.kept("attribution", photo.key).items():
        questions.setdefault(question, {})[method] = answer
    return [hurt.side_by_side(photo, found, asked.words) for asked, found in questions.items()]
