"""The comparison of one or two pictures, and its downloads."""

from __future__ import annotations

import math

import streamlit as st

from aonet_core.engine import EngineInfo, in_markdown
from app import charts, services
from app.services import Panel, first
from app.shared import downloads, figures, maps, report
from app.shared.markup import escape, helped
from app.shared.view import View
from app.shared.wording import MEANING
from app.views.inspect import adapt as adapt_offer
from app.views.inspect import controls, exports, state, strip

TITLE = (
    "The reference is each landmark's average response in training: without it even an occluded "
    "landmark must light up somewhere; with it, it goes dark and its awareness β falls"
)


def show() -> None:
    """The choices, strips side by side on one colour scale, a chart of the awareness, downloads."""
    controls.pictures()
    keys, view = state.chosen(), state.view()
    head = st.empty()
    head.html(_heading(""))
    if not keys:
        st.info("Upload a photo of a person, or choose a sample, to see its landmarks.")
        return
    first_panels = first.panels(keys)
    panels, problems = (first_panels, []) if first_panels else _look(keys)
    for problem in problems:
        st.error(in_markdown(problem))
    if not panels:
        return
    answer = first.answer() if first_panels else None
    info = answer.info if answer else services.info()
    head.html(_heading(_status(info, panels)))
    controls.landmark(info.num_landmarks)
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    limits = maps.limits(panels, view)
    for column, panel in zip(st.columns(len(panels), gap="medium"), panels, strict=True):
        with column:
            strip.picture(panel, view, limits, names)
    _chart(panels, names)
    if first_panels:
        _downloads(panels, view, limits, names, info.digest, keys)
        first.start()
        return
    adapt_offer.offer(panels)
    _downloads(panels, view, limits, names, info.digest, [])


def _look(keys: list[str]) -> tuple[list[Panel], list[str]]:
    """Look at the pictures; where the network has yet to load, they are shown meanwhile."""
    if services.ready():
        return services.look(keys)
    place = st.empty()
    with place.container(), st.spinner("Loading the network, once for all pictures…"):
        for column, key in zip(st.columns(2, gap="medium"), keys, strict=False):
            with column:
                _wait(key)
        outcome = services.look(keys)
    place.empty()
    return outcome


def _wait(key: str) -> None:
    try:
        strip.waiting(services.photo(key))
    except services.UserError:
        # Said again, and shown, once the network is there.
        st.empty()


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Inspect</h1><p>{TITLE}</p>{status}</div>"


def _status(info: EngineInfo, panels: list[Panel]) -> str:
    """Device, precision, checkpoint and time in one line."""
    network = (
        f"{info.preset}, {info.backbone}, K = {info.num_landmarks}, input "
        f"{info.image_size[1]} × {info.image_size[0]} px, SHA-256 {info.digest}"
    )
    times = [panel.analysis.milliseconds for panel in panels]
    spent = " + ".join(f"{time:.0f}" for time in times)
    parts = (
        escape(f"{info.device}, {info.precision}"),
        helped(f"checkpoint {info.checkpoint} {info.digest[:8]}", network),
        helped("kept ready", MEANING["kept ready"])
        if any(map(math.isnan, times))
        else helped(f"{spent} ms", MEANING["milliseconds"]),
    )
    return f"<div class='status'>{' · '.join(parts)}</div>"


def _chart(panels: list[Panel], names: list[str]) -> None:
    series = [
        charts.Series(
            f"{side}: {panel.photo.title}",
            panel.analysis.awareness.tolist(),
            maps.visibilities(panel),
        )
        for side, panel in zip(("left", "right"), panels, strict=False)
    ]
    st.plotly_chart(
        charts.awareness_chart(names, series),
        width="stretch",
        config={"displayModeBar": False, "showSendToCloud": False},
        alt="Awareness of every landmark of both pictures",
        key="awareness",
    )


def _downloads(
    panels: list[Panel],
    view: View,
    limits: maps.Limits,
    names: list[str],
    digest: str,
    unasked: list[str],
) -> None:
    """The figure and the maps take a while: they are made when they are asked for.

    What was kept has no features: of `unasked`, keys of samples, the network must be asked first.
    `digest` is the checkpoint's: on the first screen the network has yet to start.
    """
    files = (
        ("Figure", "png", "The strips with their scales, as PNG for print.",
         lambda: figures.figure_png(panels, view, limits, names)),
        ("Scores", "csv", "One line a picture and landmark, as CSV.",
         exports.scores_csv(panels, names)),
        ("Maps", "npz", "All maps, logits and features, as NumPy NPZ.",
         lambda: exports.maps_npz([services.panel(key) for key in unasked] or panels)),
    )  # fmt: skip
    about = report.about(*(panel.photo for panel in panels))
    downloads.buttons(("inspect", about), *files, digest=digest)
