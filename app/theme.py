"""Colours and style: neutral surfaces, colour only for data."""

from __future__ import annotations

LANDMARK_COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9",
    "#D55E00", "#8C6BB1", "#7A7A00", "#A6761D", "#666666",
)  # fmt: skip
"""One colour a landmark, the same on every page; Okabe and Ito's colour-blind-safe set, extended."""

CSS = """
<style>
.block-container {padding-top: 2.6rem; padding-bottom: 1.5rem; max-width: none;}
h1 {font-size: 1.35rem !important; padding: 0 !important;}
.strip {display: grid; gap: 3px; align-items: stretch; width: 100%; font-size: 0.78rem;}
.strip .head {font-weight: 600; text-align: center; line-height: 1.15; min-height: 2.2em;}
.strip .head small {display: block; font-weight: 400; opacity: .7;}
.strip .row {writing-mode: vertical-rl; transform: rotate(180deg); text-align: center;
  opacity: .75; line-height: 1.1;}
.strip .cell {text-align: right; font-variant-numeric: tabular-nums; padding: 1px 2px;}
.strip .name {grid-column: 1 / span 2; text-align: right; opacity: .75; padding: 1px 4px;}
.strip img {width: 100%; display: block; border-radius: 2px;}
.strip .dot {display: inline-block; width: .62em; height: .62em; border-radius: 50%;
  margin-right: .3em;}
.bar {height: 5px; background: rgba(128,128,128,.22); border-radius: 2px; overflow: hidden;}
.bar > i {display: block; height: 100%;}
.legend {display: flex; flex-wrap: wrap; gap: 0.3rem 2.2rem; font-size: 0.78rem;
  align-items: center; font-variant-numeric: tabular-nums; margin: .1rem 0 .3rem 0;}
.legend span.scale {display: inline-flex; align-items: center; gap: .45rem;}
.legend i {display: inline-block; width: 150px; height: 9px; border-radius: 2px;}
.paneltitle {font-size: .9rem; font-weight: 600; margin: 0 0 .25rem 0; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis;}
.status {font-size: .78rem; opacity: .75; font-variant-numeric: tabular-nums;}
</style>
"""


def landmark_colour(index: int) -> str:
    """Colour of landmark `index`, from 0 on."""
    return LANDMARK_COLOURS[index % len(LANDMARK_COLOURS)]
