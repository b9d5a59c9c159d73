"""Sweep: one place hidden after the other, and what the network makes of each."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import MOTIONS, EditError, Fill, Sweep, SweepSpec
from app import services
from app.services import Photo, UserError, search
from app.shared import work
from app.shared.lab_link import LINKED
from app.views.lab import downloads, exports, fills, state
from app.views.lab.parts import player
from app.views.lab.parts.sweep import shown

ALONG = {"down": 1, "grow_down": 1, "grow_up": 1, "right": 0, "grow_right": 0, "grow_left": 0}
"""Side of the picture, 0 its width and 1 its height, that a motion runs along."""
POSITIONS = 64
"""Of a sweep that nobody has changed."""


def tab() -> None:
    """Choose a sweep; it runs, and then plays in the browser."""
    photo = services.photo(LINKED.picture)
    try:
        spec = _choose(photo)
    except EditError as error:
        raise UserError(str(error)) from error
    other = LINKED.other or ""
    sweep = work.result(
        "sweep",
        (photo.key, spec, other),
        "Hiding one place after the other",
        search.sweep(photo.key, spec, other),
        len(spec.boxes(photo.image.size)) + 1,
    )
    if sweep is None:
        before = work.before("sweep", photo.key, Sweep)
        if before is None:
            return
        (_, spec, _), sweep = before
        st.caption(f"The sweep before, {MOTIONS[spec.motion]}:")
    content = shown(photo, spec, sweep, state.view())
    player.player(content)
    st.caption(
        f"Drag in a chart or play. {len(sweep.position)} positions in "
        f"{sweep.milliseconds / 1000:.1f} s."
    )
    downloads.row(
        photo,
        ("Curves", "csv", lambda: exports.sweep_csv(sweep)),
        ("Figure", "png", lambda: exports.sweep_png(sweep, content["names"], content["axis"])),
    )


def _choose(photo: Photo) -> SweepSpec:
    width, height = photo.image.size
    with st.container(horizontal=True, vertical_alignment="bottom", key="lab_sweep_choices"):
        motion = st.selectbox(
            "Motion",
            list(MOTIONS),
            format_func=lambda key: MOTIONS.get(key, key),
            key="lab_motion",
            width=250,
        )
        side = ALONG.get(motion, 1)
        length, other = (height, width) if side else (width, height)
        size = length
        if not motion.startswith("grow"):
            size = st.slider(
                "Extent of the bar, px", 1, length, max(1, length // 8),
                key=f"lab_size {length}", width=180,
                help="How much the bar hides along its motion.",
            )  # fmt: skip
        step = st.slider(
            "Step, px", max(1, -(-length // 500)), max(2, length // 8),
            max(1, -(-length // POSITIONS)), key=f"lab_step {length}", width=150,
            help="From one position to the next.",
        )  # fmt: skip
        across = None
        if motion != "grow_out":
            across = st.slider(
                "Across, px", 0, other, (0, other), key=f"lab_across {other}", width=180,
                help="Less than the whole makes the bar a window.",
            )  # fmt: skip
        fill = st.selectbox(
            "Hide with",
            fills.PLAIN,
            format_func=lambda key: fills.FILLS.get(key, key),
            key="lab_sweep_fill",
            width=150,
        )
    across = None if across in (None, (0, other)) else across
    return SweepSpec(motion, size, step, across, Fill(fill))
