"""The comparison of one or two pictures, and what can be taken away from it."""

from __future__ import annotations

import streamlit as st

from app import charts, exports, maps, services
from app.components.strip import landmark_strip, legend
from app.state import View


def comparison(panels: list[services.Panel], view: View) -> None:
    """Strips side by side on one colour scale, a chart of the awareness, downloads, status."""
    info = services.require_engine().info()
    names = maps.landmark_names(info.card, info.num_landmarks)
    limits = maps.limits(panels, view)
    for column, panel in zip(st.columns(len(panels), gap="medium"), panels, strict=True):
        with column:
            st.html(f"<p class='paneltitle'>{_title(panel)}</p>")
            landmark_strip(panel, view, limits, names)
            for note in panel.photo.notes:
                st.caption(note)
    legend(limits)
    _chart(panels, names)
    _downloads(panels, view, limits, names)
    status(info, panels)


def _title(panel: services.Panel) -> str:
    from html import escape

    return escape(panel.photo.title)


def _chart(panels: list[services.Panel], names: list[str]) -> None:
    series = [
        (f"{side}: {panel.photo.title}", panel.analysis.awareness.tolist())
        for side, panel in zip(("left", "right"), panels, strict=False)
    ]
    figure = charts.awareness_chart(names, series, maps.visibilities(panels[0]))
    st.plotly_chart(figure, width="stretch", config={"displayModeBar": False})


def _downloads(panels: list, view: View, limits: maps.Limits, names: list[str]) -> None:
    """Made when they are asked for."""
    for column, (label, name, mime, make) in zip(
        st.columns([1, 1, 1, 3]),
        (
            ("Figure (PNG)", "aonet-lens.png", "image/png",
             lambda: exports.figure_png(panels, view, limits, names)),
            ("Scores (CSV)", "aonet-lens.csv", "text/csv",
             lambda: exports.scores_csv(panels, names)),
            ("Maps (NPZ)", "aonet-lens.npz", "application/octet-stream",
             lambda: exports.maps_npz(panels)),
        ),
        strict=False,
    ):  # fmt: skip
        column.download_button(
            label, make, file_name=name, mime=mime, on_click="ignore", width="stretch"
        )


def status(info, panels: list[services.Panel]) -> None:
    """Device, precision, checkpoint and time in one line."""
    spent = " and ".join(f"{panel.analysis.milliseconds:.0f} ms" for panel in panels)
    st.html(
        f"<div class='status'>{info.device} · {info.precision} · checkpoint {info.checkpoint} "
        f"{info.digest[:8]} ({info.preset}, {info.backbone}, K = {info.num_landmarks}, "
        f"{info.image_size[0]} × {info.image_size[1]}) · analysed in {spent}</div>"
    )
